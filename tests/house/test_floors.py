"""The floors of the house: which part may import what, function bodies included."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent.parent

LOOPS = ("asyncio", "anyio", "trio")
SHELLS = tuple(
    f"novita_sdk.{name}"
    for name in (
        "_async",
        "_concurrency",
        "_sync",
        "lifecycle",
        "middleware",
        "serverless",
        "stores",
        "testing",
        "transports",
        "webhooks",
    )
)


class Floor(NamedTuple):
    """A set of files, what they must not import, and which of them are excused."""

    files: str
    forbidden: tuple[str, ...]
    excused: tuple[str, ...] = ()


FLOORS = (
    Floor("_core/**/*.py", (*LOOPS, "threading", "time", "random", "secrets", "httpx", "socket", *SHELLS)),
    Floor("models/**/*.py", SHELLS),
    Floor("errors.py", SHELLS),
    Floor("options.py", SHELLS),
    Floor("**/*.py", ("httpx",), excused=("_async/transport.py", "_sync/transport.py")),
    Floor("**/*.py", ("httpcore",)),
    Floor("_async/**/*.py", (*LOOPS, "threading")),
    Floor("_sync/**/*.py", LOOPS),
)


def imports(code: str, package: str) -> Iterator[str]:
    """Name all that `code`, a module of `package`, imports anywhere in it; of `from a import b` a and a.b."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            module = ".".join([*parents, *filter(None, [node.module])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            yield from (str(ast.literal_eval(name)) for name in node.args if isinstance(name, ast.Constant))


def trespasses(floor: Floor, root: Path) -> list[str]:
    """List the imports which `floor` forbids in the package folder `root`."""
    forbidden = tuple(f"{module}." for module in floor.forbidden)
    found = []
    for path in sorted(root.glob(floor.files)):
        place = path.relative_to(root).as_posix()
        package = ".".join(path.relative_to(root.parent).parent.parts)
        if place not in floor.excused:
            named = imports(path.read_text(), package)
            found += [f"{place} imports {name}" for name in named if f"{name}.".startswith(forbidden)]
    return found


@pytest.mark.parametrize("floor", FLOORS, ids=lambda floor: f"{floor.files} {' '.join(floor.forbidden)}"[:40])
def test_a_floor_imports_nothing_from_above(floor: Floor) -> None:
    assert trespasses(floor, ROOT / "novita_sdk") == []


@pytest.mark.parametrize("floor", FLOORS, ids=lambda floor: f"{floor.files} {' '.join(floor.forbidden)}"[:40])
def test_a_floor_holds_files(floor: Floor) -> None:
    assert list((ROOT / "novita_sdk").glob(floor.files))


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("import httpx", "httpx"),
        ("import httpx._models as m", "httpx._models"),
        ("def f():\n    from httpx import Client", "httpx"),
        ("from novita_sdk import _async", "novita_sdk._async"),
        ("from .. import _sync", "novita_sdk._sync"),
        ("from .._sync.client import Novita", "novita_sdk._sync.client"),
        ("from . import http", "novita_sdk._core.http"),
        ("importlib.import_module('time')", "time"),
    ],
)
def test_every_way_to_import_is_seen(code: str, name: str) -> None:
    assert name in imports(code, "novita_sdk._core")


def test_a_trespass_is_told_with_its_place(tmp_path: Path) -> None:
    root = tmp_path / "novita_sdk"
    for place in ("_core/deep/retry.py", "_async/transport.py"):
        (root / place).parent.mkdir(parents=True)
        (root / place).write_text("def f():\n    import httpx, timeit\n")
    assert trespasses(Floor("_core/**/*.py", ("httpx", "time")), root) == [
        "_core/deep/retry.py imports httpx"
    ]
    assert trespasses(Floor("**/*.py", ("httpx",), excused=("_async/transport.py",)), root) == [
        "_core/deep/retry.py imports httpx"
    ]
