"""An asynchronous client belongs to one event loop."""

from __future__ import annotations

import anyio
import pytest

from novita_sdk import AsyncNovita
from novita_sdk.errors import ConfigurationError
from novita_sdk.testing import Simulator


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
