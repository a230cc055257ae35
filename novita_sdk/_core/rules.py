"""What the attributes of a policy may be, each with the words that say so."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from novita_sdk._core.narrowing import is_number, is_whole_number
from novita_sdk.errors import ConfigurationError, Problem, SettingProblem

Rule: TypeAlias = tuple[Callable[[object], bool], str]
"""A question to a value, and the values for which the answer is yes in words."""


def whole(least: int, most: int | None = None) -> Rule:
    """An integer between `least` and `most`."""
    words = (
        f"a whole number of at least {least}" if most is None else f"a whole number from {least} to {most}"
    )
    return lambda value: is_whole_number(value) and value >= least and (most is None or value <= most), words


def number(least: float) -> Rule:
    """A finite number not below `least`."""
    return lambda value: is_number(value) and value >= least, f"a number of at least {least:g}"


POSITIVE: Rule = (lambda value: is_number(value) and value > 0, "a number above 0")
POSITIVE_OR_NONE: Rule = (lambda value: value is None or POSITIVE[0](value), "a number above 0, or None")
BOOLEAN: Rule = (lambda value: isinstance(value, bool), "True or False")


def one_of(*values: str) -> Rule:
    """One of a few words."""
    return lambda value: value in values, " or ".join(map(repr, values))


def check_policy(policy: object, **rules: Rule) -> None:
    """Raise one ConfigurationError that names every attribute breaking its rule."""
    problems = tuple(
        SettingProblem(
            f"{type(policy).__name__}.{name}", f"{Problem.of(name, value, '').value_repr} is wrong", words
        )
        for name, (is_right, words) in rules.items()
        if not is_right(value := getattr(policy, name))
    )
    if problems:
        raise ConfigurationError(problems=problems)
