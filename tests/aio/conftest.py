"""Fixtures of the tests that do I/O, on a virtual clock."""

from __future__ import annotations

import os

import pytest

from novita_sdk._concurrency import process
from novita_sdk.testing import VirtualClock


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("API_KEY", "API_BASE_URL", "INTERNAL_API_KEY", "INTERNAL_API_BASE_URL", "WEBHOOK_SECRET"):
        monkeypatch.delenv(f"NOVITA_{name}", raising=False)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def fresh_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if nobody in this process had loaded certificates yet."""
    monkeypatch.setattr(process, "_made", {})


@pytest.fixture
def seeds(request: pytest.FixtureRequest) -> range:
    """Seeds of a long simulation: a third of them on asyncio, a third on trio, a third in threads."""
    on_a_loop = "anyio_backend" in request.fixturenames
    way = request.getfixturevalue("anyio_backend") if on_a_loop else "threads"
    return range(("asyncio", "trio", "threads").index(way), int(os.environ.get("SEEDS", "50")), 3)
