"""The frame of the helpers: passes, one at a time, until somebody says stop."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Awaitable, Callable
from itertools import pairwise
from typing import Any

import pytest

from novita_sdk._async.lifecycle.pass_loop import AsyncPassLoop
from novita_sdk._concurrency.aio import Event, SystemClock, gather
from novita_sdk.errors import APIConnectionError, AuthenticationError, ValidationError
from novita_sdk.testing import VirtualClock
from tests.aio.remote import Interruption

pytestmark = pytest.mark.anyio


class Steady(random.Random):
    """Draws the middle of every range."""

    def uniform(self, a: float, b: float) -> float:
        return (a + b) / 2


class Passes:
    """Passes by script: each takes its seconds, then raises what it was told to or returns its number."""

    def __init__(self, clock: VirtualClock, *, takes: float = 0.0, stop_after: int = 0) -> None:
        self.clock = clock
        self.stop = Event()
        self.began: list[float] = []
        self.failures: dict[int, BaseException] = {}
        self._takes = takes
        self._stop_after = stop_after
        self._origin = clock.monotonic()

    async def one_pass(self) -> int:
        self.began.append(self.clock.monotonic() - self._origin)
        number = len(self.began)
        await self.clock.sleep_async(self._takes)
        if number == self._stop_after:
            self.stop.set()
        if number in self.failures:
            raise self.failures[number]
        return number


def loop_of(passes: Passes, **arguments: Any) -> AsyncPassLoop[int]:
    given: dict[str, Any] = {"interval": 300, "clock": passes.clock, "rng": Steady(), **arguments}
    return AsyncPassLoop("AutoStop", passes.one_pass, **given)


# -------------------------------------------------------------------------------------- the schedule


async def test_the_first_pass_comes_after_one_interval(clock: VirtualClock) -> None:
    passes = Passes(clock, stop_after=3)
    stats = await loop_of(passes).run(passes.stop)
    assert passes.began == [300, 600, 900]
    assert (stats.passes, stats.failed) == (3, 0)


async def test_the_first_pass_comes_at_once_if_wanted(clock: VirtualClock) -> None:
    passes = Passes(clock, stop_after=2)
    await loop_of(passes).run(passes.stop, 60, immediate=True)
    assert passes.began == [0, 60]


async def test_the_interval_counts_from_the_beginning_of_a_pass(clock: VirtualClock) -> None:
    passes = Passes(clock, takes=100, stop_after=3)
    await loop_of(passes).run(passes.stop)
    assert passes.began == [300, 600, 900]


async def test_a_long_pass_drops_the_passes_it_covers(clock: VirtualClock) -> None:
    passes = Passes(clock, takes=700, stop_after=3)
    await loop_of(passes).run(passes.stop)
    assert passes.began == [300, 1200, 2100]


async def test_the_interval_swings_by_a_tenth(clock: VirtualClock) -> None:
    passes = Passes(clock, stop_after=50)
    await loop_of(passes, rng=random.Random(1)).run(passes.stop)
    pauses = [late - early for early, late in pairwise(passes.began)]
    assert min(pauses) >= 270
    assert max(pauses) <= 330
    assert max(pauses) - min(pauses) > 30


# ------------------------------------------------------------------------------------------ the end


@pytest.mark.case("L-01")
async def test_a_stop_during_the_sleep_ends_the_loop_within_a_tenth_of_a_second(clock: VirtualClock) -> None:
    for stop in (Event(), threading.Event()):
        passes = Passes(clock)
        loop = loop_of(passes)
        stopped_at: list[float] = []

        async def set_stop(stop: Any = stop, stopped_at: list[float] = stopped_at) -> None:
            await clock.sleep_async(7)
            stop.set()
            stopped_at.append(clock.monotonic())

        async def run(loop: Any = loop, stop: Any = stop) -> None:
            await loop.run(stop)

        calls: list[Callable[[], Awaitable[None]]] = [set_stop, run]
        await gather(clock, calls)
        assert clock.monotonic() - stopped_at[0] <= 0.1
        assert passes.began == []


async def test_a_stop_that_is_set_already_lets_no_pass_begin(clock: VirtualClock) -> None:
    passes = Passes(clock)
    passes.stop.set()
    stats = await loop_of(passes).run(passes.stop, immediate=True)
    assert stats.passes == 0


async def test_a_stop_during_a_pass_tells_it_to_begin_nothing_new(clock: VirtualClock) -> None:
    stop = Event()
    told: list[bool] = []

    async def one_pass() -> int:
        told.append(loop.must_end())
        stop.set()
        told.append(loop.must_end())
        return 1

    loop: AsyncPassLoop[int] = AsyncPassLoop("AutoStop", one_pass, interval=60, clock=clock, rng=Steady())
    await loop.run(stop)
    assert told == [False, True]
    assert not loop.must_end()


async def test_a_pass_is_told_when_its_time_is_over(clock: VirtualClock) -> None:
    told: list[bool] = []

    async def one_pass() -> int:
        for _ in range(3):
            told.append(loop.must_end())
            await clock.sleep_async(20)
        return 1

    loop: AsyncPassLoop[int] = AsyncPassLoop(
        "AutoStop", one_pass, interval=60, pass_timeout=40, clock=clock, rng=Steady()
    )
    await loop.check()
    assert told == [False, False, True]


@pytest.mark.case("L-01")
async def test_a_second_run_is_refused_while_the_first_is_under_way(clock: VirtualClock) -> None:
    passes = Passes(clock)
    loop = loop_of(passes)
    refused: list[str] = []

    async def first() -> None:
        await loop.run(passes.stop)

    async def second() -> None:
        await clock.sleep_async(1)
        with pytest.raises(RuntimeError, match="AutoStop is running already") as caught:
            await loop.run(Event())
        refused.append(str(caught.value))
        passes.stop.set()

    await gather(clock, [first, second])
    assert len(refused) == 1


async def test_an_interruption_ends_the_loop(clock: VirtualClock) -> None:
    passes = Passes(clock)
    passes.failures[2] = Interruption()
    loop = loop_of(passes)
    with pytest.raises(Interruption):
        await loop.run(passes.stop)
    assert len(passes.began) == 2
    assert not loop.running
    assert loop.stats().passes == 1


async def test_on_the_machines_own_clock_a_loop_ends_as_well() -> None:
    stop = threading.Event()

    async def one_pass() -> int:
        stop.set()
        return 1

    loop: AsyncPassLoop[int] = AsyncPassLoop(
        "AutoStop", one_pass, interval=0.01, clock=SystemClock(), rng=random.Random(1)
    )
    assert (await loop.run(stop)).passes == 1


# ------------------------------------------------------------------------------------------ failures


@pytest.mark.case("L-01")
async def test_a_pass_that_raises_is_counted_and_logged_and_the_next_one_happens(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    passes = Passes(clock, stop_after=3)
    passes.failures[1] = ValueError("broken")
    stats = await loop_of(passes).run(passes.stop)
    assert (stats.passes, stats.failed, stats.consecutive_failures) == (3, 1, 0)
    assert stats.last_error == "ValueError: broken"
    assert [record.getMessage() for record in caplog.records] == [
        "a pass of AutoStop failed, 1 in a row: ValueError: broken"
    ]


async def test_a_refused_key_is_logged_once_an_hour(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    passes = Passes(clock, stop_after=24)
    for number in range(1, 25):
        passes.failures[number] = AuthenticationError("no")
    with caplog.at_level(logging.WARNING, logger="novita_sdk.lifecycle"):
        stats = await loop_of(passes).run(passes.stop)
    assert stats.failed == 24
    assert len(caplog.records) == 2  # in 115 minutes


async def test_a_result_can_count_as_a_failure(clock: VirtualClock) -> None:
    passes = Passes(clock)
    loop = loop_of(passes, failure_of=lambda number: ValueError("page 2") if number == 1 else None)
    assert await loop.check() == 1
    assert await loop.check() == 2
    stats = loop.stats()
    assert (stats.passes, stats.failed, stats.last_error) == (2, 1, "ValueError: page 2")


# -------------------------------------------------------------------------------------------- check


async def test_a_check_during_a_pass_joins_it(clock: VirtualClock) -> None:
    passes = Passes(clock, takes=10)
    loop = loop_of(passes)

    async def later() -> int:
        await clock.sleep_async(4)
        return await loop.check()

    assert await gather(clock, [loop.check, later]) == [1, 1]
    assert passes.began == [0]
    assert await loop.check() == 2


async def test_a_check_that_joined_a_failing_pass_fails_as_well(clock: VirtualClock) -> None:
    passes = Passes(clock, takes=10)
    passes.failures[1] = ValueError("broken")
    loop = loop_of(passes)
    failed: list[str] = []

    async def one() -> None:
        with pytest.raises(ValueError, match="broken") as caught:
            await loop.check()
        failed.append(str(caught.value))

    await gather(clock, [one, one])
    assert len(failed) == 2
    assert loop.stats().passes == 1


async def test_a_check_that_joined_an_interrupted_pass_makes_its_own(clock: VirtualClock) -> None:
    passes = Passes(clock, takes=10)
    passes.failures[1] = Interruption()
    loop = loop_of(passes)
    results: list[int] = []

    async def interrupted() -> None:
        with pytest.raises(Interruption):
            await loop.check()

    async def joining() -> None:
        await clock.sleep_async(1)
        results.append(await loop.check())

    await gather(clock, [interrupted, joining])
    assert results == [2]


async def test_an_error_of_the_service_passes_through_a_check(clock: VirtualClock) -> None:
    passes = Passes(clock)
    passes.failures[1] = APIConnectionError("refused", phase="connect", reached_server=False)
    with pytest.raises(APIConnectionError):
        await loop_of(passes).check()


# ------------------------------------------------------------------------------------------- health


@pytest.mark.case("L-01")
@pytest.mark.parametrize(
    ("passed", "failed", "healthy"), [(8, 12, False), (0, 9, True), (0, 10, False), (10, 10, True)]
)
async def test_health_follows_the_share_of_failures_among_ten_passes_or_more(
    clock: VirtualClock, passed: int, failed: int, healthy: bool
) -> None:
    passes = Passes(clock, stop_after=passed + failed)
    for number in range(1, failed + 1):
        passes.failures[number] = ValueError("broken")
    loop = loop_of(passes)
    await loop.run(passes.stop)
    health = loop.health()
    assert health.healthy is healthy
    assert (health.passes, health.failed) == (passed + failed, failed)


async def test_health_tells_of_a_loop_whose_last_pass_is_three_intervals_old(clock: VirtualClock) -> None:
    passes = Passes(clock)
    loop = loop_of(passes)
    assert loop.health().healthy  # nobody said yet that it shall run
    await loop.check()
    clock.advance(900)
    assert loop.health().healthy
    clock.advance(1)
    health = loop.health()
    assert not health.healthy
    assert health.reasons == ("no pass ended for 901 s, one is due every 300 s",)


async def test_health_names_the_last_and_the_next_pass(clock: VirtualClock) -> None:
    passes = Passes(clock)
    loop = loop_of(passes)
    wall = clock.time()
    seen: list[Any] = []

    async def run() -> None:
        await loop.run(passes.stop)

    async def look() -> None:
        await clock.sleep_async(310)
        seen.append(loop.health())
        passes.stop.set()

    await gather(clock, [run, look])
    assert seen[0].running
    assert (seen[0].last_pass.timestamp(), seen[0].next_pass.timestamp()) == (wall + 300, wall + 600)
    assert not loop.health().running
    assert loop.health().next_pass is None


# ---------------------------------------------------------------------------------------- arguments


@pytest.mark.parametrize("interval", [0, -1, float("nan"), "5 min", None])
async def test_an_interval_that_is_none_is_refused(clock: VirtualClock, interval: Any) -> None:
    with pytest.raises(ValidationError, match="interval"):
        loop_of(Passes(clock), interval=interval)


async def test_a_stop_that_is_no_event_is_refused(clock: VirtualClock) -> None:
    with pytest.raises(ValidationError, match="stop"):
        await loop_of(Passes(clock)).run(True)  # type: ignore[arg-type]  # the fault under test
