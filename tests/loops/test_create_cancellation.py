"""Creates whose task is cancelled: the journal knows what was made, and what was to be deleted is deleted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest

from novita_sdk._async.client import AsyncNovita
from novita_sdk._core.lifecycle.intents import Intent, read_intent
from novita_sdk.errors import ConfigurationError
from novita_sdk.testing import Fault, Quirks, Simulator, VirtualClock
from tests.aio.remote import AsyncRemote, Late, client_of

pytestmark = pytest.mark.anyio

PRODUCT = "4090.16c96g.v2"


async def cancelled_after(clock: Any, seconds: float, call: Callable[[], Awaitable[Any]]) -> str:
    """Make a call, cancel its task, and return the notes on the cancellation."""
    notes: list[str] = []

    async def noted() -> None:
        try:
            await call()
        except BaseException as error:
            notes.extend(getattr(error, "__notes__", ()))
            raise

    async with anyio.create_task_group() as group:
        with anyio.CancelScope() as scope:

            async def cancel() -> None:
                await clock.sleep_async(seconds)
                scope.cancel()

            group.start_soon(cancel)
            await noted()
    return " ".join(notes)


async def only_intent(client: AsyncNovita) -> Intent:
    (entry,) = (await client.store.scan("intent:")).items
    return read_intent(entry.value, entry.key)


@pytest.mark.case("C-11")
@pytest.mark.parametrize("on_cancel", ["keep", "delete"])
async def test_a_cancelled_create_says_what_it_made_and_deletes_it_if_so_wished(on_cancel: Any) -> None:
    sim = Simulator(quirks=Quirks(list_delay=1))
    client = sim.async_client()
    sim.faults.add(Fault("latency", "create_instance", seconds=20))

    async def rent() -> None:
        await client.gpu_instances.create(product_id=PRODUCT, image_url="nginx", on_cancel=on_cancel)

    began = sim.clock.monotonic()
    notes = await cancelled_after(sim.clock, 0.2, rent)
    assert sim.clock.monotonic() - began <= 5.2
    (made,) = sim.cloud.world.instances.values()
    assert made.id in notes
    intent = await only_intent(client)
    if on_cancel == "keep":
        assert (intent.state, intent.resource_id) == ("adopted", made.id)
    else:
        assert intent.state == "not_created"
        await sim.clock.sleep_async(60)  # type: ignore[attr-defined]  # the clock serves tasks and threads
        sim.assert_no_leaks()


async def test_a_create_cancelled_while_it_waits_for_another_leaves_that_ones_record_alone(
    clock: VirtualClock,
) -> None:
    remote = AsyncRemote(clock, Late(50, {"id": "i-1"}))
    client = client_of(remote)

    async def rent() -> None:
        await client.gpu_instances.create(
            product_id=PRODUCT, image_url="nginx", operation_id="nightly-build-7"
        )

    async with anyio.create_task_group() as group:
        group.start_soon(rent)
        await clock.sleep_async(1)
        await cancelled_after(clock, 5, rent)
        assert (await only_intent(client)).owner != ""
    assert (len(remote.posts), (await only_intent(client)).state) == (1, "created")


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


async def test_a_create_whose_events_cannot_be_sent_is_refused_before_any_request(
    clock: VirtualClock,
) -> None:
    remote = AsyncRemote(clock, {"id": "i-1"})
    client = client_of(remote, webhook_url="https://hooks.example/w", webhook_secret="test-webhook-secret")
    with pytest.raises(ConfigurationError, match="async with"):
        await client.gpu_instances.create(product_id=PRODUCT, image_url="nginx")
    assert not remote.seen
