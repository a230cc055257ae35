"""Code blocks of Markdown pages: found, and run as a reader would run them from top to bottom."""

from __future__ import annotations

import contextlib
import doctest
import io
import re
import textwrap
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent.parent

_FENCE = re.compile(
    r"^(?P<indent> *)```(?P<language>\w*)[^\n]*\n(?P<text>.*?)^(?P=indent)```[ ]*$", re.MULTILINE | re.DOTALL
)
_COMMENT = re.compile(r"<!--(?P<text>[^>]*?)-->\s*\Z")
_OUTPUT = doctest.OutputChecker()
_LENIENT = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


class Block(NamedTuple):
    """One fenced block.

    Attributes:
        language: The word behind the fence; empty if there is none.
        text: What stands between the fences.
        line: Line of the page on which the text begins.
        remark: The HTML comment right before the fence, if there is one.
    """

    language: str
    text: str
    line: int
    remark: str

    @property
    def not_run(self) -> str | None:
        """Why a Python block is left out, or None if it is run."""
        head, colon, reason = self.remark.partition(":")
        return reason.strip() if colon and head == "not run" else None


def blocks(page: str) -> list[Block]:
    """Find the fenced blocks of a page."""
    found = []
    for match in _FENCE.finditer(page):
        comment = _COMMENT.search(page[: match.start()])
        found.append(
            Block(
                language=match["language"],
                text=textwrap.dedent(match["text"]),
                line=page.count("\n", 0, match.start("text")) + 1,
                remark=comment["text"].strip() if comment else "",
            )
        )
    return found


def run(page: str, name: str) -> int:
    """Run the Python blocks of a page in one namespace, and compare what they print.

    A `text` block behind the comment `<!-- prints -->` must be what the Python block before it has printed;
    `...` in it stands for anything.

    Args:
        page: The text of the page.
        name: What tracebacks call it.

    Returns:
        How many blocks ran.
    """
    names: dict[str, object] = {"__name__": "page"}
    printed, count = "", 0
    for block in blocks(page):
        if block.language == "python" and block.not_run is None:
            printed = _run(block, name, names)
            count += 1
        elif block.remark == "prints" and not _OUTPUT.check_output(block.text, printed, _LENIENT):
            raise AssertionError(f"{name}:{block.line}: expected\n{block.text}\nbut printed was\n{printed}")
    return count


def _run(block: Block, name: str, names: dict[str, object]) -> str:
    code = compile("\n" * (block.line - 1) + block.text, name, "exec", dont_inherit=True)
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(code, names)  # noqa: S102 - running the page is what this is for
    return output.getvalue()


def pages() -> list[Path]:
    """Return the pages that a reader gets: the README and the documentation."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
