"""Targets: what they take, what they show, and which events go there."""

from __future__ import annotations

from typing import Any

import pytest

from novita_sdk.errors import ConfigurationError
from novita_sdk.options import RateLimit
from novita_sdk.webhooks import WebhookEvent, WebhookEventType, WebhookSecret, WebhookTarget
from tests.webhooks.messages import NEWER, PLAIN, events

URL = "https://hooks.example.com/in?token=hunter2"


def test_a_target_shows_its_host_and_no_secret() -> None:
    target = WebhookTarget("ops", URL, [PLAIN, NEWER], headers={"Authorization": "hunter2"})
    assert "hooks.example.com" in repr(target)
    assert "Authorization" in repr(target)
    for secret in ("hunter2", PLAIN, NEWER, "token"):
        assert secret not in repr(target)


def test_equal_targets_are_equal_and_can_be_kept_in_sets() -> None:
    assert len({WebhookTarget("ops", URL, PLAIN), WebhookTarget("ops", URL, WebhookSecret(PLAIN))}) == 1


def test_a_target_gets_the_kinds_it_asked_for() -> None:
    everything, some = WebhookTarget("a", URL), WebhookTarget("b", URL, kinds={"ready", "failure"})
    assert WebhookTarget("c", URL, kinds="ready").kinds == {"ready"}  # type: ignore[arg-type]  # one for a set
    ready, created = events().ready("i"), events().created("i")
    unknown = WebhookEvent(event_type=WebhookEventType("instance.new"))
    assert [everything.wants(event) for event in (ready, created, unknown)] == [True, True, True]
    assert [some.wants(event) for event in (ready, created, unknown)] == [True, False, True]


def test_http_and_private_addresses_can_be_opened() -> None:
    target = WebhookTarget("a", "http://h:3000/w", allow_http=True, allow_private="127.0.0.1/32")  # type: ignore[arg-type]
    assert target.allow_private == ("127.0.0.1/32",)


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ({"name": ""}, "name"),
        ({"name": "a b"}, "name"),
        ({"name": 5}, "name"),
        ({"url": "http://h/hunter2"}, "url"),
        ({"url": "https://u:hunter2@h/"}, "url"),
        ({"url": None}, "url"),
        ({"secrets": "hunter2"}, "secret"),
        ({"kinds": {"redy"}}, "redy"),
        ({"payload": "old"}, "payload"),
        ({"ordering": "target"}, "ordering"),
        ({"rate_limit": 10}, "rate_limit"),
        ({"schemes": set()}, "schemes"),
        ({"headers": {"Webhook-Id": "hunter2"}}, "Webhook-Id"),
        ({"allow_http": "yes"}, "allow_http"),
        ({"allow_private": ["10.0.0.1/8"]}, "allow_private"),
    ],
)
def test_a_wrong_argument_is_told_without_what_is_secret(arguments: dict[str, Any], fault: str) -> None:
    with pytest.raises(ConfigurationError, match=fault) as caught:
        WebhookTarget(**{"name": "ops", "url": URL, **arguments})
    assert "hunter2" not in caught.value.explain()


def test_a_target_takes_what_the_outbox_will_need() -> None:
    target = WebhookTarget("ops", URL, PLAIN, payload="legacy", ordering="none", rate_limit=RateLimit(10))
    assert (target.payload, target.ordering, target.rate_limit) == ("legacy", "none", RateLimit(10))


@pytest.mark.parametrize("value", [" a", "a ", "a\t", "\t"])
def test_a_header_that_no_request_can_carry_is_told_when_the_target_is_made(value: str) -> None:
    with pytest.raises(ConfigurationError, match="X-A") as caught:
        WebhookTarget("team", "https://hooks.example/", headers={"X-A": value})
    assert repr(value) not in str(caught.value)


def test_a_target_keeps_the_headers_that_were_checked() -> None:
    headers = {"X-Team": "a"}
    target = WebhookTarget("team", "https://hooks.example/", headers=headers)
    headers["webhook-id"] = "msg_other"
    assert target.headers == {"X-Team": "a"}
