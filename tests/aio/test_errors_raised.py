"""Errors as a caller meets them: class, code, hint, attempts, and nothing that has to stay hidden."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from novita_sdk._async.client import AsyncNovita
from novita_sdk._async.middleware import AsyncCallNext
from novita_sdk._core.http import Request, Response
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
from tests.aio.remote import KEY, AsyncRemote, client_of, lost, refused

pytestmark = pytest.mark.anyio

Call = Callable[[AsyncNovita], Awaitable[object]]


async def get_instance(client: AsyncNovita) -> object:
    return await client.gpu_instances.get("i-1")


async def unlisted(client: AsyncNovita) -> object:
    return await client.request("GET", "/x")


async def create(client: AsyncNovita) -> object:
    return await client.gpu_instances.create(product_id="p", image_url="nginx")


async def raised_by(call: Call, clock: VirtualClock, *script: Any, **arguments: Any) -> NovitaError:
    with pytest.raises(NovitaError) as caught:
        await call(client_of(AsyncRemote(clock, *script), **arguments))
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
async def test_an_answer_becomes_the_class_that_its_reason_asks_for(
    clock: VirtualClock, call: Call, answer: Any, expected: type[NovitaError], code: str
) -> None:
    error = await raised_by(call, clock, answer)
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
async def test_a_refused_key_is_named_by_its_variable(
    clock: VirtualClock, family: str, variable: str
) -> None:
    async def call(client: AsyncNovita) -> object:
        return await client.request("GET", "/x", family=family)

    error = await raised_by(call, clock, (401, b"<html>"), internal_api_key="I-0123456789")
    assert isinstance(error, AuthenticationError)
    assert "check the API key" in str(error)
    assert error.hint is not None
    assert error.hint.endswith(variable)


@pytest.mark.case("ER-02")
async def test_a_wrong_key_on_create_is_told_after_one_request(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, 401)
    with pytest.raises(AuthenticationError):
        await create(client_of(remote))
    assert len(remote.seen) == 1


@pytest.mark.case("ER-03")
@pytest.mark.parametrize("body", [b"<html>" + b"x" * 5000, b"", b"\xff", b"[1]", b'"no"'])
async def test_a_bad_gateway_is_a_server_error_whatever_it_says(clock: VirtualClock, body: bytes) -> None:
    error = await raised_by(get_instance, clock, (502, body))
    assert isinstance(error, ServerError)
    assert (error.status, len(error.attempts)) == (502, 4)
    assert len(error.body) <= 2048


@pytest.mark.case("ER-04")
async def test_an_error_of_a_call_keeps_its_story_when_it_is_pickled_and_copied(clock: VirtualClock) -> None:
    error = await raised_by(get_instance, clock, 503, refused, 500)
    twins = [pickle.loads(pickle.dumps(error, protocol)) for protocol in range(2, 6)]  # noqa: S301 - our own bytes
    for twin in (*twins, copy.copy(error), copy.deepcopy(error)):
        assert (type(twin), str(twin), twin.explain()) == (type(error), str(error), error.explain())
        assert [attempt.status for attempt in twin.attempts] == [503, None, 500, 500]


@pytest.mark.case("ER-05")
async def test_an_echoed_key_and_a_line_break_do_not_get_into_the_text(clock: VirtualClock) -> None:
    answer = (400, {"message": f"bad key {KEY}\r\nin https://h/x?token={KEY}", "metadata": {"seen": KEY}})
    error = await raised_by(get_instance, clock, answer)
    text = str(error)
    assert "[REDACTED]" in text
    assert len(text) <= 300
    assert text.isprintable()
    everything = f"{error!r}{error.explain()}{vars(error)}"
    assert KEY not in everything
    assert "instanceId" not in everything


@pytest.mark.case("ER-05")
async def test_a_key_in_a_foreign_exception_does_not_get_into_the_error(clock: VirtualClock) -> None:
    error = await raised_by(unlisted, clock, RuntimeError(f"cannot send 'Bearer {KEY}'"))
    assert isinstance(error, APIConnectionError)
    assert error.cause_summary == "RuntimeError: cannot send 'Bearer [REDACTED]'"
    assert KEY not in error.explain()


@pytest.mark.case("ER-06")
async def test_a_host_that_cannot_be_reached_is_told_with_what_to_check(clock: VirtualClock) -> None:
    error = await raised_by(get_instance, clock, refused)
    assert isinstance(error, APIConnectionError)
    assert (error.status, error.code, error.reached_server) == (None, "NETWORK_ERROR", False)
    assert [attempt.sent for attempt in error.attempts] == [False] * 4
    assert error.hint is not None
    assert "NOVITA_API_BASE_URL" in error.hint
    assert "proxy" in error.hint


@pytest.mark.case("ER-06")
async def test_a_read_timeout_is_a_timeout_error(clock: VirtualClock) -> None:
    error = await raised_by(get_instance, clock, lost)
    assert isinstance(error, TimeoutError)
    assert isinstance(error, APITimeoutError)
    assert (error.code, error.status_hint, error.status) == ("REQUEST_TIMEOUT", 408, None)


async def test_an_error_knows_its_call(clock: VirtualClock) -> None:
    error = await raised_by(get_instance, clock, (400, {}, {"X-Request-ID": "r-1"}))
    assert (error.operation, error.method, error.path) == ("get_instance", "GET", "/gpu/instance")
    assert (error.family, error.resource_id, error.request_id) == ("public", "i-1", "r-1")
    assert error.correlation_id is not None
    assert error.elapsed == 0


async def test_an_error_of_an_unlisted_call_knows_its_path_and_neither_host_nor_query(
    clock: VirtualClock,
) -> None:
    async def call(client: AsyncNovita) -> object:
        return await client.request("GET", "/openapi/v1/new", query={"a": 1})

    error = await raised_by(call, clock, 400)
    assert (error.operation, error.path) == ("request", "/openapi/v1/new")


async def test_what_a_middleware_raises_passes_unchanged(clock: VirtualClock) -> None:
    async def raises(_request: Request, _call_next: AsyncCallNext) -> Response:
        raise KeyError("mine")

    client = client_of(AsyncRemote(clock, {}), middleware=[raises])
    with pytest.raises(KeyError, match="mine"):
        await unlisted(client)
    assert client.stats().families["public"].failed == {"KeyError": 1}
