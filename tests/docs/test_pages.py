"""Every Python block of the README and of the documentation runs, and prints what the page says."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT, blocks, pages, run

MOST_LEFT_OUT = 4


@pytest.mark.usefixtures("simulated_world")
@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_the_blocks_of_a_page_run_from_top_to_bottom(page: Path) -> None:
    run(page.read_text(encoding="utf-8"), str(page.relative_to(ROOT)))


def test_only_a_few_blocks_are_left_out_and_each_says_why() -> None:
    left_out = [
        block.not_run
        for page in pages()
        for block in blocks(page.read_text(encoding="utf-8"))
        if block.language == "python" and block.not_run is not None
    ]
    assert all(left_out)
    assert len(left_out) <= MOST_LEFT_OUT


def test_a_page_that_teaches_something_has_code_that_runs() -> None:
    guides = [ROOT / "README.md", ROOT / "docs/index.md", ROOT / "docs/quickstart.md"]
    guides += (ROOT / "docs/guides").glob("*.md")
    silent = [
        page.name
        for page in guides
        if not any(block.language == "python" for block in blocks(page.read_text(encoding="utf-8")))
    ]
    assert silent == []


# The proofs themselves


def test_blocks_share_one_namespace() -> None:
    assert run("```python\na = 1\n```\ntext\n```python\nassert a == 1\n```\n", "page") == 2


def test_a_block_that_fails_is_told_with_its_line() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        run("\n\n```python\n1 / 0\n```\n", "page.md")
    assert (caught.traceback[-1].path, caught.traceback[-1].lineno) == ("page.md", 3)  # lines count from 0


def test_an_indented_block_is_found() -> None:
    assert run('=== "tab"\n\n    ```python\n    a = 1\n    ```\n', "page") == 1


def test_other_languages_are_not_run() -> None:
    assert run("```text\n1 / 0\n```\n```\n1 / 0\n```\n", "page") == 0


def test_a_block_can_be_left_out_for_a_reason() -> None:
    assert run("<!-- not run: it needs a GPU -->\n```python\n1 / 0\n```\n", "page") == 0


@pytest.mark.parametrize("expected", ["12\n", "1...\n"])
def test_what_is_printed_is_compared(expected: str) -> None:
    run(f"```python\nprint(12)\n```\n<!-- prints -->\n```text\n{expected}```\n", "page")


def test_other_output_is_told() -> None:
    with pytest.raises(AssertionError, match="page:6: expected\n13\n\nbut printed was\n12"):
        run("```python\nprint(12)\n```\n<!-- prints -->\n```text\n13\n```\n", "page")


@pytest.mark.usefixtures("simulated_world")
def test_asynchronous_blocks_run_their_own_loop() -> None:
    page = "```python\nimport asyncio\nasyncio.run(asyncio.sleep(0))\n```\n"
    assert run(page, "page") == 1
    assert asyncio.run(asyncio.sleep(0, "another loop afterwards")) == "another loop afterwards"
