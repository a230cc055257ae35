"""From an operation to a receiver: what arrives for a start, a stop and a deletion, in which order, and how often."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from novita_sdk._async.client import AsyncNovita
from novita_sdk._async.stores.memory import AsyncMemoryStore
from novita_sdk._async.webhooks.outbox import AsyncOutbox
from novita_sdk.models.instance import Instance
from novita_sdk.testing import VirtualClock
from novita_sdk.webhooks import WebhookTarget
from tests.aio.hooks_network import HOOK, SECRET, AsyncHooksNetwork
from tests.aio.lifecycle.lives import Lives, Steady
from tests.aio.remote import KEY

pytestmark = pytest.mark.anyio

START = ["instance.startup.initiated", "instance.startup.monitoring"]
PROBED = [
    "instance.health_check.started",
    "instance.startup.health_checking",
    "instance.ready",
    "instance.startup.completed",
]


def world(clock: VirtualClock, **lives: Any) -> tuple[AsyncHooksNetwork, AsyncNovita]:
    network = AsyncHooksNetwork(clock, api=Lives(clock, **lives).remote)
    client = AsyncNovita(
        api_key=KEY,
        transport=network,
        clock=clock,
        rng=Steady(),
        webhook_secret=SECRET,
        webhook_url=HOOK,
        rate_limits={"public": None},
    )
    return network, client


@pytest.mark.case("WH-17")
@pytest.mark.parametrize(
    ("answers_at", "told"), [(None, [START[0], START[1], PROBED[-1]]), (60, START + PROBED)]
)
async def test_a_start_is_told_phase_by_phase_and_each_phase_once(
    clock: VirtualClock, answers_at: float | None, told: list[str]
) -> None:
    network, client = world(clock, i_1="exited")
    began = clock.monotonic()

    async def answers(_instance: Instance) -> bool:
        return answers_at is not None and clock.monotonic() - began >= answers_at

    async with client:
        await client.gpu_instances.start_and_wait("i-1", ready=None if answers_at is None else [answers])
    assert network.kinds == told
    assert [received.json["sequence"] for received in network.received] == list(range(1, len(told) + 1))
    assert len({received.json["operationId"] for received in network.received}) == 1
    assert all(received.verify() for received in network.received)


@pytest.mark.case("WH-18")
async def test_a_stop_is_told_when_it_is_accepted_and_when_it_is_seen(clock: VirtualClock) -> None:
    network, client = world(clock, i_1="running")
    async with client:
        await client.gpu_instances.stop_and_wait("i-1")
    assert network.kinds == ["instance.stopping", "instance.stopped"]
    first, second = network.received
    assert first.json["operationId"] == second.json["operationId"]
    assert second.at >= first.at + 8  # the instance takes so long to stop


def texts(value: object) -> Iterator[object]:
    """Every value in a payload."""
    if isinstance(value, dict):
        for member in value.values():
            yield from texts(member)
    elif isinstance(value, list):
        for member in value:
            yield from texts(member)
    else:
        yield value


@pytest.mark.case("WH-11")
@pytest.mark.case("WH-13")
async def test_nothing_secret_and_no_null_is_in_what_arrives(clock: VirtualClock) -> None:
    shown = {
        "status": "running",
        "envs": [{"key": "TOKEN", "value": "env-secret"}],
        "imageAuth": "auth-secret",
        "connectComponentSSH": {"sshCommand": "ssh root@h.example -p 2201", "password": "ssh-secret"},
    }
    network, client = world(clock, i_1=((0, "running"), (1, shown)))
    async with client:
        await client.gpu_instances.restart_and_wait("i-1", ready=[_yes])
    bodies = b"".join(received.request.body or b"" for received in network.received)
    assert len(network.received) >= 4
    assert all(hidden not in bodies for hidden in (b"env-secret", b"auth-secret", b"ssh-secret"))
    assert all(value is not None for received in network.received for value in texts(received.json))


async def _yes(_instance: Instance) -> bool:
    return True


async def test_an_outbox_gets_what_the_operation_tells_and_delivers_it_in_order(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock, api=Lives(clock, i_1="exited").remote)
    outbox = AsyncOutbox(
        AsyncMemoryStore(clock=clock), [WebhookTarget("team", HOOK, SECRET)], transport=network, clock=clock
    )
    settings: dict[str, Any] = {"transport": network, "clock": clock, "rng": Steady(), "outbox": outbox}
    async with AsyncNovita(api_key=KEY, **settings) as client:
        await client.gpu_instances.start_and_wait("i-1", notify="team")
        await client.gpu_instances.stop_and_wait("i-1")
    assert network.received == []
    await outbox.drain()
    assert network.kinds == [*START, PROBED[-1], "instance.stopping", "instance.stopped"]
