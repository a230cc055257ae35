"""The contract of the API, and its schemas as validators, as fixtures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.contract import document


@pytest.fixture(scope="session")
def contract() -> dict[str, Any]:
    """The whole file."""
    return document.CONTRACT


@pytest.fixture(scope="session")
def described() -> dict[str, dict[str, Any]]:
    """Every operation by id, with `path`, `method` and `server` added and references resolved."""
    return document.DESCRIBED


@pytest.fixture(scope="session")
def faults() -> Callable[[str, object], list[str]]:
    """What the contract finds wrong with a value, by the name of the schema."""
    return document.faults
