"""The outbox: what was put in is delivered, in order, for as long as there is hope, and by one worker at a time."""

from __future__ import annotations

import contextlib
import logging
import random
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest

from novita_sdk._async.client import services_of
from novita_sdk._async.stores.memory import AsyncMemoryStore
from novita_sdk._async.stores.sqlite import AsyncSQLiteStore
from novita_sdk._async.webhooks import emitter
from novita_sdk._async.webhooks.outbox import AsyncOutbox
from novita_sdk._concurrency.aio import Event, gather
from novita_sdk._core.http import Request
from novita_sdk.errors import (
    ClientClosedError,
    ConfigurationError,
    OutboxFullError,
    StoreUnavailableError,
    ValidationError,
)
from novita_sdk.models.webhook_event import WebhookEvent
from novita_sdk.options import RateLimit
from novita_sdk.testing import VirtualClock
from novita_sdk.webhooks import WebhookTarget, events
from tests.aio.failing_store import AsyncFailingStore
from tests.aio.hooks_network import HOOK, SECRET, AsyncHooksNetwork
from tests.aio.remote import KEY, Late, client_of

pytestmark = pytest.mark.anyio

TEAM = WebhookTarget("team", HOOK, SECRET)
OTHER = WebhookTarget("other", "https://other.example/", SECRET)


def event(number: int = 1, instance: str = "i-1", operation_id: str = "op") -> WebhookEvent:
    return events.stopped(instance, operation_id=f"{operation_id}-{instance}-{number}", sequence=number)


def outbox_over(
    network: AsyncHooksNetwork, *targets: WebhookTarget, store: Any = None, **arguments: Any
) -> AsyncOutbox:
    return AsyncOutbox(
        store or AsyncMemoryStore(clock=network.clock),
        targets or (TEAM, OTHER),
        transport=network,
        clock=network.clock,
        rng=random.Random(7),
        **arguments,
    )


async def run_for(outbox: AsyncOutbox, clock: VirtualClock, seconds: float) -> None:
    """Let a worker run for a while."""
    stop = Event()

    async def end() -> None:
        await clock.sleep_async(seconds)
        stop.set()

    async def run() -> None:
        await outbox.run(stop)

    await gather(clock, [run, end])


async def test_a_message_is_delivered_signed_and_forgotten(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock)
    outbox = outbox_over(network)
    message_id = await outbox.enqueue(event(), "team")
    assert (network.received, await outbox.pending()) == ([], 1)
    await outbox.drain()
    (received,) = network.received
    assert (received.id, received.verify(), await outbox.pending()) == (message_id, True, 0)
    await outbox.drain()
    assert len(network.received) == 1


@pytest.mark.case("WH-46")
async def test_ten_attempts_over_three_days_then_a_dead_letter(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock, 500)
    outbox = outbox_over(network)
    await outbox.enqueue(event(), "team")
    await outbox.drain()
    for number, wait in enumerate([5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400], start=1):
        clock.advance(wait - 1)
        await outbox.drain()
        assert len(network.received) == number
        clock.advance(0.1 * wait + 1)
        await outbox.drain()
        assert len(network.received) == number + 1
    assert network.times[-1] >= 272_105
    assert len({received.id for received in network.received}) == 1
    assert len({received.request.body for received in network.received}) == 1
    assert len({received.request.headers["webhook-timestamp"] for received in network.received}) == 10
    (dead,) = await outbox.dead_letters()
    assert (dead.reason, dead.attempts, dead.target) == ("exhausted", 10, "team")
    assert (await outbox.pending(), (await outbox.stats())["team"].dead) == (0, 1)


@pytest.mark.case("WH-47")
async def test_unlike_inline_every_refusal_is_tried_again(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock, 401, 302, 200)
    outbox = outbox_over(network)
    await outbox.enqueue(event(), "team")
    await run_for(outbox, clock, 1000)
    first, second, third = network.times
    assert 5 <= second - first <= 5.5 + 1
    assert 300 <= third - second <= 330 + 1
    assert await outbox.pending() == 0


@pytest.mark.case("WH-48")
async def test_a_receiver_that_is_gone_disables_its_target_until_it_is_enabled(clock: VirtualClock) -> None:
    gone = True

    def answer(request: Request) -> int:
        return 410 if gone and "hooks.example" in request.url else 200

    network, store = AsyncHooksNetwork(clock, answer), AsyncMemoryStore(clock=clock)
    outbox = outbox_over(network, store=store)
    ids = [await outbox.enqueue(event(number), "team") for number in (1, 2, 3)]
    await outbox.enqueue(event(), "other")
    await outbox.drain()
    assert sorted(network.kinds) == ["instance.stopped"] * 2
    assert {dead.message_id for dead in await outbox.dead_letters()} == set(ids)
    assert {dead.reason for dead in await outbox.dead_letters()} == {"target_gone"}
    assert (await outbox.stats())["team"].disabled
    later = outbox_over(network, store=store)  # another process
    ids.append(await later.enqueue(event(4), "team"))
    await later.drain()
    assert len(await later.dead_letters("team")) == 4
    gone = False
    await later.enable("team")
    assert await later.replay(target="team") == 4
    await run_for(later, clock, 5)
    sent = [received.id for received in network.received if received.host == "hooks.example"]
    assert (sorted(sent[1:]), await later.dead_letters()) == (sorted(ids), [])


@pytest.mark.case("WH-50")
async def test_a_worker_that_slept_past_its_lease_changes_nothing_any_more(clock: VirtualClock) -> None:
    network, store = AsyncHooksNetwork(clock), AsyncMemoryStore(clock=clock)
    slow = outbox_over(AsyncHooksNetwork(clock, lambda _request: Late(9, 500)), store=store)
    await slow.enqueue(event(), "team")

    async def paused() -> None:
        await slow.drain()

    async def other() -> None:
        await clock.sleep_async(1)
        claimed = store.scoped("default")
        taken = await claimed.claim("outbox:team", "nobody", lease=60)
        assert taken is None
        clock.jump_wall(61)  # the store's clock goes on while the first worker's process stands still
        await outbox_over(network, store=store).drain()

    await gather(clock, [paused, other])
    assert len(network.received) == 1
    stats = (await slow.stats())["team"]
    assert (stats.delivery.fence_lost, stats.delivery.retried, stats.pending) == (1, 0, 0)


@pytest.mark.case("WH-51")
async def test_a_failing_message_holds_up_its_instance_only(clock: VirtualClock) -> None:
    failures = iter([500, 500])

    def answer(request: Request) -> int:
        body = request.body or b""
        return next(failures, 200) if b'"i-A"' in body and b'"sequence":1' in body else 200

    network = AsyncHooksNetwork(clock, answer)
    outbox = outbox_over(network)
    for number in (1, 2, 3):
        await outbox.enqueue(event(number, "i-A"), "team")
        await outbox.enqueue(event(number, "i-B"), "team")
    await run_for(outbox, clock, 400)
    b_at = [seen.at for seen in network.received if seen.json["instanceId"] == "i-B"]
    a_seen = [
        (seen.json["sequence"], seen.at) for seen in network.received if seen.json["instanceId"] == "i-A"
    ]
    assert b_at == [0, 0, 0]
    assert [sequence for sequence, _ in a_seen] == [1, 1, 1, 2, 3]
    assert a_seen[2][1] == a_seen[3][1] == a_seen[4][1] >= 305


async def test_without_order_nothing_is_held_up(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock, 500, 200)
    outbox = outbox_over(network, WebhookTarget("team", HOOK, SECRET, ordering="none"))
    for number in (1, 2):
        await outbox.enqueue(event(number), "team")
    await outbox.drain()
    assert (len(network.received), await outbox.pending()) == (2, 1)


@pytest.mark.case("WH-52")
@pytest.mark.parametrize(("limit", "lease"), [(30, 65), (10, 60)])
async def test_a_message_is_held_for_twice_as_long_as_it_can_be_sending(
    clock: VirtualClock, limit: float, lease: float
) -> None:
    store = AsyncMemoryStore(clock=clock)
    outbox = outbox_over(AsyncHooksNetwork(clock, lambda _request: Late(limit)), store=store, timeout=limit)
    await outbox.enqueue(event(), "team")
    free: list[bool] = []

    async def look() -> None:
        for seconds in (lease - 1, 2):
            clock.jump_wall(seconds)
            free.append(await store.scoped("default").claim("outbox:team", "other") is not None)

    async def deliver() -> None:
        await outbox.drain()

    async def later() -> None:
        await clock.sleep_async(0.5)
        await look()

    await gather(clock, [deliver, later])
    assert free == [False, True]


@pytest.mark.case("WH-54")
async def test_a_store_that_is_away_raises_to_the_user_and_is_waited_for_by_the_worker(
    clock: VirtualClock,
) -> None:
    network, store = AsyncHooksNetwork(clock), AsyncFailingStore(AsyncMemoryStore(clock=clock))
    outbox = outbox_over(network, store=store)
    await outbox.enqueue(event(1), "team")
    store.failure = StoreUnavailableError("away")
    with pytest.raises(StoreUnavailableError):
        await outbox.enqueue(event(2), "team")

    async def come_back() -> None:
        await clock.sleep_async(20)
        store.failure = None

    async def run() -> None:
        await run_for(outbox, clock, 100)

    await gather(clock, [run, come_back])
    assert len(network.received) == 1
    assert network.received[0].at > 20


@pytest.mark.case("WH-54")
async def test_an_event_of_an_operation_waits_in_memory_for_the_outbox(clock: VirtualClock) -> None:
    network, store = AsyncHooksNetwork(clock), AsyncFailingStore(AsyncMemoryStore(clock=clock))
    outbox = outbox_over(network, store=store)
    store.failure = StoreUnavailableError("away")
    async with client_of(network.api, transport=network, outbox=outbox) as client:
        operation = services_of(client).events.operation("op-1", "team")
        await operation.send("stopping", "i-1")
        assert clock.monotonic() == 1000
        await clock.sleep_async(10)
        store.failure = None
        await clock.sleep_async(60)
    await outbox.drain()
    assert network.kinds == ["instance.stopping"]


@pytest.mark.case("WH-56")
async def test_an_event_counts_once(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock)
    outbox = outbox_over(network)
    first = await outbox.enqueue(event(), "team")
    assert await outbox.enqueue(event(), TEAM) == first
    assert await outbox.pending() == 1
    await outbox.drain()
    await outbox.enqueue(event(), "team")
    await outbox.drain()
    assert len(network.received) == 1


@pytest.mark.case("WH-56")
async def test_secrets_and_headers_given_themselves_are_never_written_down(clock: VirtualClock) -> None:
    network, store = AsyncHooksNetwork(clock), AsyncMemoryStore(clock=clock)
    outbox = outbox_over(network, store=store)
    with pytest.raises(ValidationError, match="never written down"):
        await outbox.enqueue(event(), WebhookTarget("team", HOOK, "another-secret"))
    with pytest.raises(ValidationError, match="never written down"):
        await outbox.enqueue(event(), WebhookTarget("else", "https://else.example/"))
    async with client_of(network.api, transport=network, outbox=outbox) as client:
        report = await client.webhooks.notify(event(), "team", secret="another-secret")
        assert (report.queued, report.attempts) == (False, 1)
        assert network.received[0].verify("another-secret")
        queued = await client.webhooks.notify(event(2), "team")
        assert (queued.queued, queued.attempts, len(network.received)) == (True, 0, 1)
    assert await outbox.pending() == 1


async def test_what_goes_along_with_one_message_keeps_it_out_of_the_outbox(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock)
    outbox = outbox_over(network)
    async with client_of(network.api, transport=network, outbox=outbox) as client:
        assert client.webhooks.outbox is outbox
        await client.webhooks.notify(event(), "team", headers={"X-Team": "a"})
        with pytest.raises(ValidationError, match="stranger"):
            await client.webhooks.notify(event(), "stranger", headers={"X-Team": "a"})
        with pytest.raises(ValidationError, match="Host"):
            await client.webhooks.notify(event(), "team", headers={"Host": "a"})
    assert network.received[0].request.headers["X-Team"] == "a"
    assert network.received[0].verify()
    assert await outbox.pending() == 0


async def test_an_outcome_that_cannot_be_written_down_is_written_later(clock: VirtualClock) -> None:
    store = AsyncFailingStore(AsyncMemoryStore(clock=clock))

    def answer(_request: Request) -> int:
        store.failure = StoreUnavailableError("away")
        return 200

    network = AsyncHooksNetwork(clock, answer)
    outbox = outbox_over(network, store=store)
    await outbox.enqueue(event(), "team")

    async def come_back() -> None:
        await clock.sleep_async(0.5)
        store.failure = None

    async def run() -> None:
        await run_for(outbox, clock, 10)

    await gather(clock, [run, come_back])
    assert (len(network.received), await outbox.pending()) == (1, 0)


async def test_an_outcome_that_is_never_written_down_means_another_copy(clock: VirtualClock) -> None:
    store = AsyncFailingStore(AsyncMemoryStore(clock=clock))

    def answer(_request: Request) -> int:
        store.failure = StoreUnavailableError("away") if len(network.received) == 1 else None
        return 200

    network = AsyncHooksNetwork(clock, answer)
    outbox = outbox_over(network, store=store)
    await outbox.enqueue(event(), "team")
    with pytest.raises(StoreUnavailableError):
        await outbox.drain()
    store.failure = None
    assert await outbox.pending() == 1
    clock.advance(60)
    await outbox.drain()
    assert len({received.id for received in network.received}) == 1
    assert (len(network.received), await outbox.pending()) == (2, 0)


@pytest.mark.case("W-21")
async def test_beside_an_outbox_events_are_kept_unless_their_secret_is_raw(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock)
    outbox = outbox_over(network)
    raw = WebhookTarget("mine", "https://mine.example/", "a-secret-of-my-own")
    async with client_of(network.api, transport=network, outbox=outbox) as client:
        emitter = services_of(client).events
        await emitter.operation("op-1", WebhookTarget("team", HOOK)).send("stopping", "i-1")
        await emitter.operation("op-2", HOOK).send("stopping", "i-1")
        assert await outbox.pending("team") == 2
        await emitter.operation("op-3", raw).send("stopping", "i-1")
        await emitter.operation("op-4", WebhookTarget("team", "https://else.example/")).send(
            "stopping", "i-1"
        )
    assert [received.host for received in network.received] == ["mine.example", "else.example"]
    assert network.received[0].verify("a-secret-of-my-own")
    assert network.received[1].verify()  # a target without secrets of its own has those of its name
    await outbox.drain()
    assert len(network.received) == 4


@pytest.mark.case("WH-56")
async def test_a_full_outbox_takes_no_more_and_no_operation_suffers(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock)
    outbox = outbox_over(network, limit=3)
    for number in (1, 2, 3):
        await outbox.enqueue(event(number), "team")
    with pytest.raises(OutboxFullError) as caught:
        await outbox.enqueue(event(4), "team")
    assert caught.value.limit == 3
    async with client_of(network.api, transport=network, outbox=outbox) as client:
        await services_of(client).events.operation("op-1", "team").send("stopping", "i-1")
        assert client.webhooks.stats()["-"].dropped == 1
    await outbox.drain()
    await outbox.enqueue(event(4), "team")


async def test_messages_to_an_unknown_target_are_parked_and_reported(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    network, store = AsyncHooksNetwork(clock), AsyncMemoryStore(clock=clock)
    outbox = outbox_over(network, OTHER, store=store)
    await outbox.enqueue(event(), "team")
    await run_for(outbox, clock, 1000)
    assert network.received == []
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "team" in caplog.text
    stats = (await outbox.stats())["team"]
    assert (stats.pending, stats.known) == (1, False)
    knowing = outbox_over(network, store=store)
    await knowing.drain()
    assert len(network.received) == 1


async def test_a_receiver_that_asks_for_a_pause_gets_nothing_meanwhile(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock, (503, {}, {"retry-after": "100"}), 200)
    outbox = outbox_over(network, TEAM)
    await outbox.enqueue(event(1, "i-A"), "team")
    await outbox.drain()
    await outbox.enqueue(event(1, "i-B"), "team")
    await run_for(outbox, clock, 90)
    assert len(network.received) == 1
    await run_for(outbox, clock, 30)
    assert [round(at) for at in network.times[1:]] == [100, 100]


async def test_an_open_breaker_postpones_and_uses_no_attempt(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock, *[500] * 5, 200)
    outbox = outbox_over(network, TEAM)
    for number in range(6):
        await outbox.enqueue(event(1, f"i-{number}"), "team")
    await run_for(outbox, clock, 50)
    assert len(network.received) == 5
    await run_for(outbox, clock, 400)
    assert await outbox.pending() == 0
    assert network.times[5] >= 60


async def test_a_limit_of_a_target_postpones_and_uses_no_attempt(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock)
    outbox = outbox_over(network, WebhookTarget("team", HOOK, SECRET, rate_limit=RateLimit(10)))
    for number in range(20):
        await outbox.enqueue(event(1, f"i-{number}"), "team")
    await run_for(outbox, clock, 200)
    assert len(network.times) == 20
    assert all(
        later - earlier > 60 for earlier, later in zip(network.times, network.times[10:], strict=False)
    )
    assert (await outbox.stats())["team"].delivery.retried == 0


async def test_eight_are_in_flight_and_four_of_a_target(clock: VirtualClock) -> None:
    under_way = {"hooks.example": 0, "other.example": 0}
    most = {"hooks.example": 0, "other.example": 0, "all": 0}

    class CountingNetwork(AsyncHooksNetwork):
        async def send(self, request: Request) -> Any:
            host = request.url.split("/")[2]
            under_way[host] += 1
            most[host] = max(most[host], under_way[host])
            most["all"] = max(most["all"], sum(under_way.values()))
            try:
                return await super().send(request)
            finally:
                under_way[host] -= 1

    network = CountingNetwork(clock, Late(1))
    outbox = outbox_over(network)
    for number in range(20):
        await outbox.enqueue(event(1, f"i-{number}"), "team")
        await outbox.enqueue(event(1, f"i-{number}"), "other")
    await outbox.drain()
    assert most == {"hooks.example": 4, "other.example": 4, "all": 8}
    assert len(network.received) == 40


async def test_the_worker_ends_what_it_began_and_stops(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock, Late(5))
    outbox = outbox_over(network, TEAM)
    for number in range(9):
        await outbox.enqueue(event(1, f"i-{number}"), "team")
    await run_for(outbox, clock, 1)
    assert (clock.monotonic(), len(network.received), await outbox.pending()) == (1005, 4, 5)


async def test_an_error_of_the_transport_itself_ends_the_worker(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock, ClientClosedError("closed"))
    outbox = outbox_over(network)
    await outbox.enqueue(event(), "team")
    with pytest.raises(ClientClosedError):
        await outbox.run(Event())


async def test_a_message_put_in_while_the_worker_rests_goes_out_at_once(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock)
    outbox = outbox_over(network)

    async def put_in() -> None:
        await clock.sleep_async(10.25)
        await outbox.enqueue(event(), "team")

    async def run() -> None:
        await run_for(outbox, clock, 20)

    await gather(clock, [run, put_in])
    assert network.times == [10.25]


async def test_dead_letters_can_be_replayed_one_by_one_and_purged(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock, 410, 200)
    outbox = outbox_over(network)
    first = await outbox.enqueue(event(1, "i-A"), "team")
    await outbox.drain()
    clock.advance(100)
    await outbox.enqueue(event(1, "i-B"), "team")
    await outbox.drain()
    await outbox.enable("team")
    assert await outbox.replay([first, "unknown"]) == 1
    assert await outbox.purge_dead(older_than=50) == 0
    assert await outbox.purge_dead() == 1
    await run_for(outbox, clock, 3)
    assert network.received[-1].id == first
    assert await outbox.dead_letters() == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param({"targets": [TEAM, TEAM]}, "team stands there twice", id="two of a name"),
        pytest.param({"targets": ["team"]}, "str is no target", id="a name for a target"),
        pytest.param({"limit": 0}, "at least 1", id="no room"),
        pytest.param({"store": object()}, "store", id="no store"),
    ],
)
async def test_a_wrong_outbox_is_told_when_it_is_made(
    clock: VirtualClock, arguments: dict[str, Any], words: str
) -> None:
    given: dict[str, Any] = {"store": AsyncMemoryStore(clock=clock), "targets": [TEAM], **arguments}
    with pytest.raises(ConfigurationError, match=words):
        AsyncOutbox(given.pop("store"), given.pop("targets"), **given)


async def test_a_wrong_argument_is_told(clock: VirtualClock) -> None:
    outbox = outbox_over(AsyncHooksNetwork(clock), WebhookTarget("team", HOOK, SECRET, kinds=["ready"]))
    with pytest.raises(ValidationError, match="kinds"):
        await outbox.enqueue(event(), "team")
    with pytest.raises(ValidationError, match="event_id"):
        await outbox.enqueue(WebhookEvent(), "other")
    with pytest.raises(ValidationError, match="49152"):
        await outbox.enqueue(events.failure("i-1", error="x" * 50_000), "other")
    with pytest.raises(ValidationError, match="ids"):
        await outbox.replay()
    with pytest.raises(ValidationError, match="older_than"):
        await outbox.purge_dead(older_than=-1)


@pytest.mark.case("WH-55")
async def test_no_secret_and_no_header_is_in_the_file_in_a_log_or_in_a_repr(
    clock: VirtualClock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    path = tmp_path / "state.db"
    target = WebhookTarget("team", HOOK, SECRET, headers={"X-Key": "header-value"})
    network, store = AsyncHooksNetwork(clock, 500, 200, 410), AsyncSQLiteStore(path, clock=clock)
    outbox = outbox_over(network, target, store=store)
    shown = [repr(outbox), repr(target)]
    for number in (1, 2):
        await outbox.enqueue(event(number), "team")
    await run_for(outbox, clock, 60)
    shown += [repr(await outbox.dead_letters()), repr(await outbox.stats()), caplog.text]
    written = _contents(tmp_path)
    await store.aclose()
    for hidden in (SECRET, "header-value", "T0KEN"):
        assert hidden.encode() not in written
        assert all(hidden not in text for text in shown)
    assert len(network.received) == 3


async def test_messages_outlive_the_outbox_in_a_file(clock: VirtualClock, tmp_path: Path) -> None:
    network = AsyncHooksNetwork(clock)
    for round_ in range(2):
        store = AsyncSQLiteStore(tmp_path / "state.db", clock=clock)
        outbox = outbox_over(network, store=store)
        if round_ == 0:
            await outbox.enqueue(event(), "team")
        else:
            await outbox.drain()
        await store.aclose()
    assert len(network.received) == 1


def test_a_client_takes_an_outbox_of_its_own_colour_only() -> None:
    with pytest.raises(ConfigurationError, match="outbox"):
        client_of(AsyncHooksNetwork(VirtualClock()), api_key=KEY, outbox=object())  # type: ignore[arg-type]


def _contents(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


async def test_the_age_of_the_oldest_message_that_waits_is_told(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock, 500, 200)
    outbox = outbox_over(network)
    assert (await outbox.stats())["team"].oldest_pending_age is None
    await outbox.enqueue(event(1, "i-1"), "team")
    clock.advance(60)
    await outbox.drain()
    await outbox.enqueue(event(1, "i-2"), "team")
    clock.advance(3)
    assert (await outbox.stats())["team"].oldest_pending_age == 63
    await run_for(outbox, clock, 30)
    assert (await outbox.stats())["team"].oldest_pending_age is None


@pytest.mark.case("WH-54")
async def test_an_operation_waits_a_second_at_most_for_an_outbox_that_somebody_has_locked(
    clock: VirtualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(emitter, "_STORE_TIME", 0.2)
    network = AsyncHooksNetwork(clock)
    async with AsyncSQLiteStore(tmp_path / "outbox.db", clock=clock) as store:
        await store.ping()
        outbox = outbox_over(network, store=store)
        async with client_of(network.api, transport=network, outbox=outbox) as client:
            operation = services_of(client).events.operation("op-1", "team")
            with contextlib.closing(sqlite3.connect(tmp_path / "outbox.db", isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                began = time.monotonic()
                await operation.send("stopping", "i-1")
                assert time.monotonic() - began < 1.5
            await clock.sleep_async(60)
        await outbox.drain()
    assert network.kinds == ["instance.stopping"]
