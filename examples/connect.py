"""Where the examples run: on the real cloud if NOVITA_API_KEY is set, on a simulated one if it is not."""

from __future__ import annotations

import os
import sys

from novita_sdk import AsyncNovita, Novita
from novita_sdk.testing import Simulator

NOBODY_AGREED = 2
"""Exit status of an example that was not allowed to go on."""


def simulator(*, needs_consent: bool = False) -> Simulator | None:
    """Return a simulated cloud, or None where the real one is meant; the first printed line says which.

    Args:
        needs_consent: Whether something will be paid for or changed. The real cloud is refused then, unless
            there is a terminal at which `ask` can ask.
    """
    if not os.environ.get("NOVITA_API_KEY", "").strip():
        print("simulated: nothing is sent and nothing is billed (set NOVITA_API_KEY for the real cloud)")
        return Simulator(seed=7)
    print("real cloud: NOVITA_API_KEY is set, this works on the account that it belongs to")
    if needs_consent and not sys.stdin.isatty():
        print("It may cost money, and there is no terminal to ask at. Nothing was sent.", file=sys.stderr)
        raise SystemExit(NOBODY_AGREED)
    return None


def ask(sim: Simulator | None, question: str) -> None:
    """Go on only if the person at the terminal says yes; a simulated cloud needs no consent."""
    if sim is None and input(f"{question} [yes/no] ").strip().lower() not in {"y", "yes"}:
        print("Nothing was changed.")
        raise SystemExit(NOBODY_AGREED)


def client(sim: Simulator | None) -> Novita:
    """Return a client of the simulated cloud, or of the real one."""
    return Novita() if sim is None else sim.client()


def async_client(sim: Simulator | None) -> AsyncNovita:
    """Return an asynchronous client of the simulated cloud, or of the real one."""
    return AsyncNovita() if sim is None else sim.async_client()
