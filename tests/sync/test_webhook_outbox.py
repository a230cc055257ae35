# Generated from tests/aio/test_webhook_outbox.py by tools/unasync.py; edit the source.
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

from novita_sdk._concurrency.threads import Event, gather
from novita_sdk._core.http import Request
from novita_sdk._sync.client import services_of
from novita_sdk._sync.stores.memory import MemoryStore
from novita_sdk._sync.stores.sqlite import SQLiteStore
from novita_sdk._sync.webhooks import emitter
from novita_sdk._sync.webhooks.outbox import Outbox
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
from tests.sync.failing_store import FailingStore
from tests.sync.hooks_network import HOOK, SECRET, HooksNetwork
from tests.sync.remote import KEY, Late, client_of

TEAM = WebhookTarget("team", HOOK, SECRET)
OTHER = WebhookTarget("other", "https://other.example/", SECRET)


def event(number: int = 1, instance: str = "i-1", operation_id: str = "op") -> WebhookEvent:
    return events.stopped(instance, operation_id=f"{operation_id}-{instance}-{number}", sequence=number)


def outbox_over(
    network: HooksNetwork, *targets: WebhookTarget, store: Any = None, **arguments: Any
) -> Outbox:
    return Outbox(
        store or MemoryStore(clock=network.clock),
        targets or (TEAM, OTHER),
        transport=network,
        clock=network.clock,
        rng=random.Random(7),
        **arguments,
    )


def run_for(outbox: Outbox, clock: VirtualClock, seconds: float) -> None:
    """Let a worker run for a while."""
    stop = Event()

    def end() -> None:
        clock.sleep(seconds)
        stop.set()

    def run() -> None:
        outbox.run(stop)

    gather(clock, [run, end])


def test_a_message_is_delivered_signed_and_forgotten(clock: VirtualClock) -> None:
    network = HooksNetwork(clock)
    outbox = outbox_over(network)
    message_id = outbox.enqueue(event(), "team")
    assert (network.received, outbox.pending()) == ([], 1)
    outbox.drain()
    (received,) = network.received
    assert (received.id, received.verify(), outbox.pending()) == (message_id, True, 0)
    outbox.drain()
    assert len(network.received) == 1


@pytest.mark.case("WH-46")
def test_ten_attempts_over_three_days_then_a_dead_letter(clock: VirtualClock) -> None:
    network = HooksNetwork(clock, 500)
    outbox = outbox_over(network)
    outbox.enqueue(event(), "team")
    outbox.drain()
    for number, wait in enumerate([5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400], start=1):
        clock.advance(wait - 1)
        outbox.drain()
        assert len(network.received) == number
        clock.advance(0.1 * wait + 1)
        outbox.drain()
        assert len(network.received) == number + 1
    assert network.times[-1] >= 272_105
    assert len({received.id for received in network.received}) == 1
    assert len({received.request.body for received in network.received}) == 1
    assert len({received.request.headers["webhook-timestamp"] for received in network.received}) == 10
    (dead,) = outbox.dead_letters()
    assert (dead.reason, dead.attempts, dead.target) == ("exhausted", 10, "team")
    assert (outbox.pending(), (outbox.stats())["team"].dead) == (0, 1)


@pytest.mark.case("WH-47")
def test_unlike_inline_every_refusal_is_tried_again(clock: VirtualClock) -> None:
    network = HooksNetwork(clock, 401, 302, 200)
    outbox = outbox_over(network)
    outbox.enqueue(event(), "team")
    run_for(outbox, clock, 1000)
    first, second, third = network.times
    assert 5 <= second - first <= 5.5 + 1
    assert 300 <= third - second <= 330 + 1
    assert outbox.pending() == 0


@pytest.mark.case("WH-48")
def test_a_receiver_that_is_gone_disables_its_target_until_it_is_enabled(clock: VirtualClock) -> None:
    gone = True

    def answer(request: Request) -> int:
        return 410 if gone and "hooks.example" in request.url else 200

    network, store = HooksNetwork(clock, answer), MemoryStore(clock=clock)
    outbox = outbox_over(network, store=store)
    ids = [outbox.enqueue(event(number), "team") for number in (1, 2, 3)]
    outbox.enqueue(event(), "other")
    outbox.drain()
    assert sorted(network.kinds) == ["instance.stopped"] * 2
    assert {dead.message_id for dead in outbox.dead_letters()} == set(ids)
    assert {dead.reason for dead in outbox.dead_letters()} == {"target_gone"}
    assert (outbox.stats())["team"].disabled
    later = outbox_over(network, store=store)  # another process
    ids.append(later.enqueue(event(4), "team"))
    later.drain()
    assert len(later.dead_letters("team")) == 4
    gone = False
    later.enable("team")
    assert later.replay(target="team") == 4
    run_for(later, clock, 5)
    sent = [received.id for received in network.received if received.host == "hooks.example"]
    assert (sorted(sent[1:]), later.dead_letters()) == (sorted(ids), [])


@pytest.mark.case("WH-50")
def test_a_worker_that_slept_past_its_lease_changes_nothing_any_more(clock: VirtualClock) -> None:
    network, store = HooksNetwork(clock), MemoryStore(clock=clock)
    slow = outbox_over(HooksNetwork(clock, lambda _request: Late(9, 500)), store=store)
    slow.enqueue(event(), "team")

    def paused() -> None:
        slow.drain()

    def other() -> None:
        clock.sleep(1)
        claimed = store.scoped("default")
        taken = claimed.claim("outbox:team", "nobody", lease=60)
        assert taken is None
        clock.jump_wall(61)  # the store's clock goes on while the first worker's process stands still
        outbox_over(network, store=store).drain()

    gather(clock, [paused, other])
    assert len(network.received) == 1
    stats = (slow.stats())["team"]
    assert (stats.delivery.fence_lost, stats.delivery.retried, stats.pending) == (1, 0, 0)


@pytest.mark.case("WH-51")
def test_a_failing_message_holds_up_its_instance_only(clock: VirtualClock) -> None:
    failures = iter([500, 500])

    def answer(request: Request) -> int:
        body = request.body or b""
        return next(failures, 200) if b'"i-A"' in body and b'"sequence":1' in body else 200

    network = HooksNetwork(clock, answer)
    outbox = outbox_over(network)
    for number in (1, 2, 3):
        outbox.enqueue(event(number, "i-A"), "team")
        outbox.enqueue(event(number, "i-B"), "team")
    run_for(outbox, clock, 400)
    b_at = [seen.at for seen in network.received if seen.json["instanceId"] == "i-B"]
    a_seen = [
        (seen.json["sequence"], seen.at) for seen in network.received if seen.json["instanceId"] == "i-A"
    ]
    assert b_at == [0, 0, 0]
    assert [sequence for sequence, _ in a_seen] == [1, 1, 1, 2, 3]
    assert a_seen[2][1] == a_seen[3][1] == a_seen[4][1] >= 305


def test_without_order_nothing_is_held_up(clock: VirtualClock) -> None:
    network = HooksNetwork(clock, 500, 200)
    outbox = outbox_over(network, WebhookTarget("team", HOOK, SECRET, ordering="none"))
    for number in (1, 2):
        outbox.enqueue(event(number), "team")
    outbox.drain()
    assert (len(network.received), outbox.pending()) == (2, 1)


@pytest.mark.case("WH-52")
@pytest.mark.parametrize(("limit", "lease"), [(30, 65), (10, 60)])
def test_a_message_is_held_for_twice_as_long_as_it_can_be_sending(
    clock: VirtualClock, limit: float, lease: float
) -> None:
    store = MemoryStore(clock=clock)
    outbox = outbox_over(HooksNetwork(clock, lambda _request: Late(limit)), store=store, timeout=limit)
    outbox.enqueue(event(), "team")
    free: list[bool] = []

    def look() -> None:
        for seconds in (lease - 1, 2):
            clock.jump_wall(seconds)
            free.append(store.scoped("default").claim("outbox:team", "other") is not None)

    def deliver() -> None:
        outbox.drain()

    def later() -> None:
        clock.sleep(0.5)
        look()

    gather(clock, [deliver, later])
    assert free == [False, True]


@pytest.mark.case("WH-54")
def test_a_store_that_is_away_raises_to_the_user_and_is_waited_for_by_the_worker(
    clock: VirtualClock,
) -> None:
    network, store = HooksNetwork(clock), FailingStore(MemoryStore(clock=clock))
    outbox = outbox_over(network, store=store)
    outbox.enqueue(event(1), "team")
    store.failure = StoreUnavailableError("away")
    with pytest.raises(StoreUnavailableError):
        outbox.enqueue(event(2), "team")

    def come_back() -> None:
        clock.sleep(20)
        store.failure = None

    def run() -> None:
        run_for(outbox, clock, 100)

    gather(clock, [run, come_back])
    assert len(network.received) == 1
    assert network.received[0].at > 20


@pytest.mark.case("WH-54")
def test_an_event_of_an_operation_waits_in_memory_for_the_outbox(clock: VirtualClock) -> None:
    network, store = HooksNetwork(clock), FailingStore(MemoryStore(clock=clock))
    outbox = outbox_over(network, store=store)
    store.failure = StoreUnavailableError("away")
    with client_of(network.api, transport=network, outbox=outbox) as client:
        operation = services_of(client).events.operation("op-1", "team")
        operation.send("stopping", "i-1")
        assert clock.monotonic() == 1000
        clock.sleep(10)
        store.failure = None
        clock.sleep(60)
    outbox.drain()
    assert network.kinds == ["instance.stopping"]


@pytest.mark.case("WH-56")
def test_an_event_counts_once(clock: VirtualClock) -> None:
    network = HooksNetwork(clock)
    outbox = outbox_over(network)
    first = outbox.enqueue(event(), "team")
    assert outbox.enqueue(event(), TEAM) == first
    assert outbox.pending() == 1
    outbox.drain()
    outbox.enqueue(event(), "team")
    outbox.drain()
    assert len(network.received) == 1


@pytest.mark.case("WH-56")
def test_secrets_and_headers_given_themselves_are_never_written_down(clock: VirtualClock) -> None:
    network, store = HooksNetwork(clock), MemoryStore(clock=clock)
    outbox = outbox_over(network, store=store)
    with pytest.raises(ValidationError, match="never written down"):
        outbox.enqueue(event(), WebhookTarget("team", HOOK, "another-secret"))
    with pytest.raises(ValidationError, match="never written down"):
        outbox.enqueue(event(), WebhookTarget("else", "https://else.example/"))
    with client_of(network.api, transport=network, outbox=outbox) as client:
        report = client.webhooks.notify(event(), "team", secret="another-secret")
        assert (report.queued, report.attempts) == (False, 1)
        assert network.received[0].verify("another-secret")
        queued = client.webhooks.notify(event(2), "team")
        assert (queued.queued, queued.attempts, len(network.received)) == (True, 0, 1)
    assert outbox.pending() == 1


def test_what_goes_along_with_one_message_keeps_it_out_of_the_outbox(clock: VirtualClock) -> None:
    network = HooksNetwork(clock)
    outbox = outbox_over(network)
    with client_of(network.api, transport=network, outbox=outbox) as client:
        assert client.webhooks.outbox is outbox
        client.webhooks.notify(event(), "team", headers={"X-Team": "a"})
        with pytest.raises(ValidationError, match="stranger"):
            client.webhooks.notify(event(), "stranger", headers={"X-Team": "a"})
        with pytest.raises(ValidationError, match="Host"):
            client.webhooks.notify(event(), "team", headers={"Host": "a"})
    assert network.received[0].request.headers["X-Team"] == "a"
    assert network.received[0].verify()
    assert outbox.pending() == 0


def test_an_outcome_that_cannot_be_written_down_is_written_later(clock: VirtualClock) -> None:
    store = FailingStore(MemoryStore(clock=clock))

    def answer(_request: Request) -> int:
        store.failure = StoreUnavailableError("away")
        return 200

    network = HooksNetwork(clock, answer)
    outbox = outbox_over(network, store=store)
    outbox.enqueue(event(), "team")

    def come_back() -> None:
        clock.sleep(0.5)
        store.failure = None

    def run() -> None:
        run_for(outbox, clock, 10)

    gather(clock, [run, come_back])
    assert (len(network.received), outbox.pending()) == (1, 0)


def test_an_outcome_that_is_never_written_down_means_another_copy(clock: VirtualClock) -> None:
    store = FailingStore(MemoryStore(clock=clock))

    def answer(_request: Request) -> int:
        store.failure = StoreUnavailableError("away") if len(network.received) == 1 else None
        return 200

    network = HooksNetwork(clock, answer)
    outbox = outbox_over(network, store=store)
    outbox.enqueue(event(), "team")
    with pytest.raises(StoreUnavailableError):
        outbox.drain()
    store.failure = None
    assert outbox.pending() == 1
    clock.advance(60)
    outbox.drain()
    assert len({received.id for received in network.received}) == 1
    assert (len(network.received), outbox.pending()) == (2, 0)


@pytest.mark.case("W-21")
def test_beside_an_outbox_events_are_kept_unless_their_secret_is_raw(clock: VirtualClock) -> None:
    network = HooksNetwork(clock)
    outbox = outbox_over(network)
    raw = WebhookTarget("mine", "https://mine.example/", "a-secret-of-my-own")
    with client_of(network.api, transport=network, outbox=outbox) as client:
        emitter = services_of(client).events
        emitter.operation("op-1", WebhookTarget("team", HOOK)).send("stopping", "i-1")
        emitter.operation("op-2", HOOK).send("stopping", "i-1")
        assert outbox.pending("team") == 2
        emitter.operation("op-3", raw).send("stopping", "i-1")
        emitter.operation("op-4", WebhookTarget("team", "https://else.example/")).send("stopping", "i-1")
    assert [received.host for received in network.received] == ["mine.example", "else.example"]
    assert network.received[0].verify("a-secret-of-my-own")
    assert network.received[1].verify()  # a target without secrets of its own has those of its name
    outbox.drain()
    assert len(network.received) == 4


@pytest.mark.case("WH-56")
def test_a_full_outbox_takes_no_more_and_no_operation_suffers(clock: VirtualClock) -> None:
    network = HooksNetwork(clock)
    outbox = outbox_over(network, limit=3)
    for number in (1, 2, 3):
        outbox.enqueue(event(number), "team")
    with pytest.raises(OutboxFullError) as caught:
        outbox.enqueue(event(4), "team")
    assert caught.value.limit == 3
    with client_of(network.api, transport=network, outbox=outbox) as client:
        services_of(client).events.operation("op-1", "team").send("stopping", "i-1")
        assert client.webhooks.stats()["-"].dropped == 1
    outbox.drain()
    outbox.enqueue(event(4), "team")


def test_messages_to_an_unknown_target_are_parked_and_reported(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    network, store = HooksNetwork(clock), MemoryStore(clock=clock)
    outbox = outbox_over(network, OTHER, store=store)
    outbox.enqueue(event(), "team")
    run_for(outbox, clock, 1000)
    assert network.received == []
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "team" in caplog.text
    stats = (outbox.stats())["team"]
    assert (stats.pending, stats.known) == (1, False)
    knowing = outbox_over(network, store=store)
    knowing.drain()
    assert len(network.received) == 1


def test_a_receiver_that_asks_for_a_pause_gets_nothing_meanwhile(clock: VirtualClock) -> None:
    network = HooksNetwork(clock, (503, {}, {"retry-after": "100"}), 200)
    outbox = outbox_over(network, TEAM)
    outbox.enqueue(event(1, "i-A"), "team")
    outbox.drain()
    outbox.enqueue(event(1, "i-B"), "team")
    run_for(outbox, clock, 90)
    assert len(network.received) == 1
    run_for(outbox, clock, 30)
    assert [round(at) for at in network.times[1:]] == [100, 100]


def test_an_open_breaker_postpones_and_uses_no_attempt(clock: VirtualClock) -> None:
    network = HooksNetwork(clock, *[500] * 5, 200)
    outbox = outbox_over(network, TEAM)
    for number in range(6):
        outbox.enqueue(event(1, f"i-{number}"), "team")
    run_for(outbox, clock, 50)
    assert len(network.received) == 5
    run_for(outbox, clock, 400)
    assert outbox.pending() == 0
    assert network.times[5] >= 60


def test_a_limit_of_a_target_postpones_and_uses_no_attempt(clock: VirtualClock) -> None:
    network = HooksNetwork(clock)
    outbox = outbox_over(network, WebhookTarget("team", HOOK, SECRET, rate_limit=RateLimit(10)))
    for number in range(20):
        outbox.enqueue(event(1, f"i-{number}"), "team")
    run_for(outbox, clock, 200)
    assert len(network.times) == 20
    assert all(
        later - earlier > 60 for earlier, later in zip(network.times, network.times[10:], strict=False)
    )
    assert (outbox.stats())["team"].delivery.retried == 0


def test_eight_are_in_flight_and_four_of_a_target(clock: VirtualClock) -> None:
    under_way = {"hooks.example": 0, "other.example": 0}
    most = {"hooks.example": 0, "other.example": 0, "all": 0}

    class CountingNetwork(HooksNetwork):
        def send(self, request: Request) -> Any:
            host = request.url.split("/")[2]
            under_way[host] += 1
            most[host] = max(most[host], under_way[host])
            most["all"] = max(most["all"], sum(under_way.values()))
            try:
                return super().send(request)
            finally:
                under_way[host] -= 1

    network = CountingNetwork(clock, Late(1))
    outbox = outbox_over(network)
    for number in range(20):
        outbox.enqueue(event(1, f"i-{number}"), "team")
        outbox.enqueue(event(1, f"i-{number}"), "other")
    outbox.drain()
    assert most == {"hooks.example": 4, "other.example": 4, "all": 8}
    assert len(network.received) == 40


def test_the_worker_ends_what_it_began_and_stops(clock: VirtualClock) -> None:
    network = HooksNetwork(clock, Late(5))
    outbox = outbox_over(network, TEAM)
    for number in range(9):
        outbox.enqueue(event(1, f"i-{number}"), "team")
    run_for(outbox, clock, 1)
    assert (clock.monotonic(), len(network.received), outbox.pending()) == (1005, 4, 5)


def test_an_error_of_the_transport_itself_ends_the_worker(clock: VirtualClock) -> None:
    network = HooksNetwork(clock, ClientClosedError("closed"))
    outbox = outbox_over(network)
    outbox.enqueue(event(), "team")
    with pytest.raises(ClientClosedError):
        outbox.run(Event())


def test_a_message_put_in_while_the_worker_rests_goes_out_at_once(clock: VirtualClock) -> None:
    network = HooksNetwork(clock)
    outbox = outbox_over(network)

    def put_in() -> None:
        clock.sleep(10.25)
        outbox.enqueue(event(), "team")

    def run() -> None:
        run_for(outbox, clock, 20)

    gather(clock, [run, put_in])
    assert network.times == [10.25]


def test_dead_letters_can_be_replayed_one_by_one_and_purged(clock: VirtualClock) -> None:
    network = HooksNetwork(clock, 410, 200)
    outbox = outbox_over(network)
    first = outbox.enqueue(event(1, "i-A"), "team")
    outbox.drain()
    clock.advance(100)
    outbox.enqueue(event(1, "i-B"), "team")
    outbox.drain()
    outbox.enable("team")
    assert outbox.replay([first, "unknown"]) == 1
    assert outbox.purge_dead(older_than=50) == 0
    assert outbox.purge_dead() == 1
    run_for(outbox, clock, 3)
    assert network.received[-1].id == first
    assert outbox.dead_letters() == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param({"targets": [TEAM, TEAM]}, "team stands there twice", id="two of a name"),
        pytest.param({"targets": ["team"]}, "str is no target", id="a name for a target"),
        pytest.param({"limit": 0}, "at least 1", id="no room"),
        pytest.param({"store": object()}, "store", id="no store"),
    ],
)
def test_a_wrong_outbox_is_told_when_it_is_made(
    clock: VirtualClock, arguments: dict[str, Any], words: str
) -> None:
    given: dict[str, Any] = {"store": MemoryStore(clock=clock), "targets": [TEAM], **arguments}
    with pytest.raises(ConfigurationError, match=words):
        Outbox(given.pop("store"), given.pop("targets"), **given)


def test_a_wrong_argument_is_told(clock: VirtualClock) -> None:
    outbox = outbox_over(HooksNetwork(clock), WebhookTarget("team", HOOK, SECRET, kinds=["ready"]))
    with pytest.raises(ValidationError, match="kinds"):
        outbox.enqueue(event(), "team")
    with pytest.raises(ValidationError, match="event_id"):
        outbox.enqueue(WebhookEvent(), "other")
    with pytest.raises(ValidationError, match="49152"):
        outbox.enqueue(events.failure("i-1", error="x" * 50_000), "other")
    with pytest.raises(ValidationError, match="ids"):
        outbox.replay()
    with pytest.raises(ValidationError, match="older_than"):
        outbox.purge_dead(older_than=-1)


@pytest.mark.case("WH-55")
def test_no_secret_and_no_header_is_in_the_file_in_a_log_or_in_a_repr(
    clock: VirtualClock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    path = tmp_path / "state.db"
    target = WebhookTarget("team", HOOK, SECRET, headers={"X-Key": "header-value"})
    network, store = HooksNetwork(clock, 500, 200, 410), SQLiteStore(path, clock=clock)
    outbox = outbox_over(network, target, store=store)
    shown = [repr(outbox), repr(target)]
    for number in (1, 2):
        outbox.enqueue(event(number), "team")
    run_for(outbox, clock, 60)
    shown += [repr(outbox.dead_letters()), repr(outbox.stats()), caplog.text]
    written = _contents(tmp_path)
    store.close()
    for hidden in (SECRET, "header-value", "T0KEN"):
        assert hidden.encode() not in written
        assert all(hidden not in text for text in shown)
    assert len(network.received) == 3


def test_messages_outlive_the_outbox_in_a_file(clock: VirtualClock, tmp_path: Path) -> None:
    network = HooksNetwork(clock)
    for round_ in range(2):
        store = SQLiteStore(tmp_path / "state.db", clock=clock)
        outbox = outbox_over(network, store=store)
        if round_ == 0:
            outbox.enqueue(event(), "team")
        else:
            outbox.drain()
        store.close()
    assert len(network.received) == 1


def test_a_client_takes_an_outbox_of_its_own_colour_only() -> None:
    with pytest.raises(ConfigurationError, match="outbox"):
        client_of(HooksNetwork(VirtualClock()), api_key=KEY, outbox=object())  # type: ignore[arg-type]


def _contents(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


def test_the_age_of_the_oldest_message_that_waits_is_told(clock: VirtualClock) -> None:
    network = HooksNetwork(clock, 500, 200)
    outbox = outbox_over(network)
    assert (outbox.stats())["team"].oldest_pending_age is None
    outbox.enqueue(event(1, "i-1"), "team")
    clock.advance(60)
    outbox.drain()
    outbox.enqueue(event(1, "i-2"), "team")
    clock.advance(3)
    assert (outbox.stats())["team"].oldest_pending_age == 63
    run_for(outbox, clock, 30)
    assert (outbox.stats())["team"].oldest_pending_age is None


@pytest.mark.case("WH-54")
def test_an_operation_waits_a_second_at_most_for_an_outbox_that_somebody_has_locked(
    clock: VirtualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(emitter, "_STORE_TIME", 0.2)
    network = HooksNetwork(clock)
    with SQLiteStore(tmp_path / "outbox.db", clock=clock) as store:
        store.ping()
        outbox = outbox_over(network, store=store)
        with client_of(network.api, transport=network, outbox=outbox) as client:
            operation = services_of(client).events.operation("op-1", "team")
            with contextlib.closing(sqlite3.connect(tmp_path / "outbox.db", isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                began = time.monotonic()
                operation.send("stopping", "i-1")
                assert time.monotonic() - began < 1.5
            clock.sleep(60)
        outbox.drain()
    assert network.kinds == ["instance.stopping"]
