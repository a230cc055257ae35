"""Idleness: measured so that no wall clock can make an instance look idle for longer than it is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novita_sdk._core.lifecycle.idleness import (
    Graces,
    Instant,
    Marks,
    begin_watch,
    go_on,
    plausible,
    run_key,
)
from novita_sdk.models.instance import Instance

WALL = 1_790_000_000.0
NO_GRACE = Graces(startup=0, creation=0, ready=0)
GRACES = Graces(startup=2700, creation=3600, ready=60)
NOW = Instant(wall=WALL, monotonic=5000.0)


def machine(**ages: float) -> Instance:
    times: dict[str, Any] = {name: datetime.fromtimestamp(WALL - age, UTC) for name, age in ages.items()}
    return Instance(id="i-1", **times)


@pytest.mark.parametrize(
    ("at", "meant"),
    [
        (0.0, False),
        (1_577_836_799.0, False),
        (1_577_836_800.0, True),
        (WALL + 600, True),
        (WALL + 601, False),
    ],
)
def test_a_time_before_2020_or_far_ahead_is_none(at: float, meant: bool) -> None:
    assert plausible(at, WALL) == (at if meant else None)


@pytest.mark.case("A-01")
@pytest.mark.parametrize(
    ("instance", "marks", "base", "idle"),
    [
        (machine(last_started_at=100, created_at=900), Marks(), "started", 100 - 2700),
        (machine(started_at=100, created_at=900), Marks(), "started", 100 - 2700),
        (machine(created_at=5000), Marks(), "created", 5000 - 3600),
        (machine(), Marks(), "first_seen", -3600),
        (machine(), Marks(first_seen=WALL - 4000), "first_seen", 400),
        (machine(created_at=5000), Marks(was_down=True), "first_seen", -3600),
        (machine(last_started_at=5000), Marks(ready_at=WALL - 4000), "ready", 3940),
        (machine(last_started_at=5000), Marks(ready_at=WALL - 6000), "started", 2300),  # of the run before
        (machine(last_started_at=-500), Marks(), "started", -2700),
    ],
)
def test_idleness_begins_after_the_grace_of_what_is_known_best(
    instance: Instance, marks: Marks, base: str, idle: float
) -> None:
    watch = begin_watch(instance, marks, GRACES, NOW)
    assert (watch.base, NOW.monotonic - watch.idle_since) == (base, idle)


@pytest.mark.parametrize(
    ("used", "idle"), [(10.0, 10.0), (4999.0, 2300.0), (5001.0, 2300.0), (-300.0, 0.0), (-9999.0, 2300.0)]
)
def test_the_last_use_in_this_run_counts_if_it_is_later_than_the_grace(used: float, idle: float) -> None:
    marks = Marks(last_used=WALL - used, use_version=1)
    watch = begin_watch(machine(last_started_at=5000), marks, GRACES, NOW)
    assert NOW.monotonic - watch.idle_since == idle


def test_runs_are_told_apart_by_their_start() -> None:
    assert run_key(machine(last_started_at=100)) == int(WALL - 100)
    assert run_key(machine(created_at=100)) is None
    assert run_key(Instance(id="i-1", last_started_at=datetime.fromtimestamp(0, UTC))) is None


@pytest.mark.parametrize(
    ("warned_run", "used", "warned"), [(0, None, True), (7, None, False), (0, 50, False)]
)
def test_a_warning_holds_for_its_run_and_until_the_next_use(
    warned_run: int, used: float | None, warned: bool
) -> None:
    marks = Marks(
        warned_at=WALL - 100,
        warned_run=warned_run or int(WALL - 5000),
        last_used=None if used is None else WALL - used,
        use_version=1,
    )
    watch = begin_watch(machine(last_started_at=5000), marks, GRACES, NOW)
    assert (watch.warned_at == NOW.monotonic - 100) is warned


def test_a_ready_mark_that_is_new_ends_the_grace() -> None:
    watch = begin_watch(machine(last_started_at=100), Marks(), GRACES, NOW)
    later = Instant(wall=WALL + 300, monotonic=5300.0)
    go_on(watch, Marks(ready_at=WALL + 200, ready_version=3), GRACES, later)
    assert (watch.base, later.monotonic - watch.idle_since) == ("ready", 100 - 60)


def test_an_old_use_that_is_noted_again_and_again_is_no_use() -> None:
    marks = Marks(last_used=WALL - 600, use_version=1)
    watch = begin_watch(machine(last_started_at=90_000), marks, NO_GRACE, NOW)
    for number in range(1, 6):
        marks = attrs.evolve(marks, use_version=1 + number)
        now = Instant(wall=WALL + 300 * number, monotonic=5000.0 + 300 * number)
        go_on(watch, marks, NO_GRACE, now)
        assert now.monotonic - watch.idle_since == 600 + 300 * number


@attrs.define
class World:
    """The true times, and what a wall clock of doubtful virtue writes down about them."""

    monotonic: float = 5000.0
    ahead: float = WALL - 5000.0
    used_at: float = 5000.0
    marks: Marks = attrs.field(factory=lambda: Marks(last_used=WALL, use_version=1))

    @property
    def now(self) -> Instant:
        return Instant(wall=self.monotonic + self.ahead, monotonic=self.monotonic)

    def touch(self) -> None:
        """Use the instance: the store keeps the maximum, and counts every write."""
        self.used_at = self.monotonic
        last = max(self.marks.last_used or 0.0, self.now.wall)
        self.marks = attrs.evolve(self.marks, last_used=last, use_version=self.marks.use_version + 1)


STEPS = st.lists(
    st.tuples(
        st.floats(0.1, 900),  # seconds until a use, if there is one
        st.floats(0.1, 900),  # seconds from there to the next pass
        st.booleans(),  # whether it is used
        st.sampled_from([0.0, 0.0, -7200.0, 7200.0, -119.0, 119.0]),  # a jump, before the use or after it
        st.booleans(),
    ),
    max_size=12,
)


@pytest.mark.case("A-06")
@given(STEPS)
def test_no_jump_of_the_wall_clock_makes_an_instance_look_idle_for_too_long_or_in_use_for_ever(
    steps: list[tuple[float, float, bool, float, bool]],
) -> None:
    world = World()
    watch = begin_watch(machine(last_started_at=90_000), world.marks, NO_GRACE, world.now)
    slack = 0.0
    for before, after, used, jump, jumps_first in steps:
        world.monotonic += before
        world.ahead += jump if jumps_first else 0.0
        if used:
            world.touch()
        world.ahead += 0.0 if jumps_first else jump
        world.monotonic += after
        go_on(watch, world.marks, NO_GRACE, world.now)
        idle, true = world.monotonic - watch.idle_since, world.monotonic - world.used_at
        slack = before + after if used else slack
        assert true - slack - 1e-3 <= idle <= true + 2e-3
