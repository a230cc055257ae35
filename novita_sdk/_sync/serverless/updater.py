# Generated from novita_sdk/_async/serverless/updater.py by tools/unasync.py; edit the source.
"""Updates that lose nothing: read, lay over, compare, write, read back."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, NamedTuple, cast

import attrs

from novita_sdk._concurrency.clock import Clock
from novita_sdk._core import operations
from novita_sdk._core.codec import structure
from novita_sdk._core.log_records import log
from novita_sdk._core.serverless.deployment import with_numbers_as_text
from novita_sdk._core.serverless.update_check import (
    READ_BACK_PAUSE,
    READ_BACK_TIME,
    ROUNDS,
    ReadBack,
    Shows,
    read_back,
)
from novita_sdk._core.serverless.updates import (
    PLACES,
    SERVER_OWNED,
    check_bounds,
    differing,
    fingerprint,
    overlaid,
    setting,
    writable,
)
from novita_sdk._sync.caller import Caller
from novita_sdk._sync.serverless.directory import EndpointDirectory
from novita_sdk._sync.serverless.endpoint_locks import EndpointLocks, EndpointTurn
from novita_sdk.errors import ConcurrentUpdateError, NotFoundError, OutcomeUnknownError, UpdateNotAppliedError
from novita_sdk.models.endpoint import Endpoint
from novita_sdk.models.json_types import JSON
from novita_sdk.options import CallOptions, ServerlessOptions

OnConflict = Literal["error", "overwrite"]

_LOG: Final = logging.getLogger("novita_sdk.serverless")


@attrs.frozen(kw_only=True)
class UpdateTerms:
    """How an update is made.

    Attributes:
        changes: Returns the new settings for a record as it was read.
        named: The name the endpoint was asked for by; a record with another one is not the endpoint that was meant.
        if_unchanged: The record it must still be.
        overwrite: Whether a setting that somebody else changed meanwhile is overwritten.
        verify: Whether the record is read back.
    """

    changes: Callable[[Mapping[str, JSON]], Mapping[str, JSON]]
    named: str | None = None
    if_unchanged: Endpoint | None = None
    overwrite: bool = False
    verify: bool = True


class _Sent(NamedTuple):
    """What was read, what of it can be written, what was sent, and which settings that changes."""

    raw: Mapping[str, JSON]
    base: dict[str, JSON]
    body: dict[str, JSON]
    ours: tuple[str, ...]


class EndpointUpdater:
    """Changes settings of endpoints.

    Args:
        caller: Makes the calls.
        clock: What it sleeps on.
        directory: Reads endpoints.
        locks: Who may change what.
        serverless: How numbers are spelled.
    """

    def __init__(
        self,
        caller: Caller,
        clock: Clock,
        directory: EndpointDirectory,
        locks: EndpointLocks,
        serverless: ServerlessOptions,
    ) -> None:
        self._caller = caller
        self._clock = clock
        self._directory = directory
        self._locks = locks
        self._serverless = serverless

    def update(self, endpoint_id: str, terms: UpdateTerms, options: CallOptions | None = None) -> Endpoint:
        """Change an endpoint and return its record.

        Raises:
            NotFoundError: It does not exist, or bears another name.
            ConcurrentUpdateError: Somebody else changed the same settings.
            EndpointBusyError: Somebody else is at it.
            UpdateNotAppliedError: The change was accepted and never showed.
        """
        with self._locks.of(endpoint_id) as turn:
            return self.update_in_turn(turn, endpoint_id, terms, options)

    def update_in_turn(
        self,
        turn: EndpointTurn,
        endpoint_id: str,
        terms: UpdateTerms,
        options: CallOptions | None = None,
    ) -> Endpoint:
        """Do the same within a turn that the caller holds."""
        endpoint = self._directory.read(endpoint_id, options)
        check_name(endpoint, terms.named)
        if terms.if_unchanged is not None:
            _check_unchanged(terms.if_unchanged, endpoint)
        theirs: tuple[str, ...] = ()
        for _ in range(ROUNDS):
            base = self._writable(endpoint)
            body = overlaid(base, terms.changes(base))
            check_bounds(body)
            ours = differing(base, body)
            if not ours:
                return endpoint
            endpoint, back = self._written(turn, _Sent(endpoint.raw, base, body, ours), terms, options)
            if back is None or back.shows is Shows.DONE:
                return self._reported(endpoint, back)
            theirs = back.foreign
            if back.shows is Shows.CONFLICT and not terms.overwrite:
                break
        raise _conflict(endpoint, theirs)

    def _writable(self, endpoint: Endpoint) -> dict[str, JSON]:
        return writable(endpoint.raw, echo_unknown=self._serverless.echo_unknown)

    def _written(
        self, turn: EndpointTurn, sent: _Sent, terms: UpdateTerms, options: CallOptions | None
    ) -> tuple[Endpoint, ReadBack | None]:
        """Write, and read back until it is known what came of it.

        Returns:
            The record now, and what it shows; None where nobody wanted to know.

        Raises:
            UpdateNotAppliedError: The change was accepted and never showed.
        """
        wire = with_numbers_as_text(sent.body) if self._serverless.numbers == "text" else sent.body
        for sends_left in reversed(range(ROUNDS)):
            turn.confirm()
            unclear: OutcomeUnknownError | None = None
            try:
                self._caller.write(operations.UPDATE_ENDPOINT, wire, options)
            except OutcomeUnknownError as error:
                unclear = error
            if unclear is None and not terms.verify:
                owned = {key: value for key, value in sent.raw.items() if key in SERVER_OWNED}
                return structure(Endpoint, {**owned, **sent.body}), None
            endpoint, back = self._settled(sent, options, hurried=unclear is not None)
            if back.shows is not Shows.NOT_YET:
                return endpoint, back
            if unclear is None and sends_left and "envs" in back.missing and wire.get("envs") == []:
                wire = {**wire, "envs": None}  # an empty list may pass for one that was left out
            elif unclear is None:
                raise _not_applied(endpoint, back)
            elif not sends_left:
                raise unclear
        raise AssertionError  # pragma: no cover - the loop ends in one of the ways above

    def _settled(
        self, sent: _Sent, options: CallOptions | None, *, hurried: bool
    ) -> tuple[Endpoint, ReadBack]:
        """Read until the change shows, somebody else's does, or the time for it is over."""
        began, pause = self._clock.monotonic(), READ_BACK_PAUSE
        longest = READ_BACK_TIME / ROUNDS if hurried else READ_BACK_TIME
        while True:
            endpoint = self._directory.read(str(sent.base["id"]), options)
            back = read_back(sent.base, sent.body, self._writable(endpoint), sent.ours)
            left = began + longest - self._clock.monotonic()
            if back.shows is not Shows.NOT_YET or left <= 0:
                return endpoint, back
            self._clock.sleep(min(pause, left))
            pause *= 2

    def _reported(self, endpoint: Endpoint, back: ReadBack | None) -> Endpoint:
        if back is None or not back.foreign:
            return endpoint
        log(
            _LOG,
            logging.WARNING,
            "settings of endpoint %(endpoint)s that were not touched have changed: %(fields)s",
            endpoint=endpoint.id,
            fields=", ".join(back.foreign),
        )
        extra = {**endpoint.extra, "unexpected_changes": list(back.foreign)}
        evolved: Any = attrs.evolve(cast("Any", endpoint), extra=extra)
        return cast("Endpoint", evolved)


def check_name(endpoint: Endpoint, named: str | None) -> None:
    """Refuse an endpoint that bears another name than the one it was asked for by.

    Raises:
        NotFoundError: It is not the endpoint that was meant.
    """
    if named is not None and endpoint.name != named:
        raise NotFoundError(
            f"endpoint {endpoint.id} bears another name now",
            kind="ENDPOINT",
            status_hint=404,
            identifier=named,
            searched_by=("name",),
        )


def _check_unchanged(expected: Endpoint, found: Endpoint) -> None:
    if fingerprint(expected.raw) != fingerprint(found.raw):
        fields = differing(writable(expected.raw), writable(found.raw))
        if fields:  # else only the order is another one
            raise _conflict(found, fields)


def _conflict(endpoint: Endpoint, fields: tuple[str, ...]) -> ConcurrentUpdateError:
    record = writable(endpoint.raw)
    shown = (name for name in fields if name in PLACES and name not in {"envs", "command"})  # no secrets
    theirs = {name: setting(record, name) for name in shown}
    return ConcurrentUpdateError(
        f"endpoint {endpoint.id} was changed by somebody else: {', '.join(fields)}",
        resource_id=endpoint.id,
        fields=fields,
        theirs=theirs,
    )


def _not_applied(endpoint: Endpoint, back: ReadBack) -> UpdateNotAppliedError:
    return UpdateNotAppliedError(
        f"endpoint {endpoint.id} accepted an update that never showed: {', '.join(back.missing)}",
        resource_id=endpoint.id,
        fields=back.missing,
    )
