"""Examples in docstrings: those with prompts run, all others are at least valid code."""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import logging
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT

PACKAGE = ROOT / "novita_sdk"
_FENCED = re.compile(r"```python\n(.*?)```", re.DOTALL)


def sources() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def docstrings(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield inspect.cleandoc(ast.get_docstring(node) or "")


def fenced_examples() -> list[tuple[str, str]]:
    return [
        (str(path.relative_to(ROOT)), textwrap.dedent(code))
        for path in sources()
        for docstring in docstrings(path)
        for code in _FENCED.findall(docstring)
    ]


def modules_with_prompts() -> list[str]:
    return [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in sources()
        if any(">>> " in docstring for docstring in docstrings(path))
    ]


@pytest.fixture
def quiet_logger() -> Iterator[None]:
    """Take off again what an example puts on the library's logger."""
    logger = logging.getLogger("novita_sdk")
    before = list(logger.handlers)
    yield
    for handler in set(logger.handlers) - set(before):
        logger.removeHandler(handler)


@pytest.mark.usefixtures("quiet_logger")
@pytest.mark.parametrize("name", modules_with_prompts())
def test_examples_with_prompts_give_what_they_say(name: str) -> None:
    outcome = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert outcome.attempted > 0
    assert outcome.failed == 0


@pytest.mark.parametrize(("place", "code"), fenced_examples())
def test_other_examples_are_valid_code(place: str, code: str) -> None:
    compile(code, place, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)


def test_there_are_examples_of_both_kinds() -> None:
    assert modules_with_prompts()
    assert fenced_examples()
