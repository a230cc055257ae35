# Generated from novita_sdk/_async/lifecycle/swept.py by tools/unasync.py; edit the source.
"""What the orphan sweeper looks at: instances and endpoints, listed once and read where the list hides the mark."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final, Generic, TypeAlias, TypeVar

import attrs

from novita_sdk._concurrency.clock import Clock
from novita_sdk._core import operations
from novita_sdk._core.lifecycle.create_looks import (
    READS_AT_ONCE,
    Found,
    Shown,
    Wanted,
    concluded,
    sort_out,
)
from novita_sdk._core.lifecycle.intents import Intent
from novita_sdk._core.operations.operation import Operation
from novita_sdk._sync.lifecycle.fan_out import fan_out
from novita_sdk._sync.lifecycle.recreate import read_or_none
from novita_sdk._sync.lifecycle.rental_ending import RentalEnding
from novita_sdk._sync.lifecycle.safe_create import handle_of
from novita_sdk._sync.pager import Pager
from novita_sdk._sync.services import Services
from novita_sdk.errors import CleanupError, NotFoundError
from novita_sdk.models.endpoint import Endpoint
from novita_sdk.models.instance import Instance
from novita_sdk.models.marked_name import operation_id_in
from novita_sdk.options import CallOptions

if TYPE_CHECKING:
    from novita_sdk._sync.lifecycle.instances import Instances
    from novita_sdk._sync.resources.serverless_endpoints import ServerlessEndpoints

T = TypeVar("T", bound="Instance | Endpoint")

AnySwept: TypeAlias = "Swept[Instance] | Swept[Endpoint]"

GONE_TIME: Final = 60.0
"""Seconds in which what was deleted has to be seen going."""

_LOOK_EVERY: Final = 2.0  # seconds
_FRESH: Final = CallOptions(priority="poll", cache="bypass")


@attrs.frozen(kw_only=True)
class Source(Generic[T]):
    """How one kind of thing is listed, read and deleted.

    Attributes:
        create: The operation that makes one.
        pages: Lists all of them.
        read: Reads one by its id; None if there certainly is none.
        shown: Returns what one shows.
        delete: Deletes one, and returns once it was seen to go.
    """

    create: Operation
    pages: Callable[[], Pager[T]]
    read: Callable[[str], T | None]
    shown: Callable[[T], Shown]
    delete: Callable[[str, str], None]


class Swept(Generic[T]):
    """All things of one kind, as one pass sees them.

    Args:
        source: How they are listed, read and deleted.
        clock: Where the time comes from.

    Attributes:
        source: The same.
        things: Those that were listed or read, by id.
    """

    def __init__(self, source: Source[T], clock: Clock) -> None:
        self.source = source
        self.things: dict[str, T] = {}
        self._clock = clock
        self._whole = True
        self._read: dict[str, Shown | None] = {}

    def list(self) -> None:
        """List them all.

        Raises:
            NovitaError: That failed; nothing is known then.
        """
        pager = self.source.pages()
        self.things = {thing.id: thing for thing in pager.collect()}
        self._whole = bool(pager.complete) and not pager.problems

    def foreign(self, known: set[str]) -> tuple[str, ...]:
        """Return the ids of those with a mark that is none of `known`."""
        found: list[str] = []
        for thing in self.things.values():
            shown = self.source.shown(thing)
            mark = shown.mark or operation_id_in(shown.name or "")
            if mark is not None and mark not in known:
                found.append(thing.id)
        return tuple(found)

    def look(self, intent: Intent) -> Found:
        """Find what carries the mark of a create.

        Raises:
            NovitaError: One that hides its environment could not be read.
        """
        wanted = Wanted(
            operation_id=intent.operation_id,
            same={key: intent.about.get(key, "") for key in handle_of(self.source.create).same},
            since=intent.began,
            discarded=intent.discarded,
        )
        others = {one for one, shown in self._read.items() if shown is None or shown.shows_environment}
        listing = sort_out(map(self.source.shown, self.things.values()), wanted, others)
        missing = [one for one in listing.hidden if one not in self._read]
        calls = [partial(self.source.read, one) for one in missing]
        fresh = fan_out(self._clock, calls, READS_AT_ONCE) if calls else []
        for one, thing in zip(missing, fresh, strict=True):
            self._read[one] = None if thing is None else self.source.shown(thing)
            if thing is not None:
                self.things[one] = thing
        found = concluded(listing, {one: self._read[one] for one in listing.hidden}, wanted)
        return attrs.evolve(found, whole=found.whole and self._whole)

    def read_again(self, thing_id: str) -> Shown | None:
        """Return what one shows now; None if it is gone."""
        thing = self.source.read(thing_id)
        return None if thing is None else self.source.shown(thing)


def swept_instances(instances: Instances, services: Services) -> Swept[Instance]:
    """Return the instances of an account."""

    def delete(instance_id: str, operation_id: str) -> None:
        ending = RentalEnding(
            instances,
            services,
            instance_id=instance_id,
            on_exit="delete",
            timeout=GONE_TIME,
            operation_id=operation_id,
        )
        ending.finish()

    source = Source(
        create=operations.CREATE_INSTANCE,
        pages=lambda: instances.list(options=_FRESH),
        read=partial(read_or_none, instances),
        shown=Shown.of_instance,
        delete=delete,
    )
    return Swept(source, services.clock)


def swept_endpoints(endpoints: ServerlessEndpoints, services: Services) -> Swept[Endpoint]:
    """Return the serverless endpoints of an account."""

    def read(endpoint_id: str) -> Endpoint | None:
        try:
            return endpoints.get(endpoint_id, options=_FRESH)
        except NotFoundError:
            return None

    def delete(endpoint_id: str, operation_id: str) -> None:
        endpoints.delete(id=endpoint_id, missing_ok=True)
        until = services.clock.monotonic() + GONE_TIME
        while (found := read(endpoint_id)) is not None and found.state.state != "TERMINATING":
            if services.clock.monotonic() >= until:
                raise CleanupError(
                    f"the deletion of {endpoint_id} was accepted, but it does not go",
                    resource_id=endpoint_id,
                    operation_id=operation_id,
                    action="delete",
                )
            services.clock.sleep(_LOOK_EVERY)

    source = Source(
        create=operations.CREATE_ENDPOINT,
        pages=lambda: endpoints.list(options=_FRESH),
        read=read,
        shown=Shown.of_endpoint,
        delete=delete,
    )
    return Swept(source, services.clock)
