"""What every test of an example shares: no key in the environment, and modules that are its own."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody's key reach an example."""
    for name in os.environ:
        if name.startswith("NOVITA_"):
            monkeypatch.delenv(name)


@pytest.fixture
def examples(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Make the examples importable as their own folder makes them, and forget them afterwards."""
    monkeypatch.syspath_prepend(EXAMPLES)
    before = set(sys.modules)
    yield EXAMPLES
    for name in set(sys.modules) - before:
        if (EXAMPLES / f"{name}.py").is_file():
            del sys.modules[name]
    assert [type(handler) for handler in logging.getLogger("novita_sdk").handlers] == [logging.NullHandler]
