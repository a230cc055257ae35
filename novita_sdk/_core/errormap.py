"""From an error answer to the exception that stands for it."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import TYPE_CHECKING

import attrs

from novita_sdk._core.error_reasons import MESSAGES, NOT_FOUND, REASONS, STATUSES, Words
from novita_sdk._core.narrowing import is_mapping
from novita_sdk._core.redact import redact, redact_body
from novita_sdk.errors import (
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    InvalidStateError,
    NotFoundError,
    RateLimitError,
    ServerError,
)

if TYPE_CHECKING:
    from novita_sdk._core.http import Response
    from novita_sdk.models.json_types import JSON

BODY_KEPT = 2048
"""Characters that an error keeps, of message and body alike."""

_WORD_KEPT = 100  # characters of a reason
_NUMBER_DIGITS = 18
_MESSAGE_KEYS = ("message", "msg", "error", "title", "detail")
_KEPT_HEADERS = ("Retry-After", "Date", "Content-Type", "X-Request-ID", "X-Correlation-ID", "CF-Ray")
_NO_METADATA: Mapping[str, JSON] = MappingProxyType({})


@attrs.frozen
class ErrorBody:
    """What the body of an error answer says; each part may be missing.

    Attributes:
        code: A numeric code.
        reason: The API's word for the condition.
        message: Text for people, "" if there is none.
        metadata: Whatever else stands under `metadata`.
        text: The body as text.
        is_object: Whether the body is a JSON object, as everything the API itself says.
        size: Length of the body in bytes.
    """

    code: int | None = None
    reason: str | None = None
    message: str = ""
    metadata: Mapping[str, JSON] = _NO_METADATA
    text: str = ""
    is_object: bool = False
    size: int = 0


# --------------------------------------------------------------------------------------- reading


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _NUMBER_DIGITS


def _metadata(value: object) -> Mapping[str, JSON]:
    return {str(key): held for key, held in value.items()} if is_mapping(value) else _NO_METADATA


def _read_object(value: Mapping[object, object], text: str, size: int = 0) -> ErrorBody:
    code: object = value.get("code")
    word = _text(code)
    number: int | None = None
    if isinstance(code, int) and not isinstance(code, bool):
        number = code
    elif _is_number(word):
        number = int(word)
    reason = _text(value.get("reason")) or ("" if _is_number(word) else word)
    return ErrorBody(
        code=number,
        reason=reason[:_WORD_KEPT] or None,
        message=next((found for key in _MESSAGE_KEYS if (found := _text(value.get(key)))), ""),
        metadata=_metadata(value.get("metadata")),
        text=text,
        is_object=True,
        size=size,
    )


def read_error_body(body: bytes, content_type: str | None = None) -> ErrorBody:  # noqa: ARG001 - the content type is not to be trusted
    """Read the body of an error answer, whatever it is.

    Args:
        body: The raw bytes.
        content_type: The Content-Type header; errors are often labelled wrongly, so the bytes decide.

    Returns:
        What could be read; never an exception.
    """
    text = body.decode("utf-8", "replace").removeprefix("\ufeff")
    try:
        value: object = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return ErrorBody(text=text, size=len(body))
    if is_mapping(value):
        return _read_object(value, text, len(body))
    return ErrorBody(message=_text(value), text=text, size=len(body))


def error_in_success(
    payload: JSON, expected_keys: Collection[str], *, error_key: str | None = None
) -> ErrorBody | None:
    """Find the error inside an answer that calls itself a success.

    Args:
        payload: The decoded body of a 2xx answer.
        expected_keys: The keys of a real answer.
        error_key: A key whose presence with a value means failure (of migrations).

    Returns:
        The error with the status it names as `code`, None as `code` if it names none; or None if there is
        no error.
    """
    if not is_mapping(payload):
        return None
    told = payload.get(error_key) if error_key is not None else None
    if not told and "code" not in payload:
        return None  # the common case, asked of every answer
    body = _read_object(payload, json.dumps(payload, ensure_ascii=False, default=str))
    if told:
        message = _text(told) or json.dumps(told, ensure_ascii=False, default=str)
        return attrs.evolve(body, code=None, message=message)
    if body.code is None or not 400 <= body.code <= 599 or not (body.reason or body.message):
        return None
    return None if any(key in payload for key in expected_keys) else body


# --------------------------------------------------------------------------------------- judging


def _by_reason(reason: str | None) -> type[APIStatusError] | None:
    if reason is None:
        return None
    return next(
        (row.error for row in REASONS if any(fnmatchcase(reason, pattern) for pattern in row.patterns)),
        None,
    )


def _says(row: Words, status: int, message: str) -> bool:
    if row.statuses is not None and status not in row.statuses:
        return False
    if row.whole:
        return message in row.any_of
    return (
        any(word in message for word in row.any_of)
        and any(word in message for word in row.and_any_of)
        and (row.but_not is None or row.but_not not in message)
    )


def error_class(status: int, body: ErrorBody) -> type[APIStatusError]:
    """Choose the exception: by reason, else by message, else by status.

    Args:
        status: HTTP status, or the one an error inside a 2xx answer names.
        body: What the answer says. With 401 it does not matter.
    """
    if status == 401:
        return AuthenticationError
    known = _by_reason(body.reason)
    if known is not None:
        return known
    message = body.message.casefold().strip(" .!")
    told = next((row.error for row in MESSAGES if _says(row, status, message)), None)
    if told is not None:
        return told
    return STATUSES.get(status, ServerError if 500 <= status <= 599 else APIStatusError)


def is_operation_limit(status: int, body: ErrorBody) -> bool:  # noqa: ARG001 - asked like its neighbours
    """Tell whether one operation's own limit was met; then the family's rate limit need not pause."""
    return body.reason is not None and fnmatchcase(body.reason, "*_TOO_FAST")


def is_throttle(status: int, body: ErrorBody) -> bool:
    """Tell whether the answer asks for fewer requests, under whatever status."""
    return status == 429 or _by_reason(body.reason) is RateLimitError


def is_refusing(status: int, body: ErrorBody) -> bool:
    """Tell whether a 5xx says by its reason that the service works but will not do it."""
    return status >= 500 and _by_reason(body.reason) not in {None, RateLimitError}


def is_invalid_state_change(status: int, body: ErrorBody) -> bool:
    """Tell whether the resource's state forbids the action, maybe only for a moment."""
    return (
        status == 400 and _by_reason(body.reason) is None and error_class(status, body) is InvalidStateError
    )


def _named_kind(reason: str | None) -> str | None:
    """The kind of thing a not-found reason names; None if it names none in particular."""
    if reason is None or not reason.endswith(NOT_FOUND):
        return None
    kind = reason.removesuffix(NOT_FOUND).removeprefix("SERVERLESS_")
    return None if kind in {"", "RESOURCE", "SERVERLESS"} else kind


def proves_absence(status: int, body: ErrorBody, kind: str | None) -> bool:
    """Tell whether the answer says that the very thing asked for does not exist.

    A 404 of some proxy proves nothing, nor does the absence of something else.

    Args:
        status: HTTP status.
        body: What the answer says.
        kind: What was asked for, such as "INSTANCE".
    """
    if not body.is_object or error_class(status, body) is not NotFoundError:
        return False
    return _named_kind(body.reason) in {None, kind}


# -------------------------------------------------------------------------------------- building


def kept_headers(headers: Mapping[str, str], clean: Callable[[str], str]) -> dict[str, str]:
    """Return the response headers that an error keeps.

    Args:
        headers: The response headers, asked without regard to case.
        clean: Takes secrets out of text.
    """
    return {name: clean(value) for name in _KEPT_HEADERS if (value := headers.get(name)) is not None}


def _kind(body: ErrorBody, operation_kind: str | None, *, creates: bool) -> str | None:
    """What was not found: what the reason names, else what the operation is about, unless it makes that."""
    return _named_kind(body.reason) or (None if creates else operation_kind)


def error_from_body(
    status: int,
    body: ErrorBody,
    headers: Mapping[str, str],
    *,
    operation_kind: str | None,
    creates: bool,
    redact_text: Callable[[str], str],
    retry_after: float | None = None,
) -> APIStatusError:
    """Build the exception for an error, wherever in an answer it stood.

    Args:
        status: HTTP status of the answer, or the status that an error inside a 2xx answer names.
        body: What the answer says.
        headers: The response headers, asked without regard to case.
        operation_kind: What the operation is about, such as "INSTANCE".
        creates: Whether the operation makes that, and so cannot miss it.
        redact_text: Takes secrets out of text.
        retry_after: Seconds the answer asks to wait.

    Returns:
        The exception without the context of its call.
    """
    cls = error_class(status, body)
    content_type = headers.get("Content-Type", "").partition(";")[0].strip() or "no content type"
    nothing_said = f"HTTP {status} ({content_type}, {body.size} bytes)"
    fields: dict[str, object] = {
        "status": status,
        "reason": None if body.reason is None else redact_text(body.reason),
        "metadata": redact(body.metadata, redact_text),
        "headers": kept_headers(headers, redact_text),
        "body": redact_body(body.text, redact_text)[:BODY_KEPT],
        "request_id": headers.get("X-Request-ID"),
        "retry_after": retry_after,
    }
    if cls is NotFoundError:
        fields["kind"] = _kind(body, operation_kind, creates=creates)
    if cls is BadRequestError and status == 422:
        fields["code"] = "VALIDATION_ERROR"
    if is_refusing(status, body) and not cls.retryable:
        fields["retryable"] = False  # for all its 5xx it says no
    message = redact_text(body.message or body.reason or nothing_said)
    return cls(message[:BODY_KEPT], **fields)


def error_from_response(
    response: Response,
    *,
    operation_kind: str | None,
    creates: bool,
    redact: Callable[[str], str],
    retry_after: float | None = None,
) -> APIStatusError:
    """Build the exception for an answer with an error status.

    Args:
        response: The answer.
        operation_kind: What the operation is about, such as "INSTANCE".
        creates: Whether the operation makes that, and so cannot miss it.
        redact: Takes secrets out of text.
        retry_after: Seconds the answer asks to wait, as its `Retry-After` header was read.

    Returns:
        The exception without the context of its call. Building it never fails.
    """
    return error_from_body(
        response.status,
        read_error_body(response.body, response.headers.get("Content-Type")),
        response.headers,
        operation_kind=operation_kind,
        creates=creates,
        redact_text=redact,
        retry_after=retry_after,
    )
