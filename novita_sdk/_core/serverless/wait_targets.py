"""What a wait for an endpoint may wait for, and what each sight of it means for that."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final, Literal, TypeAlias, get_args

import attrs

from novita_sdk._core.narrowing import is_whole_number
from novita_sdk._core.redact import redact_text
from novita_sdk._core.serverless.failure_episodes import FailureEpisodes
from novita_sdk._core.waiting import APPEARANCE_GRACE, Judgement, Verdict, wait_timeout
from novita_sdk._core.wire import problem
from novita_sdk.errors import Problem, ValidationError
from novita_sdk.models.endpoint import Endpoint
from novita_sdk.models.endpoint_state import EndpointState
from novita_sdk.models.endpoint_status import EndpointStatus, worker_failed
from novita_sdk.models.worker_failure import FailureClass, WorkerFailure, failure_class

EndpointTarget: TypeAlias = Literal["serving", "healthy", "scaled", "deleted"]
"""What a wait for an endpoint may wait for."""

DEFAULT_TIMEOUT: Final = 1800.0
"""Seconds for an endpoint to come up: pulling an image can take 25 minutes."""

LONGEST_PROBE: Final = 10.0
"""Seconds for one question whether the endpoint answers."""

CONFIRM_AFTER: Final = 5.0
"""Seconds after which a second look must confirm that an endpoint is not there."""

_FUTILE_AFTER: Final = 3  # looks in a row at which every worker has failed in the same way
_FUTILE: Final = frozenset({FailureClass.IMAGE_PULL, FailureClass.CRASH})
_ENDS: Final = frozenset({EndpointState.STOPPED, EndpointState.TERMINATING, EndpointState.FAILED})
_GOES_ON: Final = Judgement(verdict=Verdict.GOES_ON)
_REACHED: Final = Judgement(verdict=Verdict.REACHED)


def _serves(status: EndpointStatus, _min_ready: int) -> bool:
    may_be_empty = status.min_replicas == 0 and status.state is EndpointState.RUNNING
    return status.is_serving or may_be_empty


def _is_healthy(status: EndpointStatus, min_ready: int) -> bool:
    return status.ready >= min_ready


def _is_scaled(status: EndpointStatus, _min_ready: int) -> bool:
    least, most = status.min_replicas or 0, status.max_replicas
    fits = least <= status.live and (most is None or status.live <= most)
    return status.state is EndpointState.RUNNING and status.ready == status.live and fits


_REACHED_WHEN: Final[Mapping[str, Callable[[EndpointStatus, int], bool]]] = MappingProxyType(
    {"serving": _serves, "healthy": _is_healthy, "scaled": _is_scaled}
)


@attrs.frozen(kw_only=True)
class EndpointWaitPlan:
    """What a wait for an endpoint does.

    Attributes:
        target: What is waited for.
        min_ready: Of `healthy`: how many workers must be ready.
        timeout: Seconds for all of it; None for no limit.
        probe: Whether its address must answer as well.
        fail_fast: Whether workers that all fail in the same way end it.
    """

    target: EndpointTarget
    min_ready: int = 1
    timeout: float | None = DEFAULT_TIMEOUT
    probe: bool = False
    fail_fast: bool = True


def endpoint_wait_plan(
    until: str,
    *,
    min_ready: int,
    timeout: float | timedelta | None,
    probe: str | None,
    fail_fast: bool,
) -> EndpointWaitPlan:
    """Check the arguments of a wait for an endpoint.

    Raises:
        ValidationError: They are wrong; all of them are named.
    """
    problems: list[Problem] = []
    seconds: float | None = None
    words = get_args(EndpointTarget)
    if until not in words:
        problems.append(problem("until", until, f"must be one of {', '.join(words)}"))
    if not is_whole_number(min_ready) or min_ready < 1:
        problems.append(problem("min_ready", min_ready, "must be a whole number of at least 1"))
    elif min_ready != 1 and until != "healthy":
        problems.append(problem("min_ready", min_ready, 'goes with until="healthy" only'))
    if probe not in {None, "http"}:
        problems.append(problem("probe", probe, 'must be "http" or None'))
    elif probe is not None and until == "deleted":
        problems.append(problem("probe", probe, 'does not go with until="deleted"'))
    try:
        seconds = wait_timeout(timeout, DEFAULT_TIMEOUT)
    except ValidationError as error:
        problems += error.problems
    if problems:
        raise ValidationError(problems=tuple(problems))
    return EndpointWaitPlan(
        target=until,  # type: ignore[arg-type]  # it is one of the words
        min_ready=min_ready,
        timeout=seconds,
        probe=probe is not None,
        fail_fast=fail_fast,
    )


class EndpointJudge:
    """Judges what a wait sees.

    Args:
        plan: What is waited for.
        created: Monotonic time at which this client made the endpoint; None if it did not, or long ago.
        wall_time: Returns the time, for the failures.
    """

    def __init__(
        self, plan: EndpointWaitPlan, *, created: float | None, wall_time: Callable[[], datetime]
    ) -> None:
        self._plan = plan
        self._created = created
        self._wall_time = wall_time
        self._episodes = FailureEpisodes()
        self._seen = self._confirming = False
        self._futile: FailureClass | None = None
        self._futile_looks = 0

    @property
    def failures(self) -> tuple[WorkerFailure, ...]:
        """What has failed and not recovered."""
        return self._episodes.open

    def judge(self, found: Endpoint | None, now: float) -> Judgement:
        """Judge one sight.

        Args:
            found: The endpoint; None if the service says that there is none.
            now: The monotonic time.

        Raises:
            ValidationError: What is waited for could never happen.
        """
        if found is None:
            return self._absent(now)
        first, self._seen, self._confirming = not self._seen, True, False
        if self._plan.target == "deleted":
            return _GOES_ON
        self._episodes.feed(found, self._wall_time())
        status = found.status()
        own = next((failure for failure in self.failures if failure.worker_id is None), None)
        if status.state in _ENDS or "Failed" in status.conditions:
            reason = str(status.state).lower() if own is None else str(own.failure_class)
            return _impossible(reason, own)
        if first and self._plan.target == "healthy":
            self._refuse(status)
        if _REACHED_WHEN[self._plan.target](status, self._plan.min_ready):
            return _REACHED
        if self._plan.fail_fast and self._is_futile(found):
            return _impossible(str(self._futile), self.failures[0])
        return Judgement(verdict=Verdict.GOES_ON, server_message=redact_text(status.message) or None)

    def _absent(self, now: float) -> Judgement:
        if self._plan.target == "deleted":
            return _REACHED
        is_new = self._created is not None and now - self._created < APPEARANCE_GRACE
        if not self._seen and is_new:
            return _GOES_ON
        if self._confirming:
            return Judgement(verdict=Verdict.IMPOSSIBLE, reason="gone")
        self._confirming = True
        return Judgement(verdict=Verdict.GOES_ON, look_again=CONFIRM_AFTER)

    def _refuse(self, status: EndpointStatus) -> None:
        most = status.max_replicas
        if status.scaled_to_zero:
            message = (
                "it has no workers and needs none until a request comes, so that this could last for ever: "
                'send a request, or wait until="serving"'
            )
            raise ValidationError(problems=(problem("until", self._plan.target, message),))
        if most is not None and self._plan.min_ready > most:
            message = f"it may have {most} workers at most"
            raise ValidationError(problems=(problem("min_ready", self._plan.min_ready, message),))

    def _is_futile(self, found: Endpoint) -> bool:
        """Tell whether every worker has failed in the same way, three looks in a row."""
        failed = all(worker_failed(worker) for worker in found.workers)
        classes = {failure_class(worker.state) for worker in found.workers}
        common = classes.pop() if failed and len(classes) == 1 else None
        if common is None or common not in _FUTILE:
            self._futile, self._futile_looks = None, 0
            return False
        self._futile_looks = self._futile_looks + 1 if common == self._futile else 1
        self._futile = common
        return self._futile_looks >= _FUTILE_AFTER


def _impossible(reason: str, failure: WorkerFailure | None) -> Judgement:
    text = None if failure is None else " ".join(part for part in (failure.error, failure.message) if part)
    return Judgement(verdict=Verdict.IMPOSSIBLE, reason=reason, server_message=text or None)
