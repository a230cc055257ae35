# Generated from novita_sdk/_async/layers/outcome.py by tools/unasync.py; edit the source.
"""Inside layer 6: an unclear outcome is read back or settled, so that nothing ever happens twice."""

from __future__ import annotations

from collections.abc import Callable

from novita_sdk._concurrency.clock import Clock
from novita_sdk._concurrency.threads import shielded
from novita_sdk._core.answers import error_body_of, outcome_of
from novita_sdk._core.deadline import Deadline
from novita_sdk._core.errormap import proves_absence
from novita_sdk._core.http import Request, Response
from novita_sdk._core.operations.operation import Safety
from novita_sdk._core.outcome import OUTCOMES, Action, Outcome, outcome_of_error
from novita_sdk._core.results import answered_id, lacks_needed_answer, settled_answer
from novita_sdk._core.settle_schedule import (
    INTERRUPTED_WINDOW,
    STATE_RULE_PAUSES,
    STATE_RULE_REREAD,
    look_instants,
)
from novita_sdk._core.settling import after_refusal, done, remaining
from novita_sdk._core.wire import encode_body
from novita_sdk._sync.lookups import Lookups
from novita_sdk._sync.middleware import CallNext
from novita_sdk._sync.settler import Settler
from novita_sdk.errors import InvalidStateError, NovitaError


class OutcomeLayer:
    """Between the retries and the attempts: turns "maybe" into "yes" or "no".

    Reads pass through. An idempotent call is read back before anybody sends it again. An unsafe one is settled
    and never sent again, whatever the layer above decides.

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
        if request.safety is Safety.READ:
            return call_next(request)
        context = request.context
        if context.body is not None:
            request = request.evolve(body=context.body)
        sends = context.sends
        context.answered = None
        if context.first_sent_at is None:
            context.first_sent_at = self._clock.time()
        response: Response | None = None
        error: NovitaError | None = None
        try:
            response = call_next(request)
        except NovitaError as caught:
            error = caught
            outcome = outcome_of_error(caught)
        except BaseException as stranger:
            if request.safety is Safety.UNSAFE and context.sends > sends:
                self._explain(request, call_next, stranger)
            raise
        else:
            outcome = outcome_of(response)
            if outcome is Outcome.SUCCESS and lacks_needed_answer(context.operation, response.body):
                outcome = Outcome.UNDECODABLE
        action = OUTCOMES[outcome].action(request.safety)
        if action is Action.SETTLE:
            return self._settler.settle(request, call_next, error)
        if action is Action.UNKNOWN:
            raise self._settler.unknown(request, call_next, looks=0, verified=False) from error
        settled: Response | None = None
        if action is Action.REREAD:
            context.doubtful = True
            settled = self._reread(request, call_next)
        elif action is Action.STATE_RULE:
            settled = self._state_rule(request, call_next)
        elif response is not None and self._is_gone(request, response):
            settled = self._settled(request, None)
        if settled is not None:
            return settled
        if error is not None:
            raise error
        assert response is not None  # noqa: S101 - one of the two came
        return response

    def _reread(self, request: Request, call_next: CallNext) -> Response | None:
        """Return a settled answer if the effect shows; None if the call is to be sent again."""
        context = request.context
        operation = context.operation
        if operation is None or operation.reread is None:
            return None
        began = self._clock.monotonic()
        instants = iter(look_instants(operation.reread.window)) if operation.reread.window else iter(())
        while True:
            try:
                sight = self._lookups.read(request, operation.reread.look, call_next, context.deadline)
            except NovitaError:
                sight = None  # nothing learnt: by the rule it is sent again
            if sight is not None:
                sent_at = (context.first_sent_at or 0.0) + self._lookups.server_ahead
                if done(operation, context.json, sight.items, sent_at):
                    return self._settled(request, sight.items[0].get("status") if sight.items else None)
                if sight.complete:
                    context.json = remaining(operation, context.json, sight.items)
                    context.body = encode_body(context.json)
            at = next(instants, None)
            pause = None if at is None else began + at - self._clock.monotonic()
            if pause is None or pause >= context.deadline.left(self._clock.monotonic()):
                return None
            self._clock.sleep(pause)

    def _state_rule(self, request: Request, call_next: CallNext) -> Response | None:
        """Follow up "invalid state change": done, sent again, or `InvalidStateError` with the status seen."""
        context = request.context
        operation = context.operation
        if operation is None or operation.reread is None:
            return None
        for pause in (*STATE_RULE_PAUSES, None):
            self._clock.sleep(STATE_RULE_REREAD)
            sight = self._lookups.read(request, operation.reread.look, call_next, context.deadline)
            status = str(sight.items[0].get("status")) if sight.items else "removed"
            verdict = after_refusal(operation, status)
            if verdict == "done":
                return self._settled(request, status)
            if verdict == "refused" or pause is None or not self._pay(self._state_rule_cost):
                break
            self._clock.sleep(pause - STATE_RULE_REREAD)
            response = call_next(request)
            outcome = outcome_of(response)
            if outcome is not Outcome.INVALID_STATE_CHANGE:
                return response
        raise InvalidStateError(
            f"the instance is {status}, which does not permit this",
            status=400,
            current_status=status,
            action=operation.name.removesuffix("_instance"),
        )

    def _is_gone(self, request: Request, response: Response) -> bool:
        """Tell whether a delete met nothing to delete, where that is as good as having deleted it."""
        operation = request.context.operation
        body = error_body_of(response)
        return (
            (request.context.doubtful or request.context.missing_ok)
            and operation is not None
            and operation.gone_is_done
            and body is not None
            and proves_absence(response.status, body, operation.kind)
        )

    def _settled(self, request: Request, status: object) -> Response:
        request.context.settled = True
        answer = settled_answer(request.context.operation, None, status)
        return Response(200, {}, encode_body(answer))

    def _explain(self, request: Request, call_next: CallNext, stranger: BaseException) -> None:
        """Say on a foreign exception or cancellation what may have been made."""
        context = request.context
        note = f"{request.operation} was sent with operation id {context.operation_id}"
        found: str | None = None
        if context.answered is not None and context.operation is not None:
            found = answered_id(context.operation, context.answered.body)
        elif not isinstance(stranger, Exception):
            deadline = Deadline.after(INTERRUPTED_WINDOW, self._clock.monotonic())
            with shielded(self._clock, INTERRUPTED_WINDOW):
                found = self._settler.find(request, call_next, INTERRUPTED_WINDOW, deadline)
        if found:
            context.resource_id = found
        stranger.add_note(f"{note}; it made {found}" if found else f"{note}; what it made is not known")

    def __str__(self) -> str:
        return "outcome: unclear writes are read back or settled, never repeated blindly"
