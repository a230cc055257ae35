"""What is done with endpoints sends the same requests in the same order, whichever way a program is written."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import anyio
import pytest

from novita_sdk.errors import EndpointInvokeError, NotFoundError, ValidationError
from novita_sdk.testing import Fault, Simulator


def flow(endpoints: Any) -> Any:
    """A life of an endpoint as steps, each a call; what a step needs of an earlier one is handed to it."""
    ref = yield lambda: endpoints.deploy("one", image="nginx", product_id="p", min_replicas=1, max_replicas=3)
    serving = yield lambda: endpoints.wait(ref, "healthy")
    yield lambda: endpoints.update("one", image="other", envs_merge={"A": "1"})
    yield lambda: endpoints.scale(ref, 3)
    yield lambda: endpoints.invoke(serving, "/generate", json={"prompt": "hello"})
    yield lambda: endpoints.queue.run_and_wait("one", {"number": 1})
    yield lambda: endpoints.scale("one", 1, drain="idle")
    yield lambda: endpoints.invoke("one", "/", retries=2, raise_for_status=False)
    yield lambda: endpoints.find("nobody")
    yield lambda: endpoints.scale("one", min_replicas=4)
    yield lambda: endpoints.delete("one")
    yield lambda: endpoints.wait(ref, "deleted")


EXPECTED = (NotFoundError, ValidationError, EndpointInvokeError)


def cloud() -> Simulator:
    sim = Simulator(seed=3)
    sim.faults.add(
        Fault("lost_reply", "create_endpoint"),
        Fault("lost_reply", "update_endpoint"),
        Fault("status", "get_endpoint", status=503),
        Fault("status", "invoke", status=503, after=1),
    )
    return sim


def trace(sim: Simulator) -> list[Any]:
    return [
        (round(entry.at, 3), entry.operation, entry.method, entry.path, entry.query, entry.body)
        for entry in sim.journal
    ]


def in_threads() -> list[Any]:
    sim, ends = cloud(), list[Any]()
    with sim.client() as client, suppress(StopIteration):
        steps = flow(client.serverless_endpoints)
        step = next(steps)
        while True:
            found = None
            try:
                found = step()
            except EXPECTED as error:
                ends.append(type(error).__name__)
            step = steps.send(found)
    return ends + trace(sim)


async def in_tasks() -> list[Any]:
    sim, ends = cloud(), list[Any]()
    async with sim.async_client() as client:
        with suppress(StopIteration):
            steps = flow(client.serverless_endpoints)
            step = next(steps)
            while True:
                found = None
                try:
                    found = await step()
                except EXPECTED as error:
                    ends.append(type(error).__name__)
                step = steps.send(found)
    return ends + trace(sim)


@pytest.mark.case("SV-75")
@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_all_colours_send_the_same_requests_in_the_same_order(backend: str) -> None:
    assert anyio.run(in_tasks, backend=backend) == in_threads()
