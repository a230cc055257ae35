"""Several processes that rent under one operation id."""

from __future__ import annotations

from pathlib import Path

import pytest

from novita_sdk.testing import Fault, ScaledClock, Simulator, serve
from tests.creating import started


@pytest.mark.case("C-13")
def test_two_processes_with_one_operation_id_rent_one_instance(tmp_path: Path) -> None:
    sim = Simulator(clock=ScaledClock())
    sim.faults.add(Fault("latency", "create_instance", seconds=0.5))
    with serve(sim) as server:
        programs = [
            started(server.base_url, sim.api_key, tmp_path / "state.db", "nightly-build-7") for _ in range(2)
        ]
        told = {program.communicate(timeout=60)[0] for program in programs}
    assert sim.requests("create_instance") == 1
    assert told == set(sim.cloud.world.instances)
