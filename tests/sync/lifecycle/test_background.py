# Generated from tests/aio/lifecycle/test_background.py by tools/unasync.py; edit the source.
"""The background worker: nothing before there is work, one thread or task while there is, nothing after closing."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from novita_sdk._sync.client import Novita, services_of
from novita_sdk._sync.lifecycle.background import BackgroundWorker
from novita_sdk.errors import ClientClosedError
from novita_sdk.testing import VirtualClock
from tests.beside import beside
from tests.sync.remote import Remote, client_of


class Steps:
    """Work that notes when each of its steps was done."""

    def __init__(self, clock: VirtualClock, name: str, seen: list[tuple[str, float]]) -> None:
        self.clock = clock
        self.name = name
        self.seen = seen

    def every(self, seconds: float, times: int) -> Callable[[], float | None]:
        def step() -> float | None:
            self.seen.append((self.name, self.clock.monotonic() - 1000))
            done = sum(name == self.name for name, _ in self.seen)
            return self.clock.monotonic() + seconds if done < times else None

        return step


def worker_of(client: Novita) -> BackgroundWorker:
    return services_of(client).worker


@pytest.fixture
def seen() -> list[tuple[str, float]]:
    return []


@pytest.mark.case("R-06")
def test_one_worker_serves_all_there_is_none_before_the_first_work_and_none_after_closing(
    clock: VirtualClock, seen: list[tuple[str, float]]
) -> None:
    before = beside()
    with client_of(Remote(clock, 200)) as client:
        worker = worker_of(client)
        assert beside() - before == set()
        for name in ("rental-1", "rental-2", "rental-3"):
            worker.schedule(1000, Steps(clock, name, seen).every(20, 99), rental=True)
        for number in range(20):
            worker.schedule(1000, Steps(clock, f"event-{number}", seen).every(1, 3))
        assert len(beside() - before) == 1
        clock.sleep(99)
        assert len(beside() - before) == 1
    assert beside() - before == set()
    assert sum(name.startswith("event") for name, _ in seen) == 60
    assert [at for name, at in seen if name == "rental-2"] == [0, 20, 40, 60, 80]


def test_the_worker_goes_when_nothing_is_left_and_comes_back(
    clock: VirtualClock, seen: list[tuple[str, float]]
) -> None:
    before = beside()
    with client_of(Remote(clock, 200)) as client:
        for round_ in range(2):
            worker_of(client).schedule(1000, Steps(clock, f"round {round_}", seen).every(1, 2))
            clock.sleep(5)
            assert beside() - before == set()
    assert [name for name, _ in seen] == ["round 0", "round 0", "round 1", "round 1"]


def test_what_a_rental_needs_goes_first(clock: VirtualClock, seen: list[tuple[str, float]]) -> None:
    with client_of(Remote(clock, 200)) as client:
        worker_of(client).schedule(1010, Steps(clock, "event", seen).every(1, 1))
        worker_of(client).schedule(1009, Steps(clock, "first event", seen).every(1, 1))
        worker_of(client).schedule(1010, Steps(clock, "rental", seen).every(1, 1), rental=True)
        clock.sleep(20)
    assert seen == [("first event", 9), ("rental", 10), ("event", 10)]


def test_cancelled_work_is_not_done(clock: VirtualClock, seen: list[tuple[str, float]]) -> None:
    with client_of(Remote(clock, 200)) as client:
        work = worker_of(client).schedule(1010, Steps(clock, "cancelled", seen).every(1, 1))
        work.cancel()
        clock.sleep(20)
    assert seen == []


def test_work_that_raises_is_logged_and_holds_nothing_up(
    clock: VirtualClock, seen: list[tuple[str, float]], caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> float | None:
        raise ValueError

    with client_of(Remote(clock, 200)) as client:
        worker_of(client).schedule(1001, broken)
        worker_of(client).schedule(1002, Steps(clock, "sound", seen).every(1, 1))
        clock.sleep(10)
    assert seen == [("sound", 2)]
    assert [(record.levelno, "ValueError" in record.getMessage()) for record in caplog.records] == [
        (logging.ERROR, True)
    ]


def test_closing_waits_for_what_no_rental_needs_but_not_for_ever(
    clock: VirtualClock, seen: list[tuple[str, float]]
) -> None:
    client = client_of(Remote(clock, 200))
    with client:
        worker_of(client).schedule(1000, Steps(clock, "short", seen).every(3, 3))
    assert (clock.monotonic(), len(seen)) == (1006, 3)
    client = client_of(Remote(clock, 200))
    with client:
        worker_of(client).schedule(1006, Steps(clock, "long", seen).every(3, 99))
    assert clock.monotonic() == 1016


def test_closing_does_not_wait_for_rentals(clock: VirtualClock, seen: list[tuple[str, float]]) -> None:
    with client_of(Remote(clock, 200)) as client:
        worker_of(client).schedule(1000, Steps(clock, "rental", seen).every(20, 99), rental=True)
    assert clock.monotonic() == 1000


def test_a_closed_client_takes_no_work(clock: VirtualClock, seen: list[tuple[str, float]]) -> None:
    with client_of(Remote(clock, 200)) as client:
        worker = worker_of(client)
    with pytest.raises(ClientClosedError):
        worker.schedule(1000, Steps(clock, "late", seen).every(1, 1))


def test_an_exception_in_the_program_passes_as_it_is(
    clock: VirtualClock, seen: list[tuple[str, float]]
) -> None:
    def program() -> None:
        with client_of(Remote(clock, 200)) as client:
            worker_of(client).schedule(1000, Steps(clock, "rental", seen).every(1, 99), rental=True)
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        program()
