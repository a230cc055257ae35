"""Fixtures of a simulated cloud for pytest; nothing is loaded until one of them is used."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

TYPE_CHECKING = False  # type checkers take this name for true; nothing of the package is loaded for it

if TYPE_CHECKING:
    from novita_sdk import AsyncNovita, Novita
    from novita_sdk.testing import Simulator


@pytest.fixture
def novita_simulator() -> Simulator:
    """A fresh simulated cloud on a virtual clock."""
    from novita_sdk.testing import Simulator  # noqa: PLC0415 - not before a test asks for it

    return Simulator()


@pytest.fixture
def novita_client(novita_simulator: Simulator) -> Iterator[Novita]:
    """A client of the test's simulated cloud."""
    with novita_simulator.client() as client:
        yield client


@pytest.fixture
def async_novita_client(novita_simulator: Simulator) -> AsyncNovita:
    """An asynchronous client of the test's simulated cloud, for whatever event loop the test runs on.

    Nothing has to be closed: its transport holds no connection.
    """
    return novita_simulator.async_client()
