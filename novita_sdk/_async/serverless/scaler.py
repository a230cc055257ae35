"""Scaling: the bounds are written, and where it is wished no worker is cut off at its work."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final, Literal

import attrs

from novita_sdk._async.caller import AsyncCaller
from novita_sdk._async.serverless.directory import AsyncEndpointDirectory
from novita_sdk._async.serverless.endpoint_locks import AsyncEndpointLocks, AsyncEndpointTurn
from novita_sdk._async.serverless.updater import AsyncEndpointUpdater, UpdateTerms, check_name
from novita_sdk._concurrency.aio import shielded
from novita_sdk._concurrency.clock import AsyncClock
from novita_sdk._core import operations
from novita_sdk._core.durations import required_seconds
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
from novita_sdk._core.serverless.updates import check_bounds, overlaid, setting, writable
from novita_sdk._core.wire import problem
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
_WORKER_GONE: Final = "WORKER_NOT_FOUND"
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

    def settings(self) -> dict[str, JSON]:
        """Return the bounds that are asked for, by the names of settings; what is not said stays."""
        asked = {"min_replicas": self.min_replicas, "max_replicas": self.max_replicas}
        if self.replicas is not None:
            asked = dict.fromkeys(asked, self.replicas)
        return {name: value for name, value in asked.items() if value is not None}


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
    seconds = 0.0
    try:
        seconds = required_seconds("drain_timeout", drain_timeout)
    except ValidationError as error:
        problems += error.problems
    if problems:
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


class AsyncScaler:
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
        caller: AsyncCaller,
        clock: AsyncClock,
        directory: AsyncEndpointDirectory,
        locks: AsyncEndpointLocks,
        updater: AsyncEndpointUpdater,
    ) -> None:
        self._caller = caller
        self._clock = clock
        self._directory = directory
        self._locks = locks
        self._updater = updater

    async def scale(
        self, endpoint_id: str, terms: ScaleTerms, options: CallOptions | None = None
    ) -> ScaleResult:
        """Move the bounds of an endpoint; raises as `serverless_endpoints.scale` does."""
        async with self._locks.of(endpoint_id) as turn:
            if terms.drain == "off":
                return await self._moved(turn, endpoint_id, terms, options)
            endpoint = await self._directory.read(endpoint_id, options)
            check_name(endpoint, terms.named)
            check_bounds(overlaid(writable(endpoint.raw), terms.settings()))
            before = bounds_of(endpoint)
            wanted = wanted_bounds(before, terms.replicas, terms.min_replicas, terms.max_replicas)
            too_many = excess(endpoint, wanted.max_replicas)
            if wanted == before or too_many == 0:
                return await self._moved(turn, endpoint_id, terms, options)
            chosen = [worker.id for worker in drain_order(endpoint.workers, terms.busy)[:too_many]]
            return await self._drained_and_moved(turn, endpoint, chosen, terms, options)

    async def _moved(
        self, turn: AsyncEndpointTurn, endpoint_id: str, terms: ScaleTerms, options: CallOptions | None
    ) -> ScaleResult:
        """Write the bounds, and say what came of it."""
        found: list[ReplicaBounds] = []

        def changes(base: Mapping[str, JSON]) -> dict[str, JSON]:
            least, most = setting(base, "min_replicas"), setting(base, "max_replicas")
            found.append(ReplicaBounds(least or 0, most or 0))
            return terms.settings()

        update = UpdateTerms(changes=changes, named=terms.named)
        endpoint = await self._updater.update_in_turn(turn, endpoint_id, update, options)
        return ScaleResult(before=found[0], after=bounds_of(endpoint), drained=(), endpoint=endpoint)

    # ------------------------------------------------------------------------------------ draining

    async def _drained_and_moved(
        self,
        turn: AsyncEndpointTurn,
        endpoint: Endpoint,
        chosen: Sequence[str],
        terms: ScaleTerms,
        options: CallOptions | None,
    ) -> ScaleResult:
        """Drain workers, wait until they have left, and write the bounds; take everything back if that fails."""
        before = bounds_of(endpoint)
        least = terms.settings().get("min_replicas", before.min_replicas)
        lowered = least < before.min_replicas
        drained: list[str] = []
        try:
            if lowered:  # first, so that drained workers are not replaced
                await self._set_least(turn, endpoint.id, least, options)
            for worker_id in chosen:
                if not await self._drain(worker_id, drained, terms, options):
                    break
            await self._wait_for_leaving(turn, endpoint.id, drained, terms, options)
            moved = await self._moved(turn, endpoint.id, terms, options)
        except BaseException as error:
            with shielded(self._clock, _UNDO_TIME):
                await self._undo(turn, endpoint.id, drained, before if lowered else None, error)
            raise
        return attrs.evolve(moved, before=before, drained=tuple(drained))

    async def _drain(
        self, worker_id: str, drained: list[str], terms: ScaleTerms, options: CallOptions | None
    ) -> bool:
        """Drain a worker, unless it has left already; False where the service has no such route.

        Raises:
            UnsupportedFeatureError: There is no such route, and draining is required.
        """
        try:
            await self._send_drain(worker_id, drain=True, options=options)
        except APIStatusError as error:
            is_named = isinstance(error, NotFoundError) and error.reason is not None
            if is_named and error.code == _WORKER_GONE:
                return True
            if is_named or error.status not in _NO_ROUTE:
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
        drained.append(worker_id)
        return True

    async def _wait_for_leaving(
        self,
        turn: AsyncEndpointTurn,
        endpoint_id: str,
        drained: Sequence[str],
        terms: ScaleTerms,
        options: CallOptions | None,
    ) -> None:
        """Wait until drained workers have left.

        Raises:
            DrainTimeoutError: The time for it is over, and it matters.
        """
        until = self._clock.monotonic() + terms.drain_timeout
        while drained and (staying := await self._staying(endpoint_id, drained, options)):
            await turn.confirm()
            left = until - self._clock.monotonic()
            if left > 0:
                await self._clock.sleep_async(min(DRAIN_POLL, left))
            elif terms.on_drain_timeout == "proceed":
                return
            else:
                raise DrainTimeoutError(
                    f"{len(staying)} workers of endpoint {endpoint_id} are still at work after "
                    f"{terms.drain_timeout:g} s; the bounds are as before",
                    resource_id=endpoint_id,
                    worker_ids=staying,
                )

    async def _staying(
        self, endpoint_id: str, drained: Sequence[str], options: CallOptions | None
    ) -> tuple[str, ...]:
        endpoint = await self._directory.read(endpoint_id, options)
        return tuple(worker_id for worker_id in drained if not has_left(endpoint, worker_id))

    async def _undo(
        self,
        turn: AsyncEndpointTurn,
        endpoint_id: str,
        drained: Sequence[str],
        before: ReplicaBounds | None,
        error: BaseException,
    ) -> None:
        """Let drained workers work again and restore the lower bound; what fails is noted on the error."""
        failed: list[str] = []
        for worker_id in drained:
            try:
                await self._send_drain(worker_id, drain=False, options=None)
            except NotFoundError:
                continue  # it has left
            except NovitaError as failure:
                failed.append(f"worker {worker_id} is still drained ({failure.code})")
        if before is not None:
            try:
                await self._set_least(turn, endpoint_id, before.min_replicas, None)
            except NovitaError as failure:
                failed.append(f"min_replicas is not back at {before.min_replicas} ({failure.code})")
        if drained:
            error.add_note(f"workers that had been drained: {', '.join(drained)}")
        for text in failed:
            error.add_note(text)

    async def _set_least(
        self, turn: AsyncEndpointTurn, endpoint_id: str, least: int, options: CallOptions | None
    ) -> None:
        await self._updater.update_in_turn(
            turn, endpoint_id, UpdateTerms(changes=lambda _: {"min_replicas": least}), options
        )

    async def _send_drain(self, worker_id: str, *, drain: bool, options: CallOptions | None) -> None:
        body: dict[str, JSON] = {"workerID": worker_id, "drain": drain}
        await self._caller.write(operations.DRAIN_WORKER, body, options)
