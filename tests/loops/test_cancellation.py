"""What only tasks know: cancellation by scopes and by native tasks, and clients that change their event loop."""

from __future__ import annotations

import asyncio
import gc
import warnings
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest

from novita_sdk._async.client import AsyncNovita
from novita_sdk.errors import ConfigurationError, NovitaError, OutcomeUnknownError
from novita_sdk.options import CallOptions, RateLimit
from novita_sdk.testing import VirtualClock
from tests.aio.remote import AsyncRemote, InTurn, Late, client_of, instance, routed

Call = Callable[[AsyncNovita], Awaitable[Any]]


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


async def read(client: AsyncNovita) -> None:
    await client.clusters.list().collect()


async def rent(client: AsyncNovita) -> None:
    await client.gpu_instances.create(product_id="p-1", image_url="nginx")


async def cancelled(clock: VirtualClock, after: float, call: Call, client: AsyncNovita) -> list[str]:
    """Make `call`, cancel it `after` seconds; return the notes on the cancellation."""
    notes: list[str] = []

    async def noted() -> None:
        try:
            await call(client)
        except BaseException as error:
            notes.extend(getattr(error, "__notes__", []))
            raise

    async with anyio.create_task_group() as group:
        with anyio.CancelScope() as scope:

            async def cancel() -> None:
                await clock.sleep_async(after)
                scope.cancel()

            group.start_soon(cancel)
            await noted()
        assert scope.cancelled_caught
    return notes


def family_of(client: AsyncNovita) -> Any:
    return client.stats().families["public"]


@pytest.mark.anyio
@pytest.mark.case("RT-15")
async def test_a_call_cancelled_before_its_retry_gives_the_price_back(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, 503)
    client = client_of(remote)
    await cancelled(clock, 1.5, read, client)
    assert remote.times == [0, 1]
    assert family_of(client).budget.available == 500 - 14


@pytest.mark.anyio
@pytest.mark.case("RT-15")
async def test_a_call_cancelled_in_flight_is_no_failure_of_the_service(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, Late(60))
    client = client_of(remote)
    await cancelled(clock, 3, read, client)
    assert family_of(client).breaker.failures == 0
    assert clock.monotonic() == 1003


@pytest.mark.anyio
@pytest.mark.case("BR-05")
async def test_a_cancelled_probe_makes_room_at_once(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, *[503] * 5, Late(60), {"data": []})
    client = client_of(remote, retry=None, rate_limits={"public": None})
    for _ in range(5):
        with pytest.raises(NovitaError):
            await read(client)
    clock.advance(60)
    await cancelled(clock, 3, read, client)
    await read(client)
    assert family_of(client).breaker.state == "half_open"


@pytest.mark.anyio
@pytest.mark.case("BK-05")
async def test_a_cancelled_waiter_leaves_its_place(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, {"data": []})
    client = client_of(remote, rate_limits={"public": RateLimit(limit=2)})
    await read(client)
    await cancelled(clock, 10, read, client)
    assert family_of(client).bucket.waiting_user == 0
    await read(client)
    assert remote.times == [0, 60]


@pytest.mark.anyio
async def test_a_create_cancelled_in_flight_is_looked_for_behind_a_shield(clock: VirtualClock) -> None:
    made: list[dict[str, Any]] = []

    def create(_request: object) -> Any:
        made.append(instance(id="i-9", envs=remote.posts[0].json["envs"]))
        return Late(60, {"id": "i-9"})

    remote = AsyncRemote(clock, routed(create=create, instances=lambda _: {"instances": made}))
    notes = await cancelled(clock, 3, rent, client_of(remote))
    assert notes[0].endswith("it was carried out: i-9")
    assert len(remote.posts) == 1
    assert clock.monotonic() == 1003.5


@pytest.mark.anyio
async def test_the_shield_falls_after_five_seconds_of_looking(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, routed(create=Late(60), instances={"instances": []}))
    notes = await cancelled(clock, 3, rent, client_of(remote))
    assert notes[0].endswith("whether it was carried out is not known")
    assert clock.monotonic() == 1008


@pytest.mark.anyio
async def test_a_create_cancelled_while_it_settles_is_explained(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, routed(create=500, instances=InTurn({"instances": []})))
    notes = await cancelled(clock, 3, rent, client_of(remote))
    assert len(notes) == 1
    assert len(remote.posts) == 1


@pytest.mark.anyio
async def test_a_create_cancelled_before_its_sending_is_not_looked_for(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, {"data": []})
    client = client_of(remote, rate_limits={"public": RateLimit(limit=2)})
    await read(client)
    assert await cancelled(clock, 3, rent, client) == []
    assert len(remote.seen) == 1


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.anyio
async def test_a_native_task_can_be_cancelled_as_well(clock: VirtualClock, anyio_backend: str) -> None:
    remote = AsyncRemote(clock, routed(create=Late(60), instances={"instances": []}))
    task = asyncio.create_task(rent(client_of(remote)))  # type: ignore[arg-type]  # a coroutine function
    await clock.sleep_async(3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError) as caught:
        await task
    assert "create_instance was sent with" in str(caught.value.__notes__)


def test_a_coroutine_that_is_thrown_away_does_not_look(clock: VirtualClock) -> None:
    """Python closes a coroutine nobody will run again; it must not wait for anything then."""

    class Stuck(AsyncRemote):
        async def send(self, request: Any) -> Any:
            self.seen.append(request)
            await Forever()

    remote = Stuck(clock, 200)
    client = client_of(remote, rate_limits={"public": None})
    client._engine.guard = client._caller._guard = lambda: None  # there is no event loop here
    coroutine: Any = rent(client)
    coroutine.send(None)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        coroutine.close()
        gc.collect()
    assert len(remote.seen) == 1


class Forever:
    """What never comes."""

    def __await__(self) -> Any:
        yield


def test_a_client_belongs_to_one_event_loop(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, {"data": []})
    client = client_of(remote)
    anyio.run(read, client)
    with pytest.raises(ConfigurationError, match="another event loop"):
        anyio.run(read, client)
    with pytest.raises(ConfigurationError, match="another event loop"):
        anyio.run(read, client.with_options(CallOptions(max_retries=0)))
    assert len(remote.seen) == 1


def test_an_error_looks_again_only_in_the_loop_of_its_client(clock: VirtualClock) -> None:
    client = client_of(AsyncRemote(clock, routed(create=500, instances={"instances": []})))
    errors: list[OutcomeUnknownError] = []

    async def main() -> None:
        with pytest.raises(OutcomeUnknownError) as caught:
            await rent(client)
        errors.append(caught.value)

    async def look_again() -> None:
        with pytest.raises(ConfigurationError, match="another event loop"):
            await errors[0].reconcile()

    anyio.run(main)
    anyio.run(look_again)


def test_clients_made_outside_a_loop_work_in_the_first_that_uses_them(clock: VirtualClock) -> None:
    client = client_of(AsyncRemote(clock, {"data": []}))

    async def main() -> None:
        await read(client)
        await client.aclose()

    anyio.run(main, backend="trio")
