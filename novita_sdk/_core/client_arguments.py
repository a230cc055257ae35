"""The arguments of a client's constructor, checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Final

from novita_sdk._core.colour import colour_problem
from novita_sdk._core.families import FAMILIES
from novita_sdk._core.header_rules import CORRELATION_ID, CORRELATION_ID_FORM, check_headers
from novita_sdk._core.settings_table import TABLE
from novita_sdk._core.wire import problem
from novita_sdk.errors import ConfigurationError, SettingProblem, ValidationError
from novita_sdk.models.unset import UNSET, Unset
from novita_sdk.options import (
    TIMEOUT_SETTINGS,
    Settings,
    Timeouts,
)

BESIDE_SETTINGS: Final = (
    *(
        "settings",
        "timeouts",
        "retry",
        "rate_limits",
        "breakers",
        "cache",
        "pool",
        "serverless",
        "middleware",
    ),
    *(
        "attempt_middleware",
        "hooks",
        "transport",
        "clock",
        "rng",
        "store",
        "outbox",
        "correlation_id_factory",
    ),
    *("app", "default_headers"),
)
"""What a client's constructor takes besides the settings."""

_APP: Final = re.compile(r"[A-Za-z0-9._-]{1,64}(/[A-Za-z0-9._+-]{1,64})?")


def checked_arguments(
    client: str,
    arguments: Mapping[str, object],
    *,
    app: str | None,
    default_headers: Mapping[str, str] | None,
    parts: Mapping[str, tuple[object, type]],
    retry: object,
    timeouts: object,
) -> Mapping[str, object]:
    """Return the settings among a constructor's keyword arguments.

    Args:
        client: Name of the client's class.
        arguments: The keyword arguments.
        app: The application's name for the User-Agent.
        default_headers: Headers of every request.
        parts: By argument: what was given, and of which class it has to be unless it is None.
        retry: What was given in place of the usual retries; UNSET for nothing.
        timeouts: What was given in place of the settings' limits; UNSET for nothing.

    Raises:
        TypeError: There is no such argument.
        ConfigurationError: `app` or a header cannot be sent, a part is of the wrong class, or two arguments say the
            same thing.
    """
    known = {row.field for row in TABLE}
    unknown = sorted(arguments.keys() - known)
    if unknown:
        from novita_sdk._core.nearest import did_you_mean  # noqa: PLC0415 - only a mistake needs it

        meant = did_you_mean(unknown[0], {*known, *BESIDE_SETTINGS})
        raise TypeError(f"{client}() got an unexpected keyword argument {unknown[0]!r}{meant}")
    problems = [
        SettingProblem(found.field, found.message, "extra headers of printable ASCII")
        for found in check_headers(default_headers or {}, "default_headers")
    ]
    if app is not None and not _APP.fullmatch(app):
        problems.append(SettingProblem("app", f"{app[:80]!r} cannot be sent", "a name such as 'trainer/1.4'"))
    problems += [
        SettingProblem(name, f"is a {type(value).__name__}", f"a {expected.__name__}")
        for name, (value, expected) in parts.items()
        if value is not None and not isinstance(value, expected)
    ]
    problems += _said_twice(
        {name for name, value in arguments.items() if value is not UNSET}, retry, timeouts
    )
    if problems:
        raise ConfigurationError(problems=tuple(problems))
    return arguments


def _said_twice(settings: Collection[str], retry: object, timeouts: object) -> Iterator[SettingProblem]:
    """Name the settings that another argument sets as well: nobody could tell which of the two is meant."""
    if "max_retries" in settings and retry is not UNSET:
        yield SettingProblem(
            "max_retries", "is given beside retry=, which decides that too", "one of the two"
        )
    limits = timeouts.given if isinstance(timeouts, Timeouts) else () if timeouts is UNSET else ("read",)
    for limit, setting in TIMEOUT_SETTINGS.items():
        if setting in settings and limit in limits:
            words = f"is given beside timeouts=, which sets {limit} too"
            yield SettingProblem(setting, words, "one of the two")


def check_parts(
    colour: str,
    *,
    retry: tuple[type, object],
    by_family: Mapping[str, tuple[type, Mapping[str, object]]],
    layers: Mapping[str, Sequence[object]],
    called: Mapping[str, tuple[object, str]],
    hooks: Sequence[object],
) -> None:
    """Check the parts that a client is built of.

    Args:
        colour: The client's: `async` or `sync`.
        retry: The policy's class, and what was given: such a policy, a layer of one's own in its place, or None.
        by_family: By argument: the same for each family.
        layers: By argument: the user's layers.
        called: By argument: a part and the method that is called on it; None = it was left out.
        hooks: The user's hooks.

    Raises:
        ConfigurationError: A part is of the wrong kind or colour, or there is no such family; all of them are named.
    """
    problems = [_policy_problem("retry", retry[1], retry[0], colour)]
    for argument, (policy, values) in by_family.items():
        for family, value in values.items():
            name = f"{argument}[{family!r}]"
            problems.append(
                _policy_problem(name, value, policy, colour)
                if family in FAMILIES
                else SettingProblem(name, "is no family", ", ".join(FAMILIES))
            )
    for argument, parts in layers.items():
        problems += [colour_problem(f"{argument}[{index}]", part, colour) for index, part in enumerate(parts)]
    for argument, (part, method) in called.items():
        if part is not None:
            problems.append(colour_problem(argument, part, colour, method))
    problems += [_hook_problem(f"hooks[{index}]", hook) for index, hook in enumerate(hooks)]
    found = tuple(problem for problem in problems if problem is not None)
    if found:
        raise ConfigurationError(problems=found)


def _policy_problem(name: str, value: object, policy: type, colour: str) -> SettingProblem | None:
    if value is None or isinstance(value, policy):
        return None
    if callable(value):
        return colour_problem(name, value, colour)
    allowed = f"a {policy.__name__}, a middleware in its place, or None"
    return SettingProblem(name, f"is a {type(value).__name__}", allowed)


def _hook_problem(name: str, hook: object) -> SettingProblem | None:
    from novita_sdk._core.hooks import Hooks  # noqa: PLC0415 - a dozen event classes, for clients with hooks only

    if isinstance(hook, Hooks):
        return None
    return SettingProblem(name, f"is a {type(hook).__name__}", "an instance of a subclass of Hooks")


def checked_factory(factory: Callable[[], str]) -> Callable[[], str]:
    """Return `factory` with a check of the correlation ids it makes: they go into a header."""

    def mint() -> str:
        made = str(factory())
        if not CORRELATION_ID.fullmatch(made):
            message = f"what correlation_id_factory returns must be {CORRELATION_ID_FORM}"
            raise ValidationError(problems=(problem("correlation_id", made, message),))
        return made

    return mint


def checked_timeouts(timeouts: Timeouts | float | Unset, settings: Settings) -> Timeouts:
    """Return the limits in force.

    Args:
        timeouts: What the caller gave: limits, seconds between two pieces of an answer, or nothing.
        settings: What fills in the rest.

    Raises:
        ConfigurationError: A limit is wrong.
    """
    if isinstance(timeouts, Unset):
        timeouts = Timeouts()
    elif not isinstance(timeouts, Timeouts):
        timeouts = Timeouts(read=timeouts)
    return timeouts.completed(settings)
