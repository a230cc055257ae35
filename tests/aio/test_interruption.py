"""Calls interrupted from outside: nothing more is sent, and nothing is booked that did not happen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from novita_sdk._async.client import AsyncNovita
from novita_sdk.options import CallOptions, RateLimit
from tests.aio.remote import (
    AsyncRemote,
    InterruptingClock,
    Interruption,
    InTurn,
    Late,
    client_of,
    instance,
    interrupt_at,
    lost,
    routed,
)

pytestmark = pytest.mark.anyio

Call = Callable[[AsyncNovita], Awaitable[Any]]


@pytest.fixture
def clock() -> InterruptingClock:
    return InterruptingClock()


async def interrupted(clock: InterruptingClock, after: float, call: Call, client: AsyncNovita) -> None:
    """Make `call` and interrupt it `after` seconds."""
    interrupt_at.set(clock.monotonic() + after)
    with pytest.raises(Interruption):
        await call(client)


async def read(client: AsyncNovita) -> None:
    await client.clusters.list().collect()


async def stop(client: AsyncNovita) -> None:
    await client.gpu_instances.stop("i-1")


async def restart(client: AsyncNovita) -> None:
    await client.gpu_instances.restart("i-1")


def family_of(client: AsyncNovita) -> Any:
    return client.stats().families["public"]


@pytest.mark.case("RT-15")
async def test_a_call_interrupted_before_its_retry_gives_the_price_back(clock: InterruptingClock) -> None:
    remote = AsyncRemote(clock, 503)
    client = client_of(remote)
    await interrupted(clock, 1.5, read, client)
    assert remote.times == [0, 1]
    assert family_of(client).budget.available == 500 - 14, "the first retry was made, the second was not"


@pytest.mark.case("RT-15")
async def test_a_call_interrupted_in_flight_is_no_failure_of_the_service(clock: InterruptingClock) -> None:
    remote = AsyncRemote(clock, 500, Late(5), {"data": []})
    client = client_of(remote)
    await interrupted(clock, 3, read, client)
    seen = family_of(client)
    assert (len(remote.seen), seen.breaker.failures, seen.budget.available) == (2, 1, 500 - 14)
    assert (seen.calls, seen.in_flight, dict(seen.failed)) == (1, 0, {"Interruption": 1})


async def test_an_interrupted_wait_for_a_token_takes_none(clock: InterruptingClock) -> None:
    remote = AsyncRemote(clock, {"data": []})
    client = client_of(remote, rate_limits={"public": RateLimit(limit=2)})
    await read(client)
    await interrupted(clock, 10, read, client)
    await read(client)
    assert remote.times == [0, 60]
    assert family_of(client).bucket.granted == 2


async def test_an_interrupted_wait_for_the_circuit_sends_nothing(clock: InterruptingClock) -> None:
    remote = AsyncRemote(clock, 503)
    client = client_of(remote, rate_limits={"public": None}, retry=None)
    for _ in range(5):
        with pytest.raises(Exception, match="503"):
            await read(client)
    patient = client.with_options(CallOptions(wait_for_circuit=True))
    await interrupted(clock, 30, read, patient)
    assert len(remote.seen) == 5


async def test_an_interrupted_re_read_sends_nothing_again(clock: InterruptingClock) -> None:
    remote = AsyncRemote(clock, routed(restart=lost, instance=instance()))
    await interrupted(clock, 5, restart, client_of(remote))
    assert len(remote.posts) == 1


async def test_an_interrupted_state_rule_pays_nothing(clock: InterruptingClock) -> None:
    invalid = (400, {"message": "invalid state change"})
    remote = AsyncRemote(clock, routed(stop=invalid, instance=instance(status="toStart")))
    client = client_of(remote)
    await interrupted(clock, 5, stop, client)
    assert [seen.at for seen in remote.posts] == [0, 2]
    assert family_of(client).budget.available == 500 - 5, "for the one repeat that was made"


async def test_an_interrupted_snapshot_sends_nothing(clock: InterruptingClock) -> None:
    remote = AsyncRemote(clock, routed(networks=Late(5, {"networks": []})))

    async def create(client: AsyncNovita) -> None:
        await client.networks.create(cluster_id="c-1", name="net")

    await interrupted(clock, 3, create, client_of(remote))
    assert not remote.posts


async def test_an_interruption_while_settling_is_explained(clock: InterruptingClock) -> None:
    remote = AsyncRemote(
        clock, routed(create=500, instances=InTurn(Late(9, {"instances": []}), {"instances": []}))
    )
    interrupt_at.set(clock.monotonic() + 3)
    with pytest.raises(Interruption) as caught:
        await client_of(remote).gpu_instances.create(product_id="p-1", image_url="nginx")
    assert len(remote.posts) == 1
    assert "create_instance was sent with NOVITA_SDK_OPERATION_ID=" in str(caught.value.__notes__)
