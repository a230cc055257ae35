"""Bodies of template creation and update, and of the prewarm note."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from novita_sdk._core.requests.images import update_image_prewarm_body
from novita_sdk._core.requests.templates import create_template_body, overlay_template, template_changes
from novita_sdk.errors import ValidationError
from novita_sdk.models.port import Port
from novita_sdk.models.secret import Secret
from novita_sdk.models.unset import UNSET

CURRENT = {
    "Id": "212",
    "name": "ubuntu",
    "readme": "# Ubuntu",
    "type": "instance",
    "channel": "private",
    "image": "ubuntu:latest",
    "imageAuth": "",
    "rootfsSize": 10,
    "ports": [{"type": "tcp", "ports": [22]}],
    "envs": [{"key": "A", "value": "b"}],
    "tools": [],
    "createdAt": "1713162260",
    "newThing": {"deep": [1]},
    "newNothing": None,
}


def fields_of(call: Any, *args: Any, **more: Any) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        call(*args, **more)
    return [problem.field for problem in caught.value.problems]


def test_a_bare_template_is_private_with_60_gb() -> None:
    assert create_template_body(name="n", image="nginx") == {
        "template": {
            "name": "n",
            "type": "instance",
            "channel": "private",
            "image": "nginx",
            "rootfsSize": 60,
        }
    }


def test_every_argument_has_its_place_in_the_template() -> None:
    body = create_template_body(
        name="n",
        image="nginx",
        readme="# hi",
        image_auth=75,
        start_command="run",
        entrypoint="sh",
        rootfs_size=10,
        ports=["80/http", "22/tcp", Port(8188, "http")],
        envs={"A": Secret("b")},
        min_cuda_version="11.8",
    )
    assert body["template"] == {
        "name": "n",
        "readme": "# hi",
        "type": "instance",
        "channel": "private",
        "image": "nginx",
        "imageAuth": "75",
        "startCommand": "run",
        "entrypoint": "sh",
        "rootfsSize": 10,
        "ports": [{"type": "http", "ports": [80, 8188]}, {"type": "tcp", "ports": [22]}],
        "envs": [{"key": "A", "value": "b"}],
        "minCudaVersion": "11.8",
    }


def test_what_is_unset_none_or_empty_is_left_out_of_a_new_template() -> None:
    body = create_template_body(name="n", image="i", ports=[], envs={}, readme=None, entrypoint=UNSET)
    assert body["template"].keys() == {"name", "type", "channel", "image", "rootfsSize"}


def test_all_problems_of_a_template_come_in_one_error() -> None:
    assert sorted(
        fields_of(
            create_template_body, name="", readme="x" * 102401, rootfs_size=0, ports=["80"], envs={"": ""}
        )
    ) == ["envs['']", "image", "name", "ports[0]", "readme", "rootfs_size"]


def test_a_template_takes_at_most_10_ports_of_a_type() -> None:
    ports = [f"{8000 + number}/http" for number in range(11)]
    assert fields_of(create_template_body, name="n", image="i", ports=ports) == ["ports[0].ports"]


def test_a_misspelled_argument_of_a_template_is_a_type_error() -> None:
    call: Any = template_changes
    with pytest.raises(TypeError, match="command"):
        call(command="x")


# ------------------------------------------------------------ update


@pytest.mark.case("DC-08")
def test_an_update_sends_all_old_fields_the_new_name_and_unknown_keys() -> None:
    before = copy.deepcopy(CURRENT)
    body = overlay_template(CURRENT, template_changes(name="x"))
    assert body == {"template": {**CURRENT, "name": "x"}}
    assert before == CURRENT


@pytest.mark.case("DC-08")
def test_none_clears_a_field_of_a_template() -> None:
    changes = template_changes(readme=None, ports=None, envs=None, image_auth=None)
    assert changes == {"readme": "", "ports": [], "envs": [], "imageAuth": ""}
    assert overlay_template(CURRENT, changes)["template"]["readme"] == ""


@pytest.mark.case("DC-08")
def test_an_update_of_nothing_is_refused() -> None:
    assert fields_of(template_changes) == ["changes"]
    assert fields_of(template_changes, name=UNSET, ports=UNSET) == ["changes"]


@pytest.mark.parametrize("name", ["name", "image", "rootfs_size", "type"])
def test_what_a_template_needs_cannot_be_cleared(name: str) -> None:
    arguments: dict[str, Any] = {name: None}
    assert fields_of(template_changes, **arguments) == [name]


def test_a_template_that_is_not_ones_own_cannot_be_updated() -> None:
    changes = template_changes(name="x")
    assert fields_of(overlay_template, CURRENT | {"channel": "official"}, changes) == ["channel"]


def test_a_template_that_lacks_something_needed_must_be_given_it() -> None:
    broken = {key: value for key, value in CURRENT.items() if key != "image"}
    assert fields_of(overlay_template, broken, template_changes(name="x")) == ["image"]
    assert overlay_template(broken, template_changes(image="i"))["template"]["image"] == "i"


def test_numbers_and_ids_read_in_another_spelling_are_written_as_the_api_wants_them() -> None:
    odd = CURRENT | {"Id": 212, "rootfsSize": "10", "imageAuth": 75, "entrypoint": None}
    template = overlay_template(odd, template_changes(name="x"))["template"]
    assert (template["Id"], template["rootfsSize"], template["imageAuth"]) == ("212", 10, "75")
    assert "entrypoint" not in template
    assert template["newNothing"] is None


def test_a_size_that_cannot_be_read_is_told() -> None:
    assert fields_of(overlay_template, CURRENT | {"rootfsSize": "big"}, template_changes(name="x")) == [
        "rootfs_size"
    ]


# ------------------------------------------------------------ prewarm note


def test_the_note_of_a_prewarm_is_set_or_cleared() -> None:
    assert update_image_prewarm_body("w", "hello") == {"id": "w", "note": "hello"}
    assert update_image_prewarm_body(5, None) == {"id": "5", "note": ""}


def test_a_prewarm_update_names_every_problem() -> None:
    assert fields_of(update_image_prewarm_body, "..", 5) == ["note", "prewarm_id"]
    assert fields_of(update_image_prewarm_body, "w") == ["changes"]
