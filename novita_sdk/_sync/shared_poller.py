# Generated from novita_sdk/_async/shared_poller.py by tools/unasync.py; edit the source.
"""One poller for all waits and watches of a kind: who is due first reads the list, and everybody is served."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Generic, NoReturn, Protocol, TypeAlias, TypeVar

import attrs

from novita_sdk._concurrency.clock import Clock
from novita_sdk._concurrency.threads import Event, Lock
from novita_sdk._core.lifecycle.poll_plan import PollPlan
from novita_sdk._core.lifecycle.poll_schedule import poll_options
from novita_sdk._core.operations.operation import Operation
from novita_sdk._core.paging import DEFAULT_PAGE_SIZE
from novita_sdk._sync.caller import Caller
from novita_sdk._sync.pages import Pages
from novita_sdk._sync.waiting import Poll, WaitLapsedError
from novita_sdk.errors import NovitaError


class Identified(Protocol):
    """What has an id."""

    @property
    def id(self) -> str:
        """The id."""
        ...


R = TypeVar("R", bound=Identified)


@attrs.frozen
class Listing(Generic[R]):
    """A list, as one tick read it.

    Attributes:
        items: What was read, by id.
        unreadable: Ids of entries that could not be read; None stands for one without a readable id.
        ended: Whether the list was read to its end.
        complete: Whether that was all of it, so that absence means something.
    """

    items: Mapping[str, R]
    unreadable: frozenset[str | None]
    ended: bool
    complete: bool


ListingListener: TypeAlias = Callable[[Listing[R]], None]
"""Takes in a list that was read to its end."""

FailureListener: TypeAlias = Callable[[NovitaError], None]
"""Takes in why a list could not be read."""


@attrs.define(eq=False)
class _Interest(Generic[R]):
    """One who waits for the next sight of one resource, or of all of them.

    Attributes:
        wanted: The id; None for all.
        poll: When it is due, and what kind of look it needs.
        outcome: What came of it; None as long as nothing has.
        alone: Whether the resource itself must be asked for.
        doubt: Tells of what a list shows whether it must be confirmed so; None for never.
        asking: Whether that is under way.
        bell: Rung when there is something to see to.
    """

    wanted: str | None
    poll: Poll
    alone: bool
    doubt: Callable[[R], bool] | None = None
    outcome: Callable[[], R | Listing[R] | None] | None = None
    asking: bool = False
    bell: Event = attrs.field(factory=Event)


class SharedPoller(Generic[R]):
    """Serves everybody who waits for resources of one kind with as few requests as can be.

    Nothing runs in the background: a waiter that is due reads the list for all of them while the others wait. If
    it is cancelled, another one takes its place, and what it has lost is no failed poll of anybody.

    Args:
        caller: Makes the calls.
        clock: What the waiters sleep on.
        listing: The operation that lists them all.
        getting: The operation that reads one.
        id_key: The key of its query for the id.
        plan: When the list may be read again.
    """

    def __init__(
        self,
        caller: Caller,
        clock: Clock,
        *,
        listing: Operation,
        getting: Operation,
        id_key: str,
        plan: PollPlan,
    ) -> None:
        self._caller = caller
        self._clock = clock
        self._list_operation = listing
        self._get_operation = getting
        self._id_key = id_key
        self._lock = Lock()
        self._interests: list[_Interest[R]] = []
        self._plan = plan
        self._listing = False  # whether somebody is reading the list
        self._listeners: list[ListingListener[R]] = []
        self._failure_listeners: list[FailureListener] = []

    def look(self, resource_id: str, poll: Poll, doubt: Callable[[R], bool] | None = None) -> R | None:
        """Return the next sight of a resource: when it is due, or sooner if others need one.

        Args:
            resource_id: Its id.
            poll: When it is due, until when the answer must be in, and whether a list will not do.
            doubt: True of what must not be believed on the word of a list, which may lag behind: the resource
                itself is asked for then.

        Returns:
            The resource; None if the service says that there is none.

        Raises:
            WaitLapsedError: The time was over before a poll could begin.
            NovitaError: The poll failed.
        """
        found = self._served(_Interest(resource_id, poll, poll.alone, doubt))
        assert not isinstance(found, Listing)  # noqa: S101 - one was wanted
        return found

    def look_at_all(self, poll: Poll) -> Listing[R]:
        """Return the next list of all, complete if the service lets it be.

        Args:
            poll: When it is due, and until when the answer must be in.

        Raises:
            WaitLapsedError: The time was over before a poll could begin.
            NovitaError: The list could not be read to its end.
        """
        listing = self._served(_Interest(None, poll, alone=False))
        assert isinstance(listing, Listing)  # noqa: S101 - all were wanted
        return listing

    def listen(self, listener: ListingListener[R], on_failure: FailureListener | None = None) -> None:
        """Tell `listener` of every list that was read to its end, whoever wanted it.

        Args:
            listener: Told of the list.
            on_failure: Told of every list that could not be read.
        """
        with self._lock:
            self._listeners.append(listener)
            if on_failure is not None:
                self._failure_listeners.append(on_failure)

    def unlisten(self, listener: ListingListener[R], on_failure: FailureListener | None = None) -> None:
        """Tell them no more."""
        with self._lock:
            self._listeners.remove(listener)
            if on_failure is not None:
                self._failure_listeners.remove(on_failure)

    # ------------------------------------------------------------------------------- one waiter

    def _served(self, interest: _Interest[R]) -> R | Listing[R] | None:
        with self._lock:
            self._interests.append(interest)
        try:
            self._clock.sleep(0)  # so that those who begin together share the first list
            while interest.outcome is None:
                self._take_turn(interest)
            return interest.outcome()
        finally:
            with self._lock:
                self._interests.remove(interest)

    def _take_turn(self, interest: _Interest[R]) -> None:
        now = self._clock.monotonic()
        until = interest.poll.until
        with self._lock:
            interest.bell = bell = Event()
            if interest.outcome is not None:
                return
            if until is not None and now >= until:
                raise WaitLapsedError
            wake_at: float | None = interest.poll.due
            if interest.poll.due <= now:
                interest.asking = not self._needs_list(interest)
                wake_at = None if self._listing else self._plan.next_list_at
            reads_list = wake_at is not None and wake_at <= now and not interest.asking
            if reads_list:
                self._listing = True
                self._plan.list_begins(now)
        if interest.asking:
            self._ask(interest)
        elif reads_list:
            self._read_list(interest)
        else:
            instants = [instant for instant in (wake_at, until) if instant is not None]
            self._clock.wait(bell, min(instants) - now if instants else None)

    def _needs_list(self, interest: _Interest[R]) -> bool:
        if interest.wanted is None:
            return True
        if interest.alone:
            return False
        waiters = sum(other.wanted is not None for other in self._interests)
        return self._plan.prefers_list(waiters)

    def _ask(self, interest: _Interest[R]) -> None:
        """Ask for one resource."""
        try:
            found: R | None = self._caller.single_or_none(
                self._get_operation,
                query={self._id_key: interest.wanted},
                options=poll_options(self._left(interest)),
            )
        finally:
            interest.asking = False
        interest.outcome = lambda: found

    # ------------------------------------------------------------------------------ the list

    def _read_list(self, leader: _Interest[R]) -> None:
        """Read the list for everybody; what the leader's own end cuts short counts for nobody."""
        failure: NovitaError | None = None
        listing: Listing[R] | None = None
        try:
            listing = self._list(leader)
            if listing.ended:
                with self._lock:
                    listeners = list(self._listeners)
                for listener in listeners:
                    listener(listing)
        except NovitaError as error:
            failure = error
        finally:
            if failure is not None and self._is_over(leader):
                failure = None
            with self._lock:
                self._listing = False
                waiting = list(self._interests)
                if listing is not None:
                    self._serve(listing)
                elif failure is not None:
                    self._fail(failure)
                failure_listeners = list(self._failure_listeners)
            if failure is not None:
                for tell in failure_listeners:
                    tell(failure)
            for interest in waiting:
                interest.bell.set()

    def _list(self, leader: _Interest[R]) -> Listing[R]:
        began = self._clock.monotonic()
        found: dict[str, R] = {}
        odd: list[str | None] = []
        pages: Pages[R] = Pages(self._caller, self._list_operation, {}, None)
        walk = pages.walk(1, DEFAULT_PAGE_SIZE)
        read = 0
        while True:
            walk.options = poll_options(self._left(leader))
            page = walk.next()
            if page is None:
                return Listing(found, frozenset(odd), ended=True, complete=walk.complete)
            read += 1
            found.update({item.id: item for item in page.items})
            odd += [problem.id for problem in page.problems]
            with self._lock:
                self._plan.page_read(began, read, page.total)
                if all(self._is_content(interest, found) for interest in self._interests):
                    return Listing(found, frozenset(odd), ended=False, complete=False)

    def _is_content(self, interest: _Interest[R], found: Mapping[str, R]) -> bool:
        """Tell whether the pages so far are enough for somebody."""
        if interest.asking or interest.alone or interest.outcome is not None:
            return True
        if interest.wanted is None:
            return interest.poll.due > self._clock.monotonic()
        return interest.wanted in found

    def _serve(self, listing: Listing[R]) -> None:
        for interest in self._interests:
            if interest.outcome is not None or interest.asking:
                continue
            if interest.wanted is None:
                interest.outcome = (lambda: listing) if listing.ended else None
            elif not interest.alone:
                self._serve_one(interest, listing.items.get(interest.wanted))

    def _serve_one(self, interest: _Interest[R], found: R | None) -> None:
        if found is not None and not (interest.doubt is not None and interest.doubt(found)):
            interest.outcome = lambda: found
        else:  # a list proves nothing about what it lacks
            interest.alone = True
            interest.poll = attrs.evolve(interest.poll, due=self._clock.monotonic())

    def _fail(self, failure: NovitaError) -> None:
        for interest in self._interests:
            if interest.outcome is None and not interest.asking and not interest.alone:
                interest.outcome = _raising(failure)

    def _is_over(self, interest: _Interest[R]) -> bool:
        left = self._left(interest)
        return left is not None and left <= 0

    def _left(self, interest: _Interest[R]) -> float | None:
        until = interest.poll.until
        return None if until is None else until - self._clock.monotonic()


def _raising(failure: NovitaError) -> Callable[[], NoReturn]:
    def outcome() -> NoReturn:
        raise copy.copy(failure) from failure

    return outcome
