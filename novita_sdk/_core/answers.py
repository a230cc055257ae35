"""What the layers read from a response: its error, if it is one, and when to come back."""

from __future__ import annotations

from novita_sdk._core.errormap import ErrorBody, read_error_body
from novita_sdk._core.http import Headers, Response
from novita_sdk._core.outcome import Outcome, outcome_of_response
from novita_sdk._core.retry import parse_retry_after


def error_body_of(response: Response) -> ErrorBody | None:
    """Return the error that `response` tells of, or None for a success."""
    if response.status < 300:
        return None
    return read_error_body(response.body, response.headers.get("content-type"))


def outcome_of(response: Response) -> Outcome:
    """Return what came of the attempt that `response` answered."""
    return outcome_of_response(response.status, error_body_of(response))


def retry_after_of(headers: Headers, wall: float) -> float | None:
    """Return the seconds the service asks to wait, or None.

    Args:
        headers: The response headers.
        wall: Wall time in seconds since 1970, for a date where the answer carries none of its own.
    """
    values = headers.get_list("retry-after")
    return parse_retry_after(values, headers.get("date"), wall) if values else None
