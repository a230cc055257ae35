"""What holds for every model class, and what each shows of itself."""

from __future__ import annotations

import inspect
import re

import attrs
import pytest

from novita_sdk import models
from novita_sdk._core.codec import structure
from novita_sdk._core.decoding import plan
from novita_sdk.models import (
    EnvVar,
    Instance,
    Job,
    JobState,
    JobStateInfo,
    JupyterAccess,
    LogAccess,
    Model,
    RegistryAuth,
    Secret,
    SshAccess,
    Template,
    WebTerminalAccess,
)
from novita_sdk.models.read_only import NOTHING_EXTRA, ReadOnlyMapping

MODELS: list[type[Model]] = [
    found
    for name in models.__all__
    if isinstance(found := getattr(models, name), type) and issubclass(found, Model) and found is not Model
]
IDS = {"id": "1", "Id": "1", "storageId": "1"}


@pytest.mark.parametrize("model", MODELS)
def test_every_field_is_described(model: type[Model]) -> None:
    described = set(re.findall(r"^    (\w+): ", inspect.getdoc(model) or "", re.MULTILINE))
    assert described == {attribute.name for attribute in attrs.fields(model)} - {"extra"}


@pytest.mark.parametrize("model", MODELS)
def test_no_two_fields_share_a_wire_key(model: type[Model]) -> None:
    keys = [field.wire for field in plan(model).fields]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("model", MODELS)
def test_a_model_cannot_be_changed(model: type[Model]) -> None:
    found = structure(model, dict(IDS))
    for attribute in attrs.fields(model):
        with pytest.raises(attrs.exceptions.FrozenAttributeError):
            setattr(found, attribute.name, None)


@pytest.mark.parametrize("model", MODELS)
def test_a_model_has_slots_and_no_dictionary(model: type[Model]) -> None:
    found = structure(model, dict(IDS))
    assert not hasattr(found, "__dict__")
    assert type(found) is model


@pytest.mark.parametrize("model", MODELS)
def test_what_is_decoded_equals_what_is_constructed(model: type[Model]) -> None:
    ids = {field.name: "1" for field in plan(model).fields if field.wire in plan(model).required}
    assert structure(model, {key: IDS[key] for key in plan(model).required}) == model(**ids)


@pytest.mark.parametrize("model", MODELS)
def test_only_the_ids_of_resources_are_required(model: type[Model]) -> None:
    assert set(plan(model).required) <= IDS.keys()


def test_every_public_name_exists_once() -> None:
    assert len(set(models.__all__)) == len(models.__all__)
    assert [name for name in models.__all__ if not hasattr(models, name)] == []


def test_a_copy_may_differ() -> None:
    found = structure(Instance, {"id": "i", "new": 1})
    other = attrs.evolve(found, name="x")
    assert (other.id, other.name, dict(other.extra)) == ("i", "x", {"new": 1})


def test_extra_keys_given_by_hand_become_read_only() -> None:
    assert isinstance(Instance(id="i", extra={"new": 1}).extra, ReadOnlyMapping)
    assert Instance(id="i", extra={}).extra is NOTHING_EXTRA


def test_extra_shows_keys_but_no_values() -> None:
    found = structure(Instance, {"id": "i", "apiToken": "t0ken"})
    assert repr(found.extra) == "<keys: 'apiToken'>"


def test_repr_leaves_out_what_is_absent() -> None:
    assert repr(Instance(id="i", name="n")) == "Instance(id='i', name='n')"


def test_repr_cuts_long_texts() -> None:
    assert len(repr(Template(id="1", readme="x" * 10_000))) < 200


def test_no_repr_shows_a_secret() -> None:
    url = "https://user:hidden@host.example.test/lab?token=hidden#hidden"
    found = [
        Instance(
            id="i",
            command="serve --key hidden",
            entrypoint="hidden",
            password=Secret("hidden"),
            ssh_password=Secret("hidden"),
            envs=(EnvVar(key="HF_TOKEN", value="hidden"),),
            ssh=SshAccess(password=Secret("hidden")),
            web_terminal=WebTerminalAccess(password=Secret("hidden"), address=url),
            jupyter=JupyterAccess(address=url),
            log=LogAccess(system_log_address=url, instance_log_address=url),
        ),
        Template(
            id="t",
            image_auth="hidden",
            start_command="hidden",
            entrypoint="hidden",
            envs=(EnvVar(key="HF_TOKEN", value="hidden"),),
        ),
        Job(id="j", log_address=url, envs=(EnvVar(key="HF_TOKEN", value="hidden"),)),
        RegistryAuth(id="r", username="u", password=Secret("hidden")),
        structure(Instance, {"id": "i", "unknownSecret": "hidden"}),
    ]
    assert "hidden" not in repr(found)
    assert repr(found).count("HF_TOKEN") == 3
    assert "host.example.test/lab" in repr(found)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://h.example.test/a", "'https://h.example.test/a'"),
        ("h.example.test:40022", "'h.example.test:40022'"),
        ("https://h/a?t=1", "'https://h/a?[REDACTED]'"),
        ("https://h/a#t=1?", "'https://h/a#[REDACTED]'"),
        ("https://u:p@h/a@b", "'https://[REDACTED]@h/a@b'"),
        ("https://u:p@q@h/", "'https://[REDACTED]@h/'"),
        ("https://h/?a=1\nb=2", "'https://h/?[REDACTED]'"),
        ("", "''"),
    ],
)
def test_a_url_is_shown_without_user_and_query(url: str, shown: str) -> None:
    assert repr(JupyterAccess(address=url)) == f"JupyterAccess(address={shown})"


def test_the_environment_is_at_hand_as_a_dictionary() -> None:
    envs = (EnvVar(key="A", value="1"), EnvVar(key="B"), EnvVar(key="A", value="2"))
    assert Instance(id="i", envs=envs).env == Template(id="t", envs=envs).env == {"A": "2", "B": ""}


@pytest.mark.parametrize(
    ("state", "ended"),
    [
        ("success", True),
        ("fail", True),
        ("break", True),
        ("running", False),
        ("pulling", False),
        ("warp", False),
    ],
)
def test_a_job_knows_whether_it_has_ended(state: str, ended: bool) -> None:
    assert Job(id="j", state=JobStateInfo(state=JobState(state))).ended is ended


def test_a_job_without_a_state_has_not_ended() -> None:
    assert not Job(id="j").ended
