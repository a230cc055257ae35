"""The tables of the documentation say what the code says, and nothing public is missing in them."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

import pytest

import novita_sdk
from novita_sdk import testing
from novita_sdk._core.operations import ALL
from novita_sdk._core.settings_table import TABLE
from tests.docs.blocks import ROOT
from tools import docs_tables

DOCS = ROOT / "docs"


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def test_every_table_is_current() -> None:
    assert docs_tables.check() == []


def test_every_operation_has_a_method_and_stands_in_the_table() -> None:
    assert [name for name, methods in docs_tables.methods_by_operation().items() if not methods] == []
    assert [name for name in ALL if f"| `{name}` |" not in page("operations.md")] == []


def test_every_public_name_stands_in_the_table_of_names() -> None:
    listed = set(re.findall(r"`(\w+)`", page("public-table.md").partition("## What can be imported")[2]))
    assert set(novita_sdk.__all__) <= listed


def test_the_table_of_methods_holds_what_a_client_really_offers() -> None:
    row = re.compile(r"^\| `(\w+)` \| `\w+` \| (.*) \|$", re.MULTILINE)
    rows = {
        name: re.findall(r"`(\w+)\(\)`", methods) for name, methods in row.findall(page("public-table.md"))
    }
    with testing.Simulator().client() as client:
        for attribute, methods in rows.items():
            assert methods == list(docs_tables.public_methods(type(getattr(client, attribute))))
        offered = {name for name in dir(client) if isinstance(getattr(client, name), resource_classes())}
    assert set(rows) == offered


def resource_classes() -> tuple[type, ...]:
    return tuple(docs_tables.resources().values())


def test_both_clients_offer_the_same() -> None:
    asynchronous = {"close" if name == "aclose" else name for name in public(novita_sdk.AsyncNovita)}
    assert asynchronous == public(novita_sdk.Novita)


def public(cls: type) -> set[str]:
    return {name for name in dir(cls) if not name.startswith("_")}


def words_of_the_shell() -> set[str]:
    """What the part of the package that a user can reach speaks of."""
    found: set[str] = set()
    for path in (ROOT / "novita_sdk/_async").rglob("*.py"):
        found.update(re.findall(r"settings\.\w+|\w+Error", path.read_text(encoding="utf-8")))
    return found


def test_a_setting_that_is_used_is_not_marked_as_one_for_later() -> None:
    assert words_of_the_shell() & {f"settings.{name}" for name in docs_tables.LATER} == set()
    assert {row.field for row in TABLE} > docs_tables.LATER


def test_every_setting_has_a_meaning() -> None:
    assert {row.field for row in TABLE} <= docs_tables.attribute_docs(novita_sdk.Settings).keys()


# The reference


def modules(names: Iterable[str]) -> list[ModuleType]:
    return [importlib.import_module(f"novita_sdk.{name}") for name in names]


def shown_names() -> list[str]:
    """The names in the reference; a module that stands there as a whole shows all of its names."""
    directives = [
        name
        for path in (DOCS / "reference").glob("*.md")
        for name in re.findall(r"^::: novita_sdk\.(\S+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    whole = set(directives) & set(docs_tables.MODULES)
    inside = [name for module in modules(whole) for name in module.__all__]
    return inside + [name.rpartition(".")[2] for name in directives if name not in whole]


@pytest.mark.parametrize(
    "module", [novita_sdk, *modules(docs_tables.MODULES)], ids=lambda module: module.__name__
)
def test_every_public_name_stands_in_the_reference(module: ModuleType) -> None:
    assert set(module.__all__) - set(shown_names()) == set()


def test_nothing_stands_in_the_reference_twice() -> None:
    assert [name for name, times in Counter(shown_names()).items() if times > 1] == []


def test_every_public_module_stands_in_the_table_of_names() -> None:
    found = {info.name for info in pkgutil.iter_modules(novita_sdk.__path__) if not info.name.startswith("_")}
    assert {name for name in docs_tables.MODULES if "." not in name} | set(docs_tables.REPEATED) == found
    assert all(f"`novita_sdk.{name}`" in page("public-table.md") for name in found)


def test_what_is_repeated_can_be_imported_from_the_package_itself() -> None:
    repeated = {name for module in modules(docs_tables.REPEATED) for name in module.__all__}
    assert repeated - set(novita_sdk.__all__) == set()


# The proofs themselves


def test_a_table_is_written_between_its_marks() -> None:
    text = "a\n<!-- table: secret-settings -->\nold\n<!-- end of table -->\nb\n"
    written = docs_tables.render(text)
    assert "old" not in written
    assert "`api_key`" in written
    assert docs_tables.render(written) == written
    assert (written[:2], written[-2:]) == ("a\n", "b\n")


def test_an_unknown_table_is_an_error() -> None:
    with pytest.raises(KeyError, match="nothing"):
        docs_tables.render("<!-- table: nothing -->\n<!-- end of table -->")


def test_an_old_table_and_a_table_without_a_page_are_told(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/a.md").write_text("<!-- table: operations -->\nold\n<!-- end of table -->\n")
    problems = docs_tables.check(tmp_path)
    assert problems[0] == "docs/a.md: is not current, run tools/docs_tables.py"
    assert "no page shows the table methods" in problems


def test_a_vertical_bar_does_not_end_a_cell() -> None:
    assert list(docs_tables.table(("a",), [("x|y",)]))[-1] == r"| x\|y |"


def test_attribute_docs_are_read_over_several_lines() -> None:
    class Sample:
        """A sample.

        Attributes:
            first: Begins
                and goes on.
            second: Short.
        """

    assert docs_tables.attribute_docs(Sample) == {"first": "Begins and goes on.", "second": "Short."}
    assert inspect.getdoc(Sample)
