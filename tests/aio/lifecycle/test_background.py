"""The background worker: nothing before there is work, one thread or task while there is, nothing after closing."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

import pytest

from novita_sdk._async.client import AsyncNovita, services_of
from novita_sdk._async.lifecycle.background import AsyncBackgroundWorker
from novita_sdk.errors import ClientClosedError
from novita_sdk.testing import VirtualClock
from tests.aio.remote import AsyncRemote, client_of
from tests.beside import beside

pytestmark = pytest.mark.anyio


class Steps:
    """Work that notes when each of its steps was done."""

    def __init__(self, clock: VirtualClock, name: str, seen: list[tuple[str, float]]) -> None:
        self.clock = clock
        self.name = name
        self.seen = seen

    def every(self, seconds: float, times: int) -> Callable[[], Awaitable[float | None]]:
        async def step() -> float | None:
            self.seen.append((self.name, self.clock.monotonic() - 1000))
            done = sum(name == self.name for name, _ in self.seen)
            return self.clock.monotonic() + seconds if done < times else None

        return step


def worker_of(client: AsyncNovita) -> AsyncBackgroundWorker:
    return services_of(client).worker


@pytest.fixture
def seen() -> list[tuple[str, float]]:
    return []


@pytest.mark.case("R-06")
async def test_one_worker_serves_all_there_is_none_before_the_first_work_and_none_after_closing(
    clock: VirtualClock, seen: list[tuple[str, float]]
) -> None:
    before = beside()
    async with client_of(AsyncRemote(clock, 200)) as client:
        worker = worker_of(client)
        assert beside() - before == set()
        for name in ("rental-1", "rental-2", "rental-3"):
            worker.schedule(1000, Steps(clock, name, seen).every(20, 99), rental=True)
        for number in range(20):
            worker.schedule(1000, Steps(clock, f"event-{number}", seen).every(1, 3))
        assert len(beside() - before) == 1
        await clock.sleep_async(99)
        assert len(beside() - before) == 1
    assert beside() - before == set()
    assert sum(name.startswith("event") for name, _ in seen) == 60
    assert [at for name, at in seen if name == "rental-2"] == [0, 20, 40, 60, 80]


async def test_the_worker_goes_when_nothing_is_left_and_comes_back(
    clock: VirtualClock, seen: list[tuple[str, float]]
) -> None:
    before = beside()
    async with client_of(AsyncRemote(clock, 200)) as client:
        for round_ in range(2):
            worker_of(client).schedule(1000, Steps(clock, f"round {round_}", seen).every(1, 2))
            await clock.sleep_async(5)
            assert beside() - before == set()
    assert [name for name, _ in seen] == ["round 0", "round 0", "round 1", "round 1"]


async def test_what_a_rental_needs_goes_first(clock: VirtualClock, seen: list[tuple[str, float]]) -> None:
    async with client_of(AsyncRemote(clock, 200)) as client:
        worker_of(client).schedule(1010, Steps(clock, "event", seen).every(1, 1))
        worker_of(client).schedule(1009, Steps(clock, "first event", seen).every(1, 1))
        worker_of(client).schedule(1010, Steps(clock, "rental", seen).every(1, 1), rental=True)
        await clock.sleep_async(20)
    assert seen == [("first event", 9), ("rental", 10), ("event", 10)]


async def test_cancelled_work_is_not_done(clock: VirtualClock, seen: list[tuple[str, float]]) -> None:
    async with client_of(AsyncRemote(clock, 200)) as client:
        work = worker_of(client).schedule(1010, Steps(clock, "cancelled", seen).every(1, 1))
        work.cancel()
        await clock.sleep_async(20)
    assert seen == []


async def test_work_that_raises_is_logged_and_holds_nothing_up(
    clock: VirtualClock, seen: list[tuple[str, float]], caplog: pytest.LogCaptureFixture
) -> None:
    async def broken() -> float | None:
        raise ValueError

    async with client_of(AsyncRemote(clock, 200)) as client:
        worker_of(client).schedule(1001, broken)
        worker_of(client).schedule(1002, Steps(clock, "sound", seen).every(1, 1))
        await clock.sleep_async(10)
    assert seen == [("sound", 2)]
    assert [(record.levelno, "ValueError" in record.getMessage()) for record in caplog.records] == [
        (logging.ERROR, True)
    ]


async def test_closing_waits_for_what_no_rental_needs_but_not_for_ever(
    clock: VirtualClock, seen: list[tuple[str, float]]
) -> None:
    client = client_of(AsyncRemote(clock, 200))
    async with client:
        worker_of(client).schedule(1000, Steps(clock, "short", seen).every(3, 3))
    assert (clock.monotonic(), len(seen)) == (1006, 3)
    client = client_of(AsyncRemote(clock, 200))
    async with client:
        worker_of(client).schedule(1006, Steps(clock, "long", seen).every(3, 99))
    assert clock.monotonic() == 1016


async def test_closing_does_not_wait_for_rentals(clock: VirtualClock, seen: list[tuple[str, float]]) -> None:
    async with client_of(AsyncRemote(clock, 200)) as client:
        worker_of(client).schedule(1000, Steps(clock, "rental", seen).every(20, 99), rental=True)
    assert clock.monotonic() == 1000


async def test_a_closed_client_takes_no_work(clock: VirtualClock, seen: list[tuple[str, float]]) -> None:
    async with client_of(AsyncRemote(clock, 200)) as client:
        worker = worker_of(client)
    with pytest.raises(ClientClosedError):
        worker.schedule(1000, Steps(clock, "late", seen).every(1, 1))


async def test_an_exception_in_the_program_passes_as_it_is(
    clock: VirtualClock, seen: list[tuple[str, float]]
) -> None:
    async def program() -> None:
        async with client_of(AsyncRemote(clock, 200)) as client:
            worker_of(client).schedule(1000, Steps(clock, "rental", seen).every(1, 99), rental=True)
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        await program()
