"""Parts of a client and their colour, for clients of either colour."""

from __future__ import annotations

import functools
from typing import Any
from unittest.mock import AsyncMock

import pytest

from novita_sdk._core.colour import colour_problem
from tests.colours import OTHER, AsyncLayer, PlainLayer, layers_of


@pytest.mark.parametrize("colour", ["async", "sync"])
@pytest.mark.parametrize("make", [0, 1, 2], ids=["function", "partial", "object"])
def test_a_layer_fits_a_client_of_its_own_colour_only(colour: str, make: int) -> None:
    layer = layers_of(colour)[make]
    assert colour_problem("middleware[0]", layer, colour) is None
    problem = colour_problem("middleware[0]", layer, OTHER[colour])
    assert problem is not None
    assert problem.name == "middleware[0]"
    assert {"async": "asynchronous", "sync": "synchronous"}[colour] in problem.problem
    assert {"async": "AsyncNovita", "sync": "use Novita"}[colour] in problem.allowed


@pytest.mark.parametrize(
    ("layer", "asynchronous"),
    [(AsyncLayer().__call__, True), (PlainLayer().__call__, False), (AsyncMock(), True), (print, False)],
)
def test_methods_mocks_and_builtins_have_a_colour_too(layer: Any, asynchronous: bool) -> None:
    assert (colour_problem("middleware[0]", layer, "async") is None) is asynchronous
    assert (colour_problem("middleware[0]", layer, "sync") is None) is not asynchronous


def test_a_partial_of_a_partial_has_the_colour_of_its_function() -> None:
    layer = functools.partial(functools.partial(layers_of("async")[0]))
    assert colour_problem("middleware[0]", layer, "async") is None


def test_a_transport_is_judged_by_the_method_that_is_called() -> None:
    class Both:
        def __call__(self) -> None: ...

        async def send(self) -> None: ...

    assert colour_problem("transport", Both(), "async", "send") is None
    assert colour_problem("transport", Both(), "sync", "send") is not None


def test_what_lacks_the_method_is_told_so() -> None:
    problem = colour_problem("transport", object(), "sync", "send")
    assert problem is not None
    assert (problem.problem, problem.allowed) == ("object has no send", "an object with send")


def test_a_class_is_not_taken_for_its_instance() -> None:
    problem = colour_problem("middleware[0]", PlainLayer, "sync")
    assert problem is not None
    assert (problem.problem, problem.allowed) == ("PlainLayer is a class", "an instance of it")
