"""Since when a running instance has been idle, measured so that no jump of a wall clock shortens it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, Literal, TypeAlias

import attrs

from novita_sdk.models.instance import Instance

_EARLIEST: Final = 1_577_836_800.0  # 2020: what is earlier is a default, not a time
_AHEAD: Final = 600.0  # seconds by which a clock elsewhere may be ahead
_TREMBLE: Final = 1.0  # seconds by which the wall clock may go back unnoticed
_FLOAT: Final = 1e-3  # seconds lost in sums

Base: TypeAlias = Literal["ready", "started", "created", "first_seen"]


def plausible(at: float | None, wall: float) -> float | None:
    """Return a time in seconds since 1970, None for one that cannot be meant."""
    return at if at is not None and _EARLIEST <= at <= wall + _AHEAD else None


@attrs.frozen(kw_only=True)
class Graces:
    """Seconds that an instance is given before its idleness counts.

    Attributes:
        startup: After its start.
        creation: After its creation, or since it was first seen running, if its start is not known.
        ready: After it was seen ready.
    """

    startup: float
    creation: float
    ready: float


@attrs.frozen(kw_only=True)
class SignMarks:
    """What signs of use said that only tell of the moment they are asked; times in seconds since 1970.

    Attributes:
        run: The run it was said of.
        used: When one of them last counted as a use.
        unknown: Since when each of them says nothing, by its name; also of those that look back.
        told: Of which of these an event told.
    """

    run: int
    used: float | None
    unknown: Mapping[str, float]
    told: frozenset[str]


@attrs.frozen(kw_only=True)
class Marks:
    """What is stored about the run of an instance; times in seconds since 1970.

    Attributes:
        last_used: When it was last used.
        use_version: Version of that record; 0 if there is none.
        ready_at: When it was seen ready.
        ready_version: Version of that record; 0 if there is none.
        first_seen: When it was first seen running.
        was_down: Whether it was seen down after any run that is known of.
        warned_at: When its owner was warned of a stop.
        warned_run: Which run the warning was about.
        signs: What signs of use said.
    """

    last_used: float | None = None
    use_version: int = 0
    ready_at: float | None = None
    ready_version: int = 0
    first_seen: float | None = None
    was_down: bool = False
    warned_at: float | None = None
    warned_run: int | None = None
    signs: SignMarks | None = None


NO_MARKS: Final = Marks()


@attrs.frozen(kw_only=True)
class Instant:
    """Now, on both clocks.

    Attributes:
        wall: Seconds since 1970.
        monotonic: Seconds that only grow.
    """

    wall: float
    monotonic: float

    @property
    def moment(self) -> datetime:
        """The wall time."""
        return datetime.fromtimestamp(self.wall, UTC)

    def since(self, at: float) -> float:
        """Turn a wall time into the monotonic one; a time ahead is now."""
        return self.monotonic - max(0.0, self.wall - at)


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()


def run_key(instance: Instance) -> int | None:
    """Return what tells one run of an instance from the next: its start as the service tells it, or None."""
    started = _seconds(instance.last_started_at or instance.started_at)
    return None if started is None or started < _EARLIEST else int(started)


@attrs.define
class Watch:
    """A run of an instance as long as it is watched. All times are monotonic.

    Attributes:
        key: Tells the run from others, if the service tells when it began.
        run: When it began, in whole seconds since 1970: the same on every host.
        base: What its grace counts from.
        running_since: When it began.
        grace_until: When its grace ends.
        used_at: When it was last in use; None if it was not.
        use_version: Version of the last use that was noticed.
        use_noted: The wall time noted with it.
        ready_version: Version of the last ready mark that was noticed.
        seen: When it was last looked at.
        from_sight: Whether nothing tells when it began but that it was seen.
        unstored: Whether other hosts cannot know yet that it began.
        warned_at: When its owner was warned; None if not, or if it was used since.
        last_warning: When its owner was warned, whether it was used since or not.
        warning_noted: The wall time noted with it.
        unknown_since: Since when signs of use say nothing, by their names.
        told_failing: Of which of these an event told.
        signs_used: The wall time of the last use that a sign told of.
        signs_noted: What was last stored of the signs.
    """

    key: int | None
    run: int
    base: Base
    running_since: float
    grace_until: float
    used_at: float | None
    use_version: int
    use_noted: float | None
    ready_version: int
    seen: Instant
    from_sight: bool
    unstored: bool
    warned_at: float | None = None
    last_warning: float | None = None
    warning_noted: float | None = None
    unknown_since: dict[str, float] = attrs.field(factory=dict[str, float])
    told_failing: set[str] = attrs.field(factory=set[str])
    signs_used: float | None = None
    signs_noted: SignMarks | None = None

    @property
    def idle_since(self) -> float:
        """When it was last in use, or when its grace ends, whatever is later."""
        return self.grace_until if self.used_at is None else max(self.used_at, self.grace_until)

    def use(self, at: float) -> None:
        """Note a use; one that is earlier than the last changes nothing."""
        self.used_at = at if self.used_at is None else max(self.used_at, at)
        if self.warned_at is not None and at > self.warned_at:
            self.warned_at = None

    def warn(self, at: float, noted: float) -> None:
        """Note a warning.

        Args:
            at: When it was given.
            noted: The same on the wall clock.
        """
        self.last_warning, self.warning_noted = at, noted
        if self.used_at is None or self.used_at <= at:
            self.warned_at = at

    def ended_unseen(self, marks: Marks, wall: float) -> bool:
        """Tell whether another host saw the end of this run, whose start nobody tells."""
        if self.key is not None:
            return False
        first_seen = plausible(marks.first_seen, wall)
        return marks.was_down and not self.unstored if first_seen is None else int(first_seen) != self.run

    def new_signs(self, now: Instant) -> SignMarks | None:
        """Return what is to be stored of the signs; None if that is what was stored last."""
        ahead = now.wall - now.monotonic
        signs = SignMarks(
            run=self.run,
            used=self.signs_used,
            unknown={name: since + ahead for name, since in self.unknown_since.items()},
            told=frozenset(self.told_failing),
        )
        noted = self.signs_noted
        if noted is None:
            return None if signs.used is None and not signs.unknown else signs
        is_noted = (signs.used, signs.unknown.keys(), signs.told) == (
            noted.used,
            noted.unknown.keys(),
            noted.told,
        )
        return None if is_noted else signs

    def take_signs(self, signs: SignMarks, used: float | None, now: Instant) -> None:
        """Take what another process stored of the signs.

        Args:
            signs: What it stored.
            used: The monotonic time of the use in it; None for none that counts.
            now: Now.
        """
        if used is not None:
            self.use(used)
        self.unknown_since = {name: now.since(at) for name, at in signs.unknown.items()}
        self.told_failing = set(signs.told)
        self.signs_used, self.signs_noted = signs.used, signs


def begin_watch(instance: Instance, marks: Marks, graces: Graces, now: Instant) -> Watch:
    """Start to watch a run: what is known of it is read from the wall clock, this once."""
    key = run_key(instance)
    started = plausible(_seconds(instance.last_started_at or instance.started_at), now.wall)
    created = plausible(_seconds(instance.created_at), now.wall)
    first_seen = plausible(marks.first_seen, now.wall)
    base: Base
    if started is not None:
        base, at, grace = "started", started, graces.startup
    elif created is not None and first_seen is None and not marks.was_down:
        base, at, grace = "created", created, graces.creation
    else:
        base, at, grace = "first_seen", now.wall if first_seen is None else first_seen, graces.creation
    running_since = now.since(at)
    watch = Watch(
        key=key,
        run=int(at) if key is None else key,
        base=base,
        running_since=running_since,
        grace_until=running_since + grace,
        used_at=None,
        use_version=marks.use_version,
        use_noted=marks.last_used,
        ready_version=marks.ready_version,
        seen=now,
        from_sight=base == "first_seen",
        unstored=base == "first_seen" and first_seen is None,
    )
    ready_at = plausible(marks.ready_at, now.wall)
    if ready_at is not None and ready_at >= at:
        watch.base, watch.grace_until = "ready", now.since(ready_at) + graces.ready
    last_used = plausible(marks.last_used, now.wall)
    if last_used is not None and last_used >= at:
        watch.use(now.since(last_used))
    if marks.signs is not None and marks.signs.run == watch.run:
        used = plausible(marks.signs.used, now.wall)
        watch.take_signs(marks.signs, None if used is None or used < at else now.since(used), now)
    warned_at = plausible(marks.warned_at, now.wall)
    if warned_at is not None and marks.warned_run == watch.run:
        watch.warn(now.since(warned_at), warned_at)
    return watch


def go_on(watch: Watch, marks: Marks, graces: Graces, now: Instant) -> None:
    """Look at a watched run again: what is new happened since the last look, whatever the wall clock says."""
    last_used, jumped = marks.last_used, abs(_jump(watch.seen, now)) > _TREMBLE
    if marks.use_version != watch.use_version and last_used is not None:
        if last_used != watch.use_noted:
            watch.use(_lately(last_used, watch.seen, now))
        elif jumped or last_used > watch.seen.wall:  # what was noted before hides what was noted now
            watch.use(now.monotonic)
    if marks.ready_version != watch.ready_version and marks.ready_at is not None:
        watch.base = "ready"
        watch.grace_until = _lately(marks.ready_at, watch.seen, now) + graces.ready
    signs = marks.signs
    if signs is not None and signs.run == watch.run and signs != watch.signs_noted:
        is_new = signs.used is not None and signs.used != watch.signs_used
        used = _lately(signs.used, watch.seen, now) if is_new and signs.used is not None else None
        watch.take_signs(signs, used, now)
    warned_at = plausible(marks.warned_at, now.wall)
    if warned_at is not None and warned_at != watch.warning_noted and marks.warned_run == watch.run:
        watch.warn(_lately(warned_at, watch.seen, now), warned_at)
    watch.use_version, watch.ready_version = marks.use_version, marks.ready_version
    watch.use_noted, watch.seen = marks.last_used, now


def _jump(seen: Instant, now: Instant) -> float:
    """Return by how much the wall clock went on too far, in seconds; below 0 if it went back."""
    return (now.wall - seen.wall) - (now.monotonic - seen.monotonic)


def _lately(at: float, seen: Instant, now: Instant) -> float:
    """Return the monotonic time of what happened between two looks, rather too late than too early.

    Args:
        at: The greatest wall time noted for it. After the clock went back that of something earlier, maybe.
        seen: The last look.
        now: This look.
    """
    passed, jump = now.monotonic - seen.monotonic, _jump(seen, now)
    if jump < -_TREMBLE:
        return now.monotonic
    ages = (now.wall - at, now.wall - at - jump)  # noted after the clock went on, or before that
    return now.monotonic - min((age for age in ages if 0 <= age <= passed + _FLOAT), default=0.0)
