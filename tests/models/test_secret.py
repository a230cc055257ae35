"""A secret shows itself only when asked."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novita_sdk.models import Secret


@given(st.text(min_size=12))
def test_a_secret_is_never_shown(text: str) -> None:
    secret = Secret(text)
    for shown in (repr(secret), str(secret), f"{secret}", f"{secret!r}", f"{[secret]}", "%s" % secret):  # noqa: UP031
        assert shown.strip("[]") == "REDACTED"


@given(st.text())
def test_a_secret_is_revealed_on_demand(text: str) -> None:
    assert Secret(text).reveal() == text


@given(st.text(), st.text())
def test_secrets_compare_by_their_text(one: str, two: str) -> None:
    assert (Secret(one) == Secret(two)) is (one == two)
    assert len({Secret(one), Secret(two)}) == len({one, two})


def test_a_lone_surrogate_compares_too() -> None:
    assert Secret("\ud800") == Secret("\ud800")


def test_a_secret_does_not_equal_its_text() -> None:
    assert Secret("x") != "x"


def test_secrets_survive_pickle_and_copies() -> None:
    secret = Secret("s3cret")
    for protocol in range(2, 6):
        assert pickle.loads(pickle.dumps(secret, protocol)) == secret  # noqa: S301  # our own bytes
    assert copy.deepcopy(secret) == copy.copy(secret) == secret


def test_a_secret_cannot_be_changed() -> None:
    secret = Secret("s3cret")
    with pytest.raises(AttributeError, match="cannot be changed"):
        secret._value = "other"
    with pytest.raises(AttributeError, match="cannot be changed"):
        del secret._value
    assert not hasattr(secret, "__dict__")


def test_an_empty_secret_is_falsy() -> None:
    assert not Secret("")
    assert Secret("x")


@pytest.mark.parametrize("value", [None, 1, b"x", Secret("x")])
def test_only_text_is_a_secret(value: Any) -> None:
    with pytest.raises(TypeError, match="holds text"):
        Secret(value)
