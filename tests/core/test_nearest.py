"""What was meant by a name that nobody knows."""

from __future__ import annotations

import pytest

from novita_sdk._core.nearest import did_you_mean, nearest, refuse_unexpected


def test_a_near_name_is_found_whatever_its_capitals() -> None:
    assert nearest("us-ca-6", ["EU-DE-01", "US-CA-06"]) == ["US-CA-06"]


def test_nothing_is_guessed_where_nothing_is_near() -> None:
    assert did_you_mean("colour", ["product_id"]) == ""


def test_known_arguments_pass() -> None:
    refuse_unexpected({"name": 1}, {"name", "ports"})


def test_every_unknown_argument_is_told_with_what_was_meant() -> None:
    with pytest.raises(TypeError, match=r"unexpected argument: prots, x; did you mean ports\?"):
        refuse_unexpected(["prots", "x"], {"name", "ports"})
