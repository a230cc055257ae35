# Generated from tests/aio/test_unlisted_calls.py by tools/unasync.py; edit the source.
"""`client.request`: operations the SDK does not list."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from novita_sdk.errors import ResponseDecodeError, ValidationError
from novita_sdk.options import CallOptions
from novita_sdk.testing import VirtualClock
from tests.sync.remote import Remote, client_of


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        ({"a": 1}, {"a": 1}),
        ({}, {}),
        (b"", {}),
        (b"  \n", {}),
        (b"[1, 2]", {"data": [1, 2]}),
        (b'"text"', {"data": "text"}),
        (b"null", {"data": None}),
        (b'{"price": 0.1}', {"price": Decimal("0.1")}),
        ((204, b""), {}),
    ],
)
def test_an_answer_comes_as_an_object(clock: VirtualClock, answer: Any, result: object) -> None:
    assert client_of(Remote(clock, answer)).request("GET", "/x") == result


def test_an_answer_that_is_no_json_cannot_be_read(clock: VirtualClock) -> None:
    with pytest.raises(ResponseDecodeError) as caught:
        client_of(Remote(clock, b"<html>")).request("GET", "/x")
    assert caught.value.operation == "request"


@pytest.mark.parametrize(
    ("family", "url"),
    [
        ("public", "https://api.novita.ai/openapi/v1/new"),
        ("internal", "https://api-server.novita.ai/openapi/v1/new"),
        ("gateway", "https://async-public.serverless.novita.ai/v1/openapi/v1/new"),
    ],
)
def test_a_path_is_appended_to_the_base_url_of_its_family(clock: VirtualClock, family: str, url: str) -> None:
    remote = Remote(clock, {})
    client = client_of(remote, internal_api_key="I-0123456789")
    client.request("get", "/openapi/v1/new", family=family)
    [seen] = remote.seen
    assert (seen.request.method, seen.request.url, seen.request.body) == ("GET", url, None)


def test_query_body_and_headers_are_sent_as_given(clock: VirtualClock) -> None:
    remote = Remote(clock, {})
    options = CallOptions(headers={"X-Extra": "1"})
    client_of(remote).request(
        "PATCH", "/x", query={"a": "b c", "none": None}, json={"ü": [1, None]}, options=options
    )
    [seen] = remote.seen
    assert (seen.query, seen.request.body) == ("a=b%20c", '{"ü":[1,null]}'.encode())
    assert (seen.request.method, seen.header("X-Extra")) == ("PATCH", "1")


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"family": "publik"}, "family"),
        ({"safety": "maybe"}, "safety"),
        ({"method": "GET /y HTTP/1.1\r\nX: 1"}, "method"),
        ({"method": ""}, "method"),
        ({"method": 7}, "method"),
        ({"path": "x"}, "path"),
        ({"path": "//h/x"}, "path"),
        ({"path": "/x?a=1"}, "path"),
        ({"path": "/x\r\n"}, "path"),
        ({"path": None}, "path"),
        ({"json": float("nan")}, "json"),
        ({"json": {"a": {1, 2}}}, "json"),
        ({"query": {"a": object()}}, "a"),
    ],
)
def test_what_cannot_be_sent_is_refused_by_name(
    clock: VirtualClock, arguments: dict[str, Any], name: str
) -> None:
    remote = Remote(clock, {})
    call = {"method": "GET", "path": "/x", **arguments}
    with pytest.raises(ValidationError) as caught:
        client_of(remote).request(call.pop("method"), call.pop("path"), **call)
    assert caught.value.problems[0].field.startswith(name)
    assert not remote.seen
