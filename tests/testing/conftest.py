"""Calling the simulator without a client, and the contract its answers must satisfy."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
from jsonschema import Draft202012Validator

from novita_sdk._core.http import Headers
from novita_sdk._core.wire import encode_query
from novita_sdk.testing import Quirks, Simulator, Timings
from novita_sdk.testing.router import ROUTES
from tests.contract.document import CONTRACT

_TARGETS = {operation.name: (method, path) for (method, path), operation in ROUTES.items()}
_HOST = "https://api.simulated.test"


class Answered(NamedTuple):
    """An answer, decoded."""

    status: int
    body: Any
    headers: Headers


Call = Callable[..., Answered]


def call(sim: Simulator, operation: str, *, key: str | None = None, **args: Any) -> Answered:
    """Send one request as a correct client would."""
    method, path = _TARGETS[operation]
    placed = re.findall(r"{(\w+)}", path)
    path = path.format_map({name: quote(str(args[name]), safe="") for name in placed})
    args = {name: value for name, value in args.items() if name not in placed}
    own = sim.internal_api_key if operation == "query_internal_jobs" else sim.api_key
    headers = {"Authorization": f"Bearer {key or own}", "User-Agent": "tests"}
    if method == "GET":
        reply = sim.receive(method, f"{_HOST}{path}?{encode_query(args.items())}", headers, b"")
    else:
        body = b"" if placed and not args else json.dumps(args).encode()
        reply = sim.receive(method, f"{_HOST}{path}", headers, body)
    return Answered(reply.status, json.loads(reply.body) if reply.body else None, reply.headers)


GPU = {"productId": "4090.16c96g.v2", "imageUrl": "nginx", "kind": "gpu", "gpuNum": 1, "rootfsSize": 60}
EXACT = Timings(
    to_create=1, creating=4, pulling=25, to_start=1, starting=9, to_stop=1, stopping=4, to_restart=1,
    endpoint_creating=3, worker_pending=2, worker_creating=10, worker_ready=2, worker_leaving=2,
    restarting=9, to_reset=1, resetting=9, to_remove=1, removing=4, removed=60, migrating=100, spot_notice=60,
    spot_reclaiming=10, job_pulling=5, job_running=55, prewarm_pending=2, prewarm_running=58,
    network_creating=5,
)  # fmt: skip


class Bench:
    """A simulator whose steps take known times, and short ways to use it."""

    def __init__(self, quirks: Quirks | None = None, timings: Timings = EXACT) -> None:
        self.sim = Simulator(quirks=quirks, timings=timings)

    def __call__(self, operation: str, **args: Any) -> Any:
        """Call an operation that must succeed and return the body of its answer."""
        answer = call(self.sim, operation, **args)
        assert answer.status in {200, 204}, answer
        return answer.body

    def refused(self, operation: str, **args: Any) -> str:
        """Call an operation that must be refused; return its reason, or the message if it names none."""
        answer = call(self.sim, operation, **args)
        assert answer.status >= 400, answer
        reason: str = answer.body.get("reason") or answer.body["message"]
        return reason

    def create_refused(self, **changes: Any) -> str:
        return self.refused("create_instance", **{**GPU, **changes})

    def wait(self, seconds: float) -> None:
        self.sim.clock.sleep(seconds)

    def create(self, **changes: Any) -> str:
        instance_id: str = self("create_instance", **{**GPU, **changes})["id"]
        return instance_id

    def running(self, **changes: Any) -> str:
        instance_id = self.create(**changes)
        self.wait(30)
        assert self.status(instance_id) == "running"
        return instance_id

    def get(self, instance_id: str) -> Any:
        return self("get_instance", instanceId=instance_id)

    def status(self, instance_id: str) -> str:
        status: str = self.get(instance_id)["status"]
        return status

    def statuses(self, instance_id: str, *pauses: float) -> list[str]:
        """Read the status after each pause."""
        seen = []
        for pause in pauses:
            self.wait(pause)
            seen.append(self.status(instance_id))
        return seen


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def make_bench() -> Callable[..., Bench]:
    return Bench


@pytest.fixture
def call_on() -> Call:
    return call


@pytest.fixture(scope="session")
def contract() -> dict[str, Any]:
    loaded = copy.deepcopy(CONTRACT)
    # The list is an open one, and the contract itself notes that this word is missing.
    loaded["components"]["schemas"]["InternalJobState"]["enum"].append("break")
    return loaded


@pytest.fixture(scope="session")
def check_schema(contract: dict[str, Any]) -> Callable[[dict[str, Any], object], None]:
    def check(schema: dict[str, Any], value: object) -> None:
        Draft202012Validator({**schema, "components": contract["components"]}).validate(value)

    return check
