# Generated from tests/aio/test_errors_raised.py by tools/unasync.py; edit the source.
"""Errors as a caller meets them: class, code, hint, attempts, and nothing that has to stay hidden."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from novita_sdk._core.http import Request, Response
from novita_sdk._sync.client import Novita
from novita_sdk._sync.middleware import CallNext
from novita_sdk.errors import (
    APIConnectionError,
    APITimeoutError,
    AuthenticationError,
    CapacityError,
    InsufficientBalanceError,
    NotFoundError,
    NovitaError,
    PermissionDeniedError,
    QuotaExceededError,
    ServerError,
)
from novita_sdk.testing import VirtualClock
from tests.sync.remote import KEY, Remote, client_of, lost, refused

Call = Callable[[Novita], object]


def get_instance(client: Novita) -> object:
    return client.gpu_instances.get("i-1")


def unlisted(client: Novita) -> object:
    return client.request("GET", "/x")


def create(client: Novita) -> object:
    return client.gpu_instances.create(product_id="p", image_url="nginx")


def raised_by(call: Call, clock: VirtualClock, *script: Any, **arguments: Any) -> NovitaError:
    with pytest.raises(NovitaError) as caught:
        call(client_of(Remote(clock, *script), **arguments))
    return caught.value


@pytest.mark.case("ER-01")
@pytest.mark.parametrize(
    ("call", "answer", "expected", "code"),
    [
        (get_instance, (400, {"reason": "RESOURCE_NOT_FOUND"}), NotFoundError, "INSTANCE_NOT_FOUND"),
        (get_instance, (400, {"message": "instance not fount"}), NotFoundError, "INSTANCE_NOT_FOUND"),
        (get_instance, (404, b""), NotFoundError, "INSTANCE_NOT_FOUND"),
        (unlisted, (404, b""), NotFoundError, "NOT_FOUND"),
        (create, (400, {"code": "INSUFFICIENT_RESOURCE"}), CapacityError, "INSUFFICIENT_RESOURCE"),
        (create, (403, {"message": "quota exceeded"}), QuotaExceededError, "RESOURCE_CONSTRAINTS"),
        (create, (403, {"message": "insufficient permissions"}), PermissionDeniedError, "ACCESS_FORBIDDEN"),
        (create, (400, {"message": "balance not enough"}), InsufficientBalanceError, "INSUFFICIENT_BALANCE"),
        (create, (402, {}), InsufficientBalanceError, "INSUFFICIENT_BALANCE"),
    ],
)
def test_an_answer_becomes_the_class_that_its_reason_asks_for(
    clock: VirtualClock, call: Call, answer: Any, expected: type[NovitaError], code: str
) -> None:
    error = raised_by(call, clock, answer)
    assert (type(error), error.code, error.status) == (expected, code, answer[0])


@pytest.mark.case("ER-02")
@pytest.mark.parametrize(
    ("family", "variable"),
    [
        ("public", "NOVITA_API_KEY"),
        ("internal", "NOVITA_INTERNAL_API_KEY"),
        ("gateway", "NOVITA_GATEWAY_API_KEY"),
    ],
)
def test_a_refused_key_is_named_by_its_variable(clock: VirtualClock, family: str, variable: str) -> None:
    def call(client: Novita) -> object:
        return client.request("GET", "/x", family=family)

    error = raised_by(call, clock, (401, b"<html>"), internal_api_key="I-0123456789")
    assert isinstance(error, AuthenticationError)
    assert "check the API key" in str(error)
    assert error.hint is not None
    assert error.hint.endswith(variable)


@pytest.mark.case("ER-02")
def test_a_wrong_key_on_create_is_told_after_one_request(clock: VirtualClock) -> None:
    remote = Remote(clock, 401)
    with pytest.raises(AuthenticationError):
        create(client_of(remote))
    assert len(remote.seen) == 1


@pytest.mark.case("ER-03")
@pytest.mark.parametrize("body", [b"<html>" + b"x" * 5000, b"", b"\xff", b"[1]", b'"no"'])
def test_a_bad_gateway_is_a_server_error_whatever_it_says(clock: VirtualClock, body: bytes) -> None:
    error = raised_by(get_instance, clock, (502, body))
    assert isinstance(error, ServerError)
    assert (error.status, len(error.attempts)) == (502, 4)
    assert len(error.body) <= 2048


@pytest.mark.case("ER-04")
def test_an_error_of_a_call_keeps_its_story_when_it_is_pickled_and_copied(clock: VirtualClock) -> None:
    error = raised_by(get_instance, clock, 503, refused, 500)
    twins = [pickle.loads(pickle.dumps(error, protocol)) for protocol in range(2, 6)]  # noqa: S301 - our own bytes
    for twin in (*twins, copy.copy(error), copy.deepcopy(error)):
        assert (type(twin), str(twin), twin.explain()) == (type(error), str(error), error.explain())
        assert [attempt.status for attempt in twin.attempts] == [503, None, 500, 500]


@pytest.mark.case("ER-05")
def test_an_echoed_key_and_a_line_break_do_not_get_into_the_text(clock: VirtualClock) -> None:
    answer = (400, {"message": f"bad key {KEY}\r\nin https://h/x?token={KEY}", "metadata": {"seen": KEY}})
    error = raised_by(get_instance, clock, answer)
    text = str(error)
    assert "[REDACTED]" in text
    assert len(text) <= 300
    assert text.isprintable()
    everything = f"{error!r}{error.explain()}{vars(error)}"
    assert KEY not in everything
    assert "instanceId" not in everything


@pytest.mark.case("ER-05")
def test_a_key_in_a_foreign_exception_does_not_get_into_the_error(clock: VirtualClock) -> None:
    error = raised_by(unlisted, clock, RuntimeError(f"cannot send 'Bearer {KEY}'"))
    assert isinstance(error, APIConnectionError)
    assert error.cause_summary == "RuntimeError: cannot send 'Bearer [REDACTED]'"
    assert KEY not in error.explain()


@pytest.mark.case("ER-06")
def test_a_host_that_cannot_be_reached_is_told_with_what_to_check(clock: VirtualClock) -> None:
    error = raised_by(get_instance, clock, refused)
    assert isinstance(error, APIConnectionError)
    assert (error.status, error.code, error.reached_server) == (None, "NETWORK_ERROR", False)
    assert [attempt.sent for attempt in error.attempts] == [False] * 4
    assert error.hint is not None
    assert "NOVITA_API_BASE_URL" in error.hint
    assert "proxy" in error.hint


@pytest.mark.case("ER-06")
def test_a_read_timeout_is_a_timeout_error(clock: VirtualClock) -> None:
    error = raised_by(get_instance, clock, lost)
    assert isinstance(error, TimeoutError)
    assert isinstance(error, APITimeoutError)
    assert (error.code, error.status_hint, error.status) == ("REQUEST_TIMEOUT", 408, None)


def test_an_error_knows_its_call(clock: VirtualClock) -> None:
    error = raised_by(get_instance, clock, (400, {}, {"X-Request-ID": "r-1"}))
    assert (error.operation, error.method, error.path) == ("get_instance", "GET", "/gpu/instance")
    assert (error.family, error.resource_id, error.request_id) == ("public", "i-1", "r-1")
    assert error.correlation_id is not None
    assert error.elapsed == 0


def test_an_error_of_an_unlisted_call_knows_its_path_and_neither_host_nor_query(
    clock: VirtualClock,
) -> None:
    def call(client: Novita) -> object:
        return client.request("GET", "/openapi/v1/new", query={"a": 1})

    error = raised_by(call, clock, 400)
    assert (error.operation, error.path) == ("request", "/openapi/v1/new")


def test_what_a_middleware_raises_passes_unchanged(clock: VirtualClock) -> None:
    def raises(_request: Request, _call_next: CallNext) -> Response:
        raise KeyError("mine")

    client = client_of(Remote(clock, {}), middleware=[raises])
    with pytest.raises(KeyError, match="mine"):
        unlisted(client)
    assert client.stats().families["public"].failed == {"KeyError": 1}
