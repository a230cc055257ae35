"""What holds for every file of the repository."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent

LONGEST = 400
LONGER_FILES = {
    "novita_sdk/__init__.py": "three generated tables with one public name a line",
    "novita_sdk/errors.py": "the whole exception tree in one place, as its users catch it",
}

MACHINE_PATH = re.compile(r"(?<![\w.-])/(?:work|tmp|root|farm|home|Users)/[A-Za-z]")
BUILT_FOLDERS = {"__pycache__", "site", "dist", "build"}
SKIPPING = re.compile(
    r"(?:pytest|unittest)(?:\.mark)?\.(?:xfail|skip\w*|importorskip|SkipTest|expectedFailure)"
)


def files(root: Path = ROOT) -> Iterator[Path]:
    """Walk over the files that belong to the repository, without what tools build beside them."""
    for path in sorted(root.iterdir()):
        if path.is_file():
            if not path.name.startswith(".coverage"):
                yield path
        elif path.name not in BUILT_FOLDERS and (not path.name.startswith(".") or path.name == ".ci"):
            yield from files(path)


def modules() -> list[Path]:
    return [path for path in files() if path.suffix == ".py"]


def generated(path: Path) -> bool:
    return path.is_relative_to(ROOT / "novita_sdk/_sync") or path.is_relative_to(ROOT / "tests/sync")


def machine_paths(text: str) -> list[str]:
    """List the lines that name a folder of one particular machine."""
    return [line for line in text.splitlines() if MACHINE_PATH.search(line)]


def ways_to_skip(code: str) -> list[str]:
    """List every use of a name by which a test can be left out or be allowed to fail."""
    found = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Attribute):
            found.append(ast.unparse(node))
        elif isinstance(node, ast.ImportFrom):
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return [name for name in found if SKIPPING.fullmatch(name)]


def test_no_file_names_a_path_of_one_machine() -> None:
    found = {
        str(path.relative_to(ROOT)): machine_paths(path.read_text(encoding="utf-8", errors="replace"))
        for path in files()
    }
    assert {path: lines for path, lines in found.items() if lines} == {}


def test_no_test_is_left_out_or_allowed_to_fail() -> None:
    tests = [path for path in modules() if path.is_relative_to(ROOT / "tests")]
    found = {str(path.relative_to(ROOT)): ways_to_skip(path.read_text()) for path in tests}
    assert {path: names for path, names in found.items() if names} == {}


def test_every_module_says_what_it_is_for() -> None:
    silent = [path for path in modules() if not ast.get_docstring(ast.parse(path.read_text()))]
    assert [str(path.relative_to(ROOT)) for path in silent] == []


def test_only_excused_files_are_too_long_to_hold_one_idea() -> None:
    written = [
        path for path in modules() if not generated(path) and not path.is_relative_to(ROOT / "tests")
    ]  # a test file holds the sentences about one subject, however many there are
    long = {str(path.relative_to(ROOT)) for path in written if len(path.read_text().splitlines()) > LONGEST}
    assert long == set(LONGER_FILES)


# The proofs themselves


@pytest.mark.parametrize("folder", ["work", "root", "home", "tmp"])
def test_a_machine_path_is_seen(folder: str) -> None:
    assert machine_paths(f"see '/{folder}/main/x.py'\nfine\n") == [f"see '/{folder}/main/x.py'"]


@pytest.mark.parametrize(
    "text", ["/workspace/data", "docs/work/plan", "https://example.com/home/page", "/work/"]
)
def test_other_paths_are_not_machine_paths(text: str) -> None:
    assert machine_paths(text) == []


@pytest.mark.parametrize(
    "code",
    [
        "@pytest.mark.skip\ndef test(): ...",
        "@pytest.mark.skipif(True, reason='')\ndef test(): ...",
        "pytestmark = pytest.mark.xfail",
        "def test():\n    pytest.skip('later')",
        "from pytest import importorskip",
        "raise unittest.SkipTest",
    ],
)
def test_a_skipped_test_is_seen(code: str) -> None:
    assert ways_to_skip(code)


def test_other_things_named_skip_are_not_seen() -> None:
    assert ways_to_skip("pager.skip(3)\npytest.fail('skip')") == []


def test_built_folders_do_not_belong_to_the_repository(tmp_path: Path) -> None:
    for name in ("a.py", ".ci/run", ".venv/b.py", "src/__pycache__/c.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert [path.relative_to(tmp_path).as_posix() for path in files(tmp_path)] == [".ci/run", "a.py"]
