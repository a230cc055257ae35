# Generated from novita_sdk/_async/webhooks/sending.py by tools/unasync.py; edit the source.
"""A message on its way from within the program: attempt by attempt, until it is taken or given up."""

from __future__ import annotations

from datetime import UTC, datetime

from novita_sdk._concurrency.clock import Clock
from novita_sdk._core.breaker import Permit, Refusal
from novita_sdk._core.webhooks.delivery import Delivered, Failure, TryAgain, after_attempt
from novita_sdk._core.webhooks.delivery_stats import DeliveryTally
from novita_sdk._core.webhooks.destination import Destination
from novita_sdk._core.webhooks.report import DeliveryReport, delivery_error
from novita_sdk._sync.webhooks.delivery import Attempted, Delivery
from novita_sdk.errors import Attempt, CircuitOpenError, WebhookDeliveryError


class Sending:
    """One message and what has been tried for it.

    Args:
        delivery: Makes the attempts.
        clock: Where the time comes from.
        tally: Counts and logs.
        destination: Where it goes.
        message_id: Its id.
        body: Its bytes.
        attempts: Most attempts.
        timeout: Seconds of each attempt.
    """

    def __init__(
        self,
        delivery: Delivery,
        clock: Clock,
        tally: DeliveryTally,
        *,
        destination: Destination,
        message_id: str,
        body: bytes,
        attempts: int,
        timeout: float,
    ) -> None:
        self.message_id = message_id
        self.report: DeliveryReport | None = None
        self.error: WebhookDeliveryError | None = None
        self._delivery = delivery
        self._clock = clock
        self._tally = tally
        self._destination = destination
        self._body = body
        self._most = attempts
        self._timeout = timeout
        self._permit: Permit | None = None
        self._tried: list[Attempt] = []
        self._began: float | None = None
        self._paused = 0.0
        self._is_lost = False

    def run(self) -> DeliveryReport:
        """Try until the message is taken.

        Raises:
            WebhookDeliveryError: It was given up.
        """
        next_at = self.step()
        while next_at is not None:
            self._clock.sleep(next_at - self._clock.monotonic())
            next_at = self.step()
        if self.report is None:
            raise self.error or AssertionError("a sending ends with a report or an error")
        return self.report

    def step(self) -> float | None:
        """Make the next attempt; return when another one is due in monotonic seconds, None if that was all."""
        if self._permit is None:
            answer = self._delivery.ask(self._destination, self._timeout)
            if isinstance(answer, Refusal):
                self._give_up(
                    _circuit_open(answer), "its host failed too often, nothing is sent to it for a while"
                )
                return None
            self._permit = answer
        token = self._delivery.take_token(self._destination)
        if isinstance(token, float):
            return self._clock.monotonic() + token
        if self._began is None:
            self._began = self._clock.monotonic()
        attempted = self._attempt(self._permit)
        if self._is_lost:
            return None
        made = len(self._tried)
        next_step = after_attempt(
            attempted.outcome,
            made=made,
            attempts=self._most if self._permit.probe is None else 1,
            retry_after=attempted.retry_after,
        )
        if isinstance(next_step, Delivered):
            self.report = DeliveryReport(
                message_id=self.message_id,
                attempts=made,
                status=self._tried[-1].status,
                elapsed=self._elapsed,
            )
            self._tally.delivered(self._destination, self.message_id, made)
            return None
        if isinstance(next_step, TryAgain):
            self._paused = next_step.delay
            self._tally.retried(self._destination, self.message_id, made, attempted.words, next_step.delay)
            return self._clock.monotonic() + next_step.delay
        self._give_up(attempted.cause, attempted.words, next_step.retry_after)
        return None

    @property
    def is_over(self) -> bool:
        """Whether nothing more will be tried."""
        return self._is_lost or self.report is not None or self.error is not None

    def lose(self, cause: str) -> None:
        """Give up a message that nobody can go on with; whatever comes of an attempt under way."""
        if not self.is_over:
            self._is_lost = True
            self._tally.given_up(self._destination, self.message_id, len(self._tried), cause, "lost")

    def _attempt(self, permit: Permit) -> Attempted:
        started, wall = self._clock.monotonic(), self._clock.time()
        attempted = self._delivery.attempt(
            self._destination, permit, message_id=self.message_id, body=self._body, timeout=self._timeout
        )
        outcome = attempted.outcome
        status = None if isinstance(outcome, Failure) else outcome
        self._tried.append(
            Attempt(
                number=len(self._tried) + 1,
                started_at=datetime.fromtimestamp(wall, UTC),
                elapsed=self._clock.monotonic() - started,
                outcome=outcome.value if isinstance(outcome, Failure) else "answer",
                status=status,
                waited_retry=self._paused,
                sent=status is not None or outcome in (Failure.TIMEOUT, Failure.CONNECTION),
            )
        )
        return attempted

    @property
    def _elapsed(self) -> float:
        return 0.0 if self._began is None else self._clock.monotonic() - self._began

    def _give_up(self, cause: Exception | None, words: str, retry_after: float | None = None) -> None:
        self.error = delivery_error(
            self._destination,
            self.message_id,
            tuple(self._tried),
            cause=words,
            elapsed=self._elapsed,
            retry_after=retry_after,
        )
        self.error.__cause__ = cause
        self._tally.given_up(self._destination, self.message_id, len(self._tried), words)


def _circuit_open(refusal: Refusal) -> CircuitOpenError:
    return CircuitOpenError(
        f"the breaker of the host is {refusal.state.value}: it lets a message through in {refusal.retry_after:.1f} s",
        retry_after=refusal.retry_after,
    )
