"""Reading JSON bodies."""

from __future__ import annotations

import json
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novita_sdk._core.codec import DecodeFailure, decode_json
from tests.core.wire_objects import JSON_VALUES


def test_decimals_are_read_exactly() -> None:
    assert decode_json(b'{"a": 0.1}') == {"a": Decimal("0.1")}


def test_whole_numbers_stay_whole() -> None:
    assert type(decode_json(b"12")) is int


def test_of_equal_keys_the_last_wins() -> None:
    assert decode_json(b'{"a": 1, "a": 2}') == {"a": 2}


def test_a_byte_order_mark_is_allowed() -> None:
    assert decode_json(b"\xef\xbb\xbf[]") == []


@pytest.mark.parametrize(
    "body",
    [
        b"NaN",
        b'{"a": Infinity}',
        b"[-Infinity]",
        b"",
        b'{"a": 1',
        b"<html>",
        b"\xff",
        b'{"a": 1} x',
        b"[" * 100_000 + b"]" * 100_000,
        b"1" * 5000,
        b"1e9999999999999999999",
    ],
    ids=lambda body: body[:12].decode("latin-1"),
)
def test_what_is_no_json_is_a_decode_failure_of_the_whole_body(body: bytes) -> None:
    with pytest.raises(DecodeFailure) as caught:
        decode_json(body)
    assert caught.value.path == "$"


def test_bytes_that_are_not_utf_8_do_not_get_into_the_error() -> None:
    with pytest.raises(DecodeFailure) as caught:
        decode_json(b'"s3cret \xff"')
    assert "s3cret" not in str(caught.value)


@given(JSON_VALUES)
def test_any_json_is_read_back(value: object) -> None:
    text = json.dumps(value, default=float)
    assert decode_json(text.encode()) == json.loads(text, parse_float=Decimal)


@given(st.binary())
def test_no_bytes_raise_anything_but_a_decode_failure(body: bytes) -> None:
    with suppress(DecodeFailure):
        decode_json(body)
