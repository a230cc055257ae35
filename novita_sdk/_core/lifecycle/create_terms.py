"""How a create is made safe: the arguments about it, checked before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import Enum
from typing import Any, Final, Literal, TypeAlias, cast, get_args

import attrs

from novita_sdk._core.durations import Seconds, seconds
from novita_sdk._core.marker import Marker, mark
from novita_sdk._core.narrowing import is_array, is_mapping, is_number
from novita_sdk._core.operations.fields import ENVS
from novita_sdk._core.webhooks.notify import Notify, check_notify
from novita_sdk._core.wire import problem
from novita_sdk.errors import Problem, ValidationError
from novita_sdk.models.json_types import JSON
from novita_sdk.models.product_choice import ProductChoice
from novita_sdk.models.secret import Secret
from novita_sdk.models.unset import UNSET

Journaling: TypeAlias = Literal["required", "best_effort"]
OnCancel: TypeAlias = Literal["keep", "delete"]

DEFAULT_SETTLE: Final = 30.0

_OPERATION_ID: Final = re.compile(r"[A-Za-z0-9_-]{8,64}")
_MOST_CHARACTERS: Final = 255  # of a name
_LONGEST_SETTLE: Final = 3600.0
PLANNED: Final = ("product", "template", "region", "registry_auth", "auth_mode", "max_candidates")
"""Arguments that say what to look for, not what to send."""


@attrs.frozen(kw_only=True)
class CreateTerms:
    """How a create is made safe.

    Attributes:
        operation_id: The caller's own identity for it; None for a new one.
        marker: Where the mark goes.
        settle: Seconds for which an unclear outcome is looked for.
        journal: Whether nothing is sent unless the store has a record of it.
        on_cancel: What becomes of the resource of a create that was interrupted.
        next_id: The operation id under which another product is tried if this one is sold out; None for no other.
    """

    operation_id: str | None = None
    marker: Marker = "env"
    settle: float = DEFAULT_SETTLE
    journal: Journaling = "required"
    on_cancel: OnCancel = "keep"
    next_id: str | None = None


def check_terms(
    *,
    operation_id: str | None,
    marker: Marker,
    settle: Seconds,
    journal: Journaling,
    on_cancel: OnCancel,
) -> tuple[CreateTerms, list[Problem]]:
    """Check the arguments that make a create safe.

    Returns:
        The terms, and every problem with them.
    """
    window = seconds(settle)
    problems = [
        problem(name, value, f"must be one of {', '.join(map(repr, get_args(words)))}")
        for name, value, words in (
            ("marker", marker, Marker),
            ("journal", journal, Journaling),
            ("on_cancel", on_cancel, OnCancel),
        )
        if value not in get_args(words)
    ]
    if not is_number(window) or not 0 <= window <= _LONGEST_SETTLE:
        problems.append(problem("settle", settle, "must be seconds from 0 to 3600, or a timedelta"))
    problems += operation_id_problems(operation_id)
    terms = CreateTerms(
        operation_id=operation_id, marker=marker, settle=window, journal=journal, on_cancel=on_cancel
    )
    return terms, problems


def notify_problems(notify: Notify) -> tuple[Problem, ...]:
    """Say what is wrong with a wish about events."""
    try:
        check_notify(notify)
    except ValidationError as fault:
        return fault.problems
    return ()


def reconcile_seconds(operation_id: str, sent_at: datetime | None, timeout: Seconds) -> float:
    """Check the arguments of a `reconcile`, and return its timeout in seconds.

    Raises:
        ValidationError: They are wrong.
    """
    problems = list(operation_id_problems(operation_id or ""))
    if sent_at is not None and sent_at.tzinfo is None:
        problems.append(problem("sent_at", sent_at, "must be an aware time, such as datetime.now(UTC)"))
    wanted = seconds(timeout)
    if not is_number(wanted) or not 0 <= wanted <= _LONGEST_SETTLE:
        problems.append(problem("timeout", timeout, "must be seconds from 0 to 3600, or a timedelta"))
    if problems:
        raise ValidationError(problems=tuple(problems))
    return wanted


def operation_id_problems(operation_id: str | None) -> Iterator[Problem]:
    """Say what is wrong with an operation id, if one is given."""
    given: object = operation_id
    if given is not None and not (isinstance(given, str) and _OPERATION_ID.fullmatch(given)):  # pyright: ignore[reportUnnecessaryIsInstance]  # callers without a type checker
        yield problem("operation_id", given, "must be 8-64 letters, digits, '_' and '-'")


def check_room(thing: Mapping[str, JSON], operation_id: str, marker: Marker) -> None:
    """Refuse a thing with no room for the mark; nothing is ever cut off.

    Raises:
        ValidationError: The marked name is too long, or there are too many variables.
    """
    marked = mark(thing, operation_id, marker)
    problems: list[Problem] = []
    name: str = marked.get("name") or ""
    if len(name) > _MOST_CHARACTERS:
        own = len(name) - len(thing.get("name") or "")
        message = f"must have at most {_MOST_CHARACTERS - own} characters, as the mark adds {own}"
        problems.append(problem("name", thing.get("name"), message))
    most = ENVS.max_items or 0
    if len(marked.get("envs") or ()) > most:
        message = f"must have at most {most - 1} variables, as the mark adds one"
        problems.append(problem("envs", thing.get("envs"), message))
    if problems:
        raise ValidationError(problems=tuple(problems))


def needs_plan(arguments: Mapping[str, object]) -> bool:
    """Tell whether the service has to be asked before the body of a create can be built."""
    given = (arguments.get(name) for name in PLANNED)
    if any(value is not None and value is not UNSET for value in given):
        return True
    envs = arguments.get("envs")
    return is_mapping(envs) and None in envs.values()


def asked_of(arguments: Mapping[str, object]) -> JSON:
    """Return the arguments of a create as JSON, so that two calls can be compared before anything is planned."""
    return {name: _plain(value) for name, value in arguments.items() if value is not UNSET}


def _plain(value: object) -> JSON:
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | int | float):
        return value
    if is_mapping(value):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if is_array(value):
        return [_plain(entry) for entry in value]
    if isinstance(value, ProductChoice):  # prices beside it change from minute to minute
        return [value.product.id, value.cluster_id]
    if attrs.has(type(value)):
        names = [field.name for field in attrs.fields(cast("Any", type(value)))]
        return {name: _plain(getattr(value, name)) for name in names}
    return getattr(value, "__qualname__", str(value))  # a condition is told by its name
