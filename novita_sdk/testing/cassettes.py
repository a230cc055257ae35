"""Recorded HTTP conversations without secrets: settings for the vcrpy library."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection
from functools import partial
from typing import Any, Protocol, TypeVar
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from novita_sdk._core.redact import REDACTED, redact, redact_body, redact_text
from novita_sdk.models.json_types import JSON

_SECRET_HEADERS = ("authorization", "proxy-authorization", "cookie", "set-cookie")


class _Recorded(Protocol):
    """What is used of a request as the recording library hands it over."""

    uri: str
    body: Any
    headers: Any


RecordedRequest = TypeVar("RecordedRequest", bound=_Recorded)


def vcr_config(*, secrets: Collection[str] = ()) -> dict[str, Any]:
    """Return settings that keep secrets out of cassettes.

    Authorization and cookies, passwords, registry logins, environment values, commands, and tokens in URLs
    are replaced by `[REDACTED]`, in requests and in answers. Ids and page numbers stay, so that recorded
    requests still match.

    Args:
        secrets: Further texts that must not be recorded, wherever they stand.

    Returns:
        Keyword arguments for `vcr.VCR`, or the return value of pytest-recording's `vcr_config` fixture.
    """
    clean = partial(redact_text, secrets=secrets)
    return {
        "filter_headers": [(name, REDACTED) for name in _SECRET_HEADERS],
        "decode_compressed_response": True,
        "before_record_request": partial(_clean_request, clean=clean),
        "before_record_response": partial(_clean_response, clean=clean),
    }


def _clean_request(request: RecordedRequest, *, clean: Callable[[str], str]) -> RecordedRequest:
    request.uri = _clean_uri(request.uri, clean)
    if request.body:
        request.body = body = _clean_body(request.body, clean)
        if "content-length" in request.headers:  # else the length of a secret could be worked out
            request.headers["content-length"] = str(len(body))
    return request


def _clean_response(response: dict[str, Any], *, clean: Callable[[str], str]) -> dict[str, Any]:
    response = copy.deepcopy(response)  # the program that is being recorded still reads the original
    body = _clean_body(response["body"]["string"], clean)
    response["body"]["string"] = body
    headers = response["headers"]
    for name in list(headers):
        if name.lower() in _SECRET_HEADERS:
            headers[name] = [REDACTED]
        elif name.lower() == "content-length":
            headers[name] = [str(len(body))]
    return response


def _clean_uri(uri: str, clean: Callable[[str], str]) -> str:
    """Clean the values of telling names only: the rest of the query tells recorded requests apart."""
    parts = urlsplit(uri)
    pairs: list[tuple[str, JSON]] = []
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        pairs.extend(redact({name: value}, clean).items())
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=host, query=urlencode(pairs, quote_via=quote), fragment="").geturl()


def _clean_body(body: bytes | str, clean: Callable[[str], str]) -> bytes:
    text = body if isinstance(body, str) else body.decode("utf-8", "replace")
    return redact_body(text, clean).encode()
