# Generated from tests/aio/test_settings_in_use.py by tools/unasync.py; edit the source.
"""Settings: what a client does with them."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from novita_sdk._concurrency.threads import gather
from novita_sdk._core.settings_arguments import SettingsArguments
from novita_sdk._core.settings_table import TABLE
from novita_sdk._sync.client import Novita, services_of
from novita_sdk._sync.lifecycle.health_checker import HealthChecker
from novita_sdk.errors import ConfigurationError, NovitaError, WaitTimeoutError, WebhookDeliveryError
from novita_sdk.models.enums import PortType
from novita_sdk.models.instance import Instance, PortMapping
from novita_sdk.models.unset import UNSET
from novita_sdk.options import (
    Settings,
    Timeouts,
)
from novita_sdk.testing import VirtualClock
from novita_sdk.webhooks import events
from tests.sync.remote import KEY, Late, Remote, client_of, instance

INTERNAL_KEY, GATEWAY_KEY = "I-0123456789", "G-0123456789"


class Highest(random.Random):
    """Draws the upper end of every range."""

    def uniform(self, a: float, b: float) -> float:
        return max(a, b)


def as_if(clock: VirtualClock, *script: Any, **arguments: Any) -> tuple[Novita, Remote]:
    remote = Remote(clock, *script)
    return client_of(remote, **arguments), remote


# -------------------------------------------------------------------------------- where they come from


@pytest.mark.case("ST-03")
def test_a_client_made_under_the_older_services_environment_keeps_its_own_timeout(
    clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUEST_TIMEOUT", "45000")
    monkeypatch.setenv("NOVITA_REQUEST_TIMEOUT", "50s")
    client, remote = as_if(clock, {"data": []})
    client.clusters.list().collect()
    assert remote.seen[0].request.timeouts.read == 30


def test_without_settings_the_five_variables_count_and_with_settings_none(
    clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOVITA_API_KEY", "from-environment")
    remote = Remote(clock, {"data": []})
    Novita(transport=remote, clock=clock).clusters.list().collect()
    Novita(settings=Settings(api_key=KEY), transport=remote, clock=clock).clusters.list().collect()
    assert [seen.header("Authorization") for seen in remote.seen] == [
        "Bearer from-environment",
        f"Bearer {KEY}",
    ]


@pytest.mark.case("ST-05")
def test_without_a_key_a_client_is_not_made() -> None:
    with pytest.raises(ConfigurationError, match="NOVITA_API_KEY"):
        Novita()


def test_two_clients_with_different_keys_live_side_by_side(clock: VirtualClock) -> None:
    remote = Remote(clock, {"data": []})
    for key in ("K-one", "K-two", "K-one"):
        client_of(remote, api_key=key).clusters.list().collect()
    assert [seen.header("Authorization") for seen in remote.seen] == [
        "Bearer K-one",
        "Bearer K-two",
        "Bearer K-one",
    ]


@pytest.mark.case("ST-04")
def test_the_address_of_the_gpu_group_serves_the_whole_account(clock: VirtualClock) -> None:
    client, remote = as_if(
        clock,
        {"instances": [], "total": 0},
        {"availableBalance": "10000"},
        base_url="https://api.novita.ai/gpu-instance/openapi/",
    )
    client.gpu_instances.list().collect()
    client.billing.balance()
    assert [seen.request.url.partition("?")[0] for seen in remote.seen] == [
        "https://api.novita.ai/gpu-instance/openapi/v1/gpu/instances",
        "https://api.novita.ai/openapi/v1/billing/balance/detail",
    ]


@pytest.mark.case("ST-06")
def test_neither_client_nor_settings_show_a_secret(clock: VirtualClock) -> None:
    secrets = {
        "api_key": "sk-public-000001",
        "internal_api_key": "sk-internal-0002",
        "gateway_api_key": "sk-gateway-00003",
        "webhook_secret": "whsec-0000000004",
    }
    client, _ = as_if(clock, 200, **secrets)
    shown = f"{client!r} {client} {client.settings!r} {client.settings} {client.pipeline} {client.stats()!r}"
    assert not [secret for secret in secrets.values() if secret in shown]
    assert client.settings.webhook_secret is not None
    assert client.settings.webhook_secret.reveal() == secrets["webhook_secret"]


# ------------------------------------------------------------------------ each one makes a difference

Observe = Callable[[Novita, Remote], object]


def header_of(family: str) -> Observe:
    def observe(client: Novita, remote: Remote) -> object:
        client.request("GET", "/x", family=family)
        return remote.seen[0].header("Authorization")

    return observe


def address_of(family: str) -> Observe:
    def observe(client: Novita, remote: Remote) -> object:
        client.request("GET", "/x", family=family)
        return remote.seen[0].request.url

    return observe


def limit_of(phase: str) -> Observe:
    def observe(client: Novita, remote: Remote) -> object:
        client.request("GET", "/x")
        return getattr(remote.seen[0].request.timeouts, phase)

    return observe


def twelfth_call_of(family: str) -> Observe:
    def observe(client: Novita, remote: Remote) -> object:
        gather(remote.clock, [lambda: client.request("GET", "/x", family=family)] * 12)
        return round(max(remote.times), 2)

    return observe


def tries_while_failing(client: Novita, remote: Remote) -> object:
    remote.script = [503]
    with pytest.raises(NovitaError):
        client.request("GET", "/x")
    return remote.times


def requests_for_two_reads(client: Novita, remote: Remote) -> object:
    for _ in range(2):
        client.clusters.list().collect()
    return len(remote.seen)


def end_of_a_vain_wait(client: Novita, remote: Remote) -> object:
    began = remote.clock.monotonic()
    with pytest.raises(WaitTimeoutError):
        client.gpu_instances.wait("i-1")
    return remote.clock.monotonic() - began


def longest_pause_of_a_wait(client: Novita, remote: Remote) -> object:
    with pytest.raises(WaitTimeoutError):
        client.gpu_instances.wait("i-1", timeout=3600)
    pauses = [late - early for early, late in zip(remote.times, remote.times[1:], strict=False)]
    return round(max(pauses) / 1.1)  # the swing is a tenth


class _Count(logging.Handler):
    """Counts warnings about slow attempts."""

    seen = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.seen += record.getMessage().startswith("slow attempt")


def warnings_of_an_attempt_of_three_seconds(client: Novita, remote: Remote) -> object:
    remote.script = [Late(3, {})]
    count = _Count()
    logging.getLogger("novita_sdk.http").addHandler(count)
    client.request("GET", "/x")
    logging.getLogger("novita_sdk.http").removeHandler(count)
    return count.seen


ADDRESS = PortMapping(port=80, type=PortType("http"), endpoint="http://app.example")


def limit_of_a_probe(client: Novita, remote: Remote) -> object:
    HealthChecker(client).check(Instance(id="i", port_mappings=(ADDRESS,)))
    return remote.seen[-1].request.timeouts.read


def tries_of_a_check(**figures: Any) -> Observe:
    """When a failing probe is tried, in seconds."""

    def observe(client: Novita, remote: Remote) -> object:
        remote.script = [502]
        HealthChecker(client, **figures).check(Instance(id="i", port_mappings=(ADDRESS,)))
        return remote.times

    return observe


RECEIVER = "https://1.1.1.1/"  # an address, so that no name has to be looked up


def signature_of_a_webhook(client: Novita, remote: Remote) -> object:
    client.webhooks.send(RECEIVER, {})
    return "webhook-signature" in remote.seen[-1].request.headers


def requests_for_an_event(client: Novita, remote: Remote) -> object:
    client.webhooks.notify(events.success("i-1"))
    return len(remote.seen)


def limit_of_a_webhook(client: Novita, remote: Remote) -> object:
    client.webhooks.send(RECEIVER, {})
    return remote.seen[-1].request.timeouts.attempt


def tries_of_a_webhook(client: Novita, remote: Remote) -> object:
    remote.script = [500]
    with pytest.raises(WebhookDeliveryError):
        client.webhooks.send(RECEIVER, {})
    return remote.times


def time_to_close_while_a_webhook_hangs(client: Novita, remote: Remote) -> object:
    remote.script = [Late(60)]
    began = remote.clock.monotonic()
    with client:
        services_of(client).events.operation("op-1", RECEIVER).send("stopping", "i-1")
    return remote.clock.monotonic() - began


# field, how it shows, another value, what then shows, what shows by default
def region_of_the_choice(client: Novita, remote: Remote) -> object:
    here, there = (
        {"id": name, "name": name, "availableDeploy": True, "price": "1", "regions": []}
        for name in ("CN-HK-01", "EU-DE-01")
    )
    remote.script = [{"data": [here, there]}]  # clusters and products alike
    return (client.products.cheapest()).region


def requests_for_a_text_that_nobody_has(client: Novita, remote: Remote) -> object:
    remote.script = [(404, {"reason": "INSTANCE_NOT_FOUND"}), {"instances": [], "total": 0}]
    client.gpu_instances.exists("nobody")
    return len(remote.seen)


DIFFERENCES: list[tuple[str, Observe, Any, object, object]] = [
    ("api_key", header_of("public"), "K-other", "Bearer K-other", f"Bearer {KEY}"),
    ("base_url", address_of("public"), "https://h", "https://h/x", "https://api.novita.ai/x"),
    ("internal_api_key", header_of("internal"), "K-other", "Bearer K-other", f"Bearer {INTERNAL_KEY}"),
    (
        "internal_base_url",
        address_of("internal"),
        "https://h",
        "https://h/x",
        "https://api-server.novita.ai/x",
    ),
    ("gateway_api_key", header_of("gateway"), GATEWAY_KEY, f"Bearer {GATEWAY_KEY}", f"Bearer {KEY}"),
    (
        "gateway_base_url",
        address_of("gateway"),
        "https://h/v2",
        "https://h/v2/x",
        "https://async-public.serverless.novita.ai/v1/x",
    ),
    ("poll_interval", longest_pause_of_a_wait, 100, 100, 30),
    ("startup_timeout", end_of_a_vain_wait, 90, 90, 600),
    ("probe_timeout", limit_of_a_probe, 4, 4, 10),
    ("probe_retries", tries_of_a_check(), 1, [0, 3], [0, 3, 9, 21]),
    ("probe_delay", tries_of_a_check(), 4, [0, 6, 18, 42], [0, 3, 9, 21]),
    ("probe_max_wait", tries_of_a_check(delay=20), 60, [0, 30], [0, 30, 90, 210]),
    ("request_timeout", limit_of("read"), 100, 100, 30),
    ("request_timeout", limit_of("attempt"), 100, 180, 60),  # cut to what the call has left
    ("connect_timeout", limit_of("connect"), 2, 2, 5),
    ("total_timeout", tries_while_failing, 5, [0, 1, 3], [0, 1, 3, 7]),
    ("max_retries", tries_while_failing, 1, [0, 1], [0, 1, 3, 7]),
    ("rate_limit", twelfth_call_of("public"), 20, 30, 1.33),
    ("internal_rate_limit", twelfth_call_of("internal"), 20, 30, 3),
    ("gateway_rate_limit", twelfth_call_of("gateway"), 20, 30, 0),
    ("rate_burst", twelfth_call_of("public"), 1, 6.67, 1.33),
    ("cache_ttl", requests_for_two_reads, 60, 1, 2),
    ("default_region", region_of_the_choice, "EU-DE-01", "EU-DE-01", "CN-HK-01"),
    ("name_lookup", requests_for_a_text_that_nobody_has, False, 1, 3),
    ("webhook_secret", signature_of_a_webhook, "test-webhook-secret", True, False),
    ("webhook_url", requests_for_an_event, RECEIVER, 1, 0),
    ("webhook_timeout", limit_of_a_webhook, 5, 5, 10),
    ("webhook_attempts", tries_of_a_webhook, 2, [0, 1], [0, 1, 3, 7]),
    ("webhook_drain", time_to_close_while_a_webhook_hangs, 3, 3, 10),
    ("slow_request", warnings_of_an_attempt_of_three_seconds, 2, 1, 0),
]

OF_LATER_PARTS = {
    "fan_out",
    *("auto_stop_interval", "auto_stop_threshold"),
    *("migration_enabled", "migration_dry_run", "migration_interval", "migration_timeout"),
    *("migration_cooldown", "migration_max_concurrent", "migration_retry_failed"),
    *("sync_interval", "sync_remove_obsolete", "sync_retention"),
    *("redis_url", "redis_fallback", "redis_timeout", "redis_key_prefix", "workers"),
    *("state_path", "account"),
}


@pytest.mark.case("ST-07")
@pytest.mark.parametrize(
    ("field", "observe", "value", "then", "by_default"),
    DIFFERENCES,
    ids=[f"{field}-{number}" for number, (field, *_) in enumerate(DIFFERENCES)],
)
def test_a_setting_makes_a_difference(
    clock: VirtualClock, field: str, observe: Observe, value: Any, then: object, by_default: object
) -> None:
    stuck = {"instance": instance(status="pulling"), "data": []}
    settings: dict[str, Any] = {"internal_api_key": INTERNAL_KEY, "retry": UNSET, "rng": Highest()}
    assert observe(*as_if(clock, stuck, **settings)) == by_default
    assert observe(*as_if(clock, stuck, **{**settings, field: value})) == then


@pytest.mark.case("ST-07")
def test_every_row_of_the_table_is_a_setting_an_argument_and_shown_to_matter() -> None:
    rows = {row.field for row in TABLE}
    assert rows == {name for name in attrs.fields_dict(Settings) if name != "given"}
    assert rows == SettingsArguments.__optional_keys__
    assert rows == {field for field, *_ in DIFFERENCES} | OF_LATER_PARTS


def test_a_create_has_two_minutes_unless_a_limit_was_set(clock: VirtualClock) -> None:
    """By default a call has three; whoever sets a limit means creates as well."""
    left = []
    for settings in ({}, {"total_timeout": 150}, {"timeouts": Timeouts(total=200)}):
        client, remote = as_if(clock, {"id": "i-1"}, **settings)
        client.gpu_instances.create(product_id="p", image_url="nginx")
        left.append(remote.seen[0].request.context.deadline.left(clock.monotonic()))
    assert left == [120, 150, 200]
