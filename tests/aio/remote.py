"""A fake of the remote side: it answers by script and remembers what it got, and when."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import attrs

from novita_sdk._async.client import AsyncNovita
from novita_sdk._concurrency.aio import Lock
from novita_sdk._concurrency.clock import Waitable
from novita_sdk._core.context import CallContext
from novita_sdk._core.http import Request, Response
from novita_sdk.errors import APIConnectionError, APITimeoutError
from novita_sdk.options import RetryPolicy, Timeouts
from novita_sdk.testing import VirtualClock

KEY = "K-0123456789"


@attrs.frozen
class Seen:
    """One request as it arrived, `at` seconds after the remote was made."""

    at: float
    request: Request

    @property
    def json(self) -> Any:
        return json.loads(self.request.body or b"null")

    @property
    def path(self) -> str:
        """The path below the GPU group's base URL."""
        return self.request.url.partition("?")[0].split("/", 3)[3].removeprefix("gpu-instance/openapi/v1/")

    @property
    def query(self) -> str:
        return self.request.url.partition("?")[2]

    def header(self, name: str) -> str | None:
        """The value of a request header, None if it is absent."""
        return self.request.headers.get(name)


@attrs.frozen
class Late:
    """An answer that takes its time, in seconds."""

    seconds: float
    step: Any = 200


class InTurn:
    """A step that stands for several: of each remote's requests every one gets its own, the last for ever."""

    def __init__(self, *steps: Any) -> None:
        self.steps = steps


class Interruption(BaseException):
    """What Ctrl-C is to a program: no error, and nobody may catch it for good."""


interrupt_at: ContextVar[float | None] = ContextVar("interrupt_at", default=None)
"""When the flow that sets it is interrupted in whatever it waits for on an `InterruptingClock`."""


class InterruptingClock(VirtualClock):
    """A virtual clock on which a flow, be it a task or a thread, can be interrupted as by Ctrl-C."""

    async def wait_async(self, event: Waitable, timeout: float | None) -> bool:  # noqa: ASYNC109
        until = interrupt_at.get()
        if until is None:
            return await super().wait_async(event, timeout)
        left = until - self.monotonic()
        happened = await super().wait_async(event, left if timeout is None else min(left, timeout))
        if not happened and self.monotonic() >= until:
            interrupt_at.set(None)  # once
            raise Interruption
        return happened


class AsyncRemote:
    """A transport that answers with the steps of a script, the last of them for ever.

    A step is a status, a `(status, JSON)` or `(status, JSON, headers)` tuple, bytes (a 200 body), any other JSON
    value in a list or dict (a 200 body), an exception to raise, a `Late`, an `InTurn`, or a function of the request
    that returns a step.
    """

    def __init__(self, clock: VirtualClock, *script: Any) -> None:
        self.clock = clock
        self.script = list(script)
        self.seen: list[Seen] = []
        self.closed = False
        self._began = clock.monotonic()
        self._lock = Lock()
        self._taken: Counter[InTurn] = Counter()

    async def send(self, request: Request) -> Response:
        with self._lock:
            self.seen.append(Seen(round(self.clock.monotonic() - self._began, 6), request))
            step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        return await self._play(step, request)

    async def aclose(self) -> None:
        self.closed = True

    async def _play(self, step: Any, request: Request) -> Response:
        while isinstance(step, InTurn) or (callable(step) and not isinstance(step, BaseException)):
            step = self._next_of(step) if isinstance(step, InTurn) else step(request)
        if isinstance(step, Late):
            await self.clock.sleep_async(step.seconds)
            return await self._play(step.step, request)
        if isinstance(step, BaseException):
            raise step
        if isinstance(step, Response):
            return step
        status, body, headers = 200, b"{}", {}
        if isinstance(step, bytes):
            body = step
        elif isinstance(step, int):
            status = step
        elif isinstance(step, tuple):
            status, body, headers = (*step, {})[:3] if len(step) < 3 else step
        else:
            body = step
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        return Response(status, {"content-type": "application/json", **headers}, body)

    def _next_of(self, turns: InTurn) -> Any:
        with self._lock:
            self._taken[turns] += 1
            return turns.steps[min(self._taken[turns], len(turns.steps)) - 1]

    @property
    def times(self) -> list[float]:
        """When each request arrived."""
        return [seen.at for seen in self.seen]

    @property
    def paths(self) -> list[str]:
        """Method and path of each request, below the GPU group's base URL."""
        return [f"{seen.request.method} {seen.path}" for seen in self.seen]

    @property
    def posts(self) -> list[Seen]:
        """The requests that may change something."""
        return [seen for seen in self.seen if seen.request.method == "POST"]

    @property
    def gets(self) -> list[Seen]:
        """The requests that only read."""
        return [seen for seen in self.seen if seen.request.method == "GET"]


def refused(_request: Request | None = None) -> APIConnectionError:
    return APIConnectionError("refused", phase="connect", reached_server=False)


def lost(_request: Request | None = None) -> APITimeoutError:
    return APITimeoutError("no answer", phase="read", reached_server=None)


def reset(_request: Request | None = None) -> APIConnectionError:
    return APIConnectionError("reset", phase="read", reached_server=None)


def routed(**steps: Any) -> Callable[[Request], Any]:
    """A step that depends on the last word of the path."""
    return lambda request: steps[request.url.partition("?")[0].rpartition("/")[2]]


def client_of(remote: AsyncRemote, **arguments: Any) -> AsyncNovita:
    """A client over `remote` on its clock, with jitter pinned to its ceiling and no environment."""
    settings: dict[str, Any] = {"api_key": KEY, "transport": remote, "clock": remote.clock}
    if "retry" not in arguments:  # a policy takes the place of the setting
        settings["retry"] = RetryPolicy(jitter="none", max_retries=arguments.pop("max_retries", 3))
    return AsyncNovita(**{**settings, **arguments})


def plain_request(*, method: str = "GET", **context: Any) -> Request:
    """A request as somebody makes it who uses a layer alone, without a client."""
    made = CallContext(**context)
    return Request("ping", "public", method, "https://example.com/x", {}, None, Timeouts(), made)


def instance(**changes: Any) -> dict[str, Any]:
    """An instance as the service shows it."""
    shown: dict[str, Any] = {
        "id": "i-1",
        "name": "one",
        "clusterId": "us-ca-06",
        "status": "running",
        "imageUrl": "nginx",
        "cpuNum": "16",
        "memory": "62",
        "gpuNum": "1",
        "billingMode": "onDemand",
        "envs": [],
    }
    return {**shown, **changes}
