"""Environment variables: a mapping in Python, a list of pairs on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from novita_sdk._core.arguments import check_fields
from novita_sdk._core.narrowing import is_mapping
from novita_sdk._core.operations.fields import ENVS
from novita_sdk._core.operations.operation import Field
from novita_sdk._core.wire import UnfitError, checked_text, problem
from novita_sdk.errors import Problem
from novita_sdk.models.json_types import JSON
from novita_sdk.models.secret import Secret

EnvArgument: TypeAlias = Mapping[str, str | Secret]
"""Values by name; a `Secret` is sent in clear and shown nowhere."""

_MAX_VARIABLES: Final = ENVS.max_items or 0
_PAIR: Final[tuple[Field, ...]] = ENVS.items.fields if ENVS.items is not None else ()
_SHOWN_NAME: Final = 40


def read_envs(value: object, *, reserved: int = 0) -> tuple[list[JSON], list[Problem]]:
    """Read the argument `envs`.

    Args:
        value: Mapping of names to text or `Secret`; None for no variables.
        reserved: Variables the SDK will add, which count towards the limit of 100.

    Returns:
        The pairs in order, and all problems. No value is ever part of a problem.
    """
    if value is None:
        return [], []
    if not is_mapping(value):
        return [], [problem("envs", value, "must be a mapping of names to text", secret=True)]
    pairs: list[JSON] = []
    problems: list[Problem] = []
    for key, entry in value.items():
        text = entry.reveal() if isinstance(entry, Secret) else entry
        found = _check_variable(key, text)
        problems += found
        if not found:
            pairs.append({"key": key, "value": text})
    if len(value) + reserved > _MAX_VARIABLES:
        message = f"must have at most {_MAX_VARIABLES - reserved} variables, not {len(value)}"
        own = f" (the SDK adds {reserved})" if reserved else ""
        problems.append(problem("envs", value, message + own))
    return pairs, problems


def _check_variable(key: object, text: object) -> list[Problem]:
    if not isinstance(key, str):
        return [problem("envs", key, "must have text as names")]
    label = f"envs[{key if len(key) <= _SHOWN_NAME else key[:_SHOWN_NAME] + '...'!r}]"
    if not key:
        return [problem(label, key, "must not have an empty name")]
    if not isinstance(text, str):
        return [problem(label, text, "must be text or a Secret", secret=True)]
    try:
        checked_text(key + text)
    except UnfitError as fault:
        return [problem(label, text, str(fault), secret=True)]
    return check_fields(_PAIR, {"key": key, "value": text}, name=lambda wire_name: f"{label} {wire_name}")
