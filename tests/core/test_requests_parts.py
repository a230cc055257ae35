"""Ports, tools, environment and volumes as a create takes them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novita_sdk._core.marker import MARKER_ENV
from novita_sdk._core.requests.instances import create_instance_body
from novita_sdk.errors import ValidationError
from novita_sdk.models.port import Port


def create(**more: Any) -> dict[str, Any]:
    return create_instance_body(product_id="p", image_url="nginx", **more)


def problems(**more: Any) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as caught:
        create(**more)
    return [(problem.field, problem.message) for problem in caught.value.problems]


def names(**more: Any) -> list[str]:
    return [field for field, _ in problems(**more)]


# ------------------------------------------------------------ ports


@pytest.mark.case("DC-07")
def test_ports_are_joined_with_comma_and_blank() -> None:
    assert create(ports=["80/http", "8188/http", "22/tcp"])["ports"] == "80/http, 8188/http, 22/tcp"


@pytest.mark.case("DC-07")
@pytest.mark.parametrize(
    "port",
    [
        "2223/tcp",
        "0/http",
        "80/udp",
        "65536/tcp",
        "http/80",
        "",
        "80/",
        "-1/tcp",
        "80/HTTP",
        None,
        1.5,
        ("80", "http"),
    ],
)
def test_a_port_that_cannot_be_exposed_is_refused(port: Any) -> None:
    assert names(ports=["90/tcp", port]) == ["ports[1]"]


@pytest.mark.case("DC-07")
@pytest.mark.parametrize("port", [8888, "8888", " 8888 "])
def test_a_bare_number_is_refused_with_a_hint(port: Any) -> None:
    assert problems(ports=[port]) == [("ports[0]", "must name its type: '8888/http' or '8888/tcp'")]


@pytest.mark.case("DC-07")
def test_a_16th_port_is_one_too_many_tools_included() -> None:
    many = [f"{8000 + number}/http" for number in range(15)]
    assert create(ports=many)["ports"].count(",") == 14
    assert names(ports=[*many, "9000/tcp"]) == ["ports"]
    assert names(ports=many, tools={"Jupyter": "8888/http"}) == ["ports"]


@pytest.mark.parametrize("repeat", ["80/http", "80/tcp", Port(80, "http")])
def test_a_port_number_is_given_once(repeat: Any) -> None:
    assert names(ports=["80/http", repeat]) == ["ports[1]"]


@pytest.mark.parametrize("ports", ["80/http, 22/tcp", "80/http", 80, {"80": "http"}, {"80/http"}])
def test_ports_are_a_list(ports: Any) -> None:
    assert names(ports=ports) == ["ports"]


def test_a_port_of_a_model_may_have_blanks_around_as_text() -> None:
    assert create(ports=(Port(80, "http"), " 22/tcp "))["ports"] == "80/http, 22/tcp"


@pytest.mark.parametrize("port", [Port(2224, "tcp"), Port(80, "udp"), Port(70000, "http")])
def test_a_model_read_from_the_service_is_checked_like_text(port: Port) -> None:
    assert names(ports=[port]) == ["ports[0]"]


@given(st.integers(-10, 70000), st.sampled_from(["http", "tcp", "udp", "", "HTTP"]))
def test_exactly_the_exposable_ports_are_accepted(number: int, kind: str) -> None:
    fit = 1 <= number <= 65535 and number not in {2222, 2223, 2224} and kind in {"http", "tcp"}
    if fit:
        assert create(ports=[f"{number}/{kind}"])["ports"] == f"{number}/{kind}"
    else:
        assert names(ports=[f"{number}/{kind}"]) == ["ports[0]"]


@pytest.mark.parametrize(
    ("tools", "wrong"),
    [
        ({"Jupyter": "8888"}, "tools['Jupyter']"),
        ({"Jupyter": 2222}, "tools['Jupyter']"),
        (["Jupyter"], "tools"),
        ({5: "8888/http"}, "tools[0].name"),
    ],
)
def test_a_tool_is_a_name_with_a_port(tools: Any, wrong: str) -> None:
    assert names(tools=tools) == [wrong]


# ------------------------------------------------------------ environment


def test_99_variables_leave_room_for_the_marker_and_100_do_not() -> None:
    assert len(create(envs={f"K{number}": "" for number in range(99)})["envs"]) == 99
    assert names(envs={f"K{number}": "" for number in range(100)}) == ["envs"]


def test_a_copied_marker_is_dropped_and_does_not_count() -> None:
    copied = {MARKER_ENV: "of another create"} | {f"K{number}": "" for number in range(99)}
    assert MARKER_ENV not in [pair["key"] for pair in create(envs=copied)["envs"]]


@pytest.mark.parametrize(
    ("envs", "wrong"),
    [
        ({"A": None}, ["envs['A']"]),
        ({"A": 1, "B": True}, ["envs['A']", "envs['B']"]),
        ({"A": "x" * 4096}, ["envs['A'] value"]),
        ({"A" * 512: "x"}, ["envs['" + "A" * 40 + "...'] key"]),
        ({5: "x"}, ["envs"]),
        ([("A", "b")], ["envs"]),
        ("A=b", ["envs"]),
        ({"A": "\ud800"}, ["envs['A']"]),
    ],
)
def test_a_variable_is_text_by_name(envs: Any, wrong: list[str]) -> None:
    assert names(envs=envs) == wrong


def test_a_variable_may_be_as_long_as_the_api_allows() -> None:
    envs = {"A" * 511: "x" * 4095}
    assert create(envs=envs)["envs"] == [{"key": "A" * 511, "value": "x" * 4095}]


# ------------------------------------------------------------ volumes


@pytest.mark.parametrize(
    ("volumes", "wrong"),
    [
        ({"": "/x"}, "network_storages"),
        ({"v": "x"}, "network_storages['v']"),
        ({"v": ""}, "network_storages['v']"),
        ({"v": 5}, "network_storages['v']"),
        ({"v": "/" + "x" * 4095}, "network_storages['v']"),
        ({"v": "/\ud800"}, "network_storages['v']"),
        (["v"], "network_storages"),
        ({f"v{number}": f"/{number}" for number in range(31)}, "network_storages"),
    ],
)
def test_a_volume_is_an_id_with_an_absolute_path(volumes: Any, wrong: str) -> None:
    assert names(network_storages=volumes) == [wrong]
