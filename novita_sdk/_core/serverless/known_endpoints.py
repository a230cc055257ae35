"""What is remembered of endpoints: names to ids for five minutes, corrected by what this client does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from novita_sdk._core.wire import problem
from novita_sdk.errors import AmbiguousNameError, NotFoundError, ValidationError
from novita_sdk.models.endpoint import Endpoint
from novita_sdk.models.results import EndpointRef

REMEMBERED: Final = 300.0
"""Seconds for which an entry may be used."""


class Known(NamedTuple):
    """An endpoint that was seen.

    Attributes:
        ref: Its id and names.
        until: Monotonic time at which it is forgotten.
    """

    ref: EndpointRef
    until: float


class KnownEndpoints:
    """The endpoints that were seen, by id."""

    def __init__(self) -> None:
        self._known: dict[str, Known] = {}
        self._created: dict[str, float] = {}

    def replace(self, endpoints: Iterable[Endpoint], now: float) -> None:
        """Remember what a complete list showed, and nothing else."""
        self._known = {one.id: Known(ref_of(one), now + REMEMBERED) for one in endpoints if one.id}

    def correct(self, ref: EndpointRef) -> None:
        """Correct what is remembered of an endpoint; that there is no second one of its name, only a list tells."""
        known = self._known.get(ref.id)
        if known is not None:
            self._known[ref.id] = known._replace(ref=ref)

    def add_created(self, ref: EndpointRef, now: float) -> None:
        """Remember one endpoint that was made just now."""
        if not ref.id:
            return
        self._known[ref.id] = Known(ref, now + REMEMBERED)
        kept = {key: at for key, at in self._created.items() if now - at < REMEMBERED}
        self._created = {**kept, ref.id: now}

    def created_at(self, endpoint_id: str) -> float | None:
        """Return the monotonic time at which an endpoint was made here; None if it was not, or long ago."""
        return self._created.get(endpoint_id)

    def forget(self, endpoint_id: str) -> None:
        """Forget one endpoint."""
        self._known.pop(endpoint_id, None)

    def matches(self, text: str, now: float, *, by: frozenset[str]) -> list[EndpointRef]:
        """Return the endpoints with this id or name.

        Args:
            text: The id or name.
            now: Monotonic time.
            by: `id`, `name` or both.
        """
        return [
            known.ref
            for known in list(self._known.values())
            if known.until > now and _fits(known.ref, text, by)
        ]


def ref_of(endpoint: Endpoint) -> EndpointRef:
    """Return id and names of an endpoint."""
    return EndpointRef(
        id=endpoint.id, name=endpoint.name, app_name=endpoint.app_name, operation_id=endpoint.operation_id
    )


def fitting(endpoints: Iterable[Endpoint], text: str, by: frozenset[str]) -> list[Endpoint]:
    """Return the endpoints with this id or name; letter case counts."""
    return [one for one in endpoints if _fits(one, text, by)]


def _fits(one: Endpoint | EndpointRef, text: str, by: frozenset[str]) -> bool:
    return ("id" in by and one.id == text) or ("name" in by and one.name == text)


def ambiguous(text: str, ids: Iterable[str]) -> AmbiguousNameError:
    """Return the error for a text that means several endpoints."""
    found = tuple(ids)
    return AmbiguousNameError(
        f"{text!r} means {len(found)} endpoints: {', '.join(found)}; give id=", name=text, ids=found
    )


def no_endpoint(text: str, by: frozenset[str]) -> NotFoundError:
    """Return the error for an endpoint that does not exist."""
    return NotFoundError(
        f"there is no endpoint {text!r}",
        kind="ENDPOINT",
        status_hint=404,
        identifier=text,
        searched_by=tuple(sorted(by)),
    )


class Wanted(NamedTuple):
    """Which endpoint is meant.

    Attributes:
        text: Its id or name.
        by: How it is looked for: `id`, `name` or both.
        app_name: The part of its address that was chosen, where that is known.
    """

    text: str
    by: frozenset[str]
    app_name: str | None = None


ID: Final = frozenset({"id"})
NAME: Final = frozenset({"name"})
EITHER: Final = ID | NAME


def wanted_endpoint(
    ref: str | int | Endpoint | EndpointRef | None, endpoint_id: str | int | None, name: str | None
) -> Wanted:
    """Read how an endpoint was given.

    Raises:
        ValidationError: In none of the ways, or in several.
    """
    if [ref, endpoint_id, name].count(None) != 2:
        raise ValidationError(
            problems=(problem("endpoint", ref, "give exactly one of endpoint, id and name"),)
        )
    if isinstance(ref, Endpoint | EndpointRef):
        return Wanted(ref.id, ID, ref.app_name)
    given, by = (name, NAME) if name is not None else (ref, EITHER) if ref is not None else (endpoint_id, ID)
    text = str(given) if isinstance(given, int) and not isinstance(given, bool) else given
    if not isinstance(text, str) or not text:
        raise ValidationError(problems=(problem("endpoint", given, "must be an id or a name"),))
    return Wanted(text, by)
