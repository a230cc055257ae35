"""A fake of the remote side: it answers by script and remembers what it got, and when."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import attrs

from novita_sdk._async.client import AsyncNovita
from novita_sdk._core.http import Request, Response
from novita_sdk.errors import APIConnectionError, APITimeoutError
from novita_sdk.options import RetryPolicy
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


@attrs.frozen
class Late:
    """An answer that takes its time, in seconds."""

    seconds: float
    step: Any = 200


class AsyncRemote:
    """A transport that answers with the steps of a script, the last of them for ever.

    A step is a status, a `(status, JSON)` or `(status, JSON, headers)` tuple, bytes (a 200 body), any other JSON
    value in a list or dict (a 200 body), an exception to raise, a `Late`, or a function of the request that
    returns a step.
    """

    def __init__(self, clock: VirtualClock, *script: Any) -> None:
        self.clock = clock
        self.script = list(script)
        self.seen: list[Seen] = []
        self.closed = False
        self._began = clock.monotonic()

    async def send(self, request: Request) -> Response:
        self.seen.append(Seen(round(self.clock.monotonic() - self._began, 6), request))
        step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        return await self._play(step, request)

    async def aclose(self) -> None:
        self.closed = True

    async def _play(self, step: Any, request: Request) -> Response:
        while callable(step) and not isinstance(step, BaseException):
            step = step(request)
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

    @property
    def times(self) -> list[float]:
        """When each request arrived."""
        return [seen.at for seen in self.seen]

    def paths(self) -> list[str]:
        """Method and path of each request."""
        return [
            f"{seen.request.method} {seen.request.url.split('?')[0].split('/', 3)[3]}" for seen in self.seen
        ]


def refused() -> APIConnectionError:
    return APIConnectionError("refused", phase="connect", reached_server=False)


def lost() -> APITimeoutError:
    return APITimeoutError("no answer", phase="read", reached_server=None)


def reset() -> APIConnectionError:
    return APIConnectionError("reset", phase="read", reached_server=None)


def client_of(remote: AsyncRemote, **arguments: Any) -> AsyncNovita:
    """A client over `remote` on its clock, with jitter pinned to its ceiling and no environment."""
    settings: dict[str, Any] = {
        "api_key": KEY,
        "transport": remote,
        "clock": remote.clock,
        "retry": RetryPolicy(jitter="none"),
    }
    return AsyncNovita(**{**settings, **arguments})


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


Step = Callable[[Request], Any] | Iterable[Any]
