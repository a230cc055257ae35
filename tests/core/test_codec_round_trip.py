"""Models keep what they do not know, and become JSON again."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novita_sdk._core.codec import structure, unstructure
from novita_sdk.models import (
    ActionResult,
    EnvVar,
    Instance,
    InstanceStatus,
    Model,
    Money,
    RegistryAuth,
    Secret,
    SshAccess,
    Template,
)
from novita_sdk.models.read_only import NOTHING_EXTRA
from tests.core.wire_objects import MODELS, objects

GOOD_OBJECTS = st.sampled_from(MODELS).flatmap(lambda model: st.tuples(st.just(model), objects(model)))


def unknown_entries(raw: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in raw.items() if key.startswith("x-")}


@given(GOOD_OBJECTS)
def test_every_key_comes_back_and_unknown_ones_unchanged(case: tuple[type[Model], dict[str, Any]]) -> None:
    model, raw = case
    written = unstructure(structure(model, raw))
    assert raw.keys() <= written.keys()
    assert unknown_entries(written) == unknown_entries(raw)


@given(GOOD_OBJECTS)
def test_what_is_written_reads_as_the_same_model(case: tuple[type[Model], dict[str, Any]]) -> None:
    model, raw = case
    found = structure(model, raw)
    again = structure(model, unstructure(found))
    assert again == found
    assert dict(again.extra) == dict(found.extra)


@given(GOOD_OBJECTS)
def test_reading_one_object_changes_nothing_of_it(case: tuple[type[Model], dict[str, Any]]) -> None:
    model, raw = case
    before = copy.deepcopy(raw)
    structure(model, raw)
    assert raw == before


@given(GOOD_OBJECTS)
def test_models_survive_pickle_and_copies(case: tuple[type[Model], dict[str, Any]]) -> None:
    model, raw = case
    found = structure(model, raw)
    for again in (
        *(pickle.loads(pickle.dumps(found, protocol)) for protocol in range(2, 6)),  # noqa: S301  # our own bytes
        copy.copy(found),
        copy.deepcopy(found),
    ):
        assert again == found
        assert hash(again) == hash(found)
        assert type(again) is type(found)
        assert dict(again.extra) == dict(found.extra)


def test_unknown_keys_of_two_levels_are_kept_but_not_shown() -> None:
    raw = {"id": "i", "shape": {"deep": [1]}, "envs": [{"key": "A", "origin": "user"}]}
    found = structure(Instance, raw)
    assert dict(found.extra) == {"shape": {"deep": [1]}}
    assert dict(found.envs[0].extra) == {"origin": "user"}
    assert unstructure(found)["shape"] == {"deep": [1]}
    assert unstructure(found)["envs"] == [{"key": "A", "value": "", "origin": "user"}]
    assert "shape" not in repr(found)
    assert "origin" not in repr(found)


def test_unknown_keys_make_no_difference_to_equality() -> None:
    assert structure(Instance, {"id": "i", "new": 1}) == structure(Instance, {"id": "i"})


def test_models_without_unknown_keys_share_one_empty_mapping() -> None:
    found = structure(Instance, {"id": "i", "envs": [{"key": "A"}]})
    assert found.extra is NOTHING_EXTRA
    assert found.envs[0].extra is NOTHING_EXTRA
    assert pickle.loads(pickle.dumps(found)).extra is NOTHING_EXTRA  # noqa: S301  # our own bytes


def test_extra_cannot_be_changed() -> None:
    found = structure(Instance, {"id": "i", "new": 1})
    with pytest.raises(TypeError):
        found.extra["new"] = 2  # type: ignore[index]  # that is the point


def test_a_template_is_written_as_the_service_takes_it() -> None:
    raw = {
        "Id": "1",
        "name": "t",
        "rootfsSize": 60,
        "ports": [{"type": "http", "ports": [80, 443]}, {"type": "tcp", "ports": [90], "label": "x"}],
        "envs": [{"key": "A", "value": "1"}],
        "createdAt": "1713162260",
    }
    written = unstructure(structure(Template, raw))
    assert {key: written[key] for key in raw} == raw


def test_fields_of_the_sdk_itself_are_neither_read_nor_written() -> None:
    found = structure(ActionResult, {"instanceId": "i", "state": "toStart", "settled": True})
    assert found.status is InstanceStatus.TO_START
    assert found.settled is False
    assert unstructure(found) == {"instanceId": "i", "state": "toStart", "settled": True}


def test_containers_and_single_values_become_json() -> None:
    moment = datetime(2024, 4, 15, 6, 24, 20, tzinfo=UTC)
    value = {
        "auths": [RegistryAuth(id="1", password=Secret("p"))],
        "word": InstanceStatus.RUNNING,
        "price": Money(35000, 100_000),
        "when": moment,
        "size": Decimal("1.5"),
        "pair": (EnvVar(key="A"), None),
    }
    assert unstructure(value) == {
        "auths": [{"id": "1", "name": None, "username": None, "password": "p"}],
        "word": "running",
        "price": "35000",
        "when": "1713162260",
        "size": "1.5",
        "pair": [{"key": "A", "value": ""}, None],
    }
    assert type(unstructure(InstanceStatus.RUNNING)) is str


@pytest.mark.parametrize(
    "moment",
    [
        datetime(1969, 7, 20, 20, 17, tzinfo=UTC),
        datetime(9999, 12, 31, tzinfo=UTC),
        datetime(2024, 4, 15, 6, 24, 20, 500_000, tzinfo=UTC),
        datetime(2024, 4, 15, 6, 24, 20, tzinfo=timezone(timedelta(hours=8))),
    ],
)
def test_any_instant_is_written_so_that_it_reads_back(moment: datetime) -> None:
    written = unstructure(Instance(id="i", end_time=moment))
    assert structure(Instance, written).end_time == moment


def test_money_is_written_in_the_units_of_its_field() -> None:
    assert unstructure(Instance(id="i", instance_price=Money(3, 10)))["instancePrice"] == "30000"


def test_passwords_are_written_in_clear() -> None:
    assert (
        unstructure(Instance(id="i", ssh=SshAccess(password=Secret("p"))))["connectComponentSSH"]["password"]
        == "p"
    )
