"""The mark of a created instance: what is written is read again, whatever else stands beside it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novita_sdk._core.marker import MARKER_ENV, mark, operation_id_of
from novita_sdk.models.instance import Instance

PAIRS = st.lists(
    st.one_of(
        st.fixed_dictionaries({"key": st.sampled_from(["A", "B", MARKER_ENV]), "value": st.text(max_size=3)}),
        st.none(),
        st.integers(),
        st.just({}),
    )
)


@given(PAIRS)
def test_what_is_marked_is_found_by_its_mark_alone(pairs: list[Any]) -> None:
    body = {"name": "one", "envs": pairs}
    marked = mark(body, "op-1")
    assert operation_id_of(marked) == "op-1"
    assert [pair["key"] for pair in marked["envs"] if pair.get("key") == MARKER_ENV] == [MARKER_ENV]
    assert marked["name"] == "one"
    assert body["envs"] is pairs, "the body given is left as it was"


@given(PAIRS)
def test_marking_keeps_every_other_variable_in_its_order(pairs: list[Any]) -> None:
    others = [pair for pair in pairs if isinstance(pair, dict) and pair.get("key") != MARKER_ENV]
    assert mark({"envs": pairs}, "op-1")["envs"][:-1] == others


@pytest.mark.parametrize(
    "source",
    [
        {},
        {"envs": None},
        {"envs": {MARKER_ENV: "op-1"}},
        {"envs": [{"key": MARKER_ENV}]},
        {"envs": [{"key": MARKER_ENV, "value": ""}]},
        {"envs": [{"key": MARKER_ENV, "value": 7}]},
        {"envs": [{"key": "A", "value": "op-1"}, "text", None]},
    ],
)
def test_what_carries_no_mark_has_none(source: dict[str, Any]) -> None:
    assert operation_id_of(source) is None


@pytest.mark.parametrize(
    ("name", "base"),
    [
        ("mine-nsdk-nightly-build-7", "mine"),
        ("mine-nsdk-nightly-1-nsdk-nightly-2", "mine-nsdk-nightly-1"),
        ("mine-nsdk-short", "mine-nsdk-short"),
        ("-nsdk-nightly-build-7", ""),
        ("two\nlines-nsdk-nightly-build-7", "two\nlines"),
        ("mine", "mine"),
    ],
)
def test_the_name_of_an_instance_and_of_a_create_body_lose_the_same_mark(name: str, base: str) -> None:
    marked = mark({"name": name}, "nightly-build-8", "env+name")["name"]
    assert Instance(id="i-1", name=name).base_name == base
    assert marked == f"{base}-nsdk-nightly-build-8"
