"""The notebook runs from top to bottom, and is kept without results."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.examples.conftest import EXAMPLES

NOTEBOOK = EXAMPLES / "quickstart.ipynb"


def code_cells() -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


def source(cell: dict[str, Any]) -> str:
    text = cell["source"]
    return text if isinstance(text, str) else "".join(text)


def test_its_cells_run_from_top_to_bottom(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, object] = {"__name__": "notebook"}
    for number, cell in enumerate(code_cells(), 1):
        exec(compile(source(cell), f"cell {number}", "exec"), names)  # noqa: S102 - that is how a notebook runs
    assert "nothing is left billing" in capsys.readouterr().out


def test_it_says_before_any_code_that_it_is_simulated() -> None:
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    assert cells[0]["cell_type"] == "markdown"
    assert "simulated" in source(cells[0])


def test_it_is_kept_without_results() -> None:
    assert [cell["outputs"] for cell in code_cells() if cell["outputs"] or cell["execution_count"]] == []
