"""Which probes an instance gets, and at which addresses."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novita_sdk._core.lifecycle.probes import (
    HTTPProbe,
    PlannedProbe,
    Probe,
    SSHProbe,
    TCPProbe,
    check_ready,
    check_target_port,
    needs_detail,
    plan_probes,
)
from novita_sdk.errors import ValidationError
from novita_sdk.models.enums import PortType
from novita_sdk.models.instance import Instance, PortMapping, SshAccess

WEB = (80, "http", "https://i-80.example.test")
APP = (8188, "http", "https://i-8188.example.test/base/?token=t0ken")
SHELL = (22, "tcp", "host.example.test:20022")
DATABASE = (5432, "tcp", "host.example.test:25432")


def machine(*mappings: tuple[int, str, str | None], **more: Any) -> Instance:
    """An instance that exposes these ports."""
    ports = tuple(PortMapping(port=port, type=PortType(kind), endpoint=at) for port, kind, at in mappings)
    return Instance(id="i", port_mappings=ports, **more)


def shell(command: str | None, *, running: bool | None = True) -> SshAccess:
    return SshAccess(ssh_command=command, is_running=running)


def planned(instance: Instance, *probes: Probe, target_port: int | None = None) -> list[tuple[str, str]]:
    """The kinds and addresses of a plan; of what is known without asking, the words."""
    plan = plan_probes(instance, probes or None, target_port)
    return [(one.kind, one.failure.detail if one.failure else one.address) for one in plan.probes]


# ------------------------------------------------------------------------------------ auto


def test_auto_asks_http_ports_for_a_page_connects_to_tcp_ports_and_listens_to_port_22() -> None:
    assert planned(machine(WEB, SHELL, DATABASE)) == [
        ("http", "https://i-80.example.test/"),
        ("ssh", "host.example.test:20022"),
        ("tcp", "host.example.test:25432"),
    ]


def test_auto_listens_to_where_the_ssh_command_leads_once() -> None:
    access = shell("ssh root@other.example.test -p 2201")
    assert planned(machine(WEB, ssh=access))[1:] == [("ssh", "other.example.test:2201")]
    assert planned(machine(SHELL, ssh=access)) == [("ssh", "other.example.test:2201")]
    assert planned(machine(ssh_command="ssh root@older.example.test")) == [("ssh", "older.example.test:22")]


def test_with_nothing_exposed_there_is_nothing_to_ask() -> None:
    plan = plan_probes(machine(), None)
    assert (plan.probes, plan.missing) == ((), "")
    assert planned(machine(ssh=shell("", running=False))) == []


@pytest.mark.parametrize("endpoint", [None, ""])
@pytest.mark.parametrize("mapping", [WEB, SHELL, DATABASE])
def test_without_an_address_it_is_too_early_to_ask(
    mapping: tuple[int, str, str], endpoint: str | None
) -> None:
    (plan,) = plan_probes(machine((*mapping[:2], endpoint)), None).probes
    assert plan.failure is not None
    assert (plan.failure.category, plan.failure.detail) == (None, "has no address yet")


def test_while_ssh_does_not_run_it_is_too_early_to_ask() -> None:
    access = shell("ssh root@host.example.test -p 20022", running=False)
    assert planned(machine(SHELL, ssh=access)) == [("ssh", "SSH is not running yet")]


def test_the_page_is_the_exposed_address_with_its_query_which_is_never_shown() -> None:
    (plan,) = plan_probes(machine(APP), None).probes
    assert plan.url == "https://i-8188.example.test/base/?token=t0ken"
    assert plan.address == "https://i-8188.example.test/base/?[REDACTED]"
    assert "t0ken" not in repr(plan)


def test_a_login_in_an_address_is_left_out() -> None:
    (plan,) = plan_probes(machine((80, "http", "http://me:pass@h.example.test:8080")), None).probes
    assert plan.url == "http://h.example.test:8080/"


# ------------------------------------------------------------------------------- addresses


@pytest.mark.case("W-17")
@pytest.mark.parametrize(
    "command",
    [
        "ssh root@h -p 1; rm x",
        "ssh root@h -p 1 && rm x",
        "ssh root@h $(rm x)",
        "ssh -o ProxyCommand=rm root@h",
        "rm x",
        "ssh root@h -p 99999",
    ],
)
def test_an_ssh_command_that_holds_anything_else_is_unusable(command: str) -> None:
    (plan,) = plan_probes(machine(ssh=shell(command)), None).probes
    assert plan.failure is not None
    assert plan.failure.category == "invalid_response"
    assert command not in plan.failure.detail


@pytest.mark.parametrize(
    "mapping",
    [
        (80, "http", "not a url"),
        (80, "http", "i-80.example.test"),
        (80, "http", "ftp://i.example.test"),
        (80, "http", "https://:443"),
        (9000, "tcp", "host.example.test"),
        (9000, "tcp", "host.example.test:0"),
        (9000, "tcp", "host.example.test:70000"),
        (9000, "tcp", "-host:1"),
        (22, "tcp", "host.example.test:1;rm x"),
    ],
)
def test_an_address_that_nobody_can_connect_to_is_unusable(mapping: tuple[int, str, str]) -> None:
    (plan,) = plan_probes(machine(mapping), None).probes
    assert plan.failure is not None
    assert plan.failure.category == "invalid_response"


@given(st.text(max_size=40))
def test_any_text_for_an_address_gives_a_plan(text: str) -> None:
    for kind in ("http", "tcp"):
        for plan in plan_probes(machine((22, kind, text), ssh=shell(text)), None).probes:
            assert isinstance(plan, PlannedProbe)
            assert plan.failure or plan.url or (plan.host and 1 <= plan.number <= 65535)


@pytest.mark.parametrize(
    ("endpoint", "address"),
    [
        ("tcp://host.example.test:25432", "host.example.test:25432"),
        ("192.0.2.1:25432", "192.0.2.1:25432"),
        ("[2001:db8::1]:25432", "[2001:db8::1]:25432"),
        ("http://192.0.2.1:8080", "192.0.2.1:8080"),
        ("https://i-5432.example.test", "i-5432.example.test:443"),
    ],
)
def test_a_tcp_port_is_read_in_each_of_its_spellings(endpoint: str, address: str) -> None:
    assert planned(machine((5432, "tcp", endpoint))) == [("tcp", address)]


# ----------------------------------------------------------------------- probes of the caller


def test_a_probe_without_a_port_takes_every_port_of_its_kind() -> None:
    everything = machine(WEB, APP, SHELL, DATABASE)
    assert [kind for kind, _ in planned(everything, HTTPProbe())] == ["http", "http"]
    assert [kind for kind, _ in planned(everything, TCPProbe())] == ["tcp", "tcp"]
    assert planned(everything, SSHProbe()) == [("ssh", "host.example.test:20022")]


def test_a_path_goes_below_the_exposed_address_and_drops_its_query() -> None:
    (plan,) = plan_probes(machine(APP), (HTTPProbe(8188, path="/health?deep=1", expect=204),)).probes
    assert plan.url == "https://i-8188.example.test/base/health?deep=1"
    assert plan.expect == {204}


def test_a_page_can_be_asked_of_a_tcp_port_and_a_web_port_be_connected_to() -> None:
    assert planned(machine(DATABASE), HTTPProbe(5432)) == [("http", "http://host.example.test:25432/")]
    assert planned(machine(WEB), TCPProbe(80)) == [("tcp", "i-80.example.test:443")]


def test_a_function_of_the_callers_is_asked_as_it_is() -> None:
    (plan,) = plan_probes(machine(), (bool,)).probes
    assert (plan.kind, plan.call, plan.address) == ("custom", bool, "")


@pytest.mark.case("W-15")
def test_a_target_port_is_the_only_one_that_matters() -> None:
    access = shell("ssh root@host.example.test -p 20022")
    everything = machine(WEB, APP, SHELL, ssh=access)
    assert planned(everything, target_port=80) == [("http", "https://i-80.example.test/")]
    assert planned(everything, target_port=22) == [("ssh", "host.example.test:20022")]
    assert planned(everything, HTTPProbe(), target_port=80) == [("http", "https://i-80.example.test/")]


@pytest.mark.case("W-15")
@pytest.mark.parametrize(
    ("probes", "target_port", "wanted"),
    [
        (None, 9999, "9999"),
        ((HTTPProbe(9999),), None, "9999"),
        ((TCPProbe(9999), HTTPProbe(80)), None, "9999"),
        ((TCPProbe(),), None, "any as tcp"),
        ((SSHProbe(),), None, "22 (or an SSH command)"),
        ((HTTPProbe(),), 9999, "9999"),
    ],
)
def test_what_is_not_exposed_is_named_with_what_is(
    probes: tuple[Probe, ...] | None, target_port: int | None, wanted: str
) -> None:
    plan = plan_probes(machine(WEB), probes, target_port)
    assert plan.missing == f"port {wanted} is not exposed; exposed: 80/http"


def test_what_nothing_exposes_is_told() -> None:
    assert plan_probes(machine(), None, 80).missing == "port 80 is not exposed; exposed: none"


@pytest.mark.parametrize(
    ("probes", "target_port", "needed"),
    [
        (None, None, True),
        (None, 22, True),
        (None, 80, False),
        ((SSHProbe(),), None, True),
        ((HTTPProbe(), TCPProbe()), None, False),
    ],
)
def test_only_ssh_needs_what_lists_leave_out(
    probes: tuple[Probe, ...] | None, target_port: int | None, needed: bool
) -> None:
    assert needs_detail(probes, target_port) is needed


# -------------------------------------------------------------------------------- arguments


def up(_instance: Instance) -> bool:
    return True


async def up_later(_instance: Instance) -> bool:
    return True


def test_probes_can_be_given_alone_or_together() -> None:
    assert check_ready("auto", "sync") is None
    assert check_ready(HTTPProbe(80), "sync") == (HTTPProbe(80),)
    assert check_ready([SSHProbe(), up], "sync") == (SSHProbe(), up)
    assert check_ready((up, up_later), "async") == (up, up_later)


@pytest.mark.parametrize("ready", ["ssh", "", None, 22, [], [HTTPProbe(), 22], HTTPProbe, True])
def test_what_is_no_probe_is_refused(ready: object) -> None:
    with pytest.raises(ValidationError, match="ready"):
        check_ready(ready, "async")


def test_the_synchronous_client_refuses_a_function_that_it_could_not_await() -> None:
    with pytest.raises(ValidationError, match=r"ready\[1\].*asynchronous"):
        check_ready([SSHProbe(), up_later], "sync")


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("port", lambda: HTTPProbe(0)),
        ("port", lambda: TCPProbe(65536)),
        ("port", lambda: TCPProbe(True)),
        ("path", lambda: HTTPProbe(path="health")),
        ("path", lambda: HTTPProbe(path="/a b")),
        ("path", lambda: HTTPProbe(path="/a#b")),
        ("path", lambda: HTTPProbe(path="/a\r\nX: y")),
        ("expect", lambda: HTTPProbe(expect=99)),
        ("expect", lambda: HTTPProbe(expect=())),
        ("expect", lambda: HTTPProbe(expect=[200, 600])),
        ("target_port", lambda: check_target_port(70000)),
    ],
)
def test_a_wrong_figure_is_named_at_once(name: str, make: Any) -> None:
    with pytest.raises(ValidationError, match=f"^{name}"):
        make()


def test_expected_statuses_are_one_or_several() -> None:
    assert HTTPProbe(expect=204).expect == {204}
    assert HTTPProbe(expect=[200, 401]).expect == {200, 401}
    assert HTTPProbe().expect is None
