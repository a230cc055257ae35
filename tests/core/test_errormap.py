"""From error answers to exceptions: reading bodies, choosing classes, never failing."""

from __future__ import annotations

import json
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novita_sdk._core.errormap import (
    ErrorBody,
    error_class,
    error_from_body,
    error_from_response,
    error_in_success,
    is_invalid_state_change,
    is_operation_limit,
    is_refusing,
    is_throttle,
    proves_absence,
    read_error_body,
)
from novita_sdk._core.http import Headers, Response
from novita_sdk._core.redact import REDACTED, redact_text
from novita_sdk.errors import (
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    CapacityError,
    ConflictError,
    InsufficientBalanceError,
    InvalidStateError,
    NotFoundError,
    PermissionDeniedError,
    QuotaExceededError,
    RateLimitError,
    ServerError,
)
from novita_sdk.models.json_types import JSON

KEY = "sk_0123456789"


def answer(status: int, body: bytes | JSON, **headers: str) -> Response:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, Headers(named), raw, 0.1)


def error_of(
    status: int, body: bytes | JSON, *, kind: str | None = "INSTANCE", creates: bool = False, **headers: str
) -> APIStatusError:
    return error_from_response(
        answer(status, body, **headers),
        operation_kind=kind,
        creates=creates,
        redact=partial(redact_text, secrets=[KEY]),
    )


# ---------------------------------------------------------------------------------------- reading


@pytest.mark.parametrize(
    ("body", "code", "reason", "message"),
    [
        ({"code": 400, "reason": "CONFLICT", "message": "m"}, 400, "CONFLICT", "m"),
        ({"code": "404", "msg": "m"}, 404, None, "m"),
        ({"code": "INSUFFICIENT_RESOURCE"}, None, "INSUFFICIENT_RESOURCE", ""),
        ({"code": "A", "reason": "B"}, None, "B", ""),
        ({"code": True, "message": 7, "error": "m"}, None, None, "m"),
        ({"error": {"message": "m"}, "title": "t", "detail": "d"}, None, None, "t"),
        ({"detail": "d", "message": " "}, None, None, "d"),
        ("just text", None, None, "just text"),
        ([1], None, None, ""),
        (None, None, None, ""),
        (b"<html>", None, None, ""),
        (b"", None, None, ""),
        (b"\xff", None, None, ""),
        (b'\xef\xbb\xbf{"message": "m"}', None, None, "m"),
        (b'{"message": "\xff"}', None, None, ""),
        (b"9" * 5000, None, None, ""),
        (b"[" * 100_000, None, None, ""),
    ],
)
def test_a_body_is_read_as_far_as_it_can_be(
    body: bytes | JSON, code: int | None, reason: str | None, message: str
) -> None:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    read = read_error_body(raw)
    assert (read.code, read.reason, read.message, read.size) == (code, reason, message, len(raw))


def test_metadata_is_kept_if_it_is_an_object() -> None:
    assert read_error_body(b'{"metadata": {"a": 1}}').metadata == {"a": 1}
    assert read_error_body(b'{"metadata": [1]}').metadata == {}


# --------------------------------------------------------------------------------------- judging

BY_REASON = {
    AuthenticationError: ["UNAUTHORIZED", "INVALID_API_KEY", "GET_TOKEN_FAILED", "INVALID_USER_TOKEN"],
    PermissionDeniedError: ["FORBIDDEN", "BANNED_USER", "USER_NOT_ACTIVATED", "TEMPLATE_IS_PRIVATE"],
    InsufficientBalanceError: ["BALANCE_NOT_ENOUGH", "EXPIRED_OR_BALANCE_NOT_ENOUGH"],
    CapacityError: [
        "INSUFFICIENT_RESOURCE",
        "MIGRATE_INSUFFICIENT_RESOURCE",
        "CLUSTER_STATUS",
        "NODE_STATUS",
    ],
    RateLimitError: ["RATE_LIMIT_EXCEEDED", "LIST_BILL_TOO_FAST"],
    QuotaExceededError: ["INSTANCE_LIMIT", "NETWORK_STORAGE_TOO_LARGE"],
    ConflictError: ["CONFLICT", "IMAGE_IN_USE", "NAME_ALREADY_EXISTS", "APP_NAME_IS_EXIST", "GPU_SPEC_USED"],
    InvalidStateError: [
        "DEPENDENT_RESOURCE_STATE",
        "PREPAID_INSTANCE_NOT_SUPPORT_RELEASE",
        "CREATING_INSTANCE_NOT_SUPPORT_RENEWAL",
    ],
    NotFoundError: ["RESOURCE_NOT_FOUND", "WALLET_NOT_FOUND", "SERVERLESS_WORKER_NOT_FOUND"],
    BadRequestError: [
        "VALIDATOR_PARAM",
        "REQUEST",
        "INVALID_NAME",
        "UNSUPPORTED_BILLING_MODE",
        "RESIZE_NOT_SUPPORT",
    ],
}


@pytest.mark.parametrize(
    ("expected", "reason"), [(cls, reason) for cls, reasons in BY_REASON.items() for reason in reasons]
)
@pytest.mark.parametrize("status", [400, 500])
def test_a_known_reason_decides(expected: type[APIStatusError], reason: str, status: int) -> None:
    assert error_class(status, ErrorBody(reason=reason, message="balance not enough")) is expected


@pytest.mark.parametrize(
    ("status", "message", "expected"),
    [
        (400, "invalid state change", InvalidStateError),
        (400, "Invalid state change.", InvalidStateError),
        (400, "invalid state change of parameter x", BadRequestError),
        (400, "instance not fount", NotFoundError),
        (404, "not found", NotFoundError),
        (422, "not found", BadRequestError),
        (409, "not found", ConflictError),
        (500, "INSUFFICIENT_RESOURCE", CapacityError),
        (400, "insufficient resource in zone", CapacityError),
        (400, "balance not enough", InsufficientBalanceError),
        (403, "insufficient balance", InsufficientBalanceError),
        (403, "quota exceeded", QuotaExceededError),
        (403, "insufficient permissions", PermissionDeniedError),
        (403, "no", PermissionDeniedError),
        (400, "quota exceeded", BadRequestError),
    ],
)
def test_without_a_known_reason_the_message_decides(
    status: int, message: str, expected: type[APIStatusError]
) -> None:
    assert error_class(status, ErrorBody(message=message)) is expected
    assert error_class(status, ErrorBody(message=message, reason="BRAND_NEW")) is expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (302, APIStatusError),
        (400, BadRequestError),
        (401, AuthenticationError),
        (402, InsufficientBalanceError),
        (403, PermissionDeniedError),
        (404, NotFoundError),
        (405, APIStatusError),
        (408, APIStatusError),
        (409, ConflictError),
        (413, APIStatusError),
        (422, BadRequestError),
        (429, RateLimitError),
        (500, ServerError),
        (599, ServerError),
        (600, APIStatusError),
    ],
)
def test_without_a_telling_body_the_status_decides(status: int, expected: type[APIStatusError]) -> None:
    assert error_class(status, ErrorBody()) is expected


def test_401_is_about_the_key_whatever_the_body_says() -> None:
    assert error_class(401, ErrorBody(reason="RESOURCE_NOT_FOUND")) is AuthenticationError


def test_throttling_is_told_by_status_or_reason() -> None:
    assert is_throttle(429, ErrorBody())
    assert is_throttle(200, ErrorBody(reason="RATE_LIMIT_EXCEEDED"))
    assert is_throttle(500, ErrorBody(reason="SEND_CODE_TOO_FAST"))
    assert not is_throttle(503, ErrorBody(reason="UNKNOWN"))


def test_the_limit_of_one_operation_is_told_from_the_limit_of_all() -> None:
    assert is_operation_limit(429, ErrorBody(reason="LIST_BILL_TOO_FAST"))
    assert not is_operation_limit(429, ErrorBody(reason="RATE_LIMIT_EXCEEDED"))
    assert not is_operation_limit(429, ErrorBody())


def test_a_5xx_with_a_known_reason_refuses_and_others_do_not() -> None:
    assert is_refusing(500, ErrorBody(reason="WALLET_NOT_FOUND"))
    for reason in (None, "UNKNOWN", "LIST_BILL_ERROR", "RATE_LIMIT_EXCEEDED", "LIST_BILL_TOO_FAST"):
        assert not is_refusing(500, ErrorBody(reason=reason))
    assert not is_refusing(400, ErrorBody(reason="WALLET_NOT_FOUND"))


def test_only_400_and_the_bare_words_are_an_invalid_state_change() -> None:
    body = ErrorBody(message="invalid state change")
    assert is_invalid_state_change(400, body)
    assert not is_invalid_state_change(500, body)
    assert not is_invalid_state_change(400, ErrorBody(reason="DEPENDENT_RESOURCE_STATE"))


@pytest.mark.parametrize(
    ("status", "body", "proof"),
    [
        (404, {}, True),
        (404, b"<html>Not Found</html>", False),
        (404, "not found", False),
        (400, {"reason": "RESOURCE_NOT_FOUND"}, True),
        (400, {"reason": "INSTANCE_NOT_FOUND"}, True),
        (400, {"reason": "SERVERLESS_INSTANCE_NOT_FOUND"}, True),
        (400, {"message": "instance not fount"}, True),
        (400, {"reason": "USER_NOT_FOUND"}, False),
        (500, {"reason": "WALLET_NOT_FOUND"}, False),
        (400, {"message": "no"}, False),
    ],
)
def test_only_the_things_own_not_found_proves_that_it_is_gone(
    status: int, body: bytes | JSON, proof: bool
) -> None:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    assert proves_absence(status, read_error_body(raw), "INSTANCE") is proof


# -------------------------------------------------------------------------------------- building


@pytest.mark.parametrize(
    ("status", "body"),
    [(400, {"reason": "RESOURCE_NOT_FOUND"}), (400, {"message": "instance not fount"}), (404, b"")],
)
def test_a_missing_resource_is_named_by_what_the_operation_is_about(status: int, body: bytes | JSON) -> None:
    assert error_of(status, body).code == "INSTANCE_NOT_FOUND"
    assert error_of(status, body, kind=None).code == "NOT_FOUND"
    made = error_of(status, body, creates=True)
    assert isinstance(made, NotFoundError)
    assert (made.code, made.kind) == ("NOT_FOUND", None)


def test_a_missing_resource_is_named_by_the_reason_where_that_names_it() -> None:
    error = error_of(400, {"reason": "SERVERLESS_PRODUCT_NOT_FOUND"}, kind="ENDPOINT", creates=True)
    assert isinstance(error, NotFoundError)
    assert (error.code, error.kind) == ("PRODUCT_NOT_FOUND", "PRODUCT")


def test_an_error_holds_what_the_answer_said() -> None:
    body = {"code": 400, "reason": "IMAGE_IN_USE", "message": "in use", "metadata": {"by": "i-1"}}
    error = error_of(409, body, X_Request_ID="req-1", Retry_After="7", Set_Cookie="c", content_type="a/b")
    assert (error.status, error.reason, error.message) == (409, "IMAGE_IN_USE", "in use")
    assert error.metadata == {"by": "i-1"}
    assert error.headers == {"Retry-After": "7", "Content-Type": "a/b", "X-Request-ID": "req-1"}
    assert error.request_id == "req-1"
    assert json.loads(error.body) == body


def test_422_is_a_validation_error_by_its_code() -> None:
    assert error_of(422, {"message": "no"}).code == "VALIDATION_ERROR"
    assert error_of(400, {"message": "no"}).code == "BAD_REQUEST"


def test_an_answer_that_says_nothing_is_described() -> None:
    error = error_of(502, b"\xff" + b"<html>" * 1000, content_type="text/html; charset=x")
    assert isinstance(error, ServerError)
    assert error.message == "HTTP 502 (text/html, 6001 bytes)"
    assert len(error.body) == 2048
    assert error_of(502, b"").message == "HTTP 502 (no content type, 0 bytes)"


@pytest.mark.parametrize("body", [b"<p>" * 1700, b"", b"\xff", b"[1]", b'"no"'])
def test_a_bad_gateway_is_a_server_error_whatever_its_body(body: bytes) -> None:
    error = error_of(502, body)
    assert type(error) is ServerError
    assert len(error.body) <= 2048


def test_an_echoed_key_is_hidden_everywhere() -> None:
    body = {
        "reason": f"BAD_{KEY}",
        "message": f"key {KEY}\r\nat https://u:p@h/?k={KEY}",
        "metadata": {"note": KEY, "apiKey": "other", "envs": [{"key": "A", "value": "v"}]},
    }
    error = error_of(400, body, X_Correlation_ID=KEY)
    shown = "".join(map(str, (error.reason, error.message, error.metadata, error.headers, error.body, error)))
    assert KEY not in shown
    assert error.metadata == {
        "note": REDACTED,
        "apiKey": REDACTED,
        "envs": [{"key": "A", "value": REDACTED}],
    }
    assert "\n" not in str(error)


def test_a_refusing_5xx_is_not_retryable_but_a_lack_of_stock_is() -> None:
    assert not error_of(500, {"reason": "WALLET_NOT_FOUND"}).retryable
    assert error_of(500, {"reason": "INSUFFICIENT_RESOURCE"}).retryable
    assert error_of(500, {"reason": "UNKNOWN"}).retryable


def test_a_retry_after_that_was_read_is_kept() -> None:
    response = answer(429, {})
    error = error_from_response(response, operation_kind=None, creates=False, redact=str, retry_after=61.0)
    assert error.retry_after == 61.0


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)
ERROR_OBJECTS = st.fixed_dictionaries(
    {},
    optional={
        name: JSON_VALUES | st.sampled_from(["_NOT_FOUND", "SERVERLESS__NOT_FOUND", "X_LIMIT", "500"])
        for name in ("code", "reason", "message", "msg", "error", "metadata")
    },
)


@given(
    status=st.integers(-1, 1000),
    body=st.binary()
    | JSON_VALUES.map(json.dumps).map(str.encode)
    | ERROR_OBJECTS.map(json.dumps).map(str.encode),
    content_type=st.none() | st.text(),
    kind=st.none() | st.text(),
    creates=st.booleans(),
)
def test_building_an_error_never_fails(
    status: int, body: bytes, content_type: str | None, kind: str | None, creates: bool
) -> None:
    headers = {} if content_type is None else {"content_type": content_type}
    error = error_of(status, body, kind=kind, creates=creates, **headers)
    assert isinstance(error, APIStatusError)
    assert error.status == status
    assert len(str(error)) <= 300
    assert len(error.body) <= 2048
    error.explain()


# ----------------------------------------------------------------------- errors inside successes


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"code": 404, "reason": "RESOURCE_NOT_FOUND"}, 404),
        ({"code": "500", "message": "broken"}, 500),
        ({"code": 400}, None),
        ({"code": 400, "message": "m", "instances": []}, None),
        ({"code": 200, "message": "ok"}, None),
        ({"code": 70000, "message": "m"}, None),
        ({"message": "m"}, None),
        ([{"code": 404, "message": "m"}], None),
        (None, None),
    ],
)
def test_an_error_that_calls_itself_a_success_is_found(payload: JSON, code: int | None) -> None:
    body = error_in_success(payload, ["instances"])
    assert (body and body.code) == code


def test_a_migration_that_tells_of_an_error_has_failed() -> None:
    payload = {"instanceId": "i-1", "error": "insufficient resource"}
    body = error_in_success(payload, ["instanceId"], error_key="error")
    assert body is not None
    assert body.code is None
    error = error_from_body(200, body, Headers(), operation_kind="INSTANCE", creates=False, redact_text=str)
    assert (error.status, error.message, type(error)) == (200, "insufficient resource", CapacityError)
    assert error_in_success({"error": ""}, [], error_key="error") is None
    coded = error_in_success({"error": {"code": 7}}, [], error_key="error")
    assert coded is not None
    assert coded.message == '{"code": 7}'
