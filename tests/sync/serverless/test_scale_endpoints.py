# Generated from tests/aio/serverless/test_scale_endpoints.py by tools/unasync.py; edit the source.
"""Scaling moves the bounds, and on request lets workers end their work first."""

from __future__ import annotations

import json
from typing import Any

import pytest

from novita_sdk._core.http import Request
from novita_sdk.errors import (
    AmbiguousNameError,
    DrainTimeoutError,
    NotFoundError,
    NovitaError,
    ServerError,
    UnsupportedFeatureError,
    ValidationError,
)
from novita_sdk.models.endpoint import Worker
from novita_sdk.testing import Fault, Simulator, Timings, VirtualClock
from tests.sync.foreign_writes import After
from tests.sync.remote import Remote, client_of


def fleet(replicas: int, least: int | None = None) -> tuple[Simulator, str]:
    sim = Simulator(timings=Timings(worker_leaving=1))
    endpoint_id = sim.add_endpoint("one", replicas=replicas)
    if least is not None:
        config = {
            "minNum": least,
            "maxNum": replicas,
            "freeTimeout": 3000,
            "maxConcurrent": 1,
            "gpuNum": 1,
            "requestTimeout": 60,
        }
        sim.change_endpoint(endpoint_id, workerConfig=config)
    return sim, endpoint_id


def operations(sim: Simulator) -> list[str]:
    return [entry.operation for entry in sim.journal if entry.operation != "list_endpoints"]


def drained(sim: Simulator, *, drain: bool = True) -> list[str]:
    bodies = [entry.body for entry in sim.journal if entry.operation == "drain_worker"]
    return [body["workerID"] for body in bodies if body["drain"] is drain]


def written(sim: Simulator) -> list[tuple[int, int]]:
    bodies: list[Any] = [entry.body for entry in sim.journal if entry.operation == "update_endpoint"]
    return [(body["workerConfig"]["minNum"], body["workerConfig"]["maxNum"]) for body in bodies]


@pytest.mark.case("SV-44")
def test_scaling_up_writes_both_bounds() -> None:
    sim, _ = fleet(2)
    with sim.client() as client:
        result = client.serverless_endpoints.scale("one", 5, drain="idle")
    assert (result.before, result.after, result.drained) == ((2, 2), (5, 5), ())
    assert written(sim) == [(5, 5)]


@pytest.mark.case("SV-44")
def test_scaling_down_drains_those_that_are_too_many() -> None:
    sim, endpoint_id = fleet(5)
    with sim.client() as client:
        result = client.serverless_endpoints.scale("one", 1, drain="idle")
        assert (client.serverless_endpoints.status(id=endpoint_id)).total == 1
    assert written(sim) == [(1, 5), (1, 1)]
    assert len(result.drained) == 4
    assert (result.before, result.after) == ((5, 5), (1, 1))


@pytest.mark.case("SV-45")
def test_bounds_that_are_right_are_not_written() -> None:
    sim, endpoint_id = fleet(1)
    with sim.client() as client:
        endpoint = client.serverless_endpoints.get(endpoint_id)
        before = len(sim.journal)
        client.serverless_endpoints.scale(endpoint, 1)
        assert len(sim.journal) - before == 1
    assert written(sim) == []


@pytest.mark.case("SV-45")
def test_a_maximum_that_falls_is_written() -> None:
    sim, _ = fleet(5, least=1)
    with sim.client() as client:
        result = client.serverless_endpoints.scale("one", 1)
    assert (result.before, result.after) == ((1, 5), (1, 1))


@pytest.mark.case("SV-46")
def test_without_too_many_workers_nobody_is_drained() -> None:
    sim, endpoint_id = fleet(5, least=2)
    for worker_id in sim.worker_ids(endpoint_id)[:3]:
        sim.set_worker(worker_id, "failed")
    with sim.client() as client:
        client.serverless_endpoints.scale("one", 3, drain="idle")
    assert drained(sim) == []
    assert written(sim) == [(3, 3)]


@pytest.mark.case("SV-46")
def test_scaling_to_nothing_drains_everybody() -> None:
    sim, _ = fleet(5, least=1)
    with sim.client() as client:
        result = client.serverless_endpoints.scale("one", 0, drain="idle")
    assert len(result.drained) == 5
    assert written(sim)[-1] == (0, 0)


@pytest.mark.case("SV-47")
def test_busy_workers_come_last_and_are_waited_for() -> None:
    sim, endpoint_id = fleet(4)
    busy, idle, sick, fresh = sim.worker_ids(endpoint_id)
    sim.set_worker(sick, healthy=False)
    sim.set_worker(fresh, "pending")
    sim.occupy_worker(busy, 60)

    def at_work(worker: Worker) -> bool:
        return worker.id == busy

    with sim.client() as client:
        result = client.serverless_endpoints.scale("one", 0, drain="idle", busy=at_work)
    assert set(result.drained[:2]) == {sick, fresh}
    assert result.drained[2:] == (idle, busy)
    last = next(entry for entry in reversed(sim.journal) if entry.operation == "update_endpoint")
    assert last.at >= 60


@pytest.mark.case("SV-48")
def test_workers_that_stay_busy_are_given_back() -> None:
    sim, endpoint_id = fleet(2)
    (first, second) = sorted(sim.worker_ids(endpoint_id))
    sim.occupy_worker(first, 1000)
    with sim.client() as client:
        with pytest.raises(DrainTimeoutError) as caught:
            client.serverless_endpoints.scale("one", 0, drain="idle")
        found = client.serverless_endpoints.get(endpoint_id)
    assert caught.value.worker_ids == (first,)
    assert found.worker_config is not None
    assert (found.worker_config.min_num, found.worker_config.max_num) == (2, 2)
    assert first in drained(sim, drain=False)
    assert second in drained(sim)


@pytest.mark.case("SV-48")
def test_on_request_workers_that_stay_busy_are_not_waited_for() -> None:
    sim, endpoint_id = fleet(1)
    sim.occupy_worker(sim.worker_ids(endpoint_id)[0], 1000)
    with sim.client() as client:
        result = client.serverless_endpoints.scale(
            "one", 0, drain="idle", on_drain_timeout="proceed", drain_timeout=30
        )
    assert result.after == (0, 0)


@pytest.mark.case("SV-49")
def test_a_drain_that_fails_is_taken_back() -> None:
    sim, endpoint_id = fleet(4)
    for worker_id in sim.worker_ids(endpoint_id):
        sim.occupy_worker(worker_id, 1000)
    sim.faults.add(
        Fault(
            "status",
            operation="drain_worker",
            status=500,
            times=None,
            after=2,
            when=lambda entry: entry.body["drain"] is True,
        )
    )
    with sim.client() as client:
        with pytest.raises(ServerError) as caught:
            client.serverless_endpoints.scale("one", 0, drain="idle")
        found = client.serverless_endpoints.get(endpoint_id)
    assert found.worker_config is not None
    assert (found.worker_config.min_num, found.worker_config.max_num) == (4, 4)
    assert len(drained(sim, drain=False)) == 2
    assert "had been drained" in caught.value.__notes__[0]


@pytest.mark.case("SV-49")
@pytest.mark.parametrize("status", [404, 405, 501])
def test_without_a_route_for_draining_the_bounds_are_written_at_once(
    status: int, caplog: pytest.LogCaptureFixture
) -> None:
    sim, _ = fleet(2)
    sim.faults.add(Fault("status", operation="drain_worker", status=status, body={}, times=None))
    with sim.client() as client:
        result = client.serverless_endpoints.scale("one", 0, drain="idle")
        assert result.drained == ()
        assert result.after == (0, 0)
        assert [record for record in caplog.records if record.name == "novita_sdk.serverless"]
        client.serverless_endpoints.scale("one", 2)
        with pytest.raises(UnsupportedFeatureError):
            client.serverless_endpoints.scale("one", 0, drain="require")


@pytest.mark.case("SV-50")
def test_one_bound_can_move_alone() -> None:
    sim, _ = fleet(5, least=1)
    with sim.client() as client:
        assert (client.serverless_endpoints.scale("one", max_replicas=3)).after == (1, 3)
        assert (client.serverless_endpoints.scale("one", min_replicas=0)).after == (0, 3)


@pytest.mark.case("SV-50")
@pytest.mark.parametrize("value", [-1, 2.0, True])
def test_a_number_of_workers_is_a_whole_number(value: Any) -> None:
    sim, _ = fleet(1)
    with sim.client() as client:
        with pytest.raises(ValidationError):
            client.serverless_endpoints.scale("one", value)
        with pytest.raises(ValidationError):
            client.serverless_endpoints.scale("one")
        with pytest.raises(ValidationError):
            client.serverless_endpoints.scale("one", 1, max_replicas=2)
    assert sim.requests() == 0


@pytest.mark.case("SV-50")
def test_an_ambiguous_name_is_not_scaled() -> None:
    sim, endpoint_id = fleet(1)
    sim.change_endpoint(endpoint_id, appName="first")
    sim.add_endpoint("one")
    with sim.client() as client:
        with pytest.raises(AmbiguousNameError):
            client.serverless_endpoints.scale("one", 2)
    assert written(sim) == []


def test_bounds_the_wrong_way_round_are_refused() -> None:
    sim, _ = fleet(2)
    with sim.client() as client:
        with pytest.raises(ValidationError, match="max_replicas"):
            client.serverless_endpoints.scale("one", min_replicas=3)
    assert written(sim) == []


def test_an_endpoint_that_bears_another_name_now_is_neither_drained_nor_scaled() -> None:
    sim, endpoint_id = fleet(3)
    with sim.client() as client:
        client.serverless_endpoints.find("one")
        sim.change_endpoint(endpoint_id, name="other")
        with pytest.raises(NotFoundError):
            client.serverless_endpoints.scale("one", 1, drain="idle")
    assert drained(sim) == []
    assert written(sim) == []


def test_a_worker_that_left_before_it_was_drained_is_no_failure() -> None:
    sim, endpoint_id = fleet(3)
    gone = {"reason": "SERVERLESS_WORKER_NOT_FOUND", "message": "worker not found"}
    sim.faults.add(Fault("status", operation="drain_worker", status=400, body=gone))
    with sim.client() as client:
        endpoint = client.serverless_endpoints.get(endpoint_id)
        result = client.serverless_endpoints.scale(endpoint, 1, drain="idle")
    assert result.after == (1, 1)
    assert len(drained(sim)) == 2
    assert len(result.drained) == 1


def test_the_lease_is_kept_while_busy_workers_are_waited_for(tmp_path: Any) -> None:
    sim, endpoint_id = fleet(2)
    for worker_id in sim.worker_ids(endpoint_id):
        sim.occupy_worker(worker_id, 200)
    with sim.client(state_path=str(tmp_path / "state.db")) as client:
        result = client.serverless_endpoints.scale(endpoint_id, 1, drain="idle")
    assert result.after == (1, 1)
    assert sim.clock.monotonic() > 200


def test_a_last_write_that_fails_takes_everything_back() -> None:
    sim, endpoint_id = fleet(3)
    refusal = Fault(
        "status",
        operation="update_endpoint",
        status=400,
        body={"reason": "OPERATION_LIMIT", "message": "not now"},
        when=lambda entry: entry.body["workerConfig"]["maxNum"] == 1,
    )
    sim.faults.add(refusal)
    with sim.client() as client:
        with pytest.raises(NovitaError) as caught:
            client.serverless_endpoints.scale("one", 1, drain="idle")
        found = client.serverless_endpoints.get(endpoint_id)
    assert found.worker_config is not None
    assert (found.worker_config.min_num, found.worker_config.max_num) == (3, 3)
    assert "had been drained" in caught.value.__notes__[0]


@pytest.mark.parametrize("drain", ["off", "idle"])
def test_a_bound_that_is_not_asked_for_stays_as_somebody_else_sets_it_meanwhile(drain: Any) -> None:
    sim, endpoint_id = fleet(5, least=1)
    config = {"freeTimeout": 3000, "maxConcurrent": 1, "gpuNum": 1, "requestTimeout": 60}
    foreign = {**config, "minNum": 2, "maxNum": 5}
    after = After(lambda: sim.change_endpoint(endpoint_id, workerConfig=foreign))
    with sim.client(attempt_middleware=[after]) as client:
        result = client.serverless_endpoints.scale("one", max_replicas=8, drain=drain)
    assert result.after == (2, 8)


def test_an_endpoint_without_bounds_gets_them() -> None:
    record: dict[str, Any] = {"id": "e-1", "name": "one"}

    def service(request: Request) -> Any:
        if request.method == "POST":
            record.update(json.loads(request.body or b""))
            return {}
        return {"endpoint": record}

    remote = Remote(VirtualClock(), service)
    with client_of(remote) as client:
        result = client.serverless_endpoints.scale(client.serverless_endpoints.get("e-1"), 2)
    assert (result.before, result.after) == ((0, 0), (2, 2))
