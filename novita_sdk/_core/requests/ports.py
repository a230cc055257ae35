"""Exposed ports: one way to write them in Python, three on the wire."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, TypeAlias

from novita_sdk._core.narrowing import is_array, is_mapping
from novita_sdk._core.operations.fields import PORT_TYPES, RESERVED_PORTS
from novita_sdk._core.wire import problem
from novita_sdk.errors import Problem
from novita_sdk.models.json_types import JSON
from novita_sdk.models.port import Port

PortArgument: TypeAlias = str | Port
"""`"8888/http"` or a `Port`."""

MAX_PORTS: Final = 15
"""Most ports of an instance, those of its tools included."""

_SPELLING: Final = re.compile(r"\s*([0-9]{1,5})/([a-z]+)\s*", re.ASCII)
_EXAMPLE: Final = "'8888/http' or '22/tcp'"


def _read_port(label: str, value: object) -> Port | Problem:
    if isinstance(value, Port):
        port = value
    elif isinstance(value, int) or (isinstance(value, str) and value.strip().isdecimal()):
        digits = str(value).strip()
        return problem(label, value, f"must name its type: '{digits}/http' or '{digits}/tcp'")
    elif isinstance(value, str) and (found := _SPELLING.fullmatch(value)):
        port = Port(int(found[1]), found[2])
    else:
        return problem(label, value, f"must be a Port or text such as {_EXAMPLE}")
    if type(port.port) is not int or not 1 <= port.port <= 65535:
        return problem(label, value, "must have a number from 1 to 65535")
    if port.port in RESERVED_PORTS:
        return problem(label, value, "must not be 2222, 2223 or 2224, which the service keeps for itself")
    if port.type not in PORT_TYPES:
        return problem(label, value, "must have the type http or tcp")
    return port


def read_ports(value: object, *, tools: int = 0) -> tuple[list[Port], list[Problem]]:
    """Read the argument `ports`.

    Args:
        value: A list of `"8888/http"` or `Port`; None for no ports.
        tools: Ports that tools take of the 15 an instance may have.

    Returns:
        The ports in order, and all problems.
    """
    if value is None:
        return [], []
    if not is_array(value):
        return [], [problem("ports", value, f"must be a list such as [{_EXAMPLE.replace(' or', ',')}]")]
    ports: list[Port] = []
    problems: list[Problem] = []
    for index, item in enumerate(value):
        port = _read_port(f"ports[{index}]", item)
        if isinstance(port, Problem):
            problems.append(port)
        elif any(port.port == other.port for other in ports):
            problems.append(problem(f"ports[{index}]", item, "must not repeat a port number"))
        else:
            ports.append(port)
    if len(value) + tools > MAX_PORTS:
        limit = f"must have at most {MAX_PORTS} ports, those of tools included"
        problems.append(problem("ports", value, limit))
    return ports, problems


def read_tools(value: object) -> tuple[list[JSON], list[Problem]]:
    """Read the argument `tools`, helpers that official images bring along.

    Args:
        value: Mapping of a tool's name to its port, such as `{"Jupyter": "8888/http"}`.

    Returns:
        The tools as a create body spells them, and all problems.
    """
    if not is_mapping(value):
        return [], [problem("tools", value, "must be a mapping such as {'Jupyter': '8888/http'}")]
    tools: list[JSON] = []
    problems: list[Problem] = []
    for name, item in value.items():
        port = _read_port(f"tools[{name!r}]", item)
        if isinstance(port, Problem):
            problems.append(port)
        else:
            tools.append({"name": name, "port": str(port.port), "type": str(port.type)})
    return tools, problems


def port_text(ports: Sequence[Port]) -> str:
    """Spell ports as a create body does: `80/http, 22/tcp`."""
    return ", ".join(map(str, ports))


def port_objects(ports: Sequence[Port]) -> list[JSON]:
    """Spell ports as an edit body does: one object each."""
    return [{"port": port.port, "type": str(port.type)} for port in ports]


def port_groups(ports: Sequence[Port]) -> list[JSON]:
    """Spell ports as a template does: one group for each type, in order of first appearance."""
    groups: dict[str, list[int]] = {}
    for port in ports:
        groups.setdefault(str(port.type), []).append(port.port)
    return [{"type": kind, "ports": numbers} for kind, numbers in groups.items()]
