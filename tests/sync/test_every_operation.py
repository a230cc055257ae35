# Generated from tests/aio/test_every_operation.py by tools/unasync.py; edit the source.
"""Every operation of the contract: its method, its request, and the answer the contract documents."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import attrs
import pytest

from novita_sdk._core import operations
from novita_sdk._core.codec import unstructure
from novita_sdk._core.http import Request
from novita_sdk._sync.client import Novita
from novita_sdk._sync.pager import Pager
from novita_sdk.models.base import Model
from novita_sdk.options import ServerlessOptions
from novita_sdk.testing import VirtualClock
from tests.contract.calls import CALLS, DOCUMENTED, Call
from tests.contract.document import (
    DESCRIBED,
    documented_answer,
    documented_bodies,
    request_faults,
    sent_query,
)
from tests.sync.remote import Remote, Seen, client_of

INTERNAL_KEY = "internal-0123456789"
ROWS = [
    pytest.param(name, call, id=f"{name}-{call.method}") for name, calls in CALLS.items() for call in calls
]


SHOWN_AFTER = {"list_networks": "create_network", "list_repository_auths": "save_repository_auth"}


class Documented:
    """A service that answers every operation with the example of the contract.

    The lists in which a create is looked for show what it made only after it was made.
    """

    def __init__(self, create: str) -> None:
        self.create = create
        self.made = False

    def __call__(self, request: Request) -> tuple[int, Any]:
        answer = documented_answer(request.operation)
        if request.operation == "get_template":
            answer = {"template": answer["template"] | {"Id": sent_query(request)["templateId"]}}
        if request.operation == "async_health":
            answer = {"jobs": {"pending": 1}}  # the contract shows nothing, for it knows no counters
        if request.operation == self.create:
            self.made = True
        elif SHOWN_AFTER.get(request.operation) == self.create and not self.made:
            answer = {key: value[:-1] for key, value in answer.items() if isinstance(value, list)}
        return 200, answer


def documented(clock: VirtualClock, operation: str) -> tuple[Remote, Novita]:
    remote = Remote(clock, Documented(operation))
    gateway: Any = "legacy" if operation == "async_stats" else "current"
    return remote, client_of(
        remote, internal_api_key=INTERNAL_KEY, serverless=ServerlessOptions(gateway=gateway)
    )


def result_of(call: Call, client: Novita) -> Any:
    """Make the call; a list is read to its end."""
    found = call.on(client, DOCUMENTED)
    return found.collect() if isinstance(found, Pager) else found


def sent(clock: VirtualClock, operation: str, call: Call) -> Seen:
    """Make the call against the documented service; return the one request of the operation itself."""
    remote, client = documented(clock, operation)
    with client:
        result_of(call, client)
    return next(seen for seen in remote.seen if seen.request.operation == operation)


# ---------------------------------------------------------------------------------------- methods


def test_every_operation_of_the_contract_has_a_method_and_no_method_has_another_operation() -> None:
    assert CALLS.keys() == DESCRIBED.keys()


@pytest.mark.parametrize(("operation", "call"), ROWS)
def test_a_method_performs_the_operation_and_names_it(operation: str, call: Call) -> None:
    client = client_of(Remote(VirtualClock()))
    assert f"`{operation}`" in (inspect.getdoc(call.method_of(client)) or "")


# --------------------------------------------------------------------------------------- requests


@pytest.mark.parametrize(("operation", "call"), ROWS)
def test_the_request_is_what_the_contract_asks_for(clock: VirtualClock, operation: str, call: Call) -> None:
    seen = sent(clock, operation, call)
    body = None if seen.request.body is None else seen.json
    assert request_faults(seen.request, body) == []
    key = INTERNAL_KEY if operation == "query_internal_jobs" else "K-0123456789"
    assert seen.header("Authorization") == f"Bearer {key}"


UNLIKE_THE_EXAMPLE = {
    ("list_jobs", "creators"): "user-1",  # the example is empty, which means any; that is left out
    ("list_usage_bills", "category"): "x",  # the same
    ("get_template", "templateId"): "1",  # each template operation has an example of its own
    ("list_endpoints", "pageSize"): "10",  # there are no examples
    ("list_endpoints", "pageNum"): "1",
}


def text_of(example: object) -> str:
    return str(example).lower() if isinstance(example, bool) else str(example)


@pytest.mark.parametrize(("operation", "call"), ROWS)
def test_every_parameter_can_be_given(clock: VirtualClock, operation: str, call: Call) -> None:
    seen = sent(clock, operation, call)
    parameters = [one for one in DESCRIBED[operation]["parameters"] if one["in"] == "query"]
    examples = {one["name"]: one.get("example") for one in parameters}
    assert sent_query(seen.request) == {
        name: UNLIKE_THE_EXAMPLE.get((operation, name)) or text_of(example)
        for name, example in examples.items()
    }


NOT_COMPARED = {
    ("create_instance", "month"): "0 in the example, which means what leaving it out means",
    ("create_template", "imageAuth"): "empty in the example; the SDK leaves an empty id out",
    ("update_template", "createdAt"): "an update sends back whatever was read",
    ("update_template", "tools"): "an update sends back whatever was read",
    ("delete_endpoint", "id"): "the same id once more, since documentation and practice differ in the key",
    **dict.fromkeys(
        [("update_endpoint", key) for key in ("clusterID", "envs", "healthy", "image", "workers")],
        "an update sends back whatever was read",
    ),
    **dict.fromkeys(
        [("update_endpoint", key) for key in ("workerConfig", "policy")],
        "the example spells some numbers as text; the SDK does so on request",
    ),
}


def compared(operation: str, body: Any) -> Any:
    """A body without its envelope, the SDK's own mark, and what is listed above."""
    inner = body.get("template", body.get("endpoint", body))
    kept = {key: value for key, value in inner.items() if (operation, key) not in NOT_COMPARED}
    envs = [one for one in kept.pop("envs", []) if one["key"] != "NOVITA_SDK_OPERATION_ID"]
    return kept | ({"envs": envs} if envs else {})


@pytest.mark.parametrize(
    ("operation", "call"), [row for row in ROWS if DESCRIBED[str(row.values[0])]["requestBody"]]
)
def test_the_body_is_the_documented_one(clock: VirtualClock, operation: str, call: Call) -> None:
    seen = sent(clock, operation, call)
    examples = [compared(operation, example) for example in documented_bodies(operation)]
    assert compared(operation, seen.json) in examples


# ---------------------------------------------------------------------------------------- answers

READ_AS_NOTHING = {
    ("endTime", "-1"): "means that there is none",
    ("spotReclaimTime", "0"): "means that there is none",
    ("deletedTime", "0"): "means that there is none",
    ("spotStatus", ""): "not a spot instance",
}


def lost(example: Any, shown: Any, path: str = "$") -> list[str]:
    """Every place of an example that is not in what was made of it."""
    if isinstance(example, Mapping):
        if not isinstance(shown, Mapping):
            return [f"{path}: {shown!r} for an object"]
        return [
            problem
            for key, value in example.items()
            if not (shown.get(key) is None and (key, value) in READ_AS_NOTHING)
            for problem in lost(value, shown.get(key), f"{path}.{key}")
        ]
    if isinstance(example, list):
        if not isinstance(shown, list) or len(shown) != len(example):
            return [f"{path}: {shown!r} for {example!r}"]
        pairs = zip(example, shown, strict=True)
        return [problem for i, (a, b) in enumerate(pairs) for problem in lost(a, b, f"{path}[{i}]")]
    same = example == shown or (not isinstance(example, bool) and str(example) == str(shown))
    return [] if same else [f"{path}: {shown!r} for {example!r}"]


def unknown_keys(value: Any) -> list[tuple[str, str]]:
    """The keys that some model inside `value` keeps without knowing them."""
    if isinstance(value, Model):
        own = [(type(value).__name__, key) for key in value.extra]
        inner = [getattr(value, field.name) for field in attrs.fields(type(value)) if field.name != "extra"]
        return own + unknown_keys(inner)
    if isinstance(value, list | tuple):
        return [found for one in value for found in unknown_keys(one)]
    return []


MADE = {
    "create_instance": "0f8d3c5a9b7e4d21",
    "save_image": "10wi9visv0rqt57w",
    "create_template": "1",
    "create_image_prewarm": "nzd5nyi4keefsv2d",
    "save_repository_auth": "eih4rdk77avum5lyau291w1i54zd897w",  # what the list shows more than before
    "create_network": "1",  # the same
    "create_network_storage": "d4e82677-3f80-4020-a731-d15b1c589aa8",
    "create_endpoint": "o8UJWkag5WTn",
    "update_endpoint": "o8UJWkag5WTn",  # what the update read before
}


@pytest.mark.parametrize(("operation", "call"), ROWS)
def test_the_documented_answer_is_read_and_no_field_lost(
    clock: VirtualClock, operation: str, call: Call
) -> None:
    remote, client = documented(clock, operation)
    with client:
        result = result_of(call, client)
    reading = operations.ALL[operation].result
    if operation in MADE:
        assert getattr(result, "id", result) == MADE[operation]
        return
    if reading.shape == "none" and reading.model is None:
        assert result is None
        return
    answer = remote.script[0](remote.seen[-1].request)[1]
    key = next((key for key in reading.keys if isinstance(answer, dict) and key in answer), None)
    whole = key is None or reading.shape == "none"
    assert lost(answer if whole else answer[key], unstructure(result)) == []
    assert unknown_keys(result) == []
