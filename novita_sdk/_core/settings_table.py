"""Every setting as one row: its names in the environment, default, and allowed range."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Literal, NamedTuple, TypeAlias

Unit: TypeAlias = Literal["ms", "s", "min", "h", "d"]
Kind: TypeAlias = Literal[
    "key", "secret", "base_url", "http_url", "redis_url", "text", "path", "boolean", "integer", "duration"
]

SECONDS: Mapping[str, Decimal] = MappingProxyType(
    {
        "ms": Decimal("0.001"),
        "s": Decimal(1),
        "m": Decimal(60),
        "min": Decimal(60),
        "h": Decimal(3600),
        "d": Decimal(86400),
    }
)

PREFIX = "NOVITA_"
SECRET_KINDS = frozenset({"key", "secret", "http_url", "redis_url"})


class Fallback(NamedTuple):
    """A name of the older service for the same setting.

    Attributes:
        name: The environment variable.
        unit: Unit of a bare number; None if the setting is no duration.
        low: The least value under this name, if it differs from the row's.
    """

    name: str
    unit: Unit | None = None
    low: float | None = None


class Row(NamedTuple):
    """One setting.

    Attributes:
        field: Its name in `Settings`.
        kind: How a value is read and checked.
        default: Its value if nobody sets it; durations in seconds.
        low: Least value; of a text, least length.
        high: Greatest value.
        optional: Whether None (`none` in the environment) switches it off.
        above: Whether `low` itself is too small.
        pattern: What a text must look like.
        described: The allowed values in words, where the range alone does not tell.
        fallbacks: The older service's names, in order.
        env: Its environment variable without the prefix, where that is not the field's name in capitals.
    """

    field: str
    kind: Kind
    default: str | float | bool | None = None
    low: float | None = None
    high: float | None = None
    optional: bool = False
    above: bool = False
    pattern: str | None = None
    described: str | None = None
    fallbacks: tuple[Fallback, ...] = ()
    env: str | None = None

    @property
    def variable(self) -> str:
        """The environment variable."""
        return PREFIX + (self.env or self.field.upper())

    def allowed(self, unit: Unit | None = None, low: float | None = None) -> str:
        """Say which values are right.

        Args:
            unit: Unit to give a duration's range in; seconds if None.
            low: The least value, if it differs from the row's.
        """
        if self.described is not None:
            text = self.described
        elif self.kind == "boolean":
            text = "true or false"
        else:
            text = self._range(unit or "s", self.low if low is None else low)
        return f"{text}, or none" if self.optional else text

    def _range(self, unit: Unit, low: float | None) -> str:
        suffix = f" {unit}" if self.kind == "duration" else ""
        least, most = (None if bound is None else self.shown(bound, unit) for bound in (low, self.high))
        if most is None:
            return f"{'more than' if self.above else 'at least'} {least}{suffix}"
        return f"{least}-{most}{suffix}"

    def shown(self, value: float, unit: Unit) -> str:
        """Write a number without an exponent, a duration in `unit` (and without its name)."""
        number = Decimal(str(value))
        if self.kind == "duration":
            number /= SECONDS[unit]
        return f"{number:f}".rstrip("0").rstrip(".") if "." in f"{number:f}" else f"{number:f}"


_KEY = "printable ASCII without blanks"
_BASE_URL = "http(s)://host[:port][/path], without userinfo, query and fragment"
_HTTP_URL = "an http or https URL"
_REDIS_URL = "a redis:// or rediss:// URL"


def _duration(
    field: str, default: float | None, low: float, high: float, *fallbacks: Fallback, optional: bool = False
) -> Row:
    return Row(field, "duration", default, low, high, optional=optional, fallbacks=fallbacks)


def _integer(
    field: str, default: int | None, low: int, high: int, *fallbacks: Fallback, optional: bool = False
) -> Row:
    return Row(field, "integer", default, low, high, optional=optional, fallbacks=fallbacks)


def _boolean(field: str, default: bool, *fallbacks: Fallback) -> Row:
    return Row(field, "boolean", default, fallbacks=fallbacks)


def _text(field: str, default: str | None, pattern: str, described: str, *fallbacks: Fallback) -> Row:
    return Row(field, "text", default, pattern=pattern, described=described, fallbacks=fallbacks)


def _probe(name: str, unit: Unit | None = None) -> tuple[Fallback, Fallback]:
    return Fallback(f"INSTANCE_STARTUP_HEALTH_CHECK_{name}", unit), Fallback(f"HEALTH_CHECK_{name}", unit)


def _base_url(field: str, default: str, env: str) -> Row:
    return Row(field, "base_url", default, described=_BASE_URL, env=env)


_HOUR, _DAY = 3600.0, 86400.0
GATEWAY = "https://async-public.serverless.novita.ai/v1"
LEGACY_GATEWAY = "https://async.novita.ai/v1"
_INTERNAL = "https://api-server.novita.ai"
_OLD_SECRET, _OLD_URL = Fallback("WEBHOOK_SECRET"), Fallback("WEBHOOK_URL")

TABLE: tuple[Row, ...] = (
    Row("api_key", "key", described=_KEY),
    _base_url("base_url", "https://api.novita.ai", "API_BASE_URL"),
    Row("internal_api_key", "key", described=_KEY),
    _base_url("internal_base_url", _INTERNAL, "INTERNAL_API_BASE_URL"),
    Row("gateway_api_key", "key", described=_KEY),  # absent: the public key
    _base_url("gateway_base_url", GATEWAY, "GATEWAY_BASE_URL"),
    Row("webhook_secret", "secret", low=8, described="at least 8 characters", fallbacks=(_OLD_SECRET,)),
    Row("webhook_url", "http_url", described=_HTTP_URL, fallbacks=(_OLD_URL,)),
    _duration("webhook_timeout", 10.0, 1, 30, Fallback("WEBHOOK_TIMEOUT", "ms")),
    Row("webhook_attempts", "integer", 4, 1, 10, env="WEBHOOK_MAX_ATTEMPTS"),
    _duration("webhook_drain", 10.0, 0, 300),
    _text(
        "default_region",
        "CN-HK-01",
        r"[A-Za-z0-9-]{2,40}",
        "2-40 letters, digits and -",
        Fallback("DEFAULT_REGION"),
    ),
    _duration("poll_interval", 30.0, 10, 300, Fallback("INSTANCE_POLL_INTERVAL", "s")),
    _duration(
        "startup_timeout",
        600.0,
        60,
        _HOUR,
        Fallback("INSTANCE_STARTUP_TIMEOUT", "min"),
        Fallback("INSTANCE_STARTUP_MAX_WAIT_TIME", "ms"),
    ),
    _boolean("name_lookup", True, Fallback("INSTANCE_STARTUP_ENABLE_NAME_LOOKUP")),
    _duration("probe_timeout", 10.0, 1, 60, *_probe("TIMEOUT_MS", "ms")),
    _integer("probe_retries", 3, 1, 10, *_probe("RETRY_ATTEMPTS")),
    _duration("probe_delay", 2.0, 0.5, 30, *_probe("RETRY_DELAY_MS", "ms")),
    _duration("probe_max_wait", 300.0, 30, 1800, *_probe("MAX_WAIT_TIME_MS", "ms")),
    _duration("request_timeout", 30.0, 5, 120, Fallback("REQUEST_TIMEOUT", "ms")),
    _duration("connect_timeout", 5.0, 0.1, 60),
    _duration("total_timeout", 180.0, 1, _HOUR, optional=True),
    _integer("max_retries", 3, 0, 10, Fallback("MAX_RETRY_ATTEMPTS", low=1)),
    _integer("rate_limit", 100, 2, 10000, optional=True),
    _integer("internal_rate_limit", 50, 2, 10000, optional=True),
    _integer("gateway_rate_limit", None, 2, 10000, optional=True),
    Row("rate_burst", "integer", low=1, described="1 to the smallest rate limit - 1"),
    _integer("workers", 4, 1, 1000),
    _duration("auto_stop_interval", 300.0, 60, _DAY, Fallback("AUTO_STOP_INTERVAL", "min")),
    _duration("auto_stop_threshold", 1200.0, 60, 7 * _DAY, Fallback("AUTO_STOP_THRESHOLD", "min")),
    _boolean("migration_enabled", False, Fallback("MIGRATION_ENABLED")),
    _boolean("migration_dry_run", False, Fallback("MIGRATION_DRY_RUN")),
    _duration("migration_interval", 900.0, 60, _HOUR, Fallback("MIGRATION_INTERVAL_MINUTES", "min")),
    _duration("migration_timeout", 240.0, 60, 1800, Fallback("MIGRATION_JOB_TIMEOUT_MS", "ms")),
    _duration(
        "migration_cooldown",
        4 * _HOUR,
        _HOUR,
        168 * _HOUR,
        Fallback("MIGRATION_ELIGIBILITY_INTERVAL_HOURS", "h"),
    ),
    _integer("migration_max_concurrent", 5, 1, 20, Fallback("MIGRATION_MAX_CONCURRENT")),
    _boolean("migration_retry_failed", True, Fallback("MIGRATION_RETRY_FAILED")),
    _duration("sync_interval", 1800.0, 300, _DAY, Fallback("SYNC_INTERVAL_MINUTES", "min")),
    _boolean("sync_remove_obsolete", False, Fallback("SYNC_REMOVE_OBSOLETE_INSTANCES")),
    _duration(
        "sync_retention", 7 * _DAY, _DAY, 365 * _DAY, Fallback("SYNC_OBSOLETE_INSTANCE_RETENTION_DAYS", "d")
    ),
    _integer("fan_out", 5, 1, 100, Fallback("MAX_CONCURRENT_JOBS")),
    _duration("cache_ttl", None, 1, _HOUR, Fallback("CACHE_TIMEOUT", "s", low=60), optional=True),
    Row("redis_url", "redis_url", described=_REDIS_URL, fallbacks=(Fallback("REDIS_URL"),)),
    _boolean("redis_fallback", True, Fallback("REDIS_ENABLE_FALLBACK")),
    _duration("redis_timeout", 5.0, 1, 30, Fallback("REDIS_COMMAND_TIMEOUT_MS", "ms")),
    _text(
        "redis_key_prefix",
        "novita_sdk",
        r"[A-Za-z0-9_-]{1,50}",
        "1-50 letters, digits, _ and -",
        Fallback("REDIS_KEY_PREFIX"),
    ),
    Row("state_path", "path", described="a file path"),
    _text("account", None, r"[A-Za-z0-9_-]{1,64}", "1-64 letters, digits, _ and -"),
    Row("slow_request", "duration", 5.0, 0, optional=True, above=True),
)

# What a client reads from the environment on its own account.
CLIENT_FIELDS = ("api_key", "base_url", "internal_api_key", "internal_base_url", "webhook_secret")
