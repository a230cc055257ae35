"""A day of AutoStop in a bad world: whatever breaks, nothing in use is stopped, and nothing idle runs for ever."""

from __future__ import annotations

from random import Random
from typing import Any

import attrs
import pytest

from novita_sdk.stores import AsyncMemoryStore
from novita_sdk.testing import VirtualClock
from tests.aio.lifecycle.idle_machines import MINUTE, Host, Machines, host_of
from tests.aio.remote import lost

pytestmark = pytest.mark.anyio

THRESHOLD, GRACE = 20 * MINUTE, 45 * MINUTE
STEPS = 120
ACTION = 40.0  # seconds in which one stop is sent again and settled
SHOWN_AFTER = 90.0  # seconds after which a stop shows


class Crash(BaseException):
    """What kill -9 is to a test."""


@attrs.define
class Truth:
    """What is true of a machine, whatever anybody knows."""

    started: float
    used: float
    stopped: float | None = None

    @property
    def idle_since(self) -> float:
        return max(self.used, self.started + GRACE)


class Day:
    """Three machines, some hosts over one store, and bad luck."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.clock = VirtualClock()
        self.store = AsyncMemoryStore(clock=self.clock)
        self.machines = Machines(self.clock)
        self.luck = self.rng.choice([0.0, 0.1, 0.4])
        self.harm: list[str] = []
        self.truth: dict[str, Truth] = {}
        for name in ("i-1", "i-2", "i-3"):
            self.machines.add(name, started=0.0)
            self.machines.broken[f"stop {name}"] = self._stop_of(name)
            self.machines.broken[f"get {name}"] = lambda _request: self._or_broken()
            self.truth[name] = Truth(self.clock.time(), 0.0)
        self.hosts = [self.host() for _ in range(self.rng.choice([1, 2, 3]))]

    def host(self) -> Host:
        return host_of(self.machines, store=self.store, threshold=THRESHOLD)

    def _or_broken(self) -> Any:
        return self.rng.choice([500, 400, lost]) if self.rng.random() < self.luck else self._shown()

    def _shown(self) -> Any:
        name = self.machines.remote.seen[-1].query.rpartition("=")[2]
        return self.machines.shown[name]

    def _stop_of(self, name: str) -> Any:
        def stop(_request: Any) -> Any:
            truth, now = self.truth[name], self.clock.time()
            if truth.stopped is None and now - truth.idle_since < THRESHOLD - 1.0:
                self.harm.append(f"{name} was in use")
            if truth.stopped is not None and now - truth.stopped > ACTION:
                self.harm.append(f"{name} had been stopped already")
            chance = self.rng.random()
            if chance < self.luck / 2:
                return self.rng.choice([lost, 500, (400, {"reason": "SOMETHING"})])
            truth.stopped = now if truth.stopped is None else truth.stopped
            return lost if chance < self.luck else {"instanceId": name}

        return stop

    def show_stops(self) -> None:
        """Let the stops show that were accepted a while ago."""
        for name, truth in self.truth.items():
            if truth.stopped is not None and self.clock.time() - truth.stopped >= SHOWN_AFTER:
                self.machines.shown[name]["status"] = "exited"

    async def one_pass(self) -> None:
        self.show_stops()
        index = self.rng.randrange(len(self.hosts))
        host = self.hosts[index]
        records = host.auto_stop._parts.records
        claim_stop = records.claim_stop

        async def claims_and_dies(*arguments: Any, **keywords: Any) -> Any:
            version = await claim_stop(*arguments, **keywords)
            if self.rng.random() < self.luck / 2:
                raise Crash
            return version

        records.claim_stop = claims_and_dies  # type: ignore[method-assign]
        self.machines.broken["list"] = 500 if self.rng.random() < self.luck else None
        try:
            await host.auto_stop.check()
        except Crash:
            self.hosts[index] = self.host()
        finally:
            records.claim_stop = claim_stop  # type: ignore[method-assign]
        if self.rng.random() < 0.1:  # a job engine starts a new process
            self.hosts[index] = self.host()

    async def something_happens(self) -> None:
        name = self.rng.choice(sorted(self.truth))
        truth, shown = self.truth[name], self.machines.shown[name]
        event = self.rng.choice(["use", "use", "use", "restart", "stop", "nothing"])
        if event == "use" and shown["status"] == "running":
            await self.hosts[0].auto_stop.touch(name)
            truth.used = self.clock.time()
        elif event == "restart":
            self.machines.restart(name)
            self.truth[name] = Truth(self.clock.time(), 0.0)
        elif event == "stop" and shown["status"] == "running":
            shown["status"] = "exited"
            truth.stopped = self.clock.time() - SHOWN_AFTER


async def live_through(seed: int) -> None:
    day = Day(seed)
    for _ in range(STEPS):
        day.clock.advance(day.rng.choice([1, 30, 200, 300, 300, 600]))
        if day.rng.random() < 0.4:
            await day.something_happens()
        await day.one_pass()
    day.luck = 0.0
    day.clock.advance(GRACE + THRESHOLD)
    for _ in range(4):
        await day.one_pass()
        day.clock.advance(5 * MINUTE)
    assert day.harm == []
    assert {shown["status"] for shown in day.machines.shown.values()} == {"exited"}


@pytest.mark.seeds
@pytest.mark.case("A-07")
async def test_nothing_in_use_is_stopped_nothing_twice_and_nothing_idle_is_forgotten(seeds: range) -> None:
    for seed in seeds:
        try:
            await live_through(seed)
        except AssertionError as error:
            error.add_note(f"seed {seed}")
            raise
