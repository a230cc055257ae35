# Generated from novita_sdk/_async/serverless/scaler.py by tools/unasync.py; edit the source.
"""Scaling: the bounds are written, and where it is wished no worker is cut off at its work."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Final, Literal

import attrs

from novita_sdk._concurrency.clock import Clock
from novita_sdk._concurrency.threads import shielded
from novita_sdk._core import operations
from novita_sdk._core.durations import positive_seconds
from novita_sdk._core.log_records import log
from novita_sdk._core.serverless.draining import (
    DRAIN_POLL,
    Busy,
    bounds_of,
    drain_order,
    excess,
    has_left,
    wanted_bounds,
)
from novita_sdk._core.serverless.unsupported import unsupported
from novita_sdk._core.wire import problem
from novita_sdk._sync.caller import Caller
from novita_sdk._sync.serverless.directory import EndpointDirectory
from novita_sdk._sync.serverless.endpoint_locks import EndpointLocks, EndpointTurn
from novita_sdk._sync.serverless.updater import EndpointUpdater, UpdateTerms
from novita_sdk.errors import (
    APIStatusError,
    DrainTimeoutError,
    NotFoundError,
    NovitaError,
    ValidationError,
)
from novita_sdk.models.endpoint import Endpoint
from novita_sdk.models.json_types import JSON
from novita_sdk.models.scaling import ReplicaBounds, ScaleResult
from novita_sdk.options import CallOptions

Drain = Literal["off", "idle", "require"]
OnDrainTimeout = Literal["undo", "proceed"]

_NO_ROUTE: Final = frozenset({404, 405, 501})
_UNDO_TIME: Final = 60.0
_LOG: Final = logging.getLogger("novita_sdk.serverless")


@attrs.frozen(kw_only=True)
class ScaleTerms:
    """How an endpoint is scaled.

    Attributes:
        replicas: Both bounds.
        min_replicas: The lower one.
        max_replicas: The upper one.
        drain: Whether workers that are too many are drained first.
        busy: Tells whether a worker is at work.
        drain_timeout: Seconds for draining.
        on_drain_timeout: What becomes of it when they are over.
        named: The name the endpoint was asked for by.
    """

    replicas: int | None
    min_replicas: int | None
    max_replicas: int | None
    drain: Drain = "off"
    busy: Busy | None = None
    drain_timeout: float = 300.0
    on_drain_timeout: OnDrainTimeout = "undo"
    named: str | None = None


def scale_terms(
    *,
    replicas: int | None,
    min_replicas: int | None,
    max_replicas: int | None,
    drain: Drain,
    busy: Busy | None,
    drain_timeout: float | timedelta,
    on_drain_timeout: OnDrainTimeout,
) -> ScaleTerms:
    """Check the arguments of a scaling.

    Raises:
        ValidationError: They are wrong; all problems at once.
    """
    given = {"replicas": replicas, "min_replicas": min_replicas, "max_replicas": max_replicas}
    problems = [
        problem(name, value, "must be a whole number of 0 or more")
        for name, value in given.items()
        if value is not None and (type(value) is not int or value < 0)
    ]
    if not any(value is not None for value in given.values()):
        problems.append(problem("replicas", None, "give replicas, min_replicas or max_replicas"))
    elif replicas is not None and (min_replicas is not None or max_replicas is not None):
        problems.append(problem("replicas", replicas, "cannot be given together with a bound"))
    if drain not in {"off", "idle", "require"}:
        problems.append(problem("drain", drain, 'must be "off", "idle" or "require"'))
    if on_drain_timeout not in {"undo", "proceed"}:
        problems.append(problem("on_drain_timeout", on_drain_timeout, 'must be "undo" or "proceed"'))
    seconds = positive_seconds(drain_timeout)
    if seconds is None:
        problems.append(problem("drain_timeout", drain_timeout, "must be seconds above 0, or a timedelta"))
    if problems or seconds is None:
        raise ValidationError(problems=tuple(problems))
    return ScaleTerms(
        replicas=replicas,
        min_replicas=min_replicas,
        max_replicas=max_replicas,
        drain=drain,
        busy=busy,
        drain_timeout=seconds,
        on_drain_timeout=on_drain_timeout,
    )


class Scaler:
    """Scales endpoints.

    Args:
        caller: Makes the calls.
        clock: What it sleeps on.
        directory: Reads endpoints.
        locks: Who may change what.
        updater: Writes the bounds.
    """

    def __init__(
        self,
        caller: Caller,
        clock: Clock,
        directory: EndpointDirectory,
        locks: EndpointLocks,
        updater: EndpointUpdater,
    ) -> None:
        self._caller = caller
        self._clock = clock
        self._directory = directory
        self._locks = locks
        self._updater = updater

    def scale(self, endpoint_id: str, terms: ScaleTerms, options: CallOptions | None = None) -> ScaleResult:
        """Move the bounds of an endpoint; raises as `serverless_endpoints.scale` does."""
        with self._locks.of(endpoint_id) as turn:
            if terms.drain == "off":
                return self._moved(turn, endpoint_id, terms, (), None, options)
            endpoint = self._directory.read(endpoint_id, options)
            before = bounds_of(endpoint)
            wanted = wanted_bounds(before, terms.replicas, terms.min_replicas, terms.max_replicas)
            too_many = excess(endpoint, wanted.max_replicas)
            if wanted == before or too_many == 0:
                return self._moved(turn, endpoint_id, terms, (), None, options)
            chosen = [worker.id for worker in drain_order(endpoint.workers, terms.busy)[:too_many]]
            drained = self._drained(turn, endpoint, chosen, terms, wanted, options)
            return self._moved(turn, endpoint_id, terms, drained, before, options)

    def _moved(
        self,
        turn: EndpointTurn,
        endpoint_id: str,
        terms: ScaleTerms,
        drained: tuple[str, ...],
        before: ReplicaBounds | None,
        options: CallOptions | None,
    ) -> ScaleResult:
        """Write the bounds, and say what came of it."""
        found: list[ReplicaBounds] = [] if before is None else [before]

        def changes(base: JSON) -> dict[str, JSON]:
            config = base["workerConfig"]
            now = ReplicaBounds(config["minNum"], config["maxNum"])
            found.append(now)
            wanted = wanted_bounds(found[0], terms.replicas, terms.min_replicas, terms.max_replicas)
            return {"min_replicas": wanted.min_replicas, "max_replicas": wanted.max_replicas}

        update = UpdateTerms(changes=changes, named=terms.named)
        endpoint = self._updater.update_in_turn(turn, endpoint_id, update, options)
        return ScaleResult(before=found[0], after=bounds_of(endpoint), drained=drained, endpoint=endpoint)

    # ------------------------------------------------------------------------------------ draining

    def _drained(
        self,
        turn: EndpointTurn,
        endpoint: Endpoint,
        chosen: Sequence[str],
        terms: ScaleTerms,
        wanted: ReplicaBounds,
        options: CallOptions | None,
    ) -> tuple[str, ...]:
        """Drain workers and wait until they have left; take everything back if that fails.

        Returns:
            The drained workers; none where the service has no way to drain them.
        """
        before = bounds_of(endpoint)
        drained: list[str] = []
        lowered = wanted.min_replicas < before.min_replicas
        try:
            if lowered:  # first, so that drained workers are not replaced
                self._set_least(turn, endpoint.id, wanted.min_replicas, options)
            for worker_id in chosen:
                if not self._drain(worker_id, terms, options):
                    return ()
                drained.append(worker_id)
            self._wait_for_leaving(endpoint.id, drained, terms, options)
        except BaseException as error:
            with shielded(self._clock, _UNDO_TIME):
                self._undo(turn, endpoint.id, drained, before if lowered else None, error)
            raise
        return tuple(drained)

    def _drain(self, worker_id: str, terms: ScaleTerms, options: CallOptions | None) -> bool:
        """Drain a worker; False where the service has no such route.

        Raises:
            UnsupportedFeatureError: There is no such route, and draining is required.
        """
        try:
            self._send_drain(worker_id, drain=True, options=options)
        except APIStatusError as error:
            if error.status not in _NO_ROUTE or (isinstance(error, NotFoundError) and error.reason):
                raise
            if terms.drain == "require":
                raise unsupported(["drain"]) from error
            log(
                _LOG,
                logging.WARNING,
                "workers cannot be drained (status %(status)s); endpoints are scaled without",
                status=error.status,
            )
            return False
        return True

    def _wait_for_leaving(
        self, endpoint_id: str, drained: Sequence[str], terms: ScaleTerms, options: CallOptions | None
    ) -> None:
        """Wait until drained workers have left.

        Raises:
            DrainTimeoutError: The time for it is over, and it matters.
        """
        until = self._clock.monotonic() + terms.drain_timeout
        while staying := self._staying(endpoint_id, drained, options):
            left = until - self._clock.monotonic()
            if left > 0:
                self._clock.sleep(min(DRAIN_POLL, left))
            elif terms.on_drain_timeout == "proceed":
                return
            else:
                raise DrainTimeoutError(
                    f"{len(staying)} workers of endpoint {endpoint_id} are still at work after "
                    f"{terms.drain_timeout:g} s; the bounds are as before",
                    resource_id=endpoint_id,
                    worker_ids=staying,
                )

    def _staying(
        self, endpoint_id: str, drained: Sequence[str], options: CallOptions | None
    ) -> tuple[str, ...]:
        endpoint = self._directory.read(endpoint_id, options)
        return tuple(worker_id for worker_id in drained if not has_left(endpoint, worker_id))

    def _undo(
        self,
        turn: EndpointTurn,
        endpoint_id: str,
        drained: Sequence[str],
        before: ReplicaBounds | None,
        error: BaseException,
    ) -> None:
        """Let drained workers work again and restore the lower bound; what fails is noted on the error."""
        failed: list[str] = []
        for worker_id in drained:
            try:
                self._send_drain(worker_id, drain=False, options=None)
            except NotFoundError:
                continue  # it has left
            except NovitaError as failure:
                failed.append(f"worker {worker_id} is still drained ({failure.code})")
        if before is not None:
            try:
                self._set_least(turn, endpoint_id, before.min_replicas, None)
            except NovitaError as failure:
                failed.append(f"min_replicas is not back at {before.min_replicas} ({failure.code})")
        if drained:
            error.add_note(f"workers that had been drained: {', '.join(drained)}")
        for text in failed:
            error.add_note(text)

    def _set_least(
        self, turn: EndpointTurn, endpoint_id: str, least: int, options: CallOptions | None
    ) -> None:
        self._updater.update_in_turn(
            turn, endpoint_id, UpdateTerms(changes=lambda _: {"min_replicas": least}), options
        )

    def _send_drain(self, worker_id: str, *, drain: bool, options: CallOptions | None) -> None:
        body: dict[str, JSON] = {"workerID": worker_id, "drain": drain}
        self._caller.write(operations.DRAIN_WORKER, body, options)
