# Generated from tests/aio/test_admission.py by tools/unasync.py; edit the source.
"""Admission: who waits comes in by order of arrival, and a place is never lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from novita_sdk._concurrency.clock import Waitable
from novita_sdk._concurrency.threads import gather
from novita_sdk._sync.admission import Admission
from novita_sdk.testing import VirtualClock


class Interrupted(VirtualClock):
    """A clock on which waiting is interrupted, after `meanwhile` was done."""

    def __init__(self, meanwhile: Callable[[], None]) -> None:
        super().__init__()
        self.meanwhile = meanwhile

    def wait(self, event: Waitable, timeout: float | None) -> bool:
        self.meanwhile()
        raise KeyboardInterrupt


def test_a_waiter_that_is_interrupted_leaves_the_queue() -> None:
    admission = Admission(1, Interrupted(lambda: None))
    assert admission.enter(10)
    with pytest.raises(KeyboardInterrupt):
        admission.enter(10)
    admission.leave()
    assert admission.is_empty
    assert admission.enter(0)


def test_a_place_that_comes_at_the_moment_of_the_interruption_goes_to_the_next() -> None:
    clock = Interrupted(lambda: None)
    admission = Admission(1, clock)
    clock.meanwhile = admission.leave
    assert admission.enter(10)
    with pytest.raises(KeyboardInterrupt):
        admission.enter(10)
    assert admission.is_empty
    assert admission.enter(0)


def test_nobody_is_let_in_without_patience_when_all_places_are_taken(clock: VirtualClock) -> None:
    admission = Admission(2, clock)
    assert [admission.enter(0) for _ in range(3)] == [True, True, False]
    admission.leave()
    assert admission.enter(0)


def test_patience_ends_when_it_was_said_to(clock: VirtualClock) -> None:
    admission = Admission(1, clock)
    admission.enter(0)
    began = clock.monotonic()
    assert not admission.enter(7.5)
    assert clock.monotonic() - began == 7.5


def test_who_waits_comes_in_by_order_of_arrival_and_each_when_another_leaves(
    clock: VirtualClock,
) -> None:
    admission = Admission(2, clock)
    entered: list[tuple[float, int]] = []
    began = clock.monotonic()

    def visit(number: int) -> None:
        clock.sleep(number * 0.001)
        assert admission.enter(float("inf"))
        entered.append((round(clock.monotonic() - began), number))
        clock.sleep(1)
        admission.leave()

    def visitor(number: int) -> object:
        return lambda: visit(number)

    gather(clock, [visitor(number) for number in range(6)])  # type: ignore[misc]  # callables
    assert entered == [(0, 0), (0, 1), (1, 2), (1, 3), (2, 4), (2, 5)]
    assert admission.is_empty


def test_who_waits_is_let_in_when_the_transport_closes(clock: VirtualClock) -> None:
    admission = Admission(1, clock)
    admission.enter(0)

    def wait() -> bool:
        return admission.enter(float("inf"))

    def close() -> bool:
        clock.sleep(1)
        admission.open()
        return admission.is_empty

    assert gather(clock, [wait, wait, close]) == [True, True, False]
    for _ in range(3):
        admission.leave()
    assert admission.is_empty
