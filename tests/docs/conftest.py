"""The world in which the pages run: `Novita()` reaches a simulated cloud, and nothing else can be reached."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import novita_sdk
from novita_sdk.testing import Simulator


@pytest.fixture
def simulated_world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Simulator]:
    """Wire both clients to one simulator, as a key in the environment would wire them to the real cloud.

    A client that is told where to go, by a transport or a URL, goes there.
    """
    sim = Simulator(seed=7)
    for name in os.environ:
        if name.startswith("NOVITA_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NOVITA_API_KEY", sim.api_key)
    monkeypatch.chdir(tmp_path)

    def wiring(transport: object, arguments: dict[str, Any]) -> dict[str, Any]:
        if arguments.keys() & {"transport", "base_url"}:
            return arguments
        return {"transport": transport, "clock": sim.clock} | arguments

    class Novita(novita_sdk.Novita):
        def __init__(self, **arguments: Any) -> None:
            super().__init__(**wiring(sim.transport(), arguments))

    class AsyncNovita(novita_sdk.AsyncNovita):
        def __init__(self, **arguments: Any) -> None:
            super().__init__(**wiring(sim.async_transport(), arguments))

    monkeypatch.setattr(novita_sdk, "Novita", Novita)
    monkeypatch.setattr(novita_sdk, "AsyncNovita", AsyncNovita)
    yield sim
    logger = logging.getLogger("novita_sdk")
    for handler in logger.handlers:
        if not isinstance(handler, logging.NullHandler):
            logger.removeHandler(handler)
    logger.setLevel(logging.NOTSET)
