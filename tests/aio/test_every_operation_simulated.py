"""Every operation of the contract against the simulator: both sides keep the contract."""

from __future__ import annotations

import inspect
import json
from typing import Any

import pytest

from novita_sdk._async.middleware import AsyncCallNext
from novita_sdk._async.pager import AsyncPager
from novita_sdk._core import operations
from novita_sdk._core.http import Request, Response
from novita_sdk.options import ServerlessOptions
from novita_sdk.testing import Quirks, Simulator
from tests.contract.calls import CALLS, Call
from tests.contract.cloud import furnished
from tests.contract.document import answer_faults, request_faults

pytestmark = pytest.mark.anyio

ROWS = [
    pytest.param(name, call, id=f"{name}-{call.method}") for name, calls in CALLS.items() for call in calls
]


class Exchanges:
    """A middleware that keeps what was sent and what came."""

    def __init__(self) -> None:
        self.seen: list[tuple[Request, Response]] = []

    async def __call__(self, request: Request, call_next: AsyncCallNext) -> Response:
        response = await call_next(request)
        self.seen.append((request, response))
        return response

    def faults(self) -> list[str]:
        """What the contract finds wrong with any request or answer."""
        found: list[str] = []
        for request, response in self.seen:
            found += request_faults(request, json.loads(request.body) if request.body else None)
            answer = json.loads(response.body) if response.body else None
            found += answer_faults(request.operation, response.status, answer)
        return found


def needed(call: Call) -> frozenset[str]:
    """The arguments that a call cannot do without."""
    with Simulator().client() as client:
        parameters = inspect.signature(call.method_of(client)).parameters.values()
    return frozenset(one.name for one in parameters if one.default is inspect.Parameter.empty)


async def result_of(found: Any) -> Any:
    """What a call gives in the end; a list is read to its end."""
    return await found.collect() if isinstance(found, AsyncPager) else await found


EMPTY = {"list_api_key_bills"}
"""Lists in which the simulator has nothing to show: it bills no models."""


@pytest.mark.parametrize("spelling", ["live", "documented"])
@pytest.mark.parametrize(("operation", "call"), ROWS)
async def test_the_simulator_answers_every_operation_as_the_contract_says(
    operation: str, call: Call, spelling: str
) -> None:
    sim = Simulator()
    known = furnished(sim)
    sim.quirks = Quirks(documented_spellings=spelling == "documented")
    exchanges = Exchanges()
    gateway: Any = "legacy" if operation == "async_stats" else "current"
    serverless = ServerlessOptions(gateway=gateway)
    async with sim.async_client(attempt_middleware=[exchanges], serverless=serverless) as client:
        await result_of(call.on(client, known))
        if operations.ALL[operation].result.shape == "list":
            unfiltered = call.on(client, known, only=needed(call))
            assert await result_of(unfiltered) or operation in EMPTY
    performed = [response for request, response in exchanges.seen if request.operation == operation]
    assert performed
    assert performed[0].status < 300
    assert exchanges.faults() == []
