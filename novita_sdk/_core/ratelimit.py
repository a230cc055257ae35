"""The token bucket: no minute holds more grants than the limit, and nobody in the queue is overtaken.

The arithmetic is the generic cell rate algorithm in whole nanoseconds. One number, the theoretical arrival
time (`tat`), is the whole state: every grant moves it on by the interval `T`, and a grant is possible while
it is at most the tolerance `tau` ahead of now. With `T = ceil(60 s / (limit - burst))` and the tolerance
`tau = (burst - 1) * T` any closed minute holds at most `burst + 60 s // T <= limit` grants.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from enum import StrEnum

import attrs

from novita_sdk.options import RateLimit

_SECOND = 1_000_000_000
_WINDOW = 60 * _SECOND

# So many users may go first in a row while a poll waits; without it a busy client would never poll.
_USERS_BEFORE_A_POLL = 4
# A poll that has waited for so long queues as a user who came at that moment.
_POLL_BECOMES_USER = 5 * _SECOND

# A pause that the service asks for is held within these bounds, in seconds.
_SHORTEST_PAUSE = 1.0
_LONGEST_PAUSE = 60.0


class Lane(StrEnum):
    """Who asks for a token: a caller's own request, or the polling of a wait, a watch or a lifecycle loop."""

    USER = "user"
    POLL = "poll"


class WaiterState(StrEnum):
    """Where a request for a token stands."""

    WAITING = "waiting"
    GRANTED = "granted"
    REFUSED = "refused"
    LEFT = "left"


@attrs.define(eq=False)
class Waiter:
    """One request for a token; only the bucket writes to it.

    Attributes:
        lane: The queue it stands in.
        arrived: When it came, in nanoseconds.
        deadline: The instant, in nanoseconds, before which it needs its token; None if it can wait for ever.
        state: Where it stands.
        expected_wait: Seconds to its expected slot, as it looked on arrival or when the last pause began.
    """

    lane: Lane
    arrived: int
    deadline: int | None
    state: WaiterState = WaiterState.WAITING
    expected_wait: float = 0.0


@attrs.frozen(kw_only=True)
class Snapshot:
    """The state of a bucket at one moment.

    Attributes:
        limit: Grants per minute.
        burst: Tokens of a full bucket.
        granted: Tokens spent so far; those given back are not among them.
        available: Tokens that could be taken now.
        waiting_user: Requests in the user lane.
        waiting_poll: Requests in the poll lane.
        waited_total: Seconds that granted requests have waited, summed up.
        paused_for: Seconds until a pause ends, 0 without one.
    """

    limit: int
    burst: int
    granted: int
    available: int
    waiting_user: int
    waiting_poll: int
    waited_total: float
    paused_for: float


class Lanes:
    """The two queues and the rule whose turn it is.

    Users go first. A poll goes instead when four users in a row were served while it waited, or when it had
    already waited over five seconds by the time the next user came. Either way the oldest poll goes, so that
    nobody is overtaken inside a lane.
    """

    __slots__ = ("_polls", "_streak", "_users")

    def __init__(self) -> None:
        # Ordered dictionaries drop from the middle and from the front in constant time; deques do not.
        self._users: OrderedDict[Waiter, None] = OrderedDict()
        self._polls: OrderedDict[Waiter, None] = OrderedDict()
        self._streak = 0  # users served in a row while a poll waited

    def __len__(self) -> int:
        return len(self._users) + len(self._polls)

    def length(self, lane: Lane) -> int:
        """Return how many wait in one lane."""
        return len(self._users if lane is Lane.USER else self._polls)

    def copy(self) -> Lanes:
        """Return lanes with the same waiters, to try an order out."""
        twin = Lanes()
        twin._users = self._users.copy()
        twin._polls = self._polls.copy()
        twin._streak = self._streak
        return twin

    def join(self, waiter: Waiter) -> None:
        """Add `waiter` at the end of its lane."""
        (self._users if waiter.lane is Lane.USER else self._polls)[waiter] = None

    def drop(self, waiter: Waiter) -> None:
        """Take `waiter` out; all behind it move up."""
        del (self._users if waiter.lane is Lane.USER else self._polls)[waiter]

    def head(self) -> Waiter | None:
        """Return who is next, or None if nobody waits."""
        poll = next(iter(self._polls), None)
        user = next(iter(self._users), None)
        if poll is None or user is None:
            return poll or user
        aged = poll.arrived + _POLL_BECOMES_USER < user.arrived
        return poll if aged or self._streak >= _USERS_BEFORE_A_POLL else user

    def serve(self, waiter: Waiter) -> None:
        """Take the head out because it gets its token."""
        self.drop(waiter)
        if waiter.lane is Lane.USER and self._polls:
            self._streak += 1
        else:
            self._streak = 0

    def ahead_of(self, newcomer: Waiter) -> int:
        """Return how many would go before `newcomer`, were it to join now and nobody else later."""
        if not (self._polls if newcomer.lane is Lane.USER else self._users):
            return self.length(newcomer.lane)
        trial = self.copy()
        trial.join(newcomer)
        before = 0
        while (head := trial.head()) is not None and head is not newcomer:
            trial.serve(head)
            before += 1
        return before


class TokenBucket:
    """One bucket with its queue. It does no locking of its own, reads no clock and wakes nobody.

    The shell asks for a token with `arrive`. Who has to wait sleeps until woken or until its deadline passes;
    in the latter case it has to `leave`. The `head` sleeps until `next_at`, then calls `advance` and wakes
    whom it names. Whenever the head may have changed, the new one has to be woken to look at the clock.

    Args:
        policy: The limit per minute and the burst.
        now: Monotonic seconds.
    """

    __slots__ = (
        "_granted",
        "_interval",
        "_lanes",
        "_last",
        "_paused_until",
        "_tat",
        "_tolerance",
        "_waited",
        "burst",
        "limit",
    )

    def __init__(self, policy: RateLimit, now: float) -> None:
        self.limit = policy.limit
        self.burst = max(1, min(10, policy.limit // 5)) if policy.burst is None else policy.burst
        self._interval = -(-_WINDOW // (self.limit - self.burst))
        self._tolerance = (self.burst - 1) * self._interval
        self._tat = _nanoseconds(now)
        self._paused_until = self._tat - self._tolerance  # not in the future: no pause, and no hold on `tat`
        self._lanes = Lanes()
        self._last: Waiter | None = None  # holder of the newest token, unless it was given back
        self._granted = 0
        self._waited = 0

    def arrive(self, now: float, lane: Lane, deadline: float | None) -> Waiter:
        """Ask for one token.

        Args:
            now: Monotonic seconds.
            lane: The queue to stand in if there has to be waiting.
            deadline: Monotonic seconds before which the token is needed, or None.

        Returns:
            A waiter: `GRANTED` at once, `REFUSED` because its expected slot is not before the deadline (it
            took no place), or `WAITING`.
        """
        at = _nanoseconds(now)
        waiter = Waiter(lane, at, None if deadline is None else _nanoseconds(deadline))
        queued = bool(self._lanes)
        slot = self._slot(at, self._lanes.ahead_of(waiter) if queued else 0)
        if not self._fits(waiter, at, slot):
            waiter.state = WaiterState.REFUSED
        elif slot == at and not queued:
            self._grant(waiter, at)
        else:
            self._lanes.join(waiter)
        return waiter

    def advance(self, now: float) -> list[Waiter]:
        """Hand out the tokens that are there.

        A waiter found past its deadline gets none: it becomes `REFUSED` (its own timer has woken it already).

        Args:
            now: Monotonic seconds.

        Returns:
            The waiters granted by this, in order.
        """
        at = _nanoseconds(now)
        granted: list[Waiter] = []
        while (head := self._lanes.head()) is not None:
            if _expired(head, at):
                self.leave(head, now)
            elif at < self._tat - self._tolerance:
                break
            else:
                self._lanes.serve(head)
                self._grant(head, at)
                granted.append(head)
        return granted

    def head(self) -> Waiter | None:
        """Return who is next to get a token, or None if nobody waits."""
        return self._lanes.head()

    def next_at(self, now: float) -> float | None:
        """Return the monotonic instant at which `advance` can grant to the head, or None if nobody waits."""
        if not self._lanes:
            return None
        slot = self._tat - self._tolerance
        return now if slot <= _nanoseconds(now) else _seconds_not_before(slot)

    def leave(self, waiter: Waiter, now: float) -> None:
        """Give up a request, whatever its state: a place is freed, a token not yet used goes back.

        Args:
            waiter: Becomes `LEFT`, or `REFUSED` if it leaves its place because its deadline has passed.
            now: Monotonic seconds.
        """
        if waiter.state is WaiterState.GRANTED:
            self.give_back(waiter, now)
        elif waiter.state is WaiterState.WAITING:
            self._lanes.drop(waiter)
            expired = _expired(waiter, _nanoseconds(now))
            waiter.state = WaiterState.REFUSED if expired else WaiterState.LEFT

    def give_back(self, waiter: Waiter, now: float) -> None:  # noqa: ARG002  # a shared bucket needs it
        """Return a token that no request was sent with.

        It can be used again only if no other grant came since: the later ones were timed on its being spent.

        Args:
            waiter: A granted waiter.
            now: Monotonic seconds.
        """
        if waiter is self._last:
            self._last = None
            self._granted -= 1
            # A pause that came in between keeps its own hold on the bucket.
            self._tat = max(self._tat - self._interval, self._paused_until + self._tolerance)
        waiter.state = WaiterState.LEFT

    def pause(self, now: float, seconds: float) -> list[Waiter]:
        """Stop granting because the service asked for it; afterwards start again with a single token.

        Of several pauses the one that ends last counts.

        Args:
            now: Monotonic seconds.
            seconds: How long, held between 1 and 60.

        Returns:
            The waiters `REFUSED` because the pause moved their slot to their deadline or past it.
        """
        at = _nanoseconds(now)
        until = at + _nanoseconds(min(_LONGEST_PAUSE, max(_SHORTEST_PAUSE, seconds)))
        self._paused_until = max(self._paused_until, until)
        self._tat = max(self._tat, self._paused_until + self._tolerance)
        refused: list[Waiter] = []
        trial = self._lanes.copy()
        served = 0
        while (head := trial.head()) is not None:
            if self._fits(head, at, self._slot(at, served)):
                trial.serve(head)
                served += 1
            else:
                trial.drop(head)
                self._lanes.drop(head)
                head.state = WaiterState.REFUSED
                refused.append(head)
        return refused

    def snapshot(self, now: float) -> Snapshot:
        """Return the state at `now`."""
        at = _nanoseconds(now)
        room = at + self._tolerance - max(self._tat, at)
        return Snapshot(
            limit=self.limit,
            burst=self.burst,
            granted=self._granted,
            available=max(0, room // self._interval + 1),
            waiting_user=self._lanes.length(Lane.USER),
            waiting_poll=self._lanes.length(Lane.POLL),
            waited_total=self._waited / _SECOND,
            paused_for=max(0, self._paused_until - at) / _SECOND,
        )

    def _slot(self, at: int, before: int) -> int:
        """The instant of the grant that `before` others precede; a pause is already part of `tat`."""
        return max(at, max(self._tat, at) + before * self._interval - self._tolerance)

    @staticmethod
    def _fits(waiter: Waiter, at: int, slot: int) -> bool:
        """Note the expected slot on the waiter and tell whether it comes before the waiter's deadline."""
        waiter.expected_wait = (slot - at) / _SECOND
        return waiter.deadline is None or slot < waiter.deadline

    def _grant(self, waiter: Waiter, at: int) -> None:
        self._tat = max(self._tat, at) + self._interval
        self._last = waiter
        self._granted += 1
        self._waited += at - waiter.arrived
        waiter.state = WaiterState.GRANTED


def _expired(waiter: Waiter, at: int) -> bool:
    return waiter.deadline is not None and at >= waiter.deadline


def _nanoseconds(seconds: float) -> int:
    return round(seconds * _SECOND)


def _seconds_not_before(nanoseconds: int) -> float:
    """The first float that reads back as `nanoseconds` or later, so that a sleeper never wakes too early."""
    seconds = nanoseconds / _SECOND
    while _nanoseconds(seconds) < nanoseconds:
        seconds = math.nextafter(seconds, math.inf)
    return seconds
