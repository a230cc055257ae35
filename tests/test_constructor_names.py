"""A misspelled argument of a client's constructor is answered with the name that was meant."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from novita_sdk import AsyncNovita, Novita
from novita_sdk._core.client_arguments import BESIDE_SETTINGS


@pytest.mark.parametrize("client", [Novita, AsyncNovita])
@pytest.mark.parametrize(
    ("given", "meant"), [("apikey", "api_key"), ("timout", "timeouts"), ("middlewares", "middleware")]
)
def test_a_misspelled_argument_of_a_client_is_told_with_what_was_meant(
    client: type[Any], given: str, meant: str
) -> None:
    with pytest.raises(
        TypeError, match=rf"unexpected keyword argument '{given}'; did you mean .*\b{meant}\b"
    ):
        client(**{given: 3})


def test_an_argument_like_no_other_is_refused_without_a_guess() -> None:
    with pytest.raises(TypeError, match=r"argument 'zzz'$"):
        Novita(zzz=3)  # type: ignore[call-arg]  # the mistake is what is tested


@pytest.mark.parametrize("client", [Novita, AsyncNovita])
def test_every_argument_of_a_client_can_be_meant(client: type[Any]) -> None:
    assert {*BESIDE_SETTINGS, "arguments"} == set(inspect.signature(client).parameters)
