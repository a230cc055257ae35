"""Strategies for JSON as the service may send it: good objects of any model, or arbitrary JSON instead."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from novita_sdk import models
from novita_sdk._core.decoding import Array, Object, plan
from novita_sdk._core.scalar_kinds import REQUIRED, Anything, Kind
from novita_sdk.models import Model

MODELS: list[type[Model]] = [
    found
    for name in models.__all__
    if isinstance(found := getattr(models, name), type) and issubclass(found, Model) and found is not Model
]

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5)
    | st.sampled_from(
        ["", "-1", "0", "1713162260", "true", " 12 ", "2024-04-15T06:24:20Z", "running", "1e5"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
UNKNOWN_KEYS = st.text(st.characters(categories=["Ll"]), min_size=1, max_size=8).map("x-{}".format)

_WHOLE = st.integers(-(10**12), 10**12)
_GOOD: dict[str, st.SearchStrategy[Any]] = {
    "read_int": _WHOLE | _WHOLE.map(str) | _WHOLE.map(" {} ".format) | _WHOLE.map(Decimal),
    "read_bool": st.sampled_from([True, False, 0, 1, "0", "1", "true", "False", "TRUE"]),
    "read_text": st.text(max_size=8) | _WHOLE,
    "read_float": st.decimals(-100, 100) | _WHOLE | st.decimals(-100, 100).map(str),
    "read_decimal": st.decimals(-100, 100) | _WHOLE | st.decimals(-100, 100).map(str),
    "read_time": st.integers(-5, 4 * 10**9)
    | st.integers(-5, 4 * 10**9).map(str)
    | st.datetimes().map(lambda moment: moment.replace(microsecond=0).isoformat() + "+00:00"),
    "read_word": st.text(max_size=8),
    "_read_secret": st.text(max_size=8),
    "read": _WHOLE.map(str),  # money
}


def objects(model: type[Model], *, spoiled: bool = False) -> st.SearchStrategy[dict[str, Any]]:
    """Make JSON objects of a model: keys absent or in any good spelling, and unknown keys.

    Args:
        model: The class they can be read as.
        spoiled: Put arbitrary JSON in the place of values, so that reading may fail.
    """
    fields = plan(model).fields
    values = {field.wire: JSON_VALUES if spoiled else _values(field.kind) for field in fields}
    required = {field.wire: values.pop(field.wire) for field in fields if field.kind.default is REQUIRED}
    unknown = st.dictionaries(UNKNOWN_KEYS, JSON_VALUES, max_size=2)
    known = st.fixed_dictionaries(required, optional=values)
    if spoiled:
        known |= st.fixed_dictionaries({}, optional={**required, **values})
    return st.builds(lambda one, two: {**one, **two}, unknown, known)


def _values(kind: Kind) -> st.SearchStrategy[Any]:
    if isinstance(kind, Object):
        inner = objects(kind.model)
        return st.none() | inner | inner.map(lambda value: [value])
    if isinstance(kind, Array):
        item = kind._item
        return st.none() | st.lists(
            objects(item.model) if isinstance(item, Object) else _values(item), max_size=3
        )
    if isinstance(kind, Anything):
        return JSON_VALUES.filter(lambda value: value is not None)
    reader = kind._reader  # type: ignore[attr-defined]  # the only other kind
    good = _GOOD[getattr(reader, "func", reader).__name__]
    return good if kind.default is REQUIRED else st.none() | st.just("") | good
