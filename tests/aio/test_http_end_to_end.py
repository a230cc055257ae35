"""The finished client over real sockets: what breaks on the wire is made good by the layers above."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from novita_sdk._async.client import AsyncNovita
from novita_sdk._concurrency.aio import SystemClock, gather
from novita_sdk.errors import APIConnectionError, OutcomeUnknownError
from novita_sdk.options import Pool, Timeouts
from novita_sdk.testing import Fault, LoopbackServer, ScaledClock, Simulator, VirtualClock, serve
from novita_sdk.testing.faults import FaultKind
from tests.loopback import deaf_port

pytestmark = pytest.mark.anyio

GPU = {"product_id": "4090.16c96g.v2", "image_url": "nginx"}
IMPATIENT = Timeouts(read=0.1, attempt=0.2)


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with serve(Simulator(clock=ScaledClock())) as running:
        yield running


def client_of(server: LoopbackServer, clock: VirtualClock) -> AsyncNovita:
    """A client whose pauses take no time, while its requests are real."""
    return AsyncNovita(
        api_key=server.simulator.api_key, base_url=server.base_url, clock=clock, timeouts=IMPATIENT
    )


@pytest.mark.case("RT-07")
@pytest.mark.parametrize("kind", ["reset_after_processing", "truncated_body", "lost_reply"])
async def test_a_create_whose_answer_breaks_is_adopted_and_never_sent_twice(
    server: LoopbackServer, clock: VirtualClock, kind: FaultKind
) -> None:
    server.simulator.faults.add(Fault(kind, "create_instance"))
    async with client_of(server, clock) as client:
        created = await client.gpu_instances.create(**GPU)
    assert created.adopted
    assert list(server.simulator.cloud.world.instances) == [created.id]
    assert server.simulator.requests("create_instance") == 1


@pytest.mark.case("RT-07")
async def test_a_create_that_was_cut_off_before_it_arrived_is_not_guessed_at(
    server: LoopbackServer, clock: VirtualClock
) -> None:
    server.simulator.faults.add(Fault("reset_before_processing", "create_instance"))
    async with client_of(server, clock) as client:
        with pytest.raises(OutcomeUnknownError) as caught:
            await client.gpu_instances.create(**GPU)
    assert caught.value.sends == server.simulator.requests("create_instance") == 1


@pytest.mark.parametrize(
    "kind", ["reset_before_processing", "truncated_body", "read_timeout", "refuse_connection"]
)
async def test_a_read_that_breaks_is_tried_again(
    server: LoopbackServer, clock: VirtualClock, kind: FaultKind
) -> None:
    server.simulator.faults.add(Fault(kind, "list_clusters"))
    async with client_of(server, clock) as client:
        assert await client.clusters.list().collect()
    assert [entry.retry_count for entry in server.simulator.journal] == [0, 1]


@pytest.mark.case("ER-06")
async def test_a_service_that_is_not_there_is_told_after_four_attempts(clock: VirtualClock) -> None:
    with deaf_port() as url:
        async with AsyncNovita(api_key="K-0123456789", base_url=url, clock=clock) as client:
            with pytest.raises(APIConnectionError) as caught:
                await client.billing.balance()
    error = caught.value
    assert (error.code, error.status, error.reached_server) == ("NETWORK_ERROR", None, False)
    assert [attempt.sent for attempt in error.attempts] == [False] * 4
    assert error.hint is not None
    assert "NOVITA_API_BASE_URL" in error.hint
    assert "proxy" in error.hint


@pytest.mark.case("BK-08")
async def test_calls_at_once_share_the_connections_and_take_the_time_of_one(server: LoopbackServer) -> None:
    server.simulator.faults.add(Fault("latency", seconds=0.15, times=None))
    clock = SystemClock()
    async with AsyncNovita(
        api_key=server.simulator.api_key, base_url=server.base_url, pool=Pool(max_connections=8)
    ) as client:

        async def ask() -> int:
            return len(await client.clusters.list().collect())

        began = clock.monotonic()
        counts = await gather(clock, [ask] * 8)
        elapsed = clock.monotonic() - began
    assert len(set(counts)) == 1
    assert 0.15 <= elapsed < 8 * 0.15
