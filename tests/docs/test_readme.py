"""The README begins with a working line, names the two commands, and points nowhere else but into the repository."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from novita_sdk._core.operations import ALL
from tests.docs.blocks import ROOT, blocks, pages

README = (ROOT / "README.md").read_text(encoding="utf-8")
_LINK = re.compile(r"\]\((?P<target>[^)\s]+)\)")
KNOWN_PLACES = ("https://keepachangelog.com/", "https://semver.org/", "https://www.standardwebhooks.com")


def links(page: Path) -> list[str]:
    return [match["target"] for match in _LINK.finditer(page.read_text(encoding="utf-8"))]


def test_it_begins_with_a_working_line() -> None:
    first = blocks(README)[0]
    assert (first.language, first.not_run) == ("python", None)
    assert README.startswith("# novita_sdk\n\n```python\n")


@pytest.mark.parametrize("command", ["make demo", "make test"])
def test_it_names_a_command_that_exists(command: str) -> None:
    assert command in README
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{command.removeprefix('make ')}:", makefile, re.MULTILINE)


@pytest.mark.parametrize("page", ["README.md", "CHANGELOG.md"])
def test_the_number_of_operations_is_right(page: str) -> None:
    told = re.findall(r"(\d+) operations", (ROOT / page).read_text(encoding="utf-8"))
    assert told == [str(len(ALL))]


@pytest.mark.parametrize(
    "guide",
    [
        *("auto-stop", "budget", "finding", "inventory", "migration", "probes", "renting", "running-helpers"),
        *("safe-create", "serverless", "waiting", "watching", "watching-endpoints", "webhooks"),
    ],
)
def test_the_guide_of_a_helper_says_what_it_never_does(guide: str) -> None:
    page = (ROOT / f"docs/guides/{guide}.md").read_text(encoding="utf-8")
    assert re.search(r"^## What (it|they) will never do$", page, re.MULTILINE)


@pytest.mark.parametrize("page", ["README.md", "docs/index.md"])
def test_every_guide_can_be_reached(page: str) -> None:
    reached = {((ROOT / page).parent / target).resolve() for target in links(ROOT / page)}
    assert set((ROOT / "docs/guides").glob("*.md")) - reached == set()


@pytest.mark.parametrize(
    "page", [*pages(), ROOT / "CHANGELOG.md"], ids=lambda page: str(page.relative_to(ROOT))
)
def test_links_lead_to_what_exists(page: Path) -> None:
    broken = [
        target
        for target in links(page)
        if not target.startswith(("#", *KNOWN_PLACES))
        and not (page.parent / target.partition("#")[0]).resolve().exists()
    ]
    assert broken == []


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_anchors_exist(page: Path) -> None:
    broken = []
    for target in links(page):
        place, _, anchor = target.partition("#")
        if anchor and not target.startswith("http"):
            text = ((page.parent / place) if place else page).read_text(encoding="utf-8")
            heads = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
            known = {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}
            if anchor not in known:
                broken.append(target)
    assert broken == []
