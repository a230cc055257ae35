"""Events of operations: where they go, that each is told once, and that nothing waits for them or fails by them."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any

import pytest

from novita_sdk._async.client import AsyncNovita, services_of
from novita_sdk._async.stores.memory import AsyncMemoryStore
from novita_sdk._async.webhooks.emitter import AsyncOperationEvents
from novita_sdk._core.webhooks.kinds import KINDS
from novita_sdk.errors import StoreUnavailableError, TargetRefusedError, ValidationError
from novita_sdk.models.webhook_event import StartupPhases
from novita_sdk.testing import VirtualClock
from novita_sdk.webhooks import WebhookTarget, events
from tests.aio.failing_store import AsyncFailingStore
from tests.aio.hooks_network import HOOK, SECRET, AsyncHooksNetwork
from tests.aio.remote import KEY, Late, client_of

pytestmark = pytest.mark.anyio


def client_with_hook(network: AsyncHooksNetwork, **arguments: Any) -> AsyncNovita:
    settings = {"webhook_url": HOOK, "webhook_secret": SECRET, "clock": network.clock, **arguments}
    return AsyncNovita(api_key=KEY, transport=network, **settings)


def events_of(client: AsyncNovita, operation_id: str = "op-1", notify: Any = True) -> AsyncOperationEvents:
    return services_of(client).events.operation(operation_id, notify)


async def test_events_go_to_the_url_of_the_settings_signed_and_numbered(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock)
    async with client_with_hook(network) as client:
        events = events_of(client)
        await events.send("stopping", "i-1")
        await events.send("stopped", "i-1")
    assert network.kinds == ["instance.stopping", "instance.stopped"]
    assert [received.json["sequence"] for received in network.received] == [1, 2]
    assert [received.json["operationId"] for received in network.received] == ["op-1", "op-1"]
    assert all(received.verify() for received in network.received)


async def test_an_event_is_told_once_for_each_operation_kind_and_step(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock)
    async with client_with_hook(network) as client:
        for operation_id, kind, step in (
            ("op-1", "stopping", ""),
            ("op-1", "stopping", ""),
            ("op-1", "orphan_found", "i-1"),
            ("op-1", "orphan_found", "i-2"),
            ("op-1", "orphan_found", "i-1"),
            ("op-2", "stopping", ""),
        ):
            await events_of(client, operation_id).send(kind, "i-1", step=step)
    assert [received.json["sequence"] for received in network.received] == [1, 2, 3, 1]
    assert len({received.id for received in network.received}) == 4


async def test_a_resumed_operation_repeats_the_ids_of_its_events(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock)
    for _ in range(2):
        async with client_with_hook(network) as client:
            await events_of(client).send("stopping", "i-1")
    assert len(network.received) == 2
    assert len({received.id for received in network.received}) == 1


@pytest.mark.case("WH-16")
async def test_nothing_follows_a_failed_start_and_a_start_ends_once(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock)
    phases = StartupPhases(start_requested=_moment(clock))
    async with client_with_hook(network) as client:
        failed, completed = events_of(client, "op-1"), events_of(client, "op-2")
        await failed.send("startup_failed", "i-1", phases=phases, error="x", phase="timeout")
        await failed.send("ready", "i-1")
        await completed.send("startup_completed", "i-1", phases=phases)
        await completed.send("startup_failed", "i-1", phases=phases, error="x", phase="timeout")
    assert network.kinds == ["instance.startup.failed", "instance.startup.completed"]
    assert "timeout" in network.received[0].json["reason"]


async def test_without_a_target_nothing_is_sent_and_no_worker_is_needed(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock)
    client = client_of(network.api, transport=network)
    await events_of(client).send("stopping", "i-1")
    await client.aclose()
    assert network.received == []


@pytest.mark.case("W-21")
async def test_notify_false_tells_nothing(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock)
    async with client_with_hook(network) as client:
        await events_of(client, notify=False).send("stopping", "i-1")
    assert network.received == []


async def test_the_target_of_a_call_comes_before_the_kept_one_and_that_before_the_settings(
    clock: VirtualClock,
) -> None:
    network = AsyncHooksNetwork(clock)
    async with client_with_hook(network) as client:
        await services_of(client).events.keep_target("i-1", "https://kept.example/")
        await events_of(client, "op-1", "https://own.example/").send("stopping", "i-1")
        await events_of(client, "op-2").send("stopping", "i-1")
        await events_of(client, "op-3").send("stopping", "i-2")
        await services_of(client).events.forget_target("i-1")
        await events_of(client, "op-4").send("stopping", "i-1")
    hosts = [received.host for received in network.received]
    assert hosts == ["own.example", "kept.example", "hooks.example", "hooks.example"]


@pytest.mark.case("W-21")
async def test_a_kept_target_serves_another_client_on_the_store_which_holds_no_secret(
    clock: VirtualClock,
) -> None:
    network, store = AsyncHooksNetwork(clock), AsyncMemoryStore(clock=clock)
    target = WebhookTarget("team", "https://team.example/", kinds=["stopped"])
    async with client_with_hook(network, store=store, account="a") as client:
        await services_of(client).events.keep_target("i-1", target)
        await events_of(client).send("stopped", "i-1")
    async with client_with_hook(network, store=store, account="a") as client:
        await events_of(client, "op-2").send("stopping", "i-1")
        await events_of(client, "op-2").send("stopped", "i-1")
    async with client_of(network.api, transport=network, store=store, account="a") as client:
        await events_of(client, "op-3").send("stopped", "i-1")  # nothing here could sign it
        assert services_of(client).sender.tally.snapshot()["-"].dropped == 1
    assert [(received.host, received.json["operationId"]) for received in network.received] == [
        ("team.example", "op-1"),
        ("team.example", "op-2"),
    ]
    assert all(received.verify() for received in network.received)
    records = [entry.value async for entry in _all(store.scoped("a"))]
    assert len(records) == 1
    assert SECRET not in json.dumps(records)


@pytest.mark.case("W-21")
async def test_a_raw_secret_stays_with_the_client_it_was_given_to(clock: VirtualClock) -> None:
    network, store = AsyncHooksNetwork(clock), AsyncMemoryStore(clock=clock)
    target = WebhookTarget("team", "https://team.example/", "a-secret-of-the-team")
    async with client_with_hook(network, store=store, account="a") as client:
        await services_of(client).events.keep_target("i-1", target)
        await events_of(client).send("stopped", "i-1")
    async with client_with_hook(network, store=store, account="a") as client:
        await events_of(client, "op-2").send("stopped", "i-1")
    assert [received.json["operationId"] for received in network.received] == ["op-1"]
    assert network.received[0].verify("a-secret-of-the-team")
    records = [entry.value async for entry in _all(store.scoped("a"))]
    assert "a-secret-of-the-team" not in json.dumps(records)


async def test_kept_wishes_read_back_as_they_were(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock)
    async with client_with_hook(network) as client:
        events = services_of(client).events
        await events.keep_target("i-1", False)
        await events.keep_target("i-2", "https://kept.example/x")
        await events.keep_target("i-3", True)
        for number in (1, 2, 3):
            await events_of(client, f"op-{number}").send("stopping", f"i-{number}")
    assert [received.host for received in network.received] == ["kept.example", "hooks.example"]


async def test_nothing_that_is_wrong_with_an_event_reaches_the_operation(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    network = AsyncHooksNetwork(clock)
    async with client_with_hook(network) as client:
        events = events_of(client)
        await events.send("no such kind", "i-1")
        await events.send("failure", "i-1")  # its error is missing
        await events.send("stopping", "i-1", reason=7)
        await events.send("stopped", "i-1")
        assert services_of(client).sender.tally.snapshot()["-"].dropped == 3
    assert network.kinds == ["instance.stopped"]
    assert sum(record.levelno == logging.WARNING for record in caplog.records) == 3


@pytest.mark.parametrize("wish", [None, 7, "", b"x"])
async def test_a_wrong_wish_is_told_before_anything_happens(clock: VirtualClock, wish: Any) -> None:
    client = client_with_hook(AsyncHooksNetwork(clock))
    with pytest.raises(ValidationError, match="notify"):
        events_of(client, notify=wish)
    with pytest.raises(TargetRefusedError):
        events_of(client, notify="ftp://x/")
    with pytest.raises(ValidationError, match="nobody"):
        events_of(client, notify="nobody")


@pytest.mark.case("W-18")
@pytest.mark.case("WH-44")
async def test_an_operation_never_waits_for_a_receiver_that_hangs(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    network = AsyncHooksNetwork(clock, Late(60))
    async with client_with_hook(network) as client:
        events = events_of(client)
        await events.send("stopping", "i-1")
        await events.send("stopped", "i-1")
        assert clock.monotonic() == 1000
    assert clock.monotonic() == 1010
    assert services_of(client).sender.tally.snapshot()["default"].lost == 2
    assert sum(record.levelno == logging.ERROR for record in caplog.records) == 2


@pytest.mark.case("WH-44")
async def test_without_drain_closing_is_immediate(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock, 500)
    async with client_with_hook(network, webhook_drain=0) as client:
        await events_of(client).send("stopping", "i-1")
        await clock.sleep_async(0.5)
    assert (clock.monotonic(), len(network.received)) == (1000.5, 1)
    assert services_of(client).sender.tally.snapshot()["default"].lost == 1


@pytest.mark.case("WH-44")
async def test_a_receiver_that_was_down_for_five_seconds_gets_the_event_at_the_fourth_attempt(
    clock: VirtualClock,
) -> None:
    network = AsyncHooksNetwork(clock, 503, 503, 503, 200)
    async with client_with_hook(network) as client:
        await events_of(client).send("stopped", "i-1")
    assert network.times == [0, 1, 3, 7]
    assert services_of(client).sender.tally.snapshot()["default"].delivered == 1


@pytest.mark.case("WH-54")
async def test_an_event_that_finds_the_store_away_waits_in_memory(clock: VirtualClock) -> None:
    network, store = AsyncHooksNetwork(clock), AsyncFailingStore(AsyncMemoryStore(clock=clock))
    async with client_with_hook(network, store=store) as client:
        await services_of(client).events.keep_target("i-1", "https://kept.example/")
        store.failure = StoreUnavailableError("away")
        await events_of(client).send("stopped", "i-1")
        await clock.sleep_async(60)
        assert network.received == []
        store.failure = None
        await clock.sleep_async(60)
    assert [(received.host, received.kind) for received in network.received] == [
        ("kept.example", "instance.stopped")
    ]


async def test_a_target_that_the_store_could_not_note_is_known_to_this_client(clock: VirtualClock) -> None:
    network, store = AsyncHooksNetwork(clock), AsyncFailingStore(AsyncMemoryStore(clock=clock))
    async with client_with_hook(network, store=store) as client:
        store.failure = StoreUnavailableError("away")
        await services_of(client).events.keep_target("i-1", "https://kept.example/")
        await services_of(client).events.forget_target("i-2")
        store.failure = None
        await events_of(client).send("stopped", "i-1")
    assert [received.host for received in network.received] == ["kept.example"]


async def test_a_users_own_event_goes_to_the_target_its_instance_keeps(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock)
    async with client_with_hook(network) as client:
        await services_of(client).events.keep_target("i-1", "https://kept.example/")
        await client.webhooks.notify(events.success("i-1"))
        await client.webhooks.notify(events.success("i-2"))
    assert [received.host for received in network.received] == ["kept.example", "hooks.example"]


async def test_work_that_breaks_the_transport_loses_its_event_and_says_so(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock, RuntimeError("broken"), 200)
    async with client_with_hook(network) as client:
        await events_of(client).send("stopping", "i-1")
        await events_of(client).send("stopped", "i-1")
    stats = services_of(client).sender.tally.snapshot()["default"]
    assert (stats.lost, stats.delivered) == (1, 1)


@pytest.mark.case("WH-54")
async def test_of_a_thousand_and_one_waiting_events_the_last_is_dropped(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock, Late(60))
    async with client_with_hook(network, webhook_drain=0) as client:
        for number in range(1001):
            await events_of(client, f"op-{number}").send("stopping", "i-1")
        stats = services_of(client).sender.tally.snapshot()
    assert stats["-"].dropped == 1
    assert services_of(client).sender.tally.snapshot()["default"].lost == 1000


LIFECYCLE = """
    created running health_check_started health_checking ready startup_completed startup_failed startup_initiated
    stopping stopped deleting deleted auto_stop_warning auto_stopping auto_stop_stopped rent_expiring rent_ended
    spot_reclaimed migration_started migration_completed migration_failed repair_started repair_completed
    repair_failed budget_warning budget_exceeded orphan_found status_changed signal_failing low_balance
"""


def test_every_kind_that_the_lifecycle_tells_has_a_constructor() -> None:
    assert set(LIFECYCLE.split()) <= KINDS.keys()
    assert all(callable(getattr(events, kind)) for kind in KINDS)


def _moment(clock: VirtualClock) -> datetime:
    return datetime.fromtimestamp(clock.time(), UTC)


async def _all(store: Any) -> Any:
    page = await store.scan("target:")
    for entry in page.items:
        yield entry
