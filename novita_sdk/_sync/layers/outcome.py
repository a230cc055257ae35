# Generated from novita_sdk/_async/layers/outcome.py by tools/unasync.py; edit the source.
"""Inside layer 6: an unclear outcome is read back or settled, so that nothing ever happens twice."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from novita_sdk._concurrency.clock import Clock
from novita_sdk._concurrency.threads import shielded
from novita_sdk._core.answers import error_body_of, outcome_of
from novita_sdk._core.context import CallContext
from novita_sdk._core.deadline import Deadline
from novita_sdk._core.errormap import proves_absence
from novita_sdk._core.http import Request, Response
from novita_sdk._core.marker import MARKER_ENV
from novita_sdk._core.operations.operation import Look, Reread, Safety
from novita_sdk._core.outcome import OUTCOMES, Action, Outcome, outcome_of_error
from novita_sdk._core.results import answered_id, lacks_needed_answer, revealed, settled_answer
from novita_sdk._core.settle_schedule import (
    INTERRUPTED_WINDOW,
    STATE_RULE_PAUSES,
    STATE_RULE_REREAD,
    look_instants,
)
from novita_sdk._core.settling import after_refusal, done, has_state_rule, remaining
from novita_sdk._core.wire import encode_body
from novita_sdk._sync.lookups import Lookups
from novita_sdk._sync.middleware import CallNext
from novita_sdk._sync.settler import Settler
from novita_sdk.errors import ClientClosedError, DuplicateCreateError, InvalidStateError, NovitaError


@attrs.frozen
class _Tried:
    """What came of one attempt: an answer or an error, and what that means."""

    outcome: Outcome
    response: Response | None = None
    error: NovitaError | None = None

    def result(self) -> Response:
        if self.error is not None:
            raise self.error
        assert self.response is not None  # noqa: S101 - one of the two came
        return self.response


class OutcomeLayer:
    """Between the retries and the attempts: turns "maybe" into "yes" or "no".

    An idempotent call is read back before anybody sends it again. An unsafe one is settled and never sent again,
    whatever the layers above do.

    Args:
        clock: What it sleeps on.
        lookups: How it reads.
        settler: How an unsafe call is settled.
        pay: Takes units from the retry budget; False if there are too few.
        state_rule_cost: Units that a repeat under the state rule costs.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        lookups: Lookups,
        settler: Settler,
        pay: Callable[[int], bool],
        state_rule_cost: int,
    ) -> None:
        self._clock = clock
        self._lookups = lookups
        self._settler = settler
        self._pay = pay
        self._state_rule_cost = state_rule_cost

    def __call__(self, request: Request, call_next: CallNext) -> Response:
        """Send `request` on, and make sure of what came of it."""
        if request.safety is Safety.READ:  # such as the look before the first sending
            return call_next(request)
        if request.safety is Safety.IDEMPOTENT:
            return self._repeatable(request, call_next)
        sends = request.context.sends
        try:
            return self._once(request, call_next)
        except NovitaError:
            raise
        except BaseException as stranger:
            if request.context.sends > sends:
                self._explain(request, call_next, stranger)
            raise

    # ------------------------------------------------------------------------------- unsafe calls

    def _once(self, request: Request, call_next: CallNext) -> Response:
        context = request.context
        if context.doubtful:  # a layer above asks once more: it may be looked for, but not sent
            return self._settler.settle(request, call_next, None)
        if context.answered is not None:
            return context.answered
        tried = self._attempt(request, call_next)
        action = OUTCOMES[tried.outcome].unsafe
        context.doubtful = action in {Action.SETTLE, Action.UNKNOWN}
        if action is Action.SETTLE:
            return self._settler.settle(request, call_next, tried.error)
        if action is Action.UNKNOWN:
            raise self._settler.unknown(request, call_next) from tried.error
        return tried.result()

    def _explain(self, request: Request, call_next: CallNext, stranger: BaseException) -> None:
        """Say on a foreign exception or an interruption what may have been made."""
        context = request.context
        context.doubtful = True
        settle = None if context.operation is None else context.operation.settle
        marked = settle is not None and settle.kind == "marker" and context.marker != "none"
        name = f"{MARKER_ENV}=" if marked else "operation id "
        effect = "whether it was carried out is not known"
        try:
            if context.answered is not None and context.operation is not None:
                context.resource_id = answered_id(context.operation, context.answered.body)
            elif not isinstance(stranger, (Exception, GeneratorExit)):  # a generator may not wait any more
                with shielded(self._clock, INTERRUPTED_WINDOW):
                    context.resource_id = self._settler.find(request, call_next, INTERRUPTED_WINDOW)
                    context.adopted = context.resource_id is not None
            if context.resource_id is not None:
                effect = f"it was carried out: {context.resource_id}"
        except DuplicateCreateError as several:
            effect = f"it was carried out more than once: {', '.join(several.ids)}"
        except Exception as failure:  # noqa: BLE001 - what interrupted the call must reach the caller unchanged
            effect = f"{effect}: looking for it failed with {type(failure).__name__}"
        finally:
            stranger.add_note(f"{request.operation} was sent with {name}{context.operation_id}; {effect}")

    # --------------------------------------------------------------------------- idempotent calls

    def _repeatable(self, request: Request, call_next: CallNext) -> Response:
        context = request.context
        operation = context.operation
        pauses = iter(STATE_RULE_PAUSES)
        while True:
            tried = self._attempt(request, call_next)
            action = OUTCOMES[tried.outcome].idempotent
            settled: Response | None = None
            if action is Action.REREAD:
                context.doubtful = True
                if operation is not None and operation.reread is not None:
                    settled = self._reread(request, operation.reread, call_next)
            elif action is Action.STATE_RULE and has_state_rule(operation):
                settled = self._follow_up(request, call_next, next(pauses, None))
                if settled is None:
                    continue
            elif (
                action is Action.FINISH_UNREAD and operation is not None and operation.result.shape == "none"
            ):
                settled = self._settled(context, None)
            elif self._met_nothing(context, tried.response):
                named = context.json
                settled = self._gone(request, call_next)
                if settled is None and context.json != named:
                    continue
            return tried.result() if settled is None else settled

    def _reread(self, request: Request, reread: Reread, call_next: CallNext) -> Response | None:
        """Return a settled answer if the effect shows; None if the call is to be sent again."""
        context = request.context
        operation = context.operation
        assert operation is not None  # noqa: S101 - it has the re-read
        began = self._clock.monotonic()
        for at in (0.0, *(look_instants(reread.window) if reread.window else ())):
            pause = began + at - self._clock.monotonic()
            left = context.deadline.left(self._clock.monotonic())
            if pause > 0:
                self._clock.sleep(min(pause, left))
            if pause >= left:
                return None  # and no time is left to send it again, unproven as it is
            try:
                sight = self._lookups.read(request, reread.look, call_next, context.deadline)
            except ClientClosedError:
                raise
            except NovitaError:
                continue  # nothing learnt
            if not sight.complete:
                continue  # what does not show may be there all the same
            sent_at = (context.first_sent_at or 0.0) + self._lookups.server_ahead
            if done(operation, context.json, sight.items, sent_at):
                return self._settled(context, sight.items[0].get("status") if sight.items else None)
            narrowed = remaining(operation, context.json, sight.items)
            if narrowed != context.json:
                context.json, context.body = narrowed, encode_body(narrowed)
        return None

    def _follow_up(self, request: Request, call_next: CallNext, pause: float | None) -> Response | None:
        """Follow "invalid state change" up: a settled answer, or None if the call is to be sent again now.

        Args:
            request: The call.
            call_next: What the re-read goes through.
            pause: Seconds between the last sending and the next; None if there is to be none.

        Raises:
            InvalidStateError: With the status seen.
        """
        context = request.context
        operation = context.operation
        assert operation is not None and operation.reread is not None  # noqa: PT018, S101 - it has the state rule
        status: str | None = None
        if self._slept(STATE_RULE_REREAD, context.deadline):
            status = self._status(request, operation.reread.look, call_next)
            verdict = "again" if status is None else after_refusal(operation, status)
            if verdict == "done":
                return self._settled(context, status)
            if (
                verdict == "again"
                and pause is not None
                and self._slept(pause - STATE_RULE_REREAD, context.deadline)
                and self._pay(self._state_rule_cost)
            ):
                return None
        raise InvalidStateError(
            "the instance's state does not permit this"
            if status is None
            else f"the instance is {status}, which does not permit this",
            status=400,
            current_status=status,
            action=operation.name.removesuffix("_instance"),
        )

    def _status(self, request: Request, look: Look, call_next: CallNext) -> str | None:
        """Return the status of the instance; None if nothing was learnt."""
        try:
            sight = self._lookups.read(request, look, call_next, request.context.deadline)
        except ClientClosedError:
            raise
        except NovitaError:
            return None
        return str(sight.items[0].get("status") or "") if sight.items else "removed"

    def _slept(self, seconds: float, deadline: Deadline) -> bool:
        """Sleep, if the call has time for more than that; tell whether it had."""
        if seconds >= deadline.left(self._clock.monotonic()):
            return False
        self._clock.sleep(seconds)
        return True

    def _met_nothing(self, context: CallContext, response: Response | None) -> bool:
        """Tell whether a delete met nothing to delete where that is as good as having deleted it.

        It is if an earlier attempt may have deleted it, or if the caller does not mind.
        """
        operation = context.operation
        body = None if response is None else error_body_of(response)
        return (
            response is not None
            and body is not None
            and (context.doubtful or context.missing_ok)
            and operation is not None
            and operation.gone_is_done
            and proves_absence(response.status, body, operation.kind)
        )

    def _gone(self, request: Request, call_next: CallNext) -> Response | None:
        """Return a settled answer; None if of several resources named in the call some may still be there."""
        context = request.context
        reread = None if context.operation is None else context.operation.reread
        if reread is not None and reread.remaining is not None and len(context.json[reread.remaining]) > 1:
            return self._reread(request, reread, call_next)
        return self._settled(context, None)

    # -------------------------------------------------------------------------------------- both

    def _attempt(self, request: Request, call_next: CallNext) -> _Tried:
        context = request.context
        if context.body is not None:
            request = request.evolve(body=context.body)
        began = self._clock.time()
        try:
            response = revealed(context.operation, call_next(request))
        except NovitaError as error:
            tried = _Tried(outcome_of_error(error), error=error)
        else:
            outcome = outcome_of(response)
            if outcome is Outcome.SUCCESS and lacks_needed_answer(context.operation, response.body):
                outcome = Outcome.UNDECODABLE
            tried = _Tried(outcome, response)
        finally:
            sent = (attempt.started_at.timestamp() for attempt in context.attempts if attempt.sent)
            context.first_sent_at = next(sent, began)
        if tried.outcome is not Outcome.SUCCESS:
            context.answered = None
        return tried

    @staticmethod
    def _settled(context: CallContext, status: object) -> Response:
        context.settled = True
        return Response(200, {}, encode_body(settled_answer(context.operation, None, status)))

    def __str__(self) -> str:
        return "outcome: unclear writes are read back or settled, never repeated blindly"
