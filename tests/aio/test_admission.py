"""Admission: who waits comes in by order of arrival, and a place is never lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from novita_sdk._async.admission import AsyncAdmission
from novita_sdk._concurrency.aio import gather
from novita_sdk._concurrency.clock import Waitable
from novita_sdk.testing import VirtualClock

pytestmark = pytest.mark.anyio


class Interrupted(VirtualClock):
    """A clock on which waiting is interrupted, after `meanwhile` was done."""

    def __init__(self, meanwhile: Callable[[], None]) -> None:
        super().__init__()
        self.meanwhile = meanwhile

    async def wait_async(self, event: Waitable, timeout: float | None) -> bool:  # noqa: ASYNC109
        self.meanwhile()
        raise KeyboardInterrupt


async def test_a_waiter_that_is_interrupted_leaves_the_queue() -> None:
    admission = AsyncAdmission(1, Interrupted(lambda: None))
    assert await admission.enter(10)
    with pytest.raises(KeyboardInterrupt):
        await admission.enter(10)
    admission.leave()
    assert admission.is_empty
    assert await admission.enter(0)


async def test_a_place_that_comes_at_the_moment_of_the_interruption_goes_to_the_next() -> None:
    clock = Interrupted(lambda: None)
    admission = AsyncAdmission(1, clock)
    clock.meanwhile = admission.leave
    assert await admission.enter(10)
    with pytest.raises(KeyboardInterrupt):
        await admission.enter(10)
    assert admission.is_empty
    assert await admission.enter(0)


async def test_nobody_is_let_in_without_patience_when_all_places_are_taken(clock: VirtualClock) -> None:
    admission = AsyncAdmission(2, clock)
    assert [await admission.enter(0) for _ in range(3)] == [True, True, False]
    admission.leave()
    assert await admission.enter(0)


async def test_patience_ends_when_it_was_said_to(clock: VirtualClock) -> None:
    admission = AsyncAdmission(1, clock)
    await admission.enter(0)
    began = clock.monotonic()
    assert not await admission.enter(7.5)
    assert clock.monotonic() - began == 7.5


async def test_who_waits_comes_in_by_order_of_arrival_and_each_when_another_leaves(
    clock: VirtualClock,
) -> None:
    admission = AsyncAdmission(2, clock)
    entered: list[tuple[float, int]] = []
    began = clock.monotonic()

    async def visit(number: int) -> None:
        await clock.sleep_async(number * 0.001)
        assert await admission.enter(float("inf"))
        entered.append((round(clock.monotonic() - began), number))
        await clock.sleep_async(1)
        admission.leave()

    def visitor(number: int) -> object:
        return lambda: visit(number)

    await gather(clock, [visitor(number) for number in range(6)])  # type: ignore[misc]  # callables
    assert entered == [(0, 0), (0, 1), (1, 2), (1, 3), (2, 4), (2, 5)]
    assert admission.is_empty


async def test_who_waits_is_let_in_when_the_transport_closes(clock: VirtualClock) -> None:
    admission = AsyncAdmission(1, clock)
    await admission.enter(0)

    async def wait() -> bool:
        return await admission.enter(float("inf"))

    async def close() -> bool:
        await clock.sleep_async(1)
        admission.open()
        return admission.is_empty

    assert await gather(clock, [wait, wait, close]) == [True, True, False]
    for _ in range(3):
        admission.leave()
    assert admission.is_empty
