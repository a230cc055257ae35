"""Opting in: what a helper may touch."""

from __future__ import annotations

import re
from typing import Any

import pytest

from novita_sdk._core.lifecycle.selection import InstanceSelection, SelectionVerdict
from novita_sdk.errors import ValidationError
from novita_sdk.models.env_var import EnvVar
from novita_sdk.models.instance import Instance

TAG = "NOVITA_SDK_AUTO_STOP"
MARK = "-nsdk-0123456789abcdefghjkmnpqrs"


def machine(name: str | None = "train-1", tag: str | None = None, **fields: Any) -> Instance:
    envs = () if tag is None else (EnvVar(key=TAG, value=tag),)
    return Instance(**{"id": "i-1", "name": name, "envs": envs, **fields})


@pytest.mark.parametrize(
    ("include", "name", "selected"),
    [
        ("train-*", "train-1", True),
        ("train-*", "retrain-1", False),
        ("train-*", "Train-1", False),
        ("train-?", "train-12", False),
        ("train-1", "train-1", True),
        ("train-1", f"train-1{MARK}", True),
        ("i-1", "anything", True),
        ("i-1", None, True),
        ("*", None, False),
        (["i-2", "i-1"], "x", True),
        (["i-2", "train-*"], "train-1", True),
        ({"i-2"}, "train-1", False),
        (re.compile(r"train-\d+"), "train-12", True),
        (re.compile(r"train"), "train-12", False),  # the whole name must fit
        ([re.compile("a"), re.compile("b")], "b", True),
        (["a.b", "c+"], "axb", False),
    ],
)
def test_an_instance_is_opted_in_by_id_or_by_its_whole_name(
    include: Any, name: str | None, selected: bool
) -> None:
    verdict = InstanceSelection(include).verdict(machine(name))
    assert verdict == SelectionVerdict(selected, "included" if selected else "not_included")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("on", SelectionVerdict(True, "tag_on")),
        (" TRUE ", SelectionVerdict(True, "tag_on")),
        ("1", SelectionVerdict(True, "tag_on")),
        ("45m", SelectionVerdict(True, "tag_on", 2700)),
        ("2h", SelectionVerdict(True, "tag_on", 7200)),
        ("900s", SelectionVerdict(True, "tag_on", 900)),
        ("120s", SelectionVerdict(True, "tag_on", 120)),
        ("119s", SelectionVerdict(False, "tag_unreadable")),
        ("45", SelectionVerdict(False, "tag_unreadable")),
        ("-5m", SelectionVerdict(False, "tag_unreadable")),
        ("", SelectionVerdict(False, "tag_unreadable")),
        ("yes please", SelectionVerdict(False, "tag_unreadable")),
        ("off", SelectionVerdict(False, "tag_off")),
        ("False", SelectionVerdict(False, "tag_off")),
        ("0", SelectionVerdict(False, "tag_off")),
        (None, SelectionVerdict(False, "not_included")),
    ],
)
def test_a_tag_opts_in_or_out(value: str | None, expected: SelectionVerdict) -> None:
    assert InstanceSelection(tag=TAG).verdict(machine(tag=value)) == expected


@pytest.mark.case("A-02")
def test_a_tag_that_says_off_beats_every_include() -> None:
    selection = InstanceSelection(["i-1", "train-*"], tag=TAG)
    assert selection.verdict(machine(tag="off")) == SelectionVerdict(False, "tag_off")


@pytest.mark.parametrize("exclude", ["i-1", "train-*", re.compile("train-.")])
def test_exclude_beats_everything(exclude: Any) -> None:
    selection = InstanceSelection("*", exclude=exclude, tag=TAG)
    assert selection.verdict(machine(tag="on")) == SelectionVerdict(False, "excluded")


def test_an_environment_read_elsewhere_counts_in_place_of_the_listed_one() -> None:
    selection = InstanceSelection(tag=TAG)
    assert selection.asks_for_env(machine())
    assert not selection.asks_for_env(machine(tag="on"))
    assert not InstanceSelection("*").asks_for_env(machine())
    assert selection.verdict(machine(), env={TAG: "on"}).selected


@pytest.mark.case("A-02")
@pytest.mark.parametrize("include", [None, [], ()])
def test_nothing_opted_in_is_an_error(include: Any) -> None:
    with pytest.raises(ValidationError, match="include"):
        InstanceSelection(include)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"include": ""}, "include"),
        ({"include": ["a", 5]}, "include"),
        ({"include": 7}, "include"),
        ({"include": re.compile(b"x")}, "include"),
        ({"include": "a", "exclude": [""]}, "exclude"),
        ({"tag": "NOT A NAME"}, "tag"),
        ({"tag": ""}, "tag"),
        ({"tag": 5}, "tag"),
    ],
)
def test_what_is_no_rule_is_refused(arguments: dict[str, Any], named: str) -> None:
    with pytest.raises(ValidationError, match=named):
        InstanceSelection(**arguments)
