"""The settings as keyword arguments of the client's constructor."""

from __future__ import annotations

from datetime import timedelta
from typing import TypedDict

from novita_sdk.models.secret import Secret


class SettingsArguments(TypedDict, total=False):
    """Every field of `Settings`; what each means and may be stands there. Durations are seconds or `timedelta`."""

    api_key: str | Secret
    base_url: str
    internal_api_key: str | Secret | None
    internal_base_url: str
    gateway_api_key: str | Secret | None
    gateway_base_url: str
    webhook_secret: str | Secret | None
    webhook_url: str | Secret | None
    webhook_timeout: float | timedelta
    webhook_attempts: int
    webhook_drain: float | timedelta
    default_region: str
    poll_interval: float | timedelta
    startup_timeout: float | timedelta
    name_lookup: bool
    probe_timeout: float | timedelta
    probe_retries: int
    probe_delay: float | timedelta
    probe_max_wait: float | timedelta
    request_timeout: float | timedelta
    connect_timeout: float | timedelta
    total_timeout: float | timedelta | None
    max_retries: int
    rate_limit: int | None
    internal_rate_limit: int | None
    gateway_rate_limit: int | None
    rate_burst: int | None
    workers: int
    auto_stop_interval: float | timedelta
    auto_stop_threshold: float | timedelta
    migration_enabled: bool
    migration_dry_run: bool
    migration_interval: float | timedelta
    migration_timeout: float | timedelta
    migration_cooldown: float | timedelta
    migration_max_concurrent: int
    migration_retry_failed: bool
    sync_interval: float | timedelta
    sync_remove_obsolete: bool
    sync_retention: float | timedelta
    fan_out: int
    cache_ttl: float | timedelta | None
    redis_url: str | Secret | None
    redis_fallback: bool
    redis_timeout: float | timedelta
    redis_key_prefix: str
    state_path: str | None
    account: str | None
    slow_request: float | timedelta | None
