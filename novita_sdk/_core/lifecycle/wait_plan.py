"""The arguments of a wait for an instance, checked and completed."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection
from datetime import timedelta
from typing import Final, Literal, TypeAlias

import attrs

from novita_sdk._core.lifecycle.probes import Ready, check_ready, check_target_port
from novita_sdk._core.lifecycle.waiting_table import Target
from novita_sdk._core.waiting import wait_timeout
from novita_sdk._core.wire import problem
from novita_sdk.errors import Problem, ValidationError
from novita_sdk.models.instance import Instance
from novita_sdk.models.unset import Unset

Until: TypeAlias = Literal["running", "ready", "exited", "gone"] | Callable[[Instance], bool]
"""What a wait for an instance may wait for."""

Duration: TypeAlias = float | timedelta | Unset | None

READY_TIMEOUT: Final = 300.0
"""Seconds after which a running instance must answer."""

CREATE_TIMEOUT: Final = 1800.0
"""Seconds for a new instance to come up: pulling an image can take 25 minutes."""

_WORDS: Final = ("running", "ready", "exited", "gone")
_PHASES: Final = {"running": "startup", "exited": "stop", "gone": "delete"}


@attrs.frozen(kw_only=True)
class WaitPlan:
    """What a wait for an instance does.

    Attributes:
        target: The status waited for.
        timeout: Seconds for all of it; None for no limit.
        phase: What is being waited for, in one word.
        condition: What must hold, in place of the target.
        terminal: With a condition: statuses that end the wait, in place of those that end a wait for running.
        ready: What must answer once it runs; None for nothing.
        ready_timeout: Seconds for that; None for no limit of its own.
        target_port: The only port of the container that must answer; None for all.
        successes: Rounds in a row in which everything must answer.
        poll: Pause between polls in seconds that is always the same; None for pauses that grow.
    """

    target: Target
    timeout: float | None
    phase: str
    condition: Callable[[Instance], bool] | None = None
    terminal: Collection[str] | None = None
    ready: Ready | None = None
    ready_timeout: float | None = READY_TIMEOUT
    target_port: int | None = None
    successes: int = 1
    poll: float | None = None


def wait_plan(
    until: Until,
    *,
    colour: str,
    timeout: Duration,
    default_timeout: float,
    terminal: Collection[str] | None = None,
    ready: Ready | None = None,
    ready_timeout: Duration = READY_TIMEOUT,
    target_port: int | None = None,
    successes: int = 1,
    poll: float | timedelta | None = None,
) -> WaitPlan:
    """Check the arguments of a wait.

    Args:
        until: What is waited for.
        colour: The client's, `async` or `sync`.
        timeout: Seconds for all of it; None for no limit, UNSET for the default.
        default_timeout: The default, in seconds.
        terminal: Statuses that end a wait for a condition.
        ready: What must answer.
        ready_timeout: Seconds for that.
        target_port: The only port that must answer.
        successes: Rounds in a row in which everything must answer.
        poll: A fixed pause between polls.

    Raises:
        ValidationError: Arguments are wrong; all of them are named.
    """
    problems = [
        *_target_problems(until, terminal, ready=ready, target_port=target_port),
        *_problems_of(lambda: None if ready is None else check_ready(ready, colour)),
        *_problems_of(lambda: check_target_port(target_port)),
    ]
    if type(successes) is not int or successes < 1:
        problems.append(problem("successes", successes, "must be a whole number of at least 1"))
    durations: dict[str, float | None] = {}
    for name, value, default in (
        ("timeout", timeout, default_timeout),
        ("ready_timeout", ready_timeout, READY_TIMEOUT),
        ("poll", poll, 0.0),
    ):
        found = _problems_of(lambda: durations.update({name: wait_timeout(value, default, name)}))  # noqa: B023 - called at once
        problems += found
    if problems:
        raise ValidationError(problems=tuple(problems))
    condition = until if callable(until) else None
    wants_ready = until == "ready" or ready is not None or target_port is not None
    target: Target = "exited" if until == "exited" else "gone" if until == "gone" else "running"
    return WaitPlan(
        target=target,
        phase=_PHASES[target] if condition is None else "condition",
        condition=condition,
        terminal=terminal,
        ready=None if not wants_ready else "auto" if ready is None else ready,
        target_port=target_port,
        successes=successes,
        timeout=durations["timeout"],
        ready_timeout=durations["ready_timeout"],
        poll=durations["poll"],
    )


def _target_problems(until: object, terminal: object, **probing: object) -> list[Problem]:
    problems: list[Problem] = []
    if until not in _WORDS and not callable(until):
        words = f"must be one of {', '.join(_WORDS)}, or a function of an Instance"
        problems.append(problem("until", until, words))
    elif inspect.iscoroutinefunction(until):
        problems.append(problem("until", until, "must not be asynchronous: it only looks at what was read"))
    if terminal is not None and not _is_collection(terminal):
        problems.append(problem("terminal", terminal, "must be a collection of statuses"))
    elif terminal is not None and not callable(until):
        problems.append(problem("terminal", terminal, "goes with a function as `until` only"))
    for name, value in probing.items():
        if value is not None and until not in ("running", "ready"):
            problems.append(problem(name, value, "goes with until='running' or 'ready' only"))
    return problems


def _is_collection(value: object) -> bool:
    return isinstance(value, Collection) and not isinstance(value, str)


def _problems_of(check: Callable[[], object]) -> tuple[Problem, ...]:
    try:
        check()
    except ValidationError as error:
        return error.problems
    return ()
