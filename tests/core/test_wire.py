"""Ids, queries, bodies and paths as they go over the wire."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novita_sdk._core import operations
from novita_sdk._core.operations import Field
from novita_sdk._core.wire import check_id, check_path, decode_query, encode_body, encode_query, problem
from novita_sdk.errors import ValidationError
from novita_sdk.models.enums import BillingMode
from novita_sdk.models.port import Port
from novita_sdk.models.secret import Secret
from novita_sdk.models.unset import UNSET

texts = st.text(st.characters(exclude_categories=["Cs"]))

# ------------------------------------------------------------ ids


@pytest.mark.case("RQ-05")
def test_an_int_id_becomes_decimal_text() -> None:
    assert encode_query([("templateId", check_id("template_id", 107672))]) == "templateId=107672"


@pytest.mark.case("RQ-03")
@pytest.mark.parametrize(
    "bad", ["", "  ", ".", "..", "\ud800", "x" * 1025, None, True, 1.5, b"id", ["id"], UNSET]
)
def test_what_is_no_id_is_refused_by_name(bad: object) -> None:
    with pytest.raises(ValidationError) as caught:
        check_id("instance_id", bad)
    assert [found.field for found in caught.value.problems] == ["instance_id"]


def test_an_id_of_1024_characters_is_one() -> None:
    assert check_id("instance_id", "x" * 1024) == "x" * 1024


# ------------------------------------------------------------ queries


@pytest.mark.case("RQ-03")
def test_everything_but_unreserved_characters_is_percent_encoded() -> None:
    assert encode_query([("instanceId", "a/b?c=d&e#f ü")]) == "instanceId=a%2Fb%3Fc%3Dd%26e%23f%20%C3%BC"
    assert encode_query([("name", "A-z_0.9~")]) == "name=A-z_0.9~"


def test_each_kind_of_value_has_one_spelling() -> None:
    pairs = [
        ("yes", True),
        ("no", False),
        ("number", -3),
        ("mode", BillingMode.ON_DEMAND),
        ("at", datetime(2024, 4, 15, 5, 51, 0, 999_999, tzinfo=UTC)),
        ("empty", ""),
    ]
    assert encode_query(pairs) == "yes=true&no=false&number=-3&mode=onDemand&at=1713160260&empty="


def test_unset_and_none_are_left_out() -> None:
    assert encode_query([("a", None), ("b", UNSET), ("c", 1)]) == "c=1"


def test_a_time_zone_does_not_change_the_instant() -> None:
    moment = datetime(2024, 4, 15, 12, tzinfo=UTC)
    elsewhere = moment.astimezone(timezone(timedelta(hours=5, minutes=45)))
    assert encode_query([("at", moment)]) == encode_query([("at", elsewhere)])


def test_a_time_before_the_epoch_is_rounded_down_like_any_other() -> None:
    assert encode_query([("at", datetime(1969, 12, 31, 23, 59, 59, 500_000, tzinfo=UTC))]) == "at=-1"


def test_all_values_that_no_query_can_carry_are_told_at_once_and_no_secret_is_shown() -> None:
    pairs = [("key", Secret("s3cr3t")), ("at", datetime(2024, 1, 1)), ("part", 0.5), ("text", "\udc00")]  # noqa: DTZ001
    with pytest.raises(ValidationError) as caught:
        encode_query(pairs)
    assert [found.field for found in caught.value.problems] == ["key", "at", "part", "text"]
    assert "s3cr3t" not in str(caught.value) + repr(caught.value) + caught.value.explain()


@given(st.dictionaries(texts.filter(bool), texts))
def test_a_query_is_read_back_as_it_was(values: dict[str, str]) -> None:
    assert dict(parse_qsl(encode_query(values.items()), keep_blank_values=True)) == values


@given(st.integers(-(2**60), 2**60), st.booleans(), texts)
def test_the_table_tells_numbers_from_text_when_a_query_is_read(number: int, flag: bool, text: str) -> None:
    fields = (
        Field(name="n", type="int"),
        Field(name="b", type="bool"),
        Field(name="t", type="str"),
    )
    values = {"n": number, "b": flag, "t": text}
    assert decode_query(encode_query(values.items()), fields) == values


def test_a_query_value_of_the_wrong_type_stays_text() -> None:
    fields = operations.LIST_INSTANCES.query
    assert decode_query("pageNum=one&pageSize=%2B5&extra=1", fields) == {
        "pageNum": "one",
        "pageSize": "+5",
        "extra": "1",
    }


# ------------------------------------------------------------ bodies


@pytest.mark.case("RQ-05")
def test_a_body_is_compact_utf_8_with_non_ascii_as_it_is() -> None:
    assert encode_body({"name": "prêt ✓", "n": [1, None]}) == '{"name":"prêt ✓","n":[1,null]}'.encode()


def test_an_empty_body_is_an_empty_object() -> None:
    assert encode_body({}) == b"{}"


def test_decimals_keep_every_digit() -> None:
    assert encode_body([Decimal("0.10"), Decimal("123456789012345678901234567890.5")]) == (
        b"[0.10,123456789012345678901234567890.5]"
    )


def test_enum_members_are_sent_as_their_word() -> None:
    assert encode_body({"billingMode": BillingMode.SPOT}) == b'{"billingMode":"spot"}'


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**200), 2**200)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@given(json_values)
def test_a_body_is_the_json_of_its_value(value: Any) -> None:
    assert json.loads(encode_body(value)) == value


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_any_decimal_is_a_json_number(value: Decimal) -> None:
    assert json.loads(encode_body(value), parse_float=Decimal, parse_int=Decimal) == value


@pytest.mark.parametrize(
    ("value", "place"),
    [
        (float("nan"), "json"),
        ({"a": [1, float("inf")]}, "json.a[1]"),
        ({"a": Decimal("NaN")}, "json.a"),
        ({"a": "\ud800"}, "json.a"),
        ({"\ud800": 1}, "json"),
        ({1: 2}, "json"),
        ({"a": {1, 2}}, "json.a"),
        ({"a": Secret("s3cr3t")}, "json.a"),
        ({"a": b"raw"}, "json.a"),
        ({"a": 10**5000}, "json.a"),
    ],
)
def test_what_is_not_json_is_refused_with_its_place(value: object, place: str) -> None:
    with pytest.raises(ValidationError) as caught:
        encode_body(value)
    assert caught.value.problems[0].field == place
    assert "s3cr3t" not in str(caught.value)


def test_a_body_that_refers_to_itself_is_refused() -> None:
    value: dict[str, object] = {}
    value["self"] = value
    with pytest.raises(ValidationError, match="must not refer to itself"):
        encode_body(value)


# ------------------------------------------------------------ paths


@pytest.mark.parametrize("path", ["/gpu-instance/openapi/v1/gpus", "/x", "/a/b-c_d~e.f", "/%20"])
def test_a_path_below_a_base_is_accepted(path: str) -> None:
    assert check_path(path) == path


@pytest.mark.case("RQ-07")
@pytest.mark.parametrize(
    "path", ["https://h/x", "//h/x", "x", "", "/a?b=c", "/a#b", "/a b", "/a\nb", "/\\h", "/a\x00", "/\ud800"]
)
def test_a_path_that_could_lead_the_key_elsewhere_is_refused(path: str) -> None:
    with pytest.raises(ValidationError) as caught:
        check_path(path)
    assert caught.value.problems[0].field == "path"


# ------------------------------------------------------------ what a problem shows


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("nginx", "'nginx'"),
        (7, "7"),
        (None, "None"),
        (Port(80, "http"), "Port(port=80, type=PortType.HTTP)"),
        (Secret("s3cr3t"), "[REDACTED]"),
        ({"PASSWORD": "s3cr3t"}, "<dict of 1>"),
        (["s3cr3t"], "<list of 1>"),
        (b"s3cr3t", "<bytes>"),
        (10**100, "<int of 333 bits>"),
        ("https://me:s3cr3t@host/x?token=s3cr3t", "'https://[REDACTED]@host/x?[REDACTED]"),
    ],
)
def test_a_problem_shows_plain_values_and_hides_the_rest(value: object, shown: str) -> None:
    assert problem("name", value, "is wrong").value_repr.startswith(shown)
    assert problem("name", value, "is wrong", secret=True).value_repr == "[REDACTED]"


def test_a_long_value_is_cut_at_80_characters() -> None:
    assert len(problem("name", "x" * 1000, "is too long").value_repr) == 80
