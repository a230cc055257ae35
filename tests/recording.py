"""How the cassettes of the tests are recorded and replayed: one place for both."""

from __future__ import annotations

import itertools
from contextlib import AbstractContextManager
from pathlib import Path
from random import Random
from typing import Any

from vcr import VCR
from vcr.cassette import Cassette

from novita_sdk.testing import VirtualClock, vcr_config

FOLDER = Path(__file__).parent / "cassettes"
PORT = 18517
"""Where the simulator listens while it is recorded; on replay nobody does."""

MATCH_ON = ("method", "scheme", "host", "port", "path", "query", "body")
"""A replay answers the very same request only, body included, and each answer once."""


def cassette(name: str, *, mode: str = "none", folder: Path = FOLDER) -> AbstractContextManager[Cassette]:
    """Record a conversation, or replay it, with what users get and the exact matching of these tests.

    Args:
        name: The conversation.
        mode: `all` records, `none` replays and lets nothing through.
        folder: Where the file is.
    """
    config = vcr_config()
    config["filter_headers"] = [*config["filter_headers"], "user-agent"]  # it names Python and the machine
    opened: AbstractContextManager[Cassette] = VCR(**config, match_on=MATCH_ON).use_cassette(
        str(folder / cassette_of(name)), record_mode=mode
    )
    return opened


def cassette_of(conversation: str) -> str:
    """The file of a conversation."""
    return f"simulated_{conversation}.yaml"


def client_settings(clock: VirtualClock, api_key: str, internal_api_key: str) -> dict[str, Any]:
    """What makes a client send the same requests each time."""
    numbers = itertools.count(1)
    base_url = f"http://127.0.0.1:{PORT}"
    return {
        "api_key": api_key,
        "internal_api_key": internal_api_key,
        "base_url": base_url,
        "internal_base_url": base_url,
        "clock": clock,
        "rng": Random(7),
        "correlation_id_factory": lambda: f"recorded-{next(numbers)}",
    }
