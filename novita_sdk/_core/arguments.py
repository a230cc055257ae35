"""Arguments become wire values: one check against the operation table, one list of all problems."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Final, TypeAlias, TypeVar, cast

from novita_sdk._core.narrowing import is_array
from novita_sdk._core.operations.operation import Field, FieldType
from novita_sdk._core.wire import UnfitError, checked_text, epoch_seconds, id_text, problem
from novita_sdk.errors import Problem, ValidationError
from novita_sdk.models.json_types import JSON
from novita_sdk.models.secret import Secret
from novita_sdk.models.unset import UNSET, Unset

T = TypeVar("T")
Given: TypeAlias = T | Unset | None
"""An argument that may be left out; None means "none" in a create and "clear it" in a change."""

_WORD_STARTS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_TOO_BIG: Final = 2**63
_MISSING: Final = "<missing>"


def argument_name(wire_name: str) -> str:
    """Return the Python name of a wire name: `minRootFSSize` becomes `min_root_fs_size`."""
    return _WORD_STARTS.sub("_", wire_name).lower()


# ------------------------------------------------------------ checking wire values

_TYPES: Final[Mapping[FieldType, tuple[tuple[type, ...], str]]] = {
    "str": ((str,), "must be text"),
    "id": ((str,), "must be text"),
    "int": ((int,), "must be a whole number"),
    "time": ((int, str), "must be Unix seconds"),
    "duration": ((int,), "must be whole seconds"),
    "int_or_str": ((int, str), "must be a whole number, as number or text"),
    "bool": ((bool,), "must be true or false"),
    "array": ((list, tuple), "must be a list"),
    "object": ((Mapping,), "must be an object"),
    "any": ((), "must be JSON"),
}
_DIGITS: Final = re.compile("-?[0-9]+", re.ASCII)

# One row for each kind of limit: attribute of Field, when it is broken, what to say.
_LIMITS: Final[Sequence[tuple[str, Callable[[Field, Any, Any], bool], str]]] = (
    ("const", lambda _, value, const: value != const, "must be {limit!r}"),
    (
        "enum",
        lambda field, value, words: not field.open and value not in words,
        "must be one of {limit}",
    ),
    ("min", lambda _, value, least: int(value) < least, "must be at least {limit}"),
    ("max", lambda _, value, most: int(value) > most, "must be at most {limit}"),
    ("min_length", lambda _, value, least: len(value) < least, "must have {limit} or more characters"),
    (
        "max_length",
        lambda _, value, most: len(value) > most,
        "must have at most {limit} characters, not {length}",
    ),
    ("min_items", lambda _, value, least: len(value) < least, "must have {limit} or more items"),
    ("max_items", lambda _, value, most: len(value) > most, "must have at most {limit} items, not {length}"),
    ("forbidden", lambda _, value, words: value in words, "must not be one of {limit}"),
    (
        "pattern",
        lambda _, value, pattern: isinstance(value, str) and re.fullmatch(pattern, value, re.ASCII) is None,
        "must match {limit}",
    ),
)


def _broken_limit(field: Field, value: Any) -> str | None:
    for attribute, broken, message in _LIMITS:
        limit = getattr(field, attribute)
        if limit is not None and limit != () and broken(field, value, limit):
            shown = ", ".join(map(str, limit)) if is_array(limit) else limit
            length = len(value) if isinstance(value, str) or is_array(value) else 0
            return message.format(limit=shown, length=length)
    return None


def _has_type(field: Field, value: object) -> bool:
    accepted, _ = _TYPES[field.type]
    if field.type == "any":
        return True
    if isinstance(value, bool):
        return field.type == "bool"
    if isinstance(value, int):
        return int in accepted and abs(value) < _TOO_BIG
    if isinstance(value, str) and int in accepted and str in accepted:
        return len(value) < 20 and _DIGITS.fullmatch(value) is not None
    return any(isinstance(value, kind) for kind in accepted)


def _check_value(field: Field, value: Any, label: str, name: Callable[[str], str]) -> Iterable[Problem]:
    if not _has_type(field, value):
        yield problem(label, value, _TYPES[field.type][1], secret=field.secret)
        return
    fault = _broken_limit(field, value)
    if fault is not None:
        yield problem(label, value, fault, secret=field.secret)
    elif field.type == "object":
        yield from check_fields(field.fields, value, name=name, prefix=f"{label}.")
    elif field.type == "array" and field.items is not None:
        for index, item in enumerate(value):
            yield from _check_value(field.items, item, f"{label}[{index}]", name)


def check_fields(
    fields: Iterable[Field],
    values: Mapping[str, JSON],
    *,
    name: Callable[[str], str] = argument_name,
    prefix: str = "",
) -> list[Problem]:
    """Check wire values against the operation table.

    Args:
        fields: The query parameters or body keys of an operation.
        values: The values by wire name, as decoded JSON. Keys that are no field are left alone.
        name: How a wire name is shown in a problem; `str` shows it as it is.
        prefix: What stands before each name.

    Returns:
        Every problem: a required value that is missing, a wrong type, the first broken limit of each value.
    """
    problems: list[Problem] = []
    for field in fields:
        label = f"{prefix}{name(field.name)}"
        if field.name in values:
            problems += _check_value(field, values[field.name], label, name)
        elif field.required:
            problems.append(Problem(label, _MISSING, "is required"))
    return problems


# ------------------------------------------------------------ turning Python values into wire values


def _text(field: Field, value: object) -> str:
    if isinstance(value, Secret) and field.secret:
        value = value.reveal()
    if isinstance(value, Enum):
        value = value.value
    if not isinstance(value, str):
        raise UnfitError("must be text")
    if field.enum and not value:
        raise UnfitError(f"must be a word such as {', '.join(field.enum)}")
    return dict(field.spellings).get(value, checked_text(value))


def _whole_number(_: Field, value: object) -> int:
    if isinstance(value, bool):
        raise UnfitError("must be a whole number")
    try:
        return operator.index(cast("int", value))  # also takes the integers of array libraries
    except TypeError:
        raise UnfitError("must be a whole number") from None


def _seconds(_: Field, value: object) -> int:
    seconds = value.total_seconds() if isinstance(value, timedelta) else value
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise UnfitError("must be seconds or a timedelta")
    if not math.isfinite(seconds) or seconds != math.floor(seconds):
        raise UnfitError("must be whole seconds")
    return int(seconds)


def _time(_: Field, value: object) -> int:
    if not isinstance(value, datetime):
        raise UnfitError("must be a datetime with a time zone")
    return epoch_seconds(value)


def _flag(_: Field, value: object) -> bool:
    if not isinstance(value, bool):
        raise UnfitError("must be True or False")
    return value


def _identity(_: Field, value: object) -> str:
    return id_text(value)


_CONVERSIONS: Final[Mapping[FieldType, Callable[[Field, object], JSON]]] = {
    "str": _text,
    "id": _identity,
    "int": _whole_number,
    "int_or_str": _whole_number,
    "duration": _seconds,
    "time": _time,
    "bool": _flag,
}


class Draft:
    """Query or body of a call in the making: takes arguments, gathers all problems, raises them at once.

    Args:
        fields: The query parameters or body keys of the operation.
        names: Python names of arguments that do not follow from the wire name.
    """

    def __init__(self, fields: Iterable[Field], names: Mapping[str, str] | None = None) -> None:
        self._fields = {field.name: field for field in fields}
        self._names = names or {}
        self._values: dict[str, JSON] = {}
        self._problems: list[Problem] = []
        self._refused: set[str] = set()

    def __getitem__(self, wire_name: str) -> JSON:
        """Return the wire value taken so far; None if it was left out or refused."""
        return self._values.get(wire_name)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was given, neither good nor bad."""
        return not self._values and not self._problems

    def put(self, wire_name: str, value: object) -> None:
        """Take an argument; UNSET and None leave it out."""
        if value is not None and value is not UNSET:
            self._take(self._fields[wire_name], value)

    def change(self, wire_name: str, value: object) -> None:
        """Take an argument of a change: UNSET leaves the field alone, None clears it."""
        field = self._fields[wire_name]
        if value is not None:
            self.put(wire_name, value)
        elif field.type in {"str", "id"} and not (field.min_length or field.const or field.enum):
            self._values[wire_name] = ""
        elif field.type == "array" and not field.min_items:
            self._values[wire_name] = []
        else:
            self.refuse(wire_name, value, "cannot be cleared")

    def place(self, wire_name: str, value: JSON, problems: Iterable[Problem] = ()) -> None:
        """Take a value that was built elsewhere, with the problems found there."""
        found = list(problems)
        if found:
            self._refuse_with(wire_name, found)
        else:
            self._values[wire_name] = value

    def refuse(self, wire_name: str, value: object, message: str) -> None:
        """Note a problem with an argument; of several with the same one the first counts."""
        secret = self._fields[wire_name].secret
        fault = problem(self._label(wire_name), value, message, secret=secret)
        self._refuse_with(wire_name, [] if wire_name in self._refused else [fault])

    def _refuse_with(self, wire_name: str, problems: list[Problem]) -> None:
        self._problems += problems
        self._refused.add(wire_name)
        self._values.pop(wire_name, None)  # a default must not stand in for what was refused

    def finish(self) -> dict[str, JSON]:
        """Return the wire values in the order of the table.

        Raises:
            ValidationError: Something is wrong; `problems` lists everything.
        """
        accepted = [field for name, field in self._fields.items() if name not in self._refused]
        problems = self._problems + check_fields(accepted, self._values, name=self._label)
        if problems:
            raise ValidationError(problems=tuple(problems))
        return {name: self._values[name] for name in self._fields if name in self._values}

    def _label(self, wire_name: str) -> str:
        return self._names.get(wire_name, argument_name(wire_name))

    def _take(self, field: Field, value: object) -> None:
        if field.type == "array" and field.items is not None:
            self._take_items(field, field.items, value)
            return
        try:
            self._values[field.name] = _CONVERSIONS[field.type](field, value)
        except UnfitError as fault:
            self.refuse(field.name, value, str(fault))

    def _take_items(self, field: Field, item_field: Field, value: object) -> None:
        if not is_array(value):
            self.refuse(field.name, value, "must be a list")
            return
        items: list[JSON] = []
        problems: list[Problem] = []
        for index, item in enumerate(value):
            try:
                items.append(_CONVERSIONS[item_field.type](item_field, item))
            except UnfitError as fault:
                problems.append(problem(f"{self._label(field.name)}[{index}]", item, str(fault)))
        self.place(field.name, items, problems)


def nothing_to_change(*names: str) -> ValidationError:
    """Make the error for a change in which every argument was left out."""
    message = f"nothing to change: give at least one of {', '.join(names)}"
    return ValidationError(problems=(Problem("changes", repr(UNSET), message),))
