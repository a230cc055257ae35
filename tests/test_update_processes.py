"""Several processes that update one endpoint, with a state store between them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from novita_sdk.testing import ScaledClock, Simulator, serve
from tests.updating import FIELDS, FIRST, started

SEEDS = int(os.environ.get("SEEDS", "50"))


def lost_updates(state_path: Path, times: int) -> list[str]:
    """Let two processes set two fields of one endpoint so many times each; return what each of them lost."""
    sim = Simulator(clock=ScaledClock())
    endpoint_id = sim.add_endpoint("one")
    with serve(sim) as server:
        programs = [
            started(server.base_url, sim.api_key, state_path, endpoint_id, field, times) for field in FIELDS
        ]
        told = [program.communicate(timeout=600)[0] for program in programs]
    settings = sim.cloud.world.endpoints[endpoint_id].settings
    assert settings["workerConfig"]["requestTimeout"] == FIRST + times - 1
    assert settings["rootfsSize"] == FIRST + times - 1
    assert sim.requests("update_endpoint") == 2 * times
    return told


@pytest.mark.case("SV-39")
def test_two_processes_that_update_one_endpoint_lose_nothing(tmp_path: Path) -> None:
    assert lost_updates(tmp_path / "state.db", 10) == ["0", "0"]


@pytest.mark.seeds
@pytest.mark.case("SV-39")
def test_two_processes_lose_nothing_however_often_they_meet(tmp_path: Path) -> None:
    assert lost_updates(tmp_path / "state.db", max(15, min(500, SEEDS // 2))) == ["0", "0"]
