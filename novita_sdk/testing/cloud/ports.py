"""What answers at the public addresses of an instance: a page, a connection, the greeting of an SSH server."""

from __future__ import annotations

from random import Random
from typing import Literal, NamedTuple, TypeAlias, get_args

import attrs

from novita_sdk.testing.cloud.records import Instance
from novita_sdk.testing.cloud.world import DOMAIN, World

PortFailure: TypeAlias = Literal[
    "refused", "reset", "unreachable", "unknown_name", "bad_certificate", "silent"
]
"""What may be wrong with a port, in place of an answer."""

GREETING = b"SSH-2.0-OpenSSH_9.6\r\n"

SSH_PORT = 22
_FIRST_TCP_PORT = 20_000
_TCP_PORTS = 10_000


@attrs.define(kw_only=True, eq=False)
class PortBehaviour:
    """How a port behaves instead of answering as usual.

    Attributes:
        status: The status of its pages.
        greeting: What it says to who connects.
        delay: Seconds until it says anything.
        failure: What it does instead of answering.
        left: How many visits that holds for; None for ever.
    """

    status: int
    greeting: bytes
    delay: float
    failure: PortFailure | None
    left: int | None


class PortAnswer(NamedTuple):
    """What a visitor gets.

    Attributes:
        status: The status, if a page was asked for.
        greeting: What is said to who only connects.
        delay: Seconds until then.
        failure: What happens instead.
    """

    status: int = 200
    greeting: bytes = b""
    delay: float = 0.0
    failure: PortFailure | None = None


class Visit(NamedTuple):
    """Somebody came to a port of an instance.

    Attributes:
        at: Server time in seconds.
        instance_id: The instance.
        port: Port inside the container.
        headers: The headers, in lower case, if a page was asked for; else empty.
    """

    at: float
    instance_id: str
    port: int
    headers: dict[str, str]


def public_port(port: int) -> int:
    """Return the public number of a container port that is exposed as tcp."""
    return _FIRST_TCP_PORT + port % _TCP_PORTS


def behave(world: World, instance: Instance, port: int, behaviour: PortBehaviour) -> None:
    """Let a port behave in another way from now on.

    Raises:
        ValueError: The instance has no such port, or something is no figure that it could be.
    """
    known = [*_exposed(instance, "http"), *_exposed(instance, "tcp"), SSH_PORT]
    if port not in known:
        msg = f"port={port!r}: {instance.id} exposes {', '.join(map(str, known))}"
        raise ValueError(msg)
    if behaviour.failure is not None and behaviour.failure not in get_args(PortFailure):
        msg = f"failure={behaviour.failure!r}: give one of {', '.join(get_args(PortFailure))}"
        raise ValueError(msg)
    if not 200 <= behaviour.status <= 599 or behaviour.delay < 0 or behaviour.left == 0:
        msg = f"{behaviour}: status from 200 to 599, delay >= 0, times >= 1 or None"
        raise ValueError(msg)
    world.ports[instance.id, port] = behaviour


def visit(
    world: World, host: str, number: int, headers: dict[str, str], now: int, *, page: bool
) -> PortAnswer:
    """Answer a visitor.

    Args:
        world: The state.
        host: The name in the address.
        number: The public port.
        headers: What came with the request.
        now: The time in milliseconds.
        page: Whether a page is asked for; else somebody only connects.
    """
    found = _owner(world, host, number)
    if found is None:
        return PortAnswer(failure="unknown_name")
    instance, port = found
    world.visits.append(Visit(now / 1000, instance.id, port, headers))
    if instance.timeline.at(now).status != "running":
        return PortAnswer(failure="refused")
    behaviour = world.ports.get((instance.id, port))
    if behaviour is not None and behaviour.left != 0:
        if behaviour.left is not None:
            behaviour.left -= 1
        return PortAnswer(behaviour.status, behaviour.greeting, behaviour.delay, behaviour.failure)
    if now < _serves_from(world, instance, now):
        return PortAnswer(status=502) if page else PortAnswer(failure="refused")
    return PortAnswer(greeting=GREETING if port == SSH_PORT else b"")


def _serves_from(world: World, instance: Instance, now: int) -> int:
    """Return when what runs in the instance begins to answer; drawn for each run, from a stream of its own."""
    began = instance.timeline.entered("running", now) or 0
    draws = Random(f"{instance.id} {began}")  # noqa: S311 - a repeatable run is wanted, not a secret
    return began + world.timings.draw("serving", draws)


def _owner(world: World, host: str, number: int) -> tuple[Instance, int] | None:
    """Find the instance and the container port behind a public address."""
    name, _, domain = host.partition(".")
    if domain != DOMAIN:
        return None
    instance_id, _, port = name.partition("-")
    instance = world.instances.get(instance_id)
    if instance is None:
        return None
    if port:
        return (instance, int(port)) if port in map(str, _exposed(instance, "http")) else None
    ports = [*_exposed(instance, "tcp"), SSH_PORT]  # there is SSH in every container
    return next(((instance, one) for one in ports if public_port(one) == number), None)


def _exposed(instance: Instance, kind: str) -> list[int]:
    tools = [(int(tool["port"]), tool["type"]) for tool in instance.tools]
    return [port for port, exposed_as in instance.ports + tools if exposed_as == kind]
