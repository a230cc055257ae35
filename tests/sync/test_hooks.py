# Generated from tests/aio/test_hooks.py by tools/unasync.py; edit the source.
"""Hooks: what they are told, in which order, and that they change nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from novita_sdk._concurrency.threads import gather
from novita_sdk._core.hooks import Hooks
from novita_sdk._core.http import Request, Response
from novita_sdk._sync.client import Novita
from novita_sdk._sync.middleware import CallNext
from novita_sdk.errors import ClientClosedError, NovitaError, ResponseDecodeError, ValidationError
from novita_sdk.options import CallOptions, RateLimit
from novita_sdk.testing import VirtualClock
from tests.sync.remote import Interruption, Remote, client_of, instance, refused
from tests.told import METHODS, Told

ONCE = CallOptions(max_retries=0)

Call = Callable[[Novita], object]


def read(client: Novita, options: CallOptions | None = None) -> object:
    return client.gpu_instances.get("i-1", options=options)


def watched(clock: VirtualClock, *script: Any, **arguments: Any) -> tuple[Novita, Told]:
    told = Told()
    return client_of(Remote(clock, *script), hooks=[told], **arguments), told


# ------------------------------------------------------------------------------------------ order


@pytest.mark.case("OB-04")
def test_a_retried_call_is_told_step_by_step(clock: VirtualClock) -> None:
    client, told = watched(clock, 503, instance())
    read(client)
    assert told.names == [
        "call_start",
        "attempt_start",
        "attempt_end",
        "retry",
        "attempt_start",
        "attempt_end",
        "call_end",
    ]


def test_a_call_that_is_given_up_on_is_told_with_the_reason(clock: VirtualClock) -> None:
    client, told = watched(clock, 400)
    with pytest.raises(NovitaError):
        read(client)
    assert told.names[-2:] == ["retry_refused", "call_end"]
    [refusal] = told.of("retry_refused")
    assert (refusal.attempt, refusal.reason) == (1, "class")


def test_several_hooks_are_told_in_their_order(clock: VirtualClock) -> None:
    order: list[str] = []

    class First(Hooks):
        def on_call_start(self, event: Any) -> None:
            order.append(f"first {event.operation}")

    class Second(Hooks):
        def on_call_start(self, event: Any) -> None:
            order.append(f"second {event.operation}")

    client = client_of(Remote(clock, instance()), hooks=[First(), Second()])
    read(client)
    assert order == ["first get_instance", "second get_instance"]


def closed_midway(request: Request, _call_next: CallNext) -> Response:
    raise Interruption


def broken(request: Request, _call_next: CallNext) -> Response:
    raise KeyError("mine")


@pytest.mark.parametrize(
    ("step", "arguments", "error"),
    [
        (instance(), {}, None),
        (400, {}, "BAD_REQUEST"),
        (refused, {}, "NETWORK_ERROR"),
        (b"<html>", {}, "INVALID_RESPONSE"),
        (Interruption(), {}, "Interruption"),
        (instance(), {"middleware": [closed_midway]}, "Interruption"),
        (instance(), {"attempt_middleware": [broken]}, "KeyError"),
    ],
)
def test_every_begun_call_ends_once(
    clock: VirtualClock, step: Any, arguments: dict[str, Any], error: str | None
) -> None:
    client, told = watched(clock, step, **arguments)
    failed = False
    try:
        read(client, ONCE)
    except (NovitaError, KeyError, Interruption):
        failed = True
    assert failed == (error is not None)
    assert [told.names.count(name) for name in ("call_start", "call_end")] == [1, 1]
    assert told.names.count("attempt_start") == told.names.count("attempt_end")
    assert told.of("call_end")[0].error == error
    assert client.stats().families["public"].in_flight == 0


def test_a_call_that_never_begins_is_not_told(clock: VirtualClock) -> None:
    client, told = watched(clock, instance())
    with pytest.raises(ValidationError):
        client.gpu_instances.get("")
    client.close()
    with pytest.raises(ClientClosedError):
        read(client)
    assert told.events == []


# ------------------------------------------------------------------------------------------ events


def test_all_events_of_a_call_carry_the_same_five_facts(clock: VirtualClock) -> None:
    client, told = watched(clock, 503, instance())
    read(client, CallOptions(correlation_id="job-7"))
    facts = {
        (event.correlation_id, event.operation, event.family, event.method, event.path)
        for _, event in told.events
    }
    assert facts == {("job-7", "get_instance", "public", "GET", "/gpu/instance")}


def test_an_attempt_is_told_with_host_and_query_keys_and_never_with_values(clock: VirtualClock) -> None:
    client, told = watched(clock, 503, instance(), base_url="http://localhost:8080")
    read(client)
    first, second = told.of("attempt_end")
    assert (first.attempt, first.host, first.query_keys, first.bytes_out) == (
        1,
        "localhost:8080",
        ("instanceId",),
        0,
    )
    assert (first.outcome, first.status, first.bytes_in) == ("answered", 503, 2)
    assert (second.attempt, second.status) == (2, 200)


def test_an_attempt_without_an_answer_is_told_by_its_exception(clock: VirtualClock) -> None:
    client, told = watched(clock, refused)
    with pytest.raises(NovitaError):
        read(client, ONCE)
    [end] = told.of("attempt_end")
    assert (end.outcome, end.status, end.bytes_in) == ("APIConnectionError", None, 0)


def test_the_end_of_a_call_tells_how_it_went(clock: VirtualClock) -> None:
    client, told = watched(clock, 500, instance(status="stopping"))
    client.gpu_instances.stop("i-1")
    [end] = told.of("call_end")
    assert (end.error, end.attempts, end.settled, end.cached, end.resource_id) == (
        None,
        1,
        True,
        False,
        "i-1",
    )


def test_an_unlisted_call_is_told_with_its_path(clock: VirtualClock) -> None:
    client, told = watched(clock, {})
    client.request("POST", "/openapi/v1/new", json={"a": 1}, query={"b": 2})
    [start] = told.of("attempt_start")
    assert (start.operation, start.path, start.query_keys, start.bytes_out) == (
        "request",
        "/openapi/v1/new",
        ("b",),
        7,
    )


def test_a_retry_is_told_with_what_it_costs(clock: VirtualClock) -> None:
    client, told = watched(clock, 503, instance())
    read(client)
    [retry] = told.of("retry")
    assert (retry.attempt, retry.reason, retry.delay, retry.cost, retry.budget_left) == (
        1,
        "server_error",
        1,
        14,
        486,
    )


def test_each_move_of_the_breaker_is_told(clock: VirtualClock) -> None:
    client, told = watched(clock, *[500] * 5, instance())
    for _ in range(5):
        with pytest.raises(NovitaError):
            read(client, ONCE)
    clock.sleep(60)
    for _ in range(3):
        read(client)
    moves = told.of("breaker")
    assert [(move.family, move.previous, move.state, move.generation) for move in moves] == [
        ("public", "closed", "open", 1),
        ("public", "open", "half_open", 2),
        ("public", "half_open", "closed", 3),
    ]


def test_waits_for_a_token_are_told_and_only_those(clock: VirtualClock) -> None:
    client, told = watched(clock, instance(), rate_limits={"public": RateLimit(limit=4, burst=1)})
    gather(clock, [lambda: read(client)] * 2)
    assert [event.seconds for event in told.of("bucket_wait")] == [20]


def test_a_pause_is_told_with_its_length(clock: VirtualClock) -> None:
    client, told = watched(clock, (429, {}, {"Retry-After": "7"}), instance())
    read(client)
    [pause] = told.of("bucket_pause")
    assert (pause.family, pause.seconds, pause.waiting) == ("public", 7, 0)


def test_a_hit_of_the_cache_is_told_without_an_attempt(clock: VirtualClock) -> None:
    client, told = watched(clock, {"data": []}, cache_ttl=60)
    for _ in range(2):
        client.clusters.list().collect()
    assert told.names[-3:] == ["call_start", "cache_hit", "call_end"]
    assert (told.of("call_end")[1].cached, told.of("call_end")[1].attempts) == (True, 0)


def test_each_odd_item_is_told_on_its_own(clock: VirtualClock) -> None:
    items = [instance(id="i-1", gpuNum="x"), instance(id="i-2"), instance(id="i-3", gpuNum="y")]
    client, told = watched(clock, {"instances": items, "total": 3})
    client.gpu_instances.list().collect()
    assert [(odd.index, odd.item_id, odd.json_path) for odd in told.of("decode_problem")] == [
        (0, "i-1", "$.instances[0].gpuNum"),
        (2, "i-3", "$.instances[2].gpuNum"),
    ]


def test_strict_reading_raises_instead_of_telling(clock: VirtualClock) -> None:
    client, told = watched(clock, {"instances": [instance(gpuNum="x")], "total": 1})
    with pytest.raises(ResponseDecodeError):
        client.gpu_instances.list(options=CallOptions(strict=True)).collect()
    assert told.of("decode_problem") == []


def test_events_cannot_be_changed(clock: VirtualClock) -> None:
    client, told = watched(clock, instance())
    read(client)
    for _, event in told.events:
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            event.operation = "other"


# ------------------------------------------------------------------------------------------ failures


def always_raising() -> Hooks:
    def raises(_self: Hooks, _event: object) -> None:
        raise RuntimeError("mine")

    return type("Broken", (Hooks,), dict.fromkeys(METHODS, raises))()


@pytest.mark.case("OB-04")
def test_a_broken_hook_changes_no_call_and_is_reported_once_per_method(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    told = Told()
    remote = Remote(clock, 503, instance())
    client = client_of(remote, hooks=[always_raising(), told])
    for _ in range(2):
        read(client)
    reports = [record for record in caplog.records if record.name == "novita_sdk.hooks"]
    assert {record.levelno for record in reports} == {logging.WARNING}
    assert sorted(record.novita["method"] for record in reports) == [  # type: ignore[attr-defined]
        "on_attempt_end",
        "on_attempt_start",
        "on_call_end",
        "on_call_start",
        "on_retry",
    ]
    assert told.names.count("call_end") == 2


def test_another_kind_of_failure_of_the_same_hook_is_reported_again(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    kinds = iter([ValueError, TypeError, ValueError])

    class Moody(Hooks):
        def on_call_end(self, event: Any) -> None:
            raise next(kinds)(event.operation)

    client = client_of(Remote(clock, instance()), hooks=[Moody()])
    for _ in range(3):
        read(client)
    reports = [record for record in caplog.records if record.name == "novita_sdk.hooks"]
    assert [record.novita["error"] for record in reports] == ["ValueError", "TypeError"]  # type: ignore[attr-defined]


def test_a_hook_without_methods_of_its_own_does_nothing(clock: VirtualClock) -> None:
    items = {"instances": [instance(gpuNum="x")], "total": 1}
    remote = Remote(clock, (429, {}), 500, 400, items)
    client = client_of(remote, hooks=[Hooks()], cache_ttl=60, rate_limits={"public": RateLimit(4, 1)})
    with pytest.raises(NovitaError):
        read(client)
    assert len(client.gpu_instances.list().collect()) == 0
