"""Ready-made functions that show how a wait goes."""

from __future__ import annotations

import io
import logging
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import attrs
import pytest

from novita_sdk.errors import ConfigurationError
from novita_sdk.models import Money
from novita_sdk.progress import Progress, log_records, notebook_line, stderr_line, tqdm_bar

PULLING = Progress(
    resource_id="i-1",
    kind="transition",
    phase="startup",
    status="pulling",
    previous="creating",
    elapsed=12.4,
    attempt=4,
    failed_polls=0,
    cost_so_far=Money.from_usd("0.00121"),
)
AGAIN = attrs.evolve(PULLING, kind="poll", elapsed=14.4, cost_so_far=None)


class Terminal(io.StringIO):
    """A stream at which somebody sits."""

    def isatty(self) -> bool:
        return True


def test_on_a_terminal_changes_stay_and_a_line_below_them_is_written_over() -> None:
    stream = Terminal()
    show = stderr_line(stream)
    show(PULLING)
    show(AGAIN)
    show(attrs.evolve(AGAIN, kind="transition", status="up"))
    change, poll, last = stream.getvalue().split("\r")[1:]
    assert change == "i-1: pulling after 12 s, 0.0012 USD so far\n"
    assert poll == "i-1: pulling after 14 s"
    assert last == "i-1: up after 14 s".ljust(len(poll)) + "\n"


def test_on_a_terminal_a_long_line_does_not_wrap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    stream = Terminal()
    stderr_line(stream)(AGAIN)
    assert stream.getvalue() == "\ri-1: pulling after "


def test_the_round_that_passed_says_so() -> None:
    assert str(attrs.evolve(AGAIN, kind="probe")) == "i-1: pulling after 14 s, and it answers"


def test_elsewhere_only_changes_are_written(capsys: pytest.CaptureFixture[str]) -> None:
    show = stderr_line()
    show(PULLING)
    show(AGAIN)
    assert capsys.readouterr().err == "i-1: pulling after 12 s, 0.0012 USD so far\n"


def test_a_log_tells_changes_louder_than_polls(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "novita_sdk.progress")
    write = log_records()
    write(PULLING)
    write(AGAIN)
    write(attrs.evolve(PULLING, kind="stalled"))
    assert [record.levelname for record in caplog.records] == ["INFO", "DEBUG", "WARNING"]
    assert caplog.records[0].novita["phase"] == "startup"  # type: ignore[attr-defined]  # added by the library


def test_a_bar_counts_seconds() -> None:
    told: list[str] = []
    bar = SimpleNamespace(n=0.0, set_description_str=told.append, refresh=lambda: None)
    tqdm_bar(bar)(AGAIN)
    assert (bar.n, told) == (14, ["i-1: pulling after 14 s"])


def test_a_bar_is_made_where_tqdm_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[dict[str, Any]] = []

    def tqdm(**arguments: Any) -> Any:
        made.append(arguments)
        return SimpleNamespace(n=0.0, set_description_str=made.append, refresh=lambda: None)

    module = ModuleType("tqdm.auto")
    vars(module)["tqdm"] = tqdm
    monkeypatch.setitem(sys.modules, "tqdm", ModuleType("tqdm"))
    monkeypatch.setitem(sys.modules, "tqdm.auto", module)
    tqdm_bar()(AGAIN)
    assert made[0] == {"unit": "s"}


def test_a_notebook_shows_one_line_that_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    handle = SimpleNamespace(update=lambda line: shown.append(repr(line)))

    def display(line: object, *, display_id: bool) -> Any:
        shown.append(f"{line!r} {display_id}")
        return handle

    module = ModuleType("IPython.display")
    vars(module)["display"] = display
    monkeypatch.setitem(sys.modules, "IPython", ModuleType("IPython"))
    monkeypatch.setitem(sys.modules, "IPython.display", module)
    show = notebook_line()
    show(AGAIN)
    show(AGAIN)
    assert shown == ["i-1: pulling after 14 s True", "i-1: pulling after 14 s"]


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    with pytest.raises(ConfigurationError, match="tqdm"):
        tqdm_bar()
