"""Rented machines as AutoStop sees them: a remote side that lists, shows, measures and stops them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import attrs

from novita_sdk._async.client import AsyncNovita
from novita_sdk._async.lifecycle.auto_stop import AsyncAutoStop
from novita_sdk._core.http import Request
from novita_sdk.testing import VirtualClock
from tests.aio.remote import AsyncRemote, client_of, instance

MINUTE = 60.0
HOUR = 3600.0

NETWORK_VOLUME = [{"type": "network", "size": "10", "id": "v-1", "mountPath": "/data"}]


@attrs.define
class Told:
    """Events, as they were handed to the emitter."""

    sent: list[tuple[str, str, str, dict[str, Any]]] = attrs.field(factory=list)

    @property
    def kinds(self) -> list[str]:
        return [kind for _, kind, _, _ in self.sent]

    def operation(self, operation_id: str, notify: Any = True) -> Any:
        return _Operation(self.sent if notify is True else [], operation_id)


@attrs.define
class _Operation:
    sent: list[tuple[str, str, str, dict[str, Any]]]
    operation_id: str

    async def send(self, kind: str, subject: Any, *, step: str = "", **words: Any) -> None:
        self.sent.append((self.operation_id, kind, getattr(subject, "id", subject), {"step": step, **words}))


class Machines:
    """The remote side of an account with machines.

    Args:
        clock: The clock.
        page: How many entries a page of the list holds.
    """

    def __init__(self, clock: VirtualClock, *, page: int = 100) -> None:
        self.clock = clock
        self.remote = AsyncRemote(clock, self._answer)
        self.shown: dict[str, dict[str, Any]] = {}
        self.broken: dict[str, Any] = {}
        """What answers instead, by `list`, `get i-1`, `stop i-1` or `metrics i-1`."""
        self.load: Callable[[str, int], list[float | None]] = lambda _name, points: [0.0] * points
        """The load of the one GPU of an instance: a value or None for each minute of the window."""
        self.hides_envs = False
        """Whether the list leaves the environments out."""
        self._page = page

    def add(self, name: str = "i-1", *, started: float | None = None, **fields: Any) -> None:
        """Rent a machine that runs since `started` seconds before now."""
        at = {} if started is None else {"lastStartedAt": str(int(self.clock.time() - started))}
        shown = {"volumeMounts": NETWORK_VOLUME, **at, **fields}
        self.shown[name] = instance(**{"id": name, "name": f"name of {name}", **shown})

    def ago(self, seconds: float) -> str:
        return str(int(self.clock.time() - seconds))

    def restart(self, name: str) -> None:
        self.shown[name] |= {"status": "running", "lastStartedAt": str(int(self.clock.time()))}

    @property
    def stopped(self) -> list[str]:
        """Whom a stop was sent for, in order."""
        return [seen.json["instanceId"] for seen in self.remote.posts]

    @property
    def reads(self) -> list[str]:
        return [seen.path.rpartition("/")[2] + " " + seen.query for seen in self.remote.gets]

    def _answer(self, request: Request) -> Any:
        path, _, query = request.url.partition("?")
        asked = {key: values[0] for key, values in parse_qs(query).items()}
        word = path.rpartition("/")[2]
        if word == "instances":
            return self.broken.get("list") or self._list(asked)
        if word == "stop":
            name = self.remote.posts[-1].json["instanceId"]
            return self._broken(f"stop {name}") or self._stop(name)
        name = asked["instanceId"]
        if "metrics" in path:
            return self._broken(f"metrics {name}") or self._metrics(name, asked)
        return self._broken(f"get {name}") or self.shown.get(name) or (404, {"reason": "INSTANCE_NOT_FOUND"})

    def _broken(self, what: str) -> Any:
        return self.broken.get(what)

    def _list(self, asked: dict[str, str]) -> Any:
        first = (int(asked.get("pageNum", "1")) - 1) * self._page
        hidden = {"envs": []} if self.hides_envs else {}
        rows = [{**shown, **hidden} for shown in self.shown.values()]
        return {"instances": rows[first : first + self._page], "total": len(rows)}

    def _stop(self, name: str) -> Any:
        self.shown[name]["status"] = "exited"
        return {"instanceId": name, "status": "toStop"}

    def _metrics(self, name: str, asked: dict[str, str]) -> Any:
        start, end = int(asked["startTime"]), int(asked["endTime"])
        values = self.load(name, (end - start) // 60)
        items = [
            {"timestamp": str(start + 60 * index), "value": value}
            for index, value in enumerate(values)
            if value is not None
        ]
        return {"gpuUtilization": {"avg": [], "gpuIds": [{"gpuId": "0", "items": items}]}}


@attrs.define
class Host:
    """A machine that runs AutoStop.

    Attributes:
        client: Its client.
        auto_stop: Its AutoStop.
        told: The events it told.
    """

    client: AsyncNovita
    auto_stop: AsyncAutoStop
    told: Told


def host_of(machines: Machines, *, store: Any = None, include: Any = "*", **arguments: Any) -> Host:
    """Make a host; its events are kept instead of being sent."""
    client = client_of(machines.remote, store=store, rate_limits={"public": None})
    told = Told()
    client._engine.services._parts["events"] = told  # the emitter has tests of its own
    return Host(client, AsyncAutoStop(client, include, **arguments), told)
