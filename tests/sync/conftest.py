# Generated from tests/aio/conftest.py by tools/unasync.py; edit the source.
"""Fixtures of the tests that do I/O, on a virtual clock."""

from __future__ import annotations

import pytest

from novita_sdk.testing import VirtualClock


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("API_KEY", "API_BASE_URL", "INTERNAL_API_KEY", "INTERNAL_API_BASE_URL", "WEBHOOK_SECRET"):
        monkeypatch.delenv(f"NOVITA_{name}", raising=False)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()
