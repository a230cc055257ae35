"""Sending from within the program: signed at each attempt, tried again where that helps, never to a wrong address."""

from __future__ import annotations

import logging
import socket
from typing import Any

import pytest

from novita_sdk._async.resources.webhooks import AsyncWebhooks
from novita_sdk._concurrency.aio import gather
from novita_sdk.errors import (
    APIConnectionError,
    CircuitOpenError,
    ConfigurationError,
    TargetRefusedError,
    ValidationError,
    WebhookDeliveryError,
)
from novita_sdk.options import RateLimit
from novita_sdk.testing import VirtualClock
from novita_sdk.webhooks import WebhookTarget, events
from tests.aio.hooks_network import HOOK, PUBLIC, SECRET, AsyncHooksNetwork
from tests.aio.remote import Late, lost, refused

pytestmark = pytest.mark.anyio

PAYLOAD = {"test": "data"}


def webhooks_over(network: AsyncHooksNetwork, secret: str | None = SECRET, **arguments: Any) -> AsyncWebhooks:
    return AsyncWebhooks(secret, transport=network, clock=network.clock, **arguments)


async def failure(network: AsyncHooksNetwork, url: str = HOOK, **arguments: Any) -> WebhookDeliveryError:
    with pytest.raises(WebhookDeliveryError) as caught:
        await webhooks_over(network).send(url, PAYLOAD, **arguments)
    return caught.value


@pytest.mark.case("WH-01")
@pytest.mark.case("WH-04")
async def test_a_message_goes_out_signed_in_both_ways(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock)
    report = await webhooks_over(network).send(HOOK, PAYLOAD)
    (received,) = network.received
    assert (report.message_id, report.attempts, report.status, report.queued) == (received.id, 1, 200, False)
    assert received.request.body == b'{"test":"data"}'
    assert received.verify()
    digest = "f2562b08e1789abf461a08952a44df64be53827b9820c23580c2e3c0a4ff7738"
    assert received.request.headers["X-Webhook-Signature"] == f"sha256={digest}"
    assert received.request.headers["Content-Type"] == "application/json"
    assert received.request.headers["User-Agent"].startswith("novita-gpu-sdk/")
    assert received.request.url == HOOK
    assert received.address == PUBLIC


@pytest.mark.case("WH-03")
async def test_each_attempt_is_signed_anew_and_carries_the_same_message(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock, 500)
    await failure(network)
    seen = network.received
    began = int(clock.time()) - 7
    stamps = [int(received.request.headers["webhook-timestamp"]) - began for received in seen]
    assert stamps == [0, 1, 3, 7]
    assert [received.request.headers["X-Webhook-Timestamp"] for received in seen] == [
        received.request.headers["webhook-timestamp"] for received in seen
    ]
    assert len({received.id for received in seen}) == len({received.request.body for received in seen}) == 1
    assert len({received.request.headers["webhook-signature"] for received in seen}) == 4
    assert len({received.request.headers["X-Webhook-Signature"] for received in seen}) == 1


@pytest.mark.case("WH-04")
async def test_without_a_secret_there_is_an_id_and_nothing_else(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock)
    await webhooks_over(network, None).send(HOOK, PAYLOAD)
    names = {name.lower() for name in network.received[0].request.headers}
    assert "webhook-id" in names
    assert not names & {
        "webhook-timestamp",
        "webhook-signature",
        "x-webhook-signature",
        "x-webhook-timestamp",
    }


@pytest.mark.case("WH-04")
async def test_the_secret_of_a_call_comes_before_the_targets_and_that_before_the_usual_one(
    clock: VirtualClock,
) -> None:
    network = AsyncHooksNetwork(clock)
    webhooks = webhooks_over(network)
    target = WebhookTarget("team", HOOK, "secret-of-the-target")
    await webhooks.send(HOOK, PAYLOAD, secret="secret-of-the-call")
    await webhooks.notify(events.stopped("i-1", operation_id="op"), target, secret="secret-of-the-call")
    await webhooks.notify(events.stopped("i-1", operation_id="op"), target)
    await webhooks.notify(events.stopped("i-1", operation_id="op"), HOOK)
    used = ("secret-of-the-call", "secret-of-the-call", "secret-of-the-target", SECRET)
    assert all(received.verify(secret) for received, secret in zip(network.received, used, strict=True))


@pytest.mark.case("WH-07")
async def test_own_headers_go_along_unless_they_are_the_senders_business(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock)
    await webhooks_over(network).send(HOOK, PAYLOAD, headers={"X-Team": "a"})
    assert network.received[0].request.headers["X-Team"] == "a"
    assert network.received[0].verify()
    for name in ("Webhook-Id", "content-type", "Host"):
        with pytest.raises(ValidationError, match=name) as caught:
            await webhooks_over(network).send(HOOK, PAYLOAD, headers={name: "hidden-value"})
        assert "hidden-value" not in str(caught.value)
    assert len(network.received) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param({"timeout": 0.5}, id="timeout too short", marks=pytest.mark.case("WH-43")),
        pytest.param({"timeout": 31}, id="timeout too long", marks=pytest.mark.case("WH-43")),
        pytest.param({"attempts": 0}, id="no attempts"),
        pytest.param({"attempts": 11}, id="too many attempts"),
        pytest.param({"secret": "short"}, id="short secret"),
        pytest.param({"message_id": "a.b"}, id="id with a dot"),
    ],
)
async def test_a_wrong_argument_is_told_before_anything_is_sent(
    clock: VirtualClock, arguments: dict[str, Any]
) -> None:
    network = AsyncHooksNetwork(clock)
    with pytest.raises(ValidationError) as caught:
        await webhooks_over(network).send(HOOK, PAYLOAD, **arguments)
    assert caught.value.problems[0].field == next(iter(arguments))
    assert "short'" not in str(caught.value)
    assert (network.received, network.resolved) == ([], [])


@pytest.mark.case("WH-20")
async def test_a_payload_that_is_no_json_is_refused_before_any_request(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock)
    for payload in ({"a": float("nan")}, {"a": "\ud800"}, {"a": object()}):
        with pytest.raises(ValidationError):
            await webhooks_over(network).send(HOOK, payload)
    assert network.received == []


@pytest.mark.case("WH-38")
async def test_a_receiver_that_comes_back_gets_the_message_after_one_two_and_four_seconds(
    clock: VirtualClock,
) -> None:
    network = AsyncHooksNetwork(clock, 500, 502, 503, 200)
    report = await webhooks_over(network).send(HOOK, PAYLOAD)
    assert network.times == [0, 1, 3, 7]
    assert (report.attempts, report.status, report.elapsed) == (4, 200, 7)


@pytest.mark.case("WH-38")
@pytest.mark.parametrize("trouble", [refused, lost, OSError("cable cut")], ids=["refused", "lost", "cable"])
async def test_trouble_with_the_connection_is_tried_again(clock: VirtualClock, trouble: Any) -> None:
    network = AsyncHooksNetwork(clock, trouble, 200)
    assert (await webhooks_over(network).send(HOOK, PAYLOAD)).attempts == 2


@pytest.mark.case("WH-39")
async def test_what_was_tried_in_vain_is_told(clock: VirtualClock, caplog: pytest.LogCaptureFixture) -> None:
    error = await failure(AsyncHooksNetwork(clock, 500))
    assert "4 attempts" in str(error)
    assert "status 500" in str(error)
    assert (error.host, error.status, error.elapsed) == ("hooks.example", 500, 7)
    assert [attempt.status for attempt in error.attempts] == [500] * 4
    levels = [
        record.levelno
        for record in caplog.records
        if "given up" in record.getMessage() or "failed" in record.getMessage()
    ]
    assert levels == [logging.WARNING] * 3 + [logging.ERROR]
    told = "".join(record.getMessage() for record in caplog.records) + str(error) + error.explain()
    assert "T0KEN" not in told
    assert "/w" not in told


@pytest.mark.case("WH-39")
@pytest.mark.parametrize(("attempts", "times"), [(2, [0, 1]), (5, [0, 1, 3, 7, 15]), (1, [0])])
async def test_the_number_of_attempts_can_be_chosen(
    clock: VirtualClock, attempts: int, times: list[float]
) -> None:
    network = AsyncHooksNetwork(clock, 500)
    await failure(network, attempts=attempts)
    assert network.times == times


@pytest.mark.case("WH-40")
async def test_events_of_a_start_are_tried_like_all_others(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock, 503)
    event = events.startup_initiated("i-1", operation_id="op")
    with pytest.raises(WebhookDeliveryError):
        await webhooks_over(network, url=HOOK).notify(event)
    assert network.times == [0, 1, 3, 7]


@pytest.mark.case("WH-41")
@pytest.mark.parametrize("status", [400, 401, 404, 410, 302])
async def test_a_clear_no_and_a_redirect_end_it_at_once(clock: VirtualClock, status: int) -> None:
    network = AsyncHooksNetwork(clock, (status, {}, {"location": "https://elsewhere.example/"}))
    error = await failure(network)
    assert (error.status, len(error.attempts)) == (status, 1)
    assert [received.host for received in network.received] == ["hooks.example"]


@pytest.mark.case("WH-41")
async def test_a_bad_certificate_ends_it_at_once(clock: VirtualClock) -> None:
    bad = APIConnectionError("bad certificate", phase="tls", reached_server=False, retryable=False)
    error = await failure(AsyncHooksNetwork(clock, bad))
    assert len(error.attempts) == 1
    assert error.__cause__ is bad


@pytest.mark.case("WH-42")
@pytest.mark.parametrize(
    ("answer", "pause"),
    [
        pytest.param((429, {}, {"retry-after": "7"}), 7, id="seconds"),
        pytest.param((503, {}, {"retry-after": "9"}), 9, id="of a 503"),
        pytest.param((500, {}, {"retry-after": "9"}), 1, id="of a 500 it counts for nothing"),
        pytest.param(
            (
                429,
                {},
                {
                    "retry-after": "Mon, 01 Jan 2024 00:00:20 GMT",
                    "date": "Mon, 01 Jan 2024 00:00:00 GMT",
                },
            ),
            20,
            id="date",
        ),
        pytest.param(408, 1, id="408"),
        pytest.param(425, 1, id="425"),
    ],
)
async def test_a_receiver_may_say_when_to_come_back(clock: VirtualClock, answer: Any, pause: float) -> None:
    network = AsyncHooksNetwork(clock, answer, 200)
    await webhooks_over(network).send(HOOK, PAYLOAD)
    assert network.times == [0, pause]


@pytest.mark.case("WH-42")
async def test_a_receiver_that_asks_for_more_than_a_minute_is_given_up(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock, (429, {}, {"retry-after": "61"}))
    error = await failure(network)
    assert (len(network.received), error.retry_after) == (1, 61)


@pytest.mark.case("WH-43")
async def test_a_slow_receiver_is_cut_off_and_tried_again(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock, Late(11), 200)
    report = await webhooks_over(network).send(HOOK, PAYLOAD)
    assert (network.times, report.attempts) == ([0, 11], 2)
    network = AsyncHooksNetwork(clock, Late(2))
    error = await failure(network, timeout=1)
    assert (error.attempts[-1].outcome, network.times) == ("timeout", [0, 2, 5, 10])


@pytest.mark.case("WH-45")
async def test_a_host_that_keeps_failing_is_left_alone_and_then_probed(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock, 500)
    webhooks = webhooks_over(network)

    async def send() -> WebhookDeliveryError:
        with pytest.raises(WebhookDeliveryError) as caught:
            await webhooks.send(HOOK, PAYLOAD)
        return caught.value

    errors = await gather(clock, [send, send])
    assert [len(error.attempts) for error in errors] == [4, 4]
    third = await send()
    assert isinstance(third.__cause__, CircuitOpenError)
    assert (third.attempts, len(network.received)) == ((), 8)
    await clock.sleep_async(60)
    assert len((await send()).attempts) == 1
    assert isinstance((await send()).__cause__, CircuitOpenError)
    assert len(network.received) == 9


@pytest.mark.case("WH-45")
async def test_a_target_with_a_limit_gets_no_more_than_that_in_a_minute(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock)
    target = WebhookTarget("team", HOOK, SECRET, rate_limit=RateLimit(10))
    webhooks = webhooks_over(network)

    async def notify() -> None:
        await webhooks.notify(events.stopped("i-1", operation_id="op"), target)

    await gather(clock, [notify] * 30)
    assert len(network.times) == 30
    assert all(
        later - earlier > 60 for earlier, later in zip(network.times, network.times[10:], strict=False)
    )


async def test_events_of_other_kinds_than_wanted_are_not_sent(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock)
    target = WebhookTarget("team", HOOK, SECRET, kinds=["ready"])
    report = await webhooks_over(network).notify(events.stopped("i-1", operation_id="op"), target)
    assert (report.attempts, report.queued, network.received) == (0, False, [])


async def test_without_any_target_nothing_is_sent(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock)
    report = await webhooks_over(network).notify(events.stopped("i-1", operation_id="op"))
    assert (report.attempts, network.received) == (0, [])


@pytest.mark.case("WH-09")
async def test_a_target_of_the_older_form_gets_no_newer_keys_but_the_id_in_the_header(
    clock: VirtualClock,
) -> None:
    network = AsyncHooksNetwork(clock)
    event = events.success("i-1")
    await webhooks_over(network).notify(event, WebhookTarget("old", HOOK, SECRET, payload="legacy"))
    assert set(network.received[0].json) == {"instanceId", "status", "timestamp"}
    assert network.received[0].id == event.event_id


async def test_numbers_are_kept_for_each_target(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock, 500, Late(2, 200), 429, 401)
    webhooks = webhooks_over(network)
    await webhooks.send(HOOK, PAYLOAD)
    with pytest.raises(WebhookDeliveryError):
        await webhooks.send(HOOK, PAYLOAD)
    seen = webhooks.stats()["hooks.example"]
    assert (seen.attempts, seen.delivered, seen.failed, seen.retried, seen.throttled) == (4, 1, 1, 2, 1)
    assert (seen.in_flight, seen.last_status, seen.latency_p95) == (0, 401, 2)
    assert seen.last_success is not None


async def test_a_large_message_is_sent_with_a_warning_and_a_huge_one_is_not(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    network = AsyncHooksNetwork(clock)
    await webhooks_over(network).send(HOOK, b"x" * 20_000)
    assert "20001" not in caplog.text
    await webhooks_over(network).send(HOOK, b"x" * 20_001)
    assert "20001 bytes" in caplog.text
    with pytest.raises(ValidationError, match="262144"):
        await webhooks_over(network).send(HOOK, b"x" * 262_145)
    assert [len(received.request.body or b"") for received in network.received] == [20_000, 20_001]


async def test_a_look_up_that_takes_all_the_time_leaves_none_to_connect(clock: VirtualClock) -> None:
    class SlowNames(AsyncHooksNetwork):
        async def resolve(self, host: str, port: int, limit: float) -> tuple[str, ...]:
            await clock.sleep_async(limit)
            return await super().resolve(host, port, limit)

    network = SlowNames(clock)
    error = await failure(network, attempts=1)
    assert (error.attempts[0].outcome, network.received) == ("timeout", [])


@pytest.mark.case("WH-57")
@pytest.mark.parametrize(
    "url", ["ftp://x", "javascript:alert(1)", "not-a-url", "", "https://u:p@h/", "http://h/"]
)
async def test_such_urls_are_refused_before_any_name_is_looked_up(clock: VirtualClock, url: str) -> None:
    network = AsyncHooksNetwork(clock)
    with pytest.raises(TargetRefusedError):
        await webhooks_over(network).send(url, PAYLOAD)
    assert (network.received, network.resolved) == ([], [])


DENIED = """
    127.0.0.1 10.0.0.1 169.254.169.254 168.63.129.16 100.100.100.200 224.0.0.1 192.0.0.192 ::1
    ::ffff:169.254.169.254 64:ff9b::a9fe:a9fe 64:ff9b:1::1 2002:a9fe:a9fe:: fe80::1%eth0 fec0::1 fd00:ec2::254 ff02::1
"""


@pytest.mark.case("WH-58")
@pytest.mark.parametrize("address", DENIED.split())
async def test_a_name_that_leads_inside_is_refused_without_a_connection(
    clock: VirtualClock, address: str
) -> None:
    network = AsyncHooksNetwork(clock, addresses={"hooks.example": [(address,)]})
    error = await failure(network)
    assert isinstance(error.__cause__, TargetRefusedError)
    assert (network.received, network.resolved) == ([], ["hooks.example"])
    assert "hooks.example" in str(error)


@pytest.mark.case("WH-59")
@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "[::1]"])
async def test_a_loopback_address_in_any_spelling_is_refused(clock: VirtualClock, host: str) -> None:
    network = AsyncHooksNetwork(clock)
    with pytest.raises((TargetRefusedError, WebhookDeliveryError)):
        await webhooks_over(network).send(f"https://{host}/", PAYLOAD)
    assert (network.received, network.resolved) == ([], [])


@pytest.mark.case("WH-59")
@pytest.mark.parametrize("host", ["1.1.1.1", "[2606:4700::1111]"])
async def test_a_public_address_needs_no_name(clock: VirtualClock, host: str) -> None:
    network = AsyncHooksNetwork(clock)
    await webhooks_over(network).send(f"https://{host}/", PAYLOAD)
    assert network.received[0].address == host.strip("[]")
    assert network.resolved == []


@pytest.mark.case("WH-60")
async def test_one_bad_address_among_good_ones_refuses_the_target(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock, addresses={"hooks.example": [(PUBLIC, "10.0.0.1")]})
    await failure(network)
    assert network.received == []


@pytest.mark.case("WH-60")
async def test_a_name_that_is_bound_anew_between_two_attempts_is_caught(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock, 500, addresses={"hooks.example": [(PUBLIC,), ("169.254.169.254",)]})
    error = await failure(network)
    assert [attempt.outcome for attempt in error.attempts] == ["answer", "refused"]
    assert [received.address for received in network.received] == [PUBLIC]
    assert network.resolved == ["hooks.example"] * 2


async def test_if_nobody_answers_at_one_address_the_next_one_is_tried(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock, refused, 200, lost, addresses={"hooks.example": [("1.1.1.1", PUBLIC)]})
    report = await webhooks_over(network).send(HOOK, PAYLOAD)
    assert (report.attempts, network.times) == (1, [0, 0])
    assert [received.address for received in network.received] == ["1.1.1.1", PUBLIC]
    assert network.received[0].request.timeouts.connect == 5
    assert network.resolved == ["hooks.example"]
    error = await failure(network, attempts=1)  # what may have arrived is not sent again within an attempt
    assert (len(error.attempts), len(network.received)) == (1, 3)


async def test_a_name_without_an_address_is_looked_up_again(clock: VirtualClock) -> None:
    unknown = socket.gaierror(socket.EAI_NONAME, "unknown")
    network = AsyncHooksNetwork(clock, addresses={"hooks.example": [unknown, (), (PUBLIC,)]})
    report = await webhooks_over(network).send(HOOK, PAYLOAD)
    assert (report.attempts, network.times) == (3, [3])


@pytest.mark.case("WH-62")
async def test_addresses_that_were_opened_are_sent_to(clock: VirtualClock) -> None:
    addresses: dict[str, list[tuple[str, ...] | Exception]] = {
        "localhost": [("127.0.0.1",)],
        "hooks.intra.example": [("10.1.2.3",), ("169.254.169.254",)],
    }
    network = AsyncHooksNetwork(clock, addresses=addresses)
    webhooks = webhooks_over(network)
    event = events.stopped("i-1", operation_id="op")
    local = WebhookTarget("a", "http://localhost:3000/w", allow_http=True, allow_private=["127.0.0.1/32"])
    intra = WebhookTarget("b", "https://hooks.intra.example/", allow_private=["hooks.intra.example"])
    await webhooks.notify(event, local)
    await webhooks.notify(event, intra)
    with pytest.raises(WebhookDeliveryError) as caught:
        await webhooks.notify(event, intra)
    assert isinstance(caught.value.__cause__, TargetRefusedError)
    assert [received.address for received in network.received] == ["127.0.0.1", "10.1.2.3"]


async def test_the_verifier_knows_the_secret(clock: VirtualClock) -> None:
    network = AsyncHooksNetwork(clock)
    webhooks = webhooks_over(network)
    await webhooks.send(HOOK, PAYLOAD)
    request = network.received[0].request
    assert webhooks.verifier.verify(request.body or b"", request.headers).id == network.received[0].id
    with pytest.raises(ConfigurationError):
        _ = webhooks_over(network, None).verifier
