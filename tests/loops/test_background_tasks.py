"""The background worker of an asynchronous client: where its task may live, and how it goes."""

from __future__ import annotations

import asyncio

import anyio
import pytest

from novita_sdk._async.client import AsyncNovita, services_of
from novita_sdk.errors import ConfigurationError
from novita_sdk.testing import VirtualClock
from tests.aio.hooks_network import HOOK, SECRET, AsyncHooksNetwork
from tests.aio.remote import KEY, AsyncRemote, Late, client_of

pytestmark = pytest.mark.anyio


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


async def never() -> float | None:
    return None


async def test_without_async_with_there_is_no_place_for_the_task(clock: VirtualClock) -> None:
    client = client_of(AsyncRemote(clock, 200))
    with pytest.raises(ConfigurationError, match="async with"):
        services_of(client).worker.schedule(1000, never)
    async with client.with_options(client._caller.options):  # a copy owns nothing
        with pytest.raises(ConfigurationError, match="async with"):
            services_of(client).worker.require_open()
    await client.aclose()


async def test_an_operation_with_events_to_send_says_so_before_its_first_request(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock)
    client = AsyncNovita(api_key=KEY, transport=network, clock=clock, webhook_url=HOOK)
    with pytest.raises(ConfigurationError, match="async with"):
        services_of(client).events.operation("op-1")
    assert network.api.seen == network.received == []  # type: ignore[comparison-overlap]  # both are empty
    await client.aclose()


async def test_an_event_with_nowhere_to_wait_is_counted_as_lost(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock)
    client = AsyncNovita(api_key=KEY, transport=network, clock=clock, webhook_secret=SECRET)
    await services_of(client).events.keep_target("i-1", HOOK)
    await (
        services_of(client).events.operation("op-1").send("stopping", "i-1")
    )  # only the store knew of the target
    assert client.webhooks.stats()["hooks.example"].lost == 1
    await client.aclose()


async def test_blocks_of_one_client_may_be_nested(clock: VirtualClock) -> None:
    async with client_of(AsyncRemote(clock, 200)) as client:
        async with client:
            services_of(client).worker.schedule(1000, never)
        with pytest.raises(Exception, match="closed"):
            services_of(client).worker.schedule(1000, never)


async def test_a_cancelled_program_still_sends_what_it_told(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock, 500, 200)
    with anyio.CancelScope() as scope:
        async with AsyncNovita(api_key=KEY, transport=network, clock=clock, webhook_url=HOOK) as client:
            await services_of(client).events.operation("op-1").send("stopping", "i-1")
            scope.cancel()
            await anyio.sleep_forever()
    assert scope.cancelled_caught
    assert network.times == [0, 1]


async def test_work_that_hangs_is_cancelled_when_the_client_closes(clock: VirtualClock) -> None:
    cancelled = anyio.Event()

    async def hang() -> float | None:
        try:
            await anyio.sleep_forever()
        finally:
            cancelled.set()
        return None

    with anyio.fail_after(5):
        async with client_of(AsyncRemote(clock, Late(1)), webhook_drain=0) as client:
            services_of(client).worker.schedule(1000, hang)
            await anyio.wait_all_tasks_blocked()
    assert cancelled.is_set()


def test_on_asyncio_the_block_may_be_left_by_another_task_than_entered_it() -> None:
    done: list[int] = []

    async def step() -> float | None:
        done.append(1)
        return None

    async def main() -> None:
        client = client_of(AsyncRemote(VirtualClock(), 200))
        await asyncio.create_task(client.__aenter__())
        services_of(client).worker.schedule(1000, step)
        await asyncio.create_task(client.__aexit__(None, None, None))

    asyncio.run(main())
    assert done == [1]
