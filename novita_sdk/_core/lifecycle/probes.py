"""What a readiness probe asks: the kinds of probes, and which of them an instance gets at which address."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from typing import Final, Literal, TypeAlias, TypeGuard
from urllib.parse import urlsplit

import attrs

from novita_sdk._core.colour import colour_problem
from novita_sdk._core.lifecycle.probe_results import Failure, ProbeKind
from novita_sdk._core.narrowing import is_array, is_whole_number
from novita_sdk._core.redact import redact_url
from novita_sdk._core.settings_check import url_problem
from novita_sdk._core.ssh_command import read_ssh_command
from novita_sdk._core.wire import problem
from novita_sdk.errors import ValidationError
from novita_sdk.models.instance import Instance, PortMapping

SSH_PORT: Final = 22

MOST_AT_ONCE: Final = 20
"""Probes of an instance that are under way at the same time."""

_HIGHEST_PORT: Final = 65535
_SCHEMES: Final = ("http", "https")
_USUAL_PORTS: Final = {"http": 80, "https": 443}
_PATH: Final = re.compile(r"/[!-\"$-~]*")
_HOST_AND_PORT: Final = re.compile(
    r"(?:tcp://)?(?P<host>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]):(?P<port>[0-9]{1,5})/?"
)


def _checked_port(value: int | None) -> int | None:
    if value is None or (is_whole_number(value) and 1 <= value <= _HIGHEST_PORT):
        return value
    message = f"must be a port inside the container, from 1 to {_HIGHEST_PORT}, or None"
    raise ValidationError(problems=(problem("port", value, message),))


def _checked_path(value: str) -> str:
    if isinstance(value, str) and _PATH.fullmatch(value):  # pyright: ignore[reportUnnecessaryIsInstance]
        return value
    message = "must begin with / and be printable ASCII without blanks and #"
    raise ValidationError(problems=(problem("path", value, message),))


def _checked_statuses(value: int | Collection[int] | None) -> frozenset[int] | None:
    if value is None:
        return None
    given = frozenset(value) if isinstance(value, Collection) else frozenset({value})
    if given and all(is_whole_number(status) and 100 <= status <= 599 for status in given):
        return given
    message = "must be an HTTP status, or several of them"
    raise ValidationError(problems=(problem("expect", value, message),))


@attrs.frozen
class HTTPProbe:
    """Asks a port for a page with GET. Statuses from 200 to 399, and 401, mean that something is up.

    Redirects are not followed, and no key of the client is ever sent.

    Attributes:
        port: Port inside the container; None for each port that is exposed as http.
        path: Path of the page, below the address that the port is exposed at.
        expect: The status or statuses that count instead.

    Raises:
        ValidationError: A value is wrong.

    Example:
        >>> HTTPProbe(8188, path="/health", expect=200)
        HTTPProbe(port=8188, path='/health', expect=frozenset({200}))
    """

    port: int | None = attrs.field(default=None, converter=_checked_port)
    path: str = attrs.field(default="/", converter=_checked_path, kw_only=True)
    expect: frozenset[int] | None = attrs.field(default=None, converter=_checked_statuses, kw_only=True)


@attrs.frozen
class TCPProbe:
    """Connects to a port and hangs up.

    Attributes:
        port: Port inside the container; None for each port that is exposed as tcp.

    Raises:
        ValidationError: The port is wrong.
    """

    port: int | None = attrs.field(default=None, converter=_checked_port)


@attrs.frozen
class SSHProbe:
    """Connects to where the instance's SSH command leads and waits for the greeting of an SSH server.

    Nothing is sent, nobody logs in, and the command is only read, never run. Without a command, port 22 is asked.
    """


CustomProbe: TypeAlias = Callable[[Instance], bool] | Callable[[Instance], Awaitable[bool]]
"""A function of your own: True means up."""

Probe: TypeAlias = HTTPProbe | TCPProbe | SSHProbe | CustomProbe
"""Something that finds out whether an instance can be used."""

Ready: TypeAlias = Literal["auto"] | Probe | Sequence[Probe]
"""Which probes decide: `"auto"` for what the exposed ports suggest."""


def check_ready(ready: object, colour: str, name: str = "ready") -> tuple[Probe, ...] | None:
    """Return the probes that a caller gave; None for `"auto"`.

    Args:
        ready: What was given.
        colour: The client's, `async` or `sync`; the former can call functions of both.
        name: The argument, for the error.

    Raises:
        ValidationError: It is neither `"auto"` nor probes, or there is an asynchronous function that nobody awaits.
    """
    if isinstance(ready, str) and ready == "auto":
        return None
    given: Sequence[object] = ready if is_array(ready) else (ready,)
    probes = tuple(probe for probe in given if _is_probe(probe))
    if given and len(probes) == len(given):
        for index, probe in enumerate(probes):
            wrong = colour_problem(f"{name}[{index}]", probe, colour) if callable(probe) else None
            if wrong is not None and colour == "sync":
                raise ValidationError(
                    problems=(problem(wrong.name, probe, f"{wrong.problem}; give {wrong.allowed}"),)
                )
        return probes
    message = (
        'must be "auto", an HTTPProbe, TCPProbe, SSHProbe or function of the instance, or several of them'
    )
    raise ValidationError(problems=(problem(name, ready, message),))


def _is_probe(value: object) -> TypeGuard[Probe]:
    return isinstance(value, HTTPProbe | TCPProbe | SSHProbe) or (
        callable(value) and not isinstance(value, type)
    )


def check_target_port(port: int | None) -> int | None:
    """Return the one container port that matters, or None for all.

    Raises:
        ValidationError: It is no port.
    """
    try:
        return _checked_port(port)
    except ValidationError:
        message = f"must be a port inside the container, from 1 to {_HIGHEST_PORT}, or None for all"
        raise ValidationError(problems=(problem("target_port", port, message),)) from None


def needs_detail(probes: Sequence[Probe] | None, target_port: int | None) -> bool:
    """Tell whether the plan needs what only the answer to a single get holds: the SSH command.

    Args:
        probes: The probes, or None for `"auto"`.
        target_port: The one container port that matters, or None.
    """
    asks_ssh = probes is None or any(isinstance(probe, SSHProbe) for probe in probes)
    return asks_ssh and target_port in {None, SSH_PORT}


@attrs.frozen(kw_only=True)
class PlannedProbe:
    """One probe of one instance, with its address.

    Attributes:
        kind: What is done.
        port: Port inside the container, if it is about one.
        url: What is asked for, if it is http; it may hold a token.
        host: Name or IP address to connect to.
        number: Public port to connect to.
        expect: Statuses that count as up; None for the usual ones.
        call: The user's function, if it is one.
        failure: What is known without asking, if that is enough: there is no address yet, or it is unusable.
    """

    kind: ProbeKind
    port: int | None = None
    url: str = attrs.field(default="", repr=redact_url)
    host: str = ""
    number: int = 0
    expect: frozenset[int] | None = None
    call: CustomProbe | None = None
    failure: Failure | None = None

    @property
    def address(self) -> str:
        """Where it leads, as it may be shown."""
        if self.url:
            return redact_url(self.url)
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.number}" if host else ""


@attrs.frozen(kw_only=True)
class ProbePlan:
    """The probes of one round.

    Attributes:
        probes: What is asked.
        missing: What a probe wants and the instance does not expose, in words; empty if all is there.
    """

    probes: tuple[PlannedProbe, ...]
    missing: str = ""


def plan_probes(
    instance: Instance, probes: Sequence[Probe] | None, target_port: int | None = None
) -> ProbePlan:
    """Decide what is asked where.

    Args:
        instance: The instance as last seen, best by a get: lists leave out the SSH command.
        probes: The caller's probes, or None to go by the exposed ports: http ports are asked for a page, tcp
            ports are connected to, and SSH (port 22, or an SSH command) is listened to.
        target_port: The one container port that matters, or None for all.
    """
    mappings = [
        mapping for mapping in instance.port_mappings if target_port is None or mapping.port == target_port
    ]
    if probes is None:
        planned = [plan for mapping in mappings for plan in _automatic(instance, mapping)]
        if target_port is None and not any(plan.kind == "ssh" for plan in planned) and _ssh_command(instance):
            planned.append(_ssh(instance, None))
        wanted = [] if mappings or target_port is None else [str(target_port)]
        return ProbePlan(probes=tuple(planned), missing=_missing(wanted, instance))
    found = [(probe, tuple(_explicit(probe, instance, mappings))) for probe in probes]
    wanted = [_wanted(probe, target_port) for probe, plans in found if not plans]
    planned = [plan for _, plans in found for plan in plans]
    return ProbePlan(probes=tuple(planned), missing=_missing(wanted, instance))


def _automatic(instance: Instance, mapping: PortMapping) -> Iterator[PlannedProbe]:
    if mapping.type == "http":
        yield _http(mapping, HTTPProbe())
    elif mapping.port == SSH_PORT:
        yield _ssh(instance, mapping)
    else:
        yield _tcp(mapping)


def _explicit(probe: Probe, instance: Instance, mappings: Sequence[PortMapping]) -> Iterator[PlannedProbe]:
    if isinstance(probe, SSHProbe):
        mapping = next((one for one in mappings if one.port == SSH_PORT), None)
        if mapping is not None or _ssh_command(instance):
            yield _ssh(instance, mapping)
    elif isinstance(probe, HTTPProbe | TCPProbe):
        usual = "http" if isinstance(probe, HTTPProbe) else "tcp"
        for mapping in mappings:
            if mapping.port == probe.port if probe.port is not None else mapping.type == usual:
                yield _http(mapping, probe) if isinstance(probe, HTTPProbe) else _tcp(mapping)
    else:
        yield PlannedProbe(kind="custom", call=probe)


def _wanted(probe: Probe, target_port: int | None) -> str:
    if isinstance(probe, SSHProbe):
        return f"{SSH_PORT} (or an SSH command)"
    number = probe.port if isinstance(probe, HTTPProbe | TCPProbe) else None
    if number is not None or target_port is not None:
        return str(number or target_port)
    return "any as http" if isinstance(probe, HTTPProbe) else "any as tcp"


def _missing(wanted: Sequence[str], instance: Instance) -> str:
    if not wanted:
        return ""
    mapped = ", ".join(f"{one.port}/{one.type}" for one in instance.port_mappings) or "none"
    return f"port {', '.join(dict.fromkeys(wanted))} is not exposed; exposed: {mapped}"


_NO_ADDRESS: Final = Failure(None, "has no address yet")


def _http(mapping: PortMapping, probe: HTTPProbe) -> PlannedProbe:
    bare = PlannedProbe(kind="http", port=mapping.port, expect=probe.expect)
    if not mapping.endpoint:
        return attrs.evolve(bare, failure=_NO_ADDRESS)
    url = mapping.endpoint
    if mapping.type != "http" and _HOST_AND_PORT.fullmatch(url):
        url = f"http://{url.removeprefix('tcp://')}"
    wrong = url_problem(url, _SCHEMES)
    if wrong is not None:
        return attrs.evolve(bare, failure=Failure("invalid_response", f"its address {wrong}"))
    parts = urlsplit(url)
    if probe.path != "/":
        path, _, query = probe.path.partition("?")
        parts = parts._replace(path=parts.path.rstrip("/") + path, query=query)
    parts = parts._replace(netloc=parts.netloc.rpartition("@")[2], path=parts.path or "/", fragment="")
    return attrs.evolve(bare, url=parts.geturl())


def _tcp(mapping: PortMapping, kind: ProbeKind = "tcp") -> PlannedProbe:
    bare = PlannedProbe(kind=kind, port=mapping.port)
    if not mapping.endpoint:
        return attrs.evolve(bare, failure=_NO_ADDRESS)
    found = _HOST_AND_PORT.fullmatch(mapping.endpoint)
    if found is not None and 1 <= int(found["port"]) <= _HIGHEST_PORT:
        return attrs.evolve(bare, host=found["host"].strip("[]"), number=int(found["port"]))
    if url_problem(mapping.endpoint, _SCHEMES) is None:
        parts = urlsplit(mapping.endpoint)
        number = parts.port or _USUAL_PORTS[parts.scheme]
        return attrs.evolve(bare, host=parts.hostname or "", number=number)
    return attrs.evolve(bare, failure=Failure("invalid_response", "its address is not host and port"))


def _ssh(instance: Instance, mapping: PortMapping | None) -> PlannedProbe:
    if instance.ssh is not None and instance.ssh.is_running is False:
        failure = Failure(None, "SSH is not running yet")
        return PlannedProbe(kind="ssh", port=SSH_PORT, failure=failure)
    command = _ssh_command(instance)
    if not command and mapping is not None:
        return _tcp(mapping, "ssh")
    address = read_ssh_command(command)
    if address is None:
        failure = Failure("invalid_response", "its SSH command is not just user, host and port")
        return PlannedProbe(kind="ssh", port=SSH_PORT, failure=failure)
    return PlannedProbe(kind="ssh", port=SSH_PORT, host=address.host, number=address.port)


def _ssh_command(instance: Instance) -> str | None:
    told = instance.ssh.ssh_command if instance.ssh is not None else None
    return told or instance.ssh_command
