"""One loop for every wait: poll, judge, tell, pause; until reached, impossible or out of time."""

from __future__ import annotations

import logging
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar

from novita_sdk._concurrency.clock import AsyncClock
from novita_sdk._core.log_records import log
from novita_sdk._core.waiting import (
    APPEARANCE_GRACE,
    LAST_POLL,
    Progress,
    Verdict,
    poll_options,
    poll_pause,
)
from novita_sdk.errors import (
    NotFoundError,
    NovitaError,
    PagingError,
    ResponseDecodeError,
    WaitFailedError,
    WaitTimeoutError,
)
from novita_sdk.options import CallOptions

T = TypeVar("T")

# they tell nothing about the resource, a later poll may
_INCONCLUSIVE = (NotFoundError, PagingError, ResponseDecodeError)

_HOOKS = logging.getLogger("novita_sdk.hooks")


class AsyncWait:
    """One wait for one resource.

    Args:
        resource_id: What is waited for.
        clock: What it sleeps on.
        timeout: Seconds until it gives up; None for never.
        longest_pause: Longest pause between two polls, in seconds.
        rng: Where the swing of the pauses comes from.
        on_progress: Told after each poll.
    """

    def __init__(
        self,
        resource_id: str,
        *,
        clock: AsyncClock,
        timeout: float | None,
        longest_pause: float,
        rng: random.Random,
        on_progress: Callable[[Progress], object] | None,
    ) -> None:
        self._resource_id = resource_id
        self._clock = clock
        self._timeout = timeout
        self._longest_pause = longest_pause
        self._rng = rng
        self._on_progress = on_progress
        self._began = clock.monotonic()
        self._polls = self._failed_polls = 0
        self._last_error: NovitaError | None = None
        self._not_before = 0.0  # seconds after a failed poll in which the service wants no other
        self._status: str | None = None
        self._last_seen: str | None = None
        self._complained = False  # whether a failing `on_progress` was reported
        self._timeline: list[tuple[datetime, str]] = []

    async def until(
        self,
        fetch: Callable[[CallOptions], Awaitable[T | None]],
        status_of: Callable[[T], str],
        judge: Callable[[str | None], Verdict],
    ) -> T | None:
        """Poll until `judge` says so.

        Args:
            fetch: Makes one poll with the given options; None stands for "there certainly is no such resource".
            status_of: Reads the status.
            judge: Judges it, None as well.

        Returns:
            What the last poll brought; None if the resource is gone and that was waited for.

        Raises:
            WaitTimeoutError: The time is up. The resource was left as it is.
            WaitFailedError: What is waited for cannot happen any more.
            NovitaError: A poll failed in a way that no later poll would mend, such as a refused key.
        """
        while True:
            found, answered = await self._poll(fetch)
            previous = self._status
            if answered:
                self._note(None if found is None else status_of(found))
            self._tell(previous)
            if answered:
                verdict = judge(self._status)
                if verdict is Verdict.REACHED:
                    return found
                if verdict is Verdict.IMPOSSIBLE and (found is not None or self._is_gone()):
                    raise self._failed()
            await self._pause()

    async def _poll(self, fetch: Callable[[CallOptions], Awaitable[T | None]]) -> tuple[T | None, bool]:
        """Return what the poll found, and whether it found out anything."""
        self._polls += 1
        self._not_before = 0.0
        left = None if self._timeout is None else self._timeout - self._waited()
        try:
            return await fetch(poll_options(left)), True
        except NovitaError as error:
            if not error.retryable and not isinstance(error, _INCONCLUSIVE):
                raise
            self._failed_polls += 1
            self._last_error = error
            self._not_before = error.retry_after or 0.0
            return None, False

    def _note(self, status: str | None) -> None:
        if status != self._status:
            self._timeline.append((datetime.fromtimestamp(self._clock.time(), UTC), status or "gone"))
        self._status = status
        self._last_seen = status or self._last_seen

    def _is_gone(self) -> bool:
        """Tell whether "not found" means gone; what was never seen may still be on its way into the lists."""
        return self._last_seen is not None or self._waited() >= APPEARANCE_GRACE

    def _tell(self, previous: str | None) -> None:
        if self._on_progress is None:
            return
        progress = Progress(
            resource_id=self._resource_id,
            status=self._status,
            previous=previous,
            elapsed=self._waited(),
            polls=self._polls,
            failed_polls=self._failed_polls,
        )
        try:
            self._on_progress(progress)
        except Exception as error:  # noqa: BLE001 - who watches a wait must not change it; it is reported
            if not self._complained:
                self._complained = True
                log(
                    _HOOKS,
                    logging.WARNING,
                    "on_progress raised %(error)s while waiting for %(resource_id)s; it is not reported again",
                    error=type(error).__name__,
                    resource_id=self._resource_id,
                )

    async def _pause(self) -> None:
        waited = self._waited()
        pause = poll_pause(waited, self._longest_pause, self._rng.uniform(0.9, 1.1))
        pause = max(pause, self._not_before)
        is_over = False
        if self._timeout is not None and waited + pause > self._timeout - LAST_POLL:
            is_over = waited >= self._timeout - LAST_POLL
            pause = max(0.0, self._timeout - waited - (0.0 if is_over else LAST_POLL))
        try:
            await self._clock.sleep_async(pause)
        except BaseException as error:
            error.add_note(
                f"{self._resource_id} was left as it is; last seen: {self._last_seen or 'nothing'}"
            )
            raise
        if is_over:
            raise self._timed_out()

    def _waited(self) -> float:
        return self._clock.monotonic() - self._began

    def _timed_out(self) -> WaitTimeoutError:
        return WaitTimeoutError(
            f"{self._resource_id} is {self._status or 'not there'} after {self._timeout:g} s",
            resource_id=self._resource_id,
            last_seen=self._last_seen,
            timeline=tuple(self._timeline),
            polls=self._polls,
            failed_polls=self._failed_polls,
            last_error=self._last_error,
        )

    def _failed(self) -> WaitFailedError:
        return WaitFailedError(
            f"{self._resource_id} is {self._status or 'gone'}: what is waited for cannot happen any more",
            resource_id=self._resource_id,
            last_seen=self._last_seen,
            reason=self._status or "gone",
            timeline=tuple(self._timeline),
        )
