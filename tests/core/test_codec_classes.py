"""Model classes that the API does not have yet: everything a class may declare is read."""

from __future__ import annotations

from typing import Any, Self

import attrs
import pytest

from novita_sdk._core.codec import DecodeFailure, structure, unstructure
from novita_sdk._core.decoding import camel_case, plan
from novita_sdk.models import JSON, InstanceStatus, Model, Money
from novita_sdk.models.base import field, model


@model
class Part(Model):
    """A part."""

    id: str


@model
class Whole(Model):
    """A class in which nearly everything is required."""

    main: Part
    parts: tuple[Part, ...]
    words: tuple[InstanceStatus, ...]
    count: int
    free: JSON
    prices: tuple[Money, ...] = field(default=(), units_per_usd=100)
    notes: JSON = "none"
    limit: int = 5


@model
class Stubborn(Model):
    """A class whose own code fails."""

    @classmethod
    def from_text(cls, text: str) -> Self:
        raise RuntimeError(text)


@model
class Impossible(Model):
    """A class with a field of a type that nobody reads."""

    when: complex


GOOD: dict[str, Any] = {"main": {"id": 1}, "parts": [], "words": ["running", "warp"], "count": "3"}


def test_required_fields_are_read() -> None:
    found = structure(Whole, {**GOOD, "prices": ["5", 6], "parts": {"id": 2}, "free": {"a": None}})
    assert (found.main, found.parts, found.count) == (Part(id="1"), (Part(id="2"),), 3)
    assert found.words == (InstanceStatus.RUNNING, InstanceStatus("warp"))
    assert found.prices == (Money(5, 100), Money(6, 100))
    assert found.free == {"a": None}
    assert unstructure(found)["prices"] == ["5", "6"]


def test_defaults_other_than_none_are_kept() -> None:
    found = structure(Whole, {**GOOD, "limit": "", "notes": None})
    assert (found.limit, found.notes, found.free, found.prices) == (5, "none", None, ())


@pytest.mark.parametrize("key", ["main", "parts", "words", "count"])
@pytest.mark.parametrize("change", ["missing", "null"])
def test_what_is_required_may_not_be_left_out(key: str, change: str) -> None:
    raw = {name: value for name, value in GOOD.items() if name != key}
    with pytest.raises(DecodeFailure) as caught:
        structure(Whole, raw if change == "missing" else {**raw, key: None})
    assert caught.value.path == f"$.{key}"


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"main": []}, "$.main"),
        ({"main": [{}]}, "$.main[0].id"),
        ({"count": ""}, "$.count"),
        ({"words": [None]}, "$.words[0]"),
        ({"prices": [""]}, "$.prices[0]"),
    ],
)
def test_items_and_required_fields_have_no_default(change: dict[str, Any], path: str) -> None:
    with pytest.raises(DecodeFailure) as caught:
        structure(Whole, GOOD | change)
    assert caught.value.path == path


def test_an_empty_word_in_an_array_is_an_unknown_word() -> None:
    assert structure(Whole, GOOD | {"words": [""]}).words == (InstanceStatus(""),)


def test_required_keys_are_known_in_order() -> None:
    assert plan(Whole).required == ("main", "parts", "words", "count")


def test_a_fault_of_our_own_is_not_taken_for_one_of_the_data() -> None:
    with pytest.raises(RuntimeError, match="x"):
        structure(Stubborn, "x")


def test_a_field_of_a_foreign_type_is_refused_at_first_use() -> None:
    with pytest.raises(TypeError, match="complex"):
        structure(Impossible, {})


@pytest.mark.parametrize(
    ("name", "key"), [("id", "id"), ("gpu_num", "gpuNum"), ("base_price_0", "basePrice0"), ("ip", "ip")]
)
def test_names_become_wire_keys(name: str, key: str) -> None:
    assert camel_case(name) == key


def test_subclasses_keep_the_fields_they_inherit() -> None:
    @model
    class Labelled(Part):
        """A part with a label."""

        label: str | None = None

    assert structure(Labelled, {"id": 1, "label": "l"}) == Labelled(id="1", label="l")
    assert [attribute.name for attribute in attrs.fields(Labelled)] == ["extra", "id", "label"]
