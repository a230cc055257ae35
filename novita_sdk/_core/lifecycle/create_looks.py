"""Which of the listed resources a create made: told by its mark alone, never by its name."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from typing import Final, Self

import attrs

from novita_sdk._core.marker import MARKER_ENV, name_suffix, operation_id_of
from novita_sdk._core.scalars import Unreadable, is_empty, is_object, read_time
from novita_sdk.models.endpoint import Endpoint
from novita_sdk.models.instance import Instance
from novita_sdk.models.json_types import JSON

MOST_READS: Final = 20
"""Resources that one look reads one by one because the list hides their environment."""

READS_AT_ONCE: Final = 4

LEAVING: Final = frozenset({"toRemove", "removing", "removed", "deleting"})
"""Statuses of a resource that counts only if no living one carries the mark."""

_SLACK: Final = 120.0  # seconds by which a creation time may lie before the sending: clocks differ


@attrs.frozen(kw_only=True)
class Shown:
    """What a list, or a single answer, shows of one resource.

    Attributes:
        id: Its id.
        status: Its status, as far as shown.
        name: Its name, as far as shown.
        mark: The operation id in its environment.
        shows_environment: Whether any variable is shown. Where none is, the environment may be hidden.
        values: Its other texts by wire name, as far as shown.
        created_at: When it was made, in seconds since 1970, as far as shown.
    """

    id: str
    status: str
    name: str | None
    mark: str | None
    shows_environment: bool
    values: Mapping[str, str]
    created_at: float | None

    @classmethod
    def of(cls, item: Mapping[str, JSON]) -> Self:
        """Read a resource as decoded JSON; whatever is unreadable counts as not shown."""
        texts = {key: str(value) for key, value in item.items() if isinstance(value, str | int)}
        return cls(
            id=texts.get("id", ""),
            status=texts.get("status") or _word(item.get("state")),
            name=texts.get("name"),
            mark=operation_id_of(item),
            shows_environment=bool(item.get("envs")),
            values=texts,
            created_at=_moment(item.get("createdAt")),
        )

    @classmethod
    def of_instance(cls, instance: Instance) -> Self:
        """Read a decoded instance."""
        texts = {"name": instance.name, "productId": instance.product_id, "imageUrl": instance.image_url}
        return cls(
            id=instance.id,
            status=str(instance.status or ""),
            name=instance.name,
            mark=instance.env.get(MARKER_ENV) or None,
            shows_environment=bool(instance.envs),
            values={key: text for key, text in texts.items() if text is not None},
            created_at=None if instance.created_at is None else instance.created_at.timestamp(),
        )

    @classmethod
    def of_endpoint(cls, endpoint: Endpoint) -> Self:
        """Read a decoded endpoint."""
        return cls(
            id=endpoint.id,
            status=endpoint.state.word,
            name=endpoint.name,
            mark=endpoint.operation_id,
            shows_environment=bool(endpoint.variables),
            values={} if endpoint.name is None else {"name": endpoint.name},
            created_at=None if endpoint.created_at is None else endpoint.created_at.timestamp(),
        )

    def bears(self, operation_id: str) -> bool:
        """Tell whether it carries the mark of an operation, in its environment or its name."""
        return self.mark == operation_id or (self.name or "").endswith(name_suffix(operation_id))


@attrs.frozen(kw_only=True)
class Wanted:
    """What a create asked for.

    Attributes:
        operation_id: What its resource is marked with.
        same: Texts by wire name that its resource shows unchanged; a key that is absent here was left to the
            service, and is compared as the empty text.
        since: When it was sent, by the service's clock in seconds since 1970; None if that is not known.
        discarded: Ids of what the same operation made before and deleted on purpose; they linger in the list.
    """

    operation_id: str
    same: Mapping[str, str]
    since: float | None
    discarded: Collection[str] = ()

    def may_be(self, shown: Shown) -> bool:
        """Tell whether a resource that hides its environment could be the one, as far as it shows anything."""
        too_old = (
            self.since is not None and shown.created_at is not None and shown.created_at < self.since - _SLACK
        )
        return not too_old and all(shown.values.get(key, text) == text for key, text in self.same.items())


@attrs.frozen(kw_only=True)
class Sorted:
    """One listing, sorted by what it means for a create.

    Attributes:
        living: Marked, and not on their way out.
        leaving: Marked, but going or gone.
        hidden: To be read one by one, the newest first.
        whole: Whether `hidden` has room for all of them.
    """

    living: tuple[str, ...]
    leaving: tuple[str, ...]
    hidden: tuple[str, ...]
    whole: bool

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids that show the effect of the create: one is adopted, several are a fault."""
        return self.living or self.leaving[:1]


def sort_out(listed: Iterable[Shown], wanted: Wanted, known_others: Collection[str]) -> Sorted:
    """Sort a listing.

    Args:
        listed: All resources of the list.
        wanted: What is looked for.
        known_others: Ids of those that an earlier read showed to have another environment.
    """
    living: list[str] = []
    leaving: list[str] = []
    hidden: list[Shown] = []
    for shown in listed:
        if shown.id in wanted.discarded:
            continue
        if shown.bears(wanted.operation_id):
            (leaving if shown.status in LEAVING else living).append(shown.id)
        elif (
            shown.id and not shown.shows_environment and shown.id not in known_others and wanted.may_be(shown)
        ):
            hidden.append(shown)
    if living or leaving:
        hidden = []  # the mark itself was seen
    hidden.sort(key=lambda shown: math.inf if shown.created_at is None else shown.created_at, reverse=True)
    return Sorted(
        living=tuple(living),
        leaving=tuple(leaving),
        hidden=tuple(shown.id for shown in hidden[:MOST_READS]),
        whole=len(hidden) <= MOST_READS,
    )


@attrs.frozen(kw_only=True)
class Found:
    """What one look at a create comes to.

    Attributes:
        ids: Ids that carry the mark.
        candidates: Ids that may be the one and hide their environment even when read: never adopted.
        others: Ids that proved to be somebody else's.
        whole: Whether nothing was left out, so that absence means something.
    """

    ids: tuple[str, ...]
    candidates: tuple[str, ...] = ()
    others: frozenset[str] = frozenset()
    whole: bool = True


def concluded(listing: Sorted, read: Mapping[str, Shown | None], wanted: Wanted) -> Found:
    """Put a listing and what was read one by one together.

    Args:
        listing: The sorted listing.
        read: What each of `listing.hidden` shows; None if it is gone by now.
        wanted: What is looked for.
    """
    there = [shown for shown in read.values() if shown is not None]
    marked = [shown for shown in there if shown.bears(wanted.operation_id)]
    living = tuple(shown.id for shown in marked if shown.status not in LEAVING)
    return Found(
        ids=listing.ids or living or tuple(shown.id for shown in marked[:1]),
        candidates=tuple(shown.id for shown in there if not shown.shows_environment and shown not in marked),
        others=frozenset(shown.id for shown in there if shown.shows_environment and shown not in marked),
        whole=listing.whole,
    )


def _word(state: JSON) -> str:
    """The word of a state: of an instance a text, of an endpoint a text or an object with the word inside."""
    if is_object(state):
        return _word(state.get("state"))
    return state if isinstance(state, str) else ""


def _moment(value: JSON) -> float | None:
    try:
        made = None if is_empty(value) else read_time(value)
    except Unreadable:  # an unreadable time proves nothing
        return None
    return None if made is None else made.timestamp()
