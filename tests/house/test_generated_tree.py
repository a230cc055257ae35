"""The synchronous colour is generated from the asynchronous one, completely and at this moment."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tools import unasync

ROOT = Path(unasync.__file__).parent.parent

SOURCE = '''\
"""Asks with AsyncClient."""

from __future__ import annotations

from collections.abc import Awaitable, Callable


class AsyncClient:
    async def __aenter__(self) -> AsyncClient:
        return self

    async def ask(self, question: Callable[[str], Awaitable[list[str]]]) -> list[str]:
        return await question("how?")
'''

GENERATED = '''\
# Generated from novita_sdk/_async/client.py by tools/unasync.py; edit the source.
"""Asks with Client."""

from __future__ import annotations

from collections.abc import Callable


class Client:
    def __enter__(self) -> Client:
        return self

    def ask(self, question: Callable[[str], list[str]]) -> list[str]:
        return question("how?")
'''


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small repository with one source, and only the rules which that source needs."""
    rules = (
        (r"\basync (?=def\b)", ""),
        (r"\bawait ", ""),
        (r"(?<![A-Za-z0-9])Async(?=[A-Z])", ""),
        (r"\b__a(?=enter__)", "__"),
    )
    monkeypatch.setattr(unasync, "RULES", rules)
    monkeypatch.setattr(unasync, "UNWRAPPED", ("Awaitable",))
    source = tmp_path / "novita_sdk/_async/client.py"
    source.parent.mkdir(parents=True)
    source.write_text(SOURCE)
    return tmp_path


def async_leftovers(code: str) -> list[str]:
    """Name every construct and import that belongs to the asynchronous colour only."""
    found = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.AsyncFunctionDef | ast.AsyncWith | ast.AsyncFor | ast.Await):
            found.append(type(node).__name__)
        elif isinstance(node, ast.comprehension) and node.is_async:
            found.append("async comprehension")
        elif isinstance(node, ast.Name | ast.Attribute | ast.ClassDef | ast.FunctionDef):
            name = node.id if isinstance(node, ast.Name) else getattr(node, "attr", getattr(node, "name", ""))
            bare = name.lstrip("_")
            if (bare.startswith("Async") and bare not in unasync.QUEUED) or name in ASYNC_NAMES:
                found.append(name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            modules = [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
            found += [name for name in modules if name.split(".")[0] in {"anyio", "asyncio", "trio"}]
    return found


ASYNC_NAMES = {
    "__aenter__",
    "__aexit__",
    "__aiter__",
    "__anext__",
    "aclose",
    "Awaitable",
    "StopAsyncIteration",
}


def awaits_inside_f_strings(code: str) -> list[int]:
    """List the lines where an f-string awaits, which a word for word conversion could not be trusted with."""
    return [
        node.lineno
        for string in ast.walk(ast.parse(code))
        if isinstance(string, ast.JoinedStr)
        for node in ast.walk(string)
        if isinstance(node, ast.Await)
    ]


# The real trees


def test_the_generated_trees_are_current() -> None:
    assert unasync.check() == []


@pytest.mark.parametrize("folder", ["novita_sdk/_sync", "tests/sync"])
def test_nothing_asynchronous_is_left_in_a_generated_tree(folder: str) -> None:
    found = {str(path): async_leftovers(path.read_text()) for path in (ROOT / folder).rglob("*.py")}
    assert {path: leftovers for path, leftovers in found.items() if leftovers} == {}


@pytest.mark.parametrize("folder", ["novita_sdk/_async", "tests/aio"])
def test_no_source_awaits_inside_an_f_string(folder: str) -> None:
    found = {str(path): awaits_inside_f_strings(path.read_text()) for path in (ROOT / folder).rglob("*.py")}
    assert {path: lines for path, lines in found.items() if lines} == {}


# The converter


@pytest.mark.parametrize(
    ("source", "converted"),
    [
        ("async with a, b:", "with a, b:"),
        ("[x async for x in await pages()]", "[x for x in pages()]"),
        ("class _AsyncPool(AsyncBase):", "class _Pool(Base):"),
        ("from novita_sdk._async.pager import AsyncPager", "from novita_sdk._sync.pager import Pager"),
        ("async def __anext__(self) -> Awaitable[T]:", "def __next__(self) -> T:"),
        (
            "Callable[[A], Awaitable[Mapping[str, list[B]]]] | None",
            "Callable[[A], Mapping[str, list[B]]] | None",
        ),
        ("Awaitable[Awaitable[T]]", "T"),
        ("the asynchronous awaiting of an Asyncronym", "the asynchronous awaiting of an Asyncronym"),
    ],
)
def test_words_are_converted_whole(source: str, converted: str) -> None:
    rules = (
        (r"\basync (?=def\b|with\b|for\b)", ""),
        (r"\bawait ", ""),
        (r"(?<![A-Za-z0-9])Async(?=[A-Z])", ""),
        (r"\b__a(?=next__)", "__"),
        (r"\b_async\b", "_sync"),
    )
    assert unasync.convert(source, rules, ("Awaitable",))[0] == converted


def test_a_written_tree_is_formatted_and_passes_its_own_check(repository: Path) -> None:
    assert unasync.write(repository) == ["novita_sdk/_sync/client.py"]
    assert (repository / "novita_sdk/_sync/client.py").read_text() == GENERATED
    assert unasync.check(repository) == []
    assert unasync.write(repository) == []


def test_a_missing_tail_is_noticed(repository: Path) -> None:
    unasync.write(repository)
    generated = repository / "novita_sdk/_sync/client.py"
    generated.write_text("".join(generated.read_text().splitlines(keepends=True)[:-1]))
    assert "is not current" in "".join(unasync.check(repository))


def test_a_missing_file_is_noticed(repository: Path) -> None:
    assert unasync.check(repository) == ["novita_sdk/_sync/client.py: is missing"]


def test_a_file_whose_source_has_gone_is_noticed_and_deleted(repository: Path) -> None:
    unasync.write(repository)
    (repository / "novita_sdk/_sync/old.py").write_text(GENERATED)
    assert unasync.check(repository) == ["novita_sdk/_sync/old.py: has no source"]
    unasync.write(repository)
    assert not (repository / "novita_sdk/_sync/old.py").exists()


def test_a_file_written_by_hand_is_never_deleted(repository: Path) -> None:
    by_hand = repository / "novita_sdk/_sync/precious.py"
    by_hand.parent.mkdir()
    by_hand.write_text("VALUE = 1\n")
    with pytest.raises(SystemExit, match="written by hand"):
        unasync.write(repository)
    assert by_hand.exists()


def test_a_rule_that_no_source_needs_fails_the_check(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unasync.write(repository)
    monkeypatch.setattr(unasync, "RULES", (*unasync.RULES, (r"\bnever\b", "")))
    monkeypatch.setattr(unasync, "UNWRAPPED", (*unasync.UNWRAPPED, "Coroutine"))
    assert len([problem for problem in unasync.check(repository) if "no source needs" in problem]) == 2


def test_the_command_tells_by_its_exit_code_whether_the_trees_are_current() -> None:
    command = (sys.executable, str(ROOT / "tools/unasync.py"), "--check")
    assert subprocess.run(command, check=False).returncode == 0
    assert subprocess.run((*command, "--quick"), check=False).returncode == 2


# The proofs themselves


@pytest.mark.parametrize(
    "code",
    [
        "async def f(): ...",
        "import anyio.abc",
        "def f():\n    from asyncio import sleep",
        "class AsyncThing: ...",
        "thing.aclose()",
        "def __aenter__(self): ...",
        "_AsyncThing()",
    ],
)
def test_a_leftover_is_seen(code: str) -> None:
    assert async_leftovers(code)


def test_synchronous_code_has_no_leftovers() -> None:
    assert async_leftovers('"""Not anyio."""\nimport threading\nclient.close()  # asyncio') == []


def test_an_await_in_an_f_string_is_seen() -> None:
    assert awaits_inside_f_strings("async def f():\n    return f'{await g()}'") == [2]
