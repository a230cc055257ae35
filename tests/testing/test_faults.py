"""Faults: who is hit, what the cloud does, what the client sees."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import anyio
import pytest

from novita_sdk._core.context import CallContext
from novita_sdk._core.http import Request, Response
from novita_sdk.errors import (
    APIConnectionError,
    APITimeoutError,
    ClientClosedError,
    NovitaError,
    ResponseDecodeError,
    TransportError,
)
from novita_sdk.options import Timeouts
from novita_sdk.testing import Fault, Quirks, ScaledClock, Simulator, random_faults
from novita_sdk.testing.faults import BREAKS

TIMEOUTS = Timeouts(connect=5, read=30, write=30, pool=10, attempt=60)
BASE = "https://api.novita.ai/gpu-instance/openapi/v1"
CREATE = {"productId": "4090.16c96g.v2", "imageUrl": "nginx", "kind": "gpu", "gpuNum": 1, "rootfsSize": 60}

Send = Callable[[Simulator, Request], Response]


def send_sync(sim: Simulator, request: Request) -> Response:
    return sim.transport().send(request)


def send_async(backend: str) -> Send:
    def send(sim: Simulator, request: Request) -> Response:
        async def run() -> Response:
            return await sim.async_transport().send(request)

        return anyio.run(run, backend=backend)

    return send


@pytest.fixture(params=["sync", "asyncio", "trio"])
def send(request: pytest.FixtureRequest) -> Send:
    """The same fault, seen through each colour."""
    return send_sync if request.param == "sync" else send_async(request.param)


def request_for(sim: Simulator, path: str = "/clusters", body: Any = None, **changes: Any) -> Request:
    return Request(
        operation="request",
        family="public",
        method="POST" if body is not None else "GET",
        url=BASE + path,
        headers={"Authorization": f"Bearer {sim.api_key}", "User-Agent": "tests"},
        body=None if body is None else json.dumps(body).encode(),
        timeouts=changes.get("timeouts", TIMEOUTS),
        context=CallContext(),
    )


def create(sim: Simulator) -> Request:
    return request_for(sim, "/gpu/instance/create", CREATE)


def failure(send: Send, sim: Simulator, request: Request) -> NovitaError:
    with pytest.raises(NovitaError) as caught:
        send(sim, request)
    return caught.value


SEEN: dict[str, tuple[type[TransportError], str, bool | None, float, int]] = {
    # kind: error, phase, reached_server, seconds until it is raised, instances made
    "refuse_connection": (APIConnectionError, "connect", False, 0, 0),
    "dns_failure": (APIConnectionError, "connect", False, 0, 0),
    "connect_timeout": (APITimeoutError, "connect", False, 5, 0),
    "tls_cut": (APIConnectionError, "tls", False, 0, 0),
    "bad_certificate": (APIConnectionError, "tls", False, 0, 0),
    "pool_timeout": (APITimeoutError, "pool", False, 10, 0),
    "reset_before_processing": (APIConnectionError, "read", None, 0, 0),
    "reset_after_processing": (APIConnectionError, "read", None, 0, 1),
    "lost_reply": (APITimeoutError, "read", None, 30, 1),
    "read_timeout": (APITimeoutError, "read", None, 30, 0),
    "hang": (APITimeoutError, "read", None, 60, 0),
    "truncated_body": (APIConnectionError, "protocol", None, 0, 1),
}


def test_the_table_of_expectations_is_complete() -> None:
    assert SEEN.keys() == BREAKS.keys()


@pytest.mark.parametrize("kind", SEEN)
def test_a_broken_exchange_looks_as_it_does_over_the_real_transport(send: Send, kind: Any) -> None:
    sim = Simulator()
    sim.faults.add(Fault(kind, "create_instance"))
    before = sim.clock.monotonic()
    error = failure(send, sim, create(sim))
    assert isinstance(error, TransportError)
    made = len(sim.cloud.world.instances)
    seen = (type(error), error.phase, error.reached_server, sim.clock.monotonic() - before, made)
    assert seen == SEEN[kind]
    assert error.retryable is (kind != "bad_certificate")
    assert (sim.journal[0].fault, sim.journal[0].status, sim.journal[0].processed) == (kind, None, made == 1)


def test_a_wait_without_a_timeout_ends_all_the_same() -> None:
    sim = Simulator()
    sim.faults.add(Fault("read_timeout"))
    endless = Timeouts(connect=None, read=None, write=None, pool=None, attempt=None, total=None)
    failure(send_sync, sim, request_for(sim, timeouts=endless))
    assert sim.clock.monotonic() > 3600


@pytest.mark.parametrize("processed", [False, True])
def test_a_status_comes_before_or_after_the_work(send: Send, *, processed: bool) -> None:
    sim = Simulator()
    sim.faults.add(Fault("status", status=502, body=b"<html>", processed=processed))
    response = send(sim, create(sim))
    assert (response.status, response.body) == (502, b"<html>")
    assert len(sim.cloud.world.instances) == processed


def test_a_throttled_answer_carries_its_headers(send: Send) -> None:
    sim = Simulator()
    sim.faults.add(Fault("status", status=429, headers={"Retry-After": "7"}))
    response = send(sim, request_for(sim))
    assert (response.status, response.headers["retry-after"]) == (429, "7")
    assert json.loads(response.body)["reason"] == "RATE_LIMIT_EXCEEDED"
    assert send(sim, request_for(sim)).status == 200


def test_a_latency_delays_the_answer_and_past_the_read_timeout_loses_it(send: Send) -> None:
    sim = Simulator()
    sim.faults.add(Fault("latency", seconds=3), Fault("latency", "create_instance", seconds=31, after=0))
    response = send(sim, request_for(sim))
    assert response.elapsed == 3
    error = failure(send, sim, create(sim))
    assert isinstance(error, APITimeoutError)
    assert len(sim.cloud.world.instances) == 1


def test_latencies_add_up_and_come_on_top_of_another_fault() -> None:
    sim = Simulator()
    sim.faults.add(Fault("latency", seconds=1), Fault("status", status=500), Fault("latency", seconds=2))
    response = send_sync(sim, request_for(sim))
    assert (response.status, response.elapsed) == (500, 3)


def test_spoiled_bodies_arrive_as_answers(send: Send) -> None:
    sim = Simulator()
    sim.faults.add(Fault("malformed_json"), Fault("wrong_shape"), Fault("unknown_values"))
    with pytest.raises(ValueError, match=r".+"):
        json.loads(send(sim, request_for(sim)).body)
    assert json.loads(send(sim, request_for(sim)).body) == {"rows": []}
    strange = json.loads(send(sim, request_for(sim, "/templates")).body)
    assert strange["template"][0]["channel"] == "warp"
    assert "futureField" in strange["template"][0]


def test_an_oversized_body_raises_what_the_real_transport_raises(send: Send) -> None:
    sim = Simulator()
    sim.faults.add(Fault("oversized_body"))
    error = failure(send, sim, request_for(sim))
    assert isinstance(error, ResponseDecodeError)
    assert error.status == 200


def test_a_closed_transport_sends_nothing() -> None:
    sim = Simulator()
    transport = sim.transport()
    transport.close()
    with pytest.raises(ClientClosedError):
        transport.send(request_for(sim))
    assert sim.requests() == 0


@pytest.mark.anyio
async def test_a_closed_asynchronous_transport_sends_nothing() -> None:
    sim = Simulator()
    transport = sim.async_transport()
    await transport.aclose()
    with pytest.raises(ClientClosedError):
        await transport.send(request_for(sim))
    assert sim.requests() == 0


def test_tasks_cannot_wait_on_a_clock_for_threads() -> None:
    with pytest.raises(TypeError, match="sleep_async"):
        Simulator(clock=ScaledClock()).async_transport()


def hits(sim: Simulator, count: int, request: Callable[[Simulator], Request] = request_for) -> list[int]:
    return [n for n in range(count) if send_sync(sim, request(sim)).status >= 500]


def test_a_fault_passes_some_requests_and_hits_a_number_of_them() -> None:
    sim = Simulator()
    sim.faults.add(Fault("status", "list_clusters", after=2, times=3))
    assert hits(sim, 8) == [2, 3, 4]


def test_a_fault_without_end_hits_until_it_is_cleared() -> None:
    sim = Simulator()
    sim.faults.add(Fault("status", times=None))
    assert hits(sim, 3) == [0, 1, 2]
    sim.faults.clear()
    assert hits(sim, 3) == []


def test_two_faults_for_one_operation_take_turns() -> None:
    sim = Simulator()
    sim.faults.add(Fault("status", status=500), Fault("status", status=503))
    assert [send_sync(sim, request_for(sim)).status for _ in range(3)] == [500, 503, 200]


def test_a_fault_keeps_to_its_operations_and_its_condition() -> None:
    sim = Simulator(quirks=Quirks())
    sim.faults.add(
        Fault("status", ("list_instances", "list_jobs"), when=lambda e: e.query["pageNum"] == "2", times=None)
    )
    paths = ["/clusters", "/jobs?pageNum=1", "/jobs?pageNum=2", "/gpu/instances?pageNum=2"]
    assert [send_sync(sim, request_for(sim, path)).status for path in paths] == [200, 200, 500, 500]


def test_random_faults_come_at_their_rate_and_from_the_seed() -> None:
    def run(seed: int) -> list[str | None]:
        sim = Simulator(seed)
        sim.faults.add(*random_faults(0.3))
        for _ in range(500):
            sim.receive("GET", f"{BASE}/clusters", {}, b"")
        return [entry.fault for entry in sim.journal]

    faults = run(1)
    assert 100 < sum(fault is not None for fault in faults) < 200
    assert set(faults) == {None, *BREAKS}
    assert run(1) == faults != run(2)


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "rain"},
        {"kind": "hang", "after": -1},
        {"kind": "hang", "times": 0},
        {"kind": "hang", "probability": 1.5},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"give one of|after >= 0"):
        Fault(**fields)
