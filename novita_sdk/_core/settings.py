"""`Settings`, and how a client's are put together."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

import attrs

from novita_sdk._core.durations import optional_seconds, seconds
from novita_sdk._core.given import KnowsWhatWasGiven
from novita_sdk._core.settings_check import check_settings, normalise_base_url
from novita_sdk._core.settings_reader import Reading, read_client_environment, read_environment
from novita_sdk._core.settings_table import TABLE
from novita_sdk.errors import ConfigurationError, SettingProblem
from novita_sdk.models.secret import Secret
from novita_sdk.models.unset import UNSET

_SHORTEST_KEY_IN_ENVIRONMENT = 10
_GPU_PATH = "/gpu-instance/openapi"
_GPU_ENDINGS = (_GPU_PATH, f"{_GPU_PATH}/v1")


def _secret(value: str | Secret | None) -> Secret | None:
    return Secret(value) if isinstance(value, str) else value


def _base_url(value: str) -> str:
    return normalise_base_url(value) if isinstance(value, str) else value  # pyright: ignore[reportUnnecessaryIsInstance]


def _public_base_url(value: str) -> str:
    """Also accept the address of the GPU operations, as other tools of this API have it."""
    url = _base_url(value)
    if not isinstance(url, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        return url
    return url.removesuffix("/v1").removesuffix(_GPU_PATH).rstrip("/") if url.endswith(_GPU_ENDINGS) else url


def _path(value: str | os.PathLike[str] | None) -> str | None:
    return os.fspath(value) if isinstance(value, os.PathLike) else value


@attrs.frozen(kw_only=True)
class Settings(KnowsWhatWasGiven):
    """Everything that can be set for a client; each attribute is also a variable of the environment.

    Durations are in seconds; a timedelta is accepted. The environment variables are the attribute names in
    capitals behind `NOVITA_`, but for `NOVITA_API_BASE_URL`, `NOVITA_INTERNAL_API_BASE_URL` and
    `NOVITA_WEBHOOK_MAX_ATTEMPTS`.

    Attributes:
        api_key: Key of the public API.
        base_url: Origin of the public API.
        internal_api_key: Key of the internal host; without it that host is never called.
        internal_base_url: Origin of the internal host.
        gateway_api_key: Key of the gateway for queued serverless jobs; left out: `api_key`.
        gateway_base_url: Base URL of that gateway.
        webhook_secret: Signs webhooks; at least 8 characters.
        webhook_url: Where `webhooks.notify` sends to if nothing else is said.
        webhook_timeout: Limit of one delivery attempt, 1-30.
        webhook_attempts: Most delivery attempts of a message, 1-10.
        webhook_drain: Longest wait for unfinished messages when a client is closed, 0-300.
        default_region: Region for choosing a product.
        poll_interval: Longest pause between two polls, 10-300.
        startup_timeout: Deadline of waiting for a start, 60-3600; left out, a wait after a create has 1800.
        name_lookup: Whether `find`, waits and helpers take a text that is no id for a name.
        probe_timeout: Limit of one probe, 1-60.
        probe_retries: Further tries of a probe that failed in a health check, 1-10.
        probe_delay: Pause before the first of them, doubling from try to try, 0.5-30.
        probe_max_wait: Limit of a whole health check, 30-1800.
        request_timeout: Longest wait for the next piece of an answer, 5-120.
        connect_timeout: Longest time for making a connection, 0.1-60.
        total_timeout: Limit of a call with all its attempts, 1-3600, or None.
        max_retries: Retries after the first try, 0-10.
        rate_limit: Most requests to the public API in 60 seconds, 2-10000, or None.
        internal_rate_limit: The same for the internal host.
        gateway_rate_limit: The same for the gateway.
        rate_burst: Requests that may go at once; None means a fifth of the limit, at most 10.
        workers: How many processes share the account's rate limit while their store is away, 1-1000.
        auto_stop_interval: Pause between two passes of AutoStop, 60-86400.
        auto_stop_threshold: Idle time after which it stops an instance, 60-604800.
        migration_enabled: Whether MigrationChecker moves reclaimed instances unless it is told otherwise.
        migration_dry_run: Whether it only looks.
        migration_interval: Pause between two of its passes, 60-3600.
        migration_timeout: Limit of a pass, 60-1800.
        migration_cooldown: Pause before it acts on the same instance again, 3600-604800.
        migration_max_concurrent: Most actions in one pass, 1-20.
        migration_retry_failed: Whether a failed migration is tried again, three times in all.
        sync_interval: Pause between two passes of InventorySync, 300-86400.
        sync_remove_obsolete: Whether it forgets instances that are gone.
        sync_retention: How long it remembers them, 86400-31536000.
        fan_out: Instances that `stop_all` acts on at a time, 1-100.
        cache_ttl: Turns the cache on, with this figure for all that may be cached, 1-3600, or None.
        redis_url: A Redis store.
        redis_fallback: Whether to go on with reduced work while Redis is away.
        redis_timeout: Limit of one Redis command, 1-30.
        redis_key_prefix: What its keys begin with.
        state_path: File of an SQLite store; not together with `redis_url`.
        account: Scope of stored keys; left out, it is derived from the API key.
        slow_request: An attempt that takes longer is logged as a warning; above 0, or None.
        given: Names of the attributes that were set, not defaulted.

    Raises:
        ConfigurationError: Values are wrong; all of them are named.
    """

    api_key: Secret | None = attrs.field(default=None, converter=_secret)
    base_url: str = attrs.field(default="https://api.novita.ai", converter=_public_base_url)
    internal_api_key: Secret | None = attrs.field(default=None, converter=_secret)
    internal_base_url: str = attrs.field(default="https://api-server.novita.ai", converter=_base_url)
    gateway_api_key: Secret | None = attrs.field(default=None, converter=_secret)
    gateway_base_url: str = attrs.field(
        default="https://async-public.serverless.novita.ai/v1", converter=_base_url
    )
    webhook_secret: Secret | None = attrs.field(default=None, converter=_secret)
    webhook_url: Secret | None = attrs.field(default=None, converter=_secret)
    webhook_timeout: float = attrs.field(default=10.0, converter=seconds)
    webhook_attempts: int = 4
    webhook_drain: float = attrs.field(default=10.0, converter=seconds)
    default_region: str = "CN-HK-01"
    poll_interval: float = attrs.field(default=30.0, converter=seconds)
    startup_timeout: float = attrs.field(default=600.0, converter=seconds)
    name_lookup: bool = True
    probe_timeout: float = attrs.field(default=10.0, converter=seconds)
    probe_retries: int = 3
    probe_delay: float = attrs.field(default=2.0, converter=seconds)
    probe_max_wait: float = attrs.field(default=300.0, converter=seconds)
    request_timeout: float = attrs.field(default=30.0, converter=seconds)
    connect_timeout: float = attrs.field(default=5.0, converter=seconds)
    total_timeout: float | None = attrs.field(default=180.0, converter=optional_seconds)
    max_retries: int = 3
    rate_limit: int | None = 100
    internal_rate_limit: int | None = 50
    gateway_rate_limit: int | None = None
    rate_burst: int | None = None
    workers: int = 4
    auto_stop_interval: float = attrs.field(default=300.0, converter=seconds)
    auto_stop_threshold: float = attrs.field(default=1200.0, converter=seconds)
    migration_enabled: bool = False
    migration_dry_run: bool = False
    migration_interval: float = attrs.field(default=900.0, converter=seconds)
    migration_timeout: float = attrs.field(default=240.0, converter=seconds)
    migration_cooldown: float = attrs.field(default=14400.0, converter=seconds)
    migration_max_concurrent: int = 5
    migration_retry_failed: bool = True
    sync_interval: float = attrs.field(default=1800.0, converter=seconds)
    sync_remove_obsolete: bool = False
    sync_retention: float = attrs.field(default=604800.0, converter=seconds)
    fan_out: int = 5
    cache_ttl: float | None = attrs.field(default=None, converter=optional_seconds)
    redis_url: Secret | None = attrs.field(default=None, converter=_secret)
    redis_fallback: bool = True
    redis_timeout: float = attrs.field(default=5.0, converter=seconds)
    redis_key_prefix: str = "novita_sdk"
    state_path: str | None = attrs.field(default=None, converter=_path)
    account: str | None = None
    slow_request: float | None = attrs.field(default=5.0, converter=optional_seconds)
    given: frozenset[str] = attrs.field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        problems = check_settings({row.field: getattr(self, row.field) for row in TABLE})
        if problems:
            raise ConfigurationError(problems=problems)
        if self.gateway_api_key is None:
            object.__setattr__(self, "gateway_api_key", self.api_key)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None, *, fallback_names: bool = False) -> Settings:
        """Read every setting from environment variables; unset, empty and blank ones count as absent.

        Args:
            environ: The variables; None means those of this process.
            fallback_names: Also read the un-prefixed names of the older service, in their own units.

        Returns:
            The settings.

        Raises:
            ConfigurationError: Variables are wrong, or there is no API key; all are named at once.
        """
        reading = read_environment(os.environ if environ is None else environ, fallback_names=fallback_names)
        return _settings_of(reading, _SHORTEST_KEY_IN_ENVIRONMENT)

    def evolve(self, **changes: object) -> Settings:
        """Return a copy with other values.

        Args:
            **changes: Attributes and their new values; what was never set keeps following its default.

        Returns:
            The new settings.

        Raises:
            ConfigurationError: Values are wrong.
            TypeError: There is no such attribute.
        """
        return Settings(**{**self._given_values(), **changes})  # type: ignore[arg-type]  # checked when made

    def _given_values(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in self.given}


_CONVERTERS: Mapping[str, Callable[..., object]] = {
    "base_url": _base_url,
    "duration": optional_seconds,
    "path": _path,
}


def _settings_of(reading: Reading, shortest_key: int) -> Settings:
    """Make settings of what was read, or raise every problem of it in one error."""
    if "api_key" not in reading.problems and reading.values.get("api_key") is None:
        reading.problems["api_key"] = SettingProblem(
            "NOVITA_API_KEY", "is not set", "an API key, here or as api_key="
        )
    kinds = {row.field: row.kind for row in TABLE}
    values = {name: _CONVERTERS.get(kinds[name], _as_it_is)(value) for name, value in reading.values.items()}
    problems = check_settings(values, reading.sources, reading.problems, shortest_key)
    if problems:
        raise ConfigurationError(problems=problems)
    return Settings(**values)  # type: ignore[arg-type]  # checked the line before


def _as_it_is(value: object) -> object:
    return value


def build_settings(
    overrides: Mapping[str, object], settings: Settings | None, environ: Mapping[str, str] | None
) -> Settings:
    """Put a client's settings together: arguments first, then a settings object or else the environment.

    Args:
        overrides: Constructor arguments by attribute name; UNSET ones count as left out.
        settings: The `settings=` argument; with it the environment is not looked at.
        environ: Environment variables; None means those of this process.

    Returns:
        The settings.

    Raises:
        ConfigurationError: Values are wrong, or there is no API key; all sources are reported at once.
        TypeError: There is no such attribute.
    """
    given = {name: value for name, value in overrides.items() if value is not UNSET}
    unknown = sorted(given.keys() - {row.field for row in TABLE})
    if unknown:
        raise TypeError(f"there is no setting {', '.join(unknown)}")
    if settings is None:
        reading = read_client_environment(os.environ if environ is None else environ)
    else:
        reading = Reading(settings._given_values(), {}, {})  # noqa: SLF001 - same module
    for name in given:
        reading.sources.pop(name, None)
        reading.problems.pop(name, None)
    reading.values.update(given)
    return _settings_of(reading, shortest_key=1)
