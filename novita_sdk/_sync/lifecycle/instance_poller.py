# Generated from novita_sdk/_async/lifecycle/instance_poller.py by tools/unasync.py; edit the source.
"""One poller for all waits and watches of a client: who is due first reads the list, and everybody is served."""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable, Mapping
from typing import TypeAlias

import attrs

from novita_sdk._concurrency.clock import Clock
from novita_sdk._concurrency.threads import Event, Lock
from novita_sdk._core import operations
from novita_sdk._core.lifecycle.poll_plan import PollPlan
from novita_sdk._core.lifecycle.poll_schedule import poll_options
from novita_sdk._core.lifecycle.waiting_table import KNOWN_WORDS, status_word
from novita_sdk._core.log_records import log
from novita_sdk._core.paging import DEFAULT_PAGE_SIZE
from novita_sdk._sync.caller import Caller
from novita_sdk._sync.pages import Pages
from novita_sdk._sync.waiting import Poll, WaitLapsedError
from novita_sdk.errors import NovitaError
from novita_sdk.models.instance import Instance

_LOGGER = logging.getLogger("novita_sdk.lifecycle")


@attrs.frozen
class Listing:
    """The list of instances, as one tick read it.

    Attributes:
        instances: What was read, by id.
        unreadable: Ids of entries that could not be read; None stands for one without a readable id.
        ended: Whether the list was read to its end.
        complete: Whether that was all of it, so that absence means something.
    """

    instances: Mapping[str, Instance]
    unreadable: frozenset[str | None]
    ended: bool
    complete: bool


ListingListener: TypeAlias = Callable[[Listing], None]
"""Takes in a list that was read to its end."""


@attrs.define(eq=False)
class _Interest:
    """One who waits for the next sight of an instance, or of all of them.

    Attributes:
        wanted: The id; None for all instances.
        poll: When it is due, and what kind of look it needs.
        outcome: What came of it; None as long as nothing has.
        alone: Whether the instance itself must be asked for.
        asking: Whether that is under way.
        bell: Rung when there is something to see to.
    """

    wanted: str | None
    poll: Poll
    alone: bool
    outcome: Callable[[], Instance | Listing | None] | None = None
    asking: bool = False
    bell: Event = attrs.field(factory=Event)


class InstancePoller:
    """Serves everybody who waits for instances with as few requests as can be.

    Nothing runs in the background: a waiter that is due reads the list for all of them while the others wait. If
    it is cancelled, another one takes its place, and what it has lost is no failed poll of anybody.

    Args:
        caller: Makes the calls.
        clock: What the waiters sleep on.
    """

    def __init__(self, caller: Caller, clock: Clock) -> None:
        self._caller = caller
        self._clock = clock
        self._lock = Lock()
        self._interests: list[_Interest] = []
        self._plan = PollPlan()
        self._listing = False  # whether somebody is reading the list
        self._odd_words: set[str] = set()
        self._listeners: list[ListingListener] = []

    def look(self, instance_id: str, poll: Poll) -> Instance | None:
        """Return the next sight of an instance: when it is due, or sooner if others need one.

        Args:
            instance_id: The instance.
            poll: When it is due, until when the answer must be in, and whether a list will not do.

        Returns:
            The instance; None if the service says that there is none.

        Raises:
            WaitLapsedError: The time was over before a poll could begin.
            NovitaError: The poll failed.
        """
        found = self._served(_Interest(instance_id, poll, poll.alone))
        assert not isinstance(found, Listing)  # noqa: S101 - one instance was wanted
        if found is not None:
            self._report_odd_word(found)
        return found

    def look_at_all(self, poll: Poll) -> Listing:
        """Return the next list of all instances, complete if the service lets it be.

        Args:
            poll: When it is due, and until when the answer must be in.

        Raises:
            WaitLapsedError: The time was over before a poll could begin.
            NovitaError: The list could not be read to its end.
        """
        listing = self._served(_Interest(None, poll, alone=False))
        assert isinstance(listing, Listing)  # noqa: S101 - all were wanted
        return listing

    def listen(self, listener: ListingListener) -> None:
        """Tell `listener` of every list that was read to its end, whoever wanted it."""
        with self._lock:
            self._listeners.append(listener)

    def unlisten(self, listener: ListingListener) -> None:
        """Tell it no more."""
        with self._lock:
            self._listeners.remove(listener)

    # ------------------------------------------------------------------------------- one waiter

    def _served(self, interest: _Interest) -> Instance | Listing | None:
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

    def _take_turn(self, interest: _Interest) -> None:
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

    def _needs_list(self, interest: _Interest) -> bool:
        if interest.wanted is None:
            return True
        if interest.alone:
            return False
        waiters = sum(other.wanted is not None for other in self._interests)
        return self._plan.prefers_list(waiters)

    def _ask(self, interest: _Interest) -> None:
        """Ask for one instance."""
        try:
            found: Instance | None = self._caller.single_or_none(
                operations.GET_INSTANCE,
                query={"instanceId": interest.wanted},
                options=poll_options(self._left(interest)),
            )
        finally:
            interest.asking = False
        interest.outcome = lambda: found

    # ------------------------------------------------------------------------------ the list

    def _read_list(self, leader: _Interest) -> None:
        """Read the list for everybody; what the leader's own end cuts short counts for nobody."""
        failure: NovitaError | None = None
        listing: Listing | None = None
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
            with self._lock:
                self._listing = False
                waiting = list(self._interests)
                if listing is not None:
                    self._serve(listing)
                elif failure is not None:
                    self._fail(failure, leader)
            for interest in waiting:
                interest.bell.set()

    def _list(self, leader: _Interest) -> Listing:
        began = self._clock.monotonic()
        found: dict[str, Instance] = {}
        odd: list[str | None] = []
        pages: Pages[Instance] = Pages(self._caller, operations.LIST_INSTANCES, {}, None)
        walk = pages.walk(1, DEFAULT_PAGE_SIZE)
        read = 0
        while True:
            walk.options = poll_options(self._left(leader))
            page = walk.next()
            if page is None:
                return Listing(found, frozenset(odd), ended=True, complete=walk.complete)
            read += 1
            found.update({instance.id: instance for instance in page.items})
            odd += [problem.id for problem in page.problems]
            with self._lock:
                self._plan.page_read(began, read, page.total)
                if all(self._is_content(interest, found) for interest in self._interests):
                    return Listing(found, frozenset(odd), ended=False, complete=False)

    def _is_content(self, interest: _Interest, found: Mapping[str, Instance]) -> bool:
        """Tell whether the pages so far are enough for somebody."""
        if interest.asking or interest.alone or interest.outcome is not None:
            return True
        if interest.wanted is None:
            return interest.poll.due > self._clock.monotonic()
        return interest.wanted in found

    def _serve(self, listing: Listing) -> None:
        for interest in self._interests:
            if interest.outcome is not None or interest.asking:
                continue
            if interest.wanted is None:
                interest.outcome = (lambda: listing) if listing.ended else None
            elif not interest.alone:
                self._serve_one(interest, listing.instances.get(interest.wanted))

    def _serve_one(self, interest: _Interest, found: Instance | None) -> None:
        if found is not None:
            interest.outcome = lambda: found
        else:  # a list proves nothing about one instance
            interest.alone = True
            interest.poll = attrs.evolve(interest.poll, due=self._clock.monotonic())

    def _fail(self, failure: NovitaError, leader: _Interest) -> None:
        left = self._left(leader)
        cut_short = left is not None and left <= 0
        for interest in self._interests:
            if interest.outcome is None and not interest.asking and not interest.alone and not cut_short:
                interest.outcome = _raising(failure)

    def _report_odd_word(self, instance: Instance) -> None:
        """Report a status that means nothing here, once for each word."""
        word = status_word(instance)
        with self._lock:
            is_new = word not in KNOWN_WORDS and word not in self._odd_words
            self._odd_words.add(word)
        if is_new:
            log(
                _LOGGER,
                logging.WARNING,
                "the status %(status)s of %(instance_id)s is not known here; it counts as something under way",
                status=word,
                instance_id=instance.id,
            )

    def _left(self, interest: _Interest) -> float | None:
        until = interest.poll.until
        return None if until is None else until - self._clock.monotonic()


def _raising(failure: NovitaError) -> Callable[[], Instance | Listing | None]:
    def outcome() -> Instance | Listing | None:
        raise copy.copy(failure) from failure

    return outcome
