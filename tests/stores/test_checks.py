"""What is stored is read back, or said to be unreadable."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novita_sdk._core.stores.checks import MAX_VALUE_BYTES, checked_delay, decode, encode
from novita_sdk._core.stores.moments import is_held, seconds_of, ticks
from novita_sdk.errors import StoreCorruptError, ValidationError

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=20,
)


@given(JSON_VALUES)
def test_any_json_comes_back_as_it_was(value: Any) -> None:
    assert decode("a", encode("value", {"v": 1, "x": value}, MAX_VALUE_BYTES)) == {"v": 1, "x": value}


def test_a_circle_and_a_bottomless_value_are_refused() -> None:
    circle: dict[str, Any] = {"v": 1}
    circle["self"] = circle
    bottomless: list[Any] = []
    for _ in range(100_000):
        bottomless = [bottomless]
    for value in (circle, {"v": 1, "x": bottomless}):
        with pytest.raises(ValidationError, match="value=<dict of 2>: must be plain JSON"):
            encode("value", value, MAX_VALUE_BYTES)


@pytest.mark.parametrize(
    ("text", "detail"), [("{", "no JSON: "), ("[1]", "JSON, but no object"), ("", "no JSON: ")]
)
def test_what_somebody_else_wrote_is_said_to_be_corrupt(text: str, detail: str) -> None:
    with pytest.raises(StoreCorruptError, match="the stored value of a is") as caught:
        decode("a", text)
    assert detail in caught.value.detail
    assert caught.value.key == "a"


@pytest.mark.parametrize("value", ["5", None, True, float("nan"), -1e-9, 1e12])
def test_a_wrong_duration_is_named(value: Any) -> None:
    with pytest.raises(ValidationError, match="must be seconds from 0 to 3153600000") as caught:
        checked_delay("due_in", value)
    assert str(caught.value).startswith(f"due_in={value!r}: ")


@given(st.floats(0, 4e9), st.floats(1e-6, 4e9))
def test_a_lease_lasts_exactly_its_time(now: float, lasting: float) -> None:
    start, span = ticks(now), ticks(lasting)
    assert is_held(start + span, span, start)
    assert is_held(start + span, span, start + span - 1)
    assert not is_held(start + span, span, start + span)
    assert not is_held(start + span, span, start - 1)
    assert abs(seconds_of(start) - now) < 1e-6
