"""What only asynchronous clients know: event loops, and cancellation from outside."""

from __future__ import annotations

import anyio
import pytest

from novita_sdk import AsyncNovita
from novita_sdk.errors import ConfigurationError
from novita_sdk.testing import Fault, Simulator
from tests.told import Told


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_client_is_refused_in_another_event_loop_than_its_first(backend: str) -> None:
    client = Simulator().async_client()

    async def read() -> int:
        return len(await client.clusters.list().collect())

    assert anyio.run(read, backend=backend) > 0
    with pytest.raises(ConfigurationError, match="another event loop"):
        anyio.run(read, backend=backend)


def test_a_client_may_be_made_before_its_event_loop_runs() -> None:
    client = Simulator().async_client()

    async def use_it() -> None:
        async with client:
            await client.clusters.list().collect()

    anyio.run(use_it)
    assert isinstance(client, AsyncNovita)
    assert client.stats().closed


@pytest.mark.parametrize(("backend", "kind"), [("asyncio", "CancelledError"), ("trio", "Cancelled")])
def test_a_cancelled_call_ends_once_and_counts_as_cancelled(backend: str, kind: str) -> None:
    told = Told()
    sim = Simulator()
    sim.faults.add(Fault("latency", "list_clusters", seconds=20))
    client = sim.async_client(hooks=[told])

    async def cancel_it() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(client.clusters.list().collect)
            await sim.clock.sleep_async(5)
            group.cancel_scope.cancel()

    anyio.run(cancel_it, backend=backend)
    assert told.names == ["call_start", "attempt_start", "attempt_end", "call_end"]
    public = client.stats().families["public"]
    assert (public.in_flight, public.failed) == (0, {kind: 1})
    assert public.breaker is not None
    assert public.breaker.failures == 0
