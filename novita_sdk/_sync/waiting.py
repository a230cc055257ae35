# Generated from novita_sdk/_async/waiting.py by tools/unasync.py; edit the source.
"""One loop for every wait: poll, judge, tell, pause; until reached, impossible or out of time."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from novita_sdk._concurrency.clock import Clock
from novita_sdk._core.waiting import APPEARANCE_GRACE, Progress, Verdict, poll_pause
from novita_sdk.errors import (
    AuthenticationError,
    NotFoundError,
    NovitaError,
    PermissionDeniedError,
    WaitFailedError,
    WaitTimeoutError,
)

T = TypeVar("T")


class Wait:
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
        clock: Clock,
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
        self._last_seen: str | None = None
        self._seen = False
        self._timeline: list[tuple[datetime, str]] = []

    def until(
        self,
        fetch: Callable[[], T],
        status_of: Callable[[T], str],
        judge: Callable[[str | None], Verdict],
    ) -> T | None:
        """Poll until `judge` says so.

        Args:
            fetch: Makes one poll.
            status_of: Reads the status.
            judge: Judges it; None stands for "there is no such resource".

        Returns:
            What the last poll brought; None if the resource is gone and that was waited for.

        Raises:
            WaitTimeoutError: The time is up. The resource was left as it is.
            WaitFailedError: What is waited for cannot happen any more.
            AuthenticationError: The key is not accepted (any longer).
            PermissionDeniedError: The key may not read this.
        """
        while True:
            found, answered = self._poll(fetch)
            if answered:
                verdict = self._judge(found, status_of, judge)
                if verdict is Verdict.REACHED:
                    return found
                if verdict is Verdict.IMPOSSIBLE:
                    raise self._failed()
            self._pause()

    def _poll(self, fetch: Callable[[], T]) -> tuple[T | None, bool]:
        self._polls += 1
        try:
            return fetch(), True
        except NotFoundError as error:
            self._last_error = error
            return None, self._seen or self._clock.monotonic() - self._began >= APPEARANCE_GRACE
        except (AuthenticationError, PermissionDeniedError) as error:
            error.add_context(resource_id=self._resource_id)
            raise
        except NovitaError as error:
            if not error.retryable:
                raise
            self._failed_polls += 1
            self._last_error = error
            return None, False

    def _judge(
        self, found: T | None, status_of: Callable[[T], str], judge: Callable[[str | None], Verdict]
    ) -> Verdict:
        status = None if found is None else status_of(found)
        self._seen = self._seen or found is not None
        previous, self._last_seen = self._last_seen, status
        if status != previous:
            self._timeline.append((datetime.fromtimestamp(self._clock.time(), UTC), status or "gone"))
        if self._on_progress is not None:
            self._on_progress(
                Progress(
                    resource_id=self._resource_id,
                    status=status,
                    previous=previous,
                    elapsed=self._clock.monotonic() - self._began,
                    polls=self._polls,
                    failed_polls=self._failed_polls,
                )
            )
        return judge(status)

    def _pause(self) -> None:
        waited = self._clock.monotonic() - self._began
        pause = poll_pause(waited, self._longest_pause, self._rng.uniform(0.9, 1.1))
        if self._last_error is not None and self._last_error.retry_after:
            pause = max(pause, self._last_error.retry_after)
        if self._timeout is not None and waited + pause > self._timeout:
            left = self._timeout - waited
            if left <= 0:
                raise self._timed_out()
            pause = left
        try:
            self._clock.sleep(pause)
        except BaseException as error:
            error.add_note(
                f"{self._resource_id} was left as it is; last seen: {self._last_seen or 'nothing'}"
            )
            raise

    def _timed_out(self) -> WaitTimeoutError:
        return WaitTimeoutError(
            f"{self._resource_id} is {self._last_seen or 'not there'} after {self._timeout:g} s",
            resource_id=self._resource_id,
            last_seen=self._last_seen,
            timeline=tuple(self._timeline),
            polls=self._polls,
            failed_polls=self._failed_polls,
            last_error=self._last_error,
        )

    def _failed(self) -> WaitFailedError:
        return WaitFailedError(
            f"{self._resource_id} is {self._last_seen or 'gone'}: what is waited for cannot happen any more",
            resource_id=self._resource_id,
            last_seen=self._last_seen,
            reason=self._last_seen or "gone",
            timeline=tuple(self._timeline),
        )
