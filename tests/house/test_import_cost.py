"""Importing the package is free: nothing is loaded before it is used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tools import exports

ROOT = Path(__file__).parent.parent.parent

FORBIDDEN = {
    *("httpx", "httpcore", "asyncio", "ssl", "attr", "attrs", "cattrs", "anyio", "backoff"),
    *("typing", "enum", "re", "dataclasses"),
}


def loaded_by(statement: str, folder: Path = ROOT) -> set[str]:
    """Name the modules that `statement` loads into a bare interpreter which finds packages in `folder`."""
    code = (
        f"import sys; sys.path.insert(0, {str(folder)!r}); before = set(sys.modules); {statement};"
        "print(*set(sys.modules) - before)"
    )
    command = (sys.executable, "-I", "-S", "-c", code)
    return set(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())


def test_importing_the_package_loads_at_most_three_modules() -> None:
    assert len(loaded_by("import novita_sdk")) <= 3


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert loaded_by("import novita_sdk") & FORBIDDEN == set()


@pytest.mark.parametrize("face", exports.FACES)
def test_importing_a_part_loads_nothing_heavy(face: str) -> None:
    loaded = loaded_by(f"import novita_sdk.{face}")
    assert len(loaded) <= 4
    assert loaded & FORBIDDEN == set()


def test_asking_for_the_version_loads_nothing_heavy() -> None:
    heavy = FORBIDDEN - {"enum", "re"}  # import_module itself may need these
    assert loaded_by("import novita_sdk; novita_sdk.__version__") & heavy == set()


@pytest.mark.parametrize("module", ["re", "enum", "dataclasses", "typing"])
def test_a_heavy_import_is_seen(tmp_path: Path, module: str) -> None:
    (tmp_path / "heavy.py").write_text(f"import {module}")
    assert {"heavy", module} <= loaded_by("import heavy", tmp_path)
