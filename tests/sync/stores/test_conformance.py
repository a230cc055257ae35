# Generated from tests/aio/stores/test_conformance.py by tools/unasync.py; edit the source.
"""The stores keep the promises of the protocol, and the checks find the ones that do not."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from novita_sdk._sync.stores.conformance.all_checks import STORE_CHECKS
from novita_sdk._sync.stores.protocol import StateStore
from novita_sdk.stores import MemoryStore, SQLiteStore
from novita_sdk.testing import VirtualClock
from novita_sdk.testing.store_conformance import StoreCheck, StoreTrial


@pytest.fixture(params=["memory", "sqlite", "scoped"])
def store(request: pytest.FixtureRequest, tmp_path: Path, clock: VirtualClock) -> Iterator[StateStore]:
    made = (
        MemoryStore(clock=clock)
        if request.param == "memory"
        else SQLiteStore(tmp_path / "state.db", clock=clock)
    )
    with contextlib.closing(made):
        yield made.scoped("account") if request.param == "scoped" else made


@pytest.mark.parametrize("check", STORE_CHECKS, ids=lambda check: check.__name__)
def test_every_store_passes_every_check(store: StateStore, clock: VirtualClock, check: StoreCheck) -> None:
    def advance(seconds: float) -> None:
        clock.advance(seconds)

    check(StoreTrial(store, advance))
