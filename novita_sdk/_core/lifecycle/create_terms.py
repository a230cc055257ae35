"""How a create is made safe: the arguments about it, checked before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, Literal, TypeAlias, get_args

import attrs

from novita_sdk._core.durations import Seconds, seconds
from novita_sdk._core.marker import Marker, mark
from novita_sdk._core.narrowing import is_number
from novita_sdk._core.operations.fields import ENVS
from novita_sdk._core.wire import problem
from novita_sdk.errors import Problem, ValidationError
from novita_sdk.models.json_types import JSON

Journaling: TypeAlias = Literal["required", "best_effort"]
OnCancel: TypeAlias = Literal["keep", "delete"]

DEFAULT_SETTLE: Final = 30.0

_OPERATION_ID: Final = re.compile(r"[A-Za-z0-9_-]{8,64}")
_MOST_CHARACTERS: Final = 255  # of a name
_LONGEST_SETTLE: Final = 3600.0


@attrs.frozen(kw_only=True)
class CreateTerms:
    """How a create is made safe.

    Attributes:
        operation_id: The caller's own identity for it; None for a new one.
        marker: Where the mark goes.
        settle: Seconds for which an unclear outcome is looked for.
        journal: Whether nothing is sent unless the store has a record of it.
        on_cancel: What becomes of the resource of a create that was interrupted.
    """

    operation_id: str | None = None
    marker: Marker = "env"
    settle: float = DEFAULT_SETTLE
    journal: Journaling = "required"
    on_cancel: OnCancel = "keep"


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


def operation_id_problems(operation_id: str | None) -> Iterator[Problem]:
    """Say what is wrong with an operation id, if one is given."""
    given: object = operation_id
    if given is not None and (not isinstance(given, str) or not _OPERATION_ID.fullmatch(given)):
        yield problem("operation_id", given, "must be 8-64 letters, digits, '_' and '-'")


def check_room(body: Mapping[str, JSON], operation_id: str, marker: Marker) -> None:
    """Refuse a body with no room for the mark; nothing is ever cut off.

    Raises:
        ValidationError: The marked name is too long, or there are too many variables.
    """
    marked = mark(body, operation_id, marker)
    problems: list[Problem] = []
    name: str = marked.get("name") or ""
    if len(name) > _MOST_CHARACTERS:
        own = len(name) - len(body.get("name") or "")
        message = f"must have at most {_MOST_CHARACTERS - own} characters, as the mark adds {own}"
        problems.append(problem("name", body.get("name"), message))
    most = ENVS.max_items or 0
    if len(marked.get("envs") or ()) > most:
        message = f"must have at most {most - 1} variables, as the mark adds one"
        problems.append(problem("envs", body.get("envs"), message))
    if problems:
        raise ValidationError(problems=tuple(problems))
