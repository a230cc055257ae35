# Generated from tests/aio/lifecycle/lives.py by tools/unasync.py; edit the source.
"""Instances that live by the clock: shared by the tests of waits, of actions that wait, and of watches."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from novita_sdk._core.http import Request
from novita_sdk._sync.client import Novita, services_of
from novita_sdk.testing import VirtualClock
from tests.sync.remote import InTurn, Remote, client_of, instance

NOT_FOUND = (404, {"reason": "INSTANCE_NOT_FOUND"})

STARTED = ((0, "toStart"), (1, "starting"), (20, "running"))
STOPPED = ((0, "toStop"), (1, "stopping"), (8, "exited"))
RESTARTED = ((0, "toRestart"), (1, "restarting"), (12, "running"))
DELETED = ((0, "toRemove"), (1, "removing"), (6, None))

COURSES: Mapping[str, Any] = {"start": STARTED, "stop": STOPPED, "restart": RESTARTED, "delete": DELETED}


class Steady(random.Random):
    """Draws the middle of every range, so that pauses do not swing."""

    def uniform(self, a: float, b: float) -> float:
        return (a + b) / 2


class Lives:
    """A remote side whose instances change their status as time goes by.

    A course is a series of (second, status); in place of a status there may be a dict of shown values, or None for
    an instance that is not found. `answers` holds a step for each action in place of the usual one; an action that
    is answered by an error does nothing.
    """

    def __init__(self, clock: VirtualClock, **courses: Any) -> None:
        self.clock = clock
        self.remote = Remote(clock, self._answer)
        self.answers: dict[str, Any] = {}
        self.courses: dict[str, Any] = dict(COURSES)
        self.page_size: int | None = None
        self._lives: dict[str, tuple[float, Any]] = {}
        for name, course in courses.items():
            self.live(name, course)

    def live(self, name: str, course: Any) -> None:
        """Let an instance begin a course now; `i_1` stands for the id `i-1`."""
        steps = ((0, course),) if isinstance(course, str | dict) else course
        self._lives[name.replace("_", "-")] = (self.clock.monotonic(), steps)

    def shown(self, name: str) -> dict[str, Any] | None:
        """How an instance is shown now."""
        began, course = self._lives.get(name, (0.0, ()))
        status: Any = None
        for second, step in course:
            if self.clock.monotonic() - began >= second:
                status = step
        if status is None:
            return None
        changes = status if isinstance(status, dict) else {"status": status}
        return instance(**{"id": name, "name": f"name of {name}", **changes})

    def client(self, **arguments: Any) -> Novita:
        """A client whose pauses do not swing and which may ask as often as it likes."""
        return client_of(self.remote, **{"rng": Steady(), "rate_limits": {"public": None}, **arguments})

    def sent(self, action: str) -> list[float]:
        """When an action was sent."""
        return [seen.at for seen in self.remote.posts if seen.path.endswith(f"/{action}")]

    @property
    def gets(self) -> int:
        """How often a single instance was asked for."""
        return sum(seen.path.endswith("/instance") for seen in self.remote.seen)

    @property
    def lists(self) -> int:
        """How many pages of the list were asked for."""
        return sum(seen.path.endswith("/instances") for seen in self.remote.seen)

    def _answer(self, request: Request) -> Any:
        parts = urlsplit(request.url)
        word = parts.path.rpartition("/")[2]
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        step = self.answers.get(word)
        if step is not None:
            return step
        if word == "instance":
            return self.shown(query["instanceId"]) or NOT_FOUND
        if word == "instances":
            return self._list(query)
        return self.act(word)

    def act(self, action: str) -> Any:
        """Let the instance of the latest request begin the course of an action."""
        name = self.remote.posts[-1].json["instanceId"]
        self.live(name, self.courses[action])
        shown = self.shown(name)
        return {"id": name, "state": shown and shown["status"]}

    def _list(self, query: Mapping[str, str]) -> Any:
        size, number = int(query["pageSize"]), int(query["pageNum"])
        size = min(size, self.page_size or size)
        shown = [found for name in sorted(self._lives) if (found := self.shown(name)) is not None]
        shown = [found for found in shown if query.get("name", "") in found["name"]]
        return {"instances": shown[(number - 1) * size : number * size], "total": len(shown)}


class ToldEvents:
    """Stands in for the emitter of a client and writes down what it is told."""

    def __init__(self, client: Novita) -> None:
        self.told: list[tuple[str, str, dict[str, Any]]] = []
        self.kept: dict[str, Any] = {}
        services_of(client)._parts["events"] = self

    @property
    def kinds(self) -> list[str]:
        """The kinds of all events, in order."""
        return [kind for kind, _, _ in self.told]

    def operation(self, operation_id: str, notify: Any = True) -> ToldOperation:
        """Give the events of an operation."""
        return ToldOperation(self, operation_id, notify)

    def keep_target(self, instance_id: str, notify: Any) -> None:
        """Write down a kept target."""
        self.kept[instance_id] = notify

    def forget_target(self, instance_id: str) -> None:
        """Strike out a kept target."""
        self.kept.pop(instance_id, None)

    def close(self) -> None:
        """Be closed as the emitter is."""


class ToldOperation:
    """The events of one operation."""

    def __init__(self, events: ToldEvents, operation_id: str, notify: Any) -> None:
        self._events = events
        self._operation_id = operation_id
        self._notify = notify

    def send(self, kind: str, instance: Any, *, step: str = "", **words: Any) -> None:
        """Write down an event."""
        if self._notify is not False:
            self._events.told.append((kind, self._operation_id, {"instance": instance, **words}))


def first(step: Any, then: Callable[[], Any]) -> Any:
    """Answer the first request with a step and let the others act."""
    return InTurn(step, lambda _request: then())
