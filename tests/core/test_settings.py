"""Settings: reading the environment, ranges, units, and one error for everything that is wrong."""

from __future__ import annotations

import math
from contextlib import suppress
from decimal import Decimal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novita_sdk._core.settings import build_settings
from novita_sdk._core.settings_check import is_exposed
from novita_sdk._core.settings_table import SECONDS, TABLE, Row
from novita_sdk.errors import ConfigurationError, SettingProblem
from novita_sdk.models.secret import Secret
from novita_sdk.options import Settings

KEY = "sk_0123456789"
ENVIRONMENT = {"NOVITA_API_KEY": KEY}
ROWS = {row.field: row for row in TABLE}


def problems_of(environ: dict[str, str], *, fallback_names: bool = False) -> tuple[SettingProblem, ...]:
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_env(environ, fallback_names=fallback_names)
    return caught.value.problems


def from_env(**variables: str) -> Settings:
    return Settings.from_env({**ENVIRONMENT, **variables})


# -------------------------------------------------------------------------------------- the table


def test_the_table_and_the_attributes_of_settings_are_the_same() -> None:
    fields = {field.name: field.default for field in attrs.fields(Settings) if field.init}
    assert fields == {row.field: row.default for row in TABLE}
    assert list(fields) == [row.field for row in TABLE]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.field)
def test_a_default_keeps_its_own_rules(row: Row) -> None:
    if row.default is not None and row.low is not None:
        assert isinstance(row.default, (int, float))
        assert row.low <= row.default
        assert row.high is None or row.default <= row.high


def test_no_name_is_used_for_two_settings() -> None:
    names = [row.variable for row in TABLE] + [old.name for row in TABLE for old in row.fallbacks]
    assert len(names) == len(set(names))


# ---------------------------------------------------------------------------------------- reading


@pytest.mark.case("ST-01")
def test_with_the_key_alone_everything_has_its_default() -> None:
    settings = Settings.from_env(ENVIRONMENT)
    assert settings.default_region == "CN-HK-01"
    assert (settings.poll_interval, settings.max_retries) == (30, 3)
    assert (settings.request_timeout, settings.total_timeout) == (30, 180)
    assert (settings.webhook_timeout, settings.webhook_attempts, settings.webhook_drain) == (10, 4, 10)
    assert (settings.auto_stop_interval, settings.auto_stop_threshold) == (300, 1200)
    assert settings.api_key == Secret(KEY)
    assert settings.migration_enabled is False


@pytest.mark.case("ST-02")
def test_all_wrong_variables_are_named_at_once_and_no_secret_is_shown() -> None:
    environ = {
        "NOVITA_API_KEY": "sk_9chars",
        "WEBHOOK_SECRET": "7chars!",
        "INSTANCE_POLL_INTERVAL": "9",
        "MAX_RETRY_ATTEMPTS": "11",
        "REQUEST_TIMEOUT": "4999",
        "MIGRATION_ELIGIBILITY_INTERVAL_HOURS": "169",
    }
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_env(environ, fallback_names=True)
    error = caught.value
    assert [problem.name for problem in error.problems] == [
        "NOVITA_API_KEY",
        "WEBHOOK_SECRET",
        "INSTANCE_POLL_INTERVAL",
        "REQUEST_TIMEOUT",
        "MAX_RETRY_ATTEMPTS",
        "MIGRATION_ELIGIBILITY_INTERVAL_HOURS",
    ]
    told = f"{error} {error.explain()} {error.problems} {error.message} {error!r}"
    assert all(name in str(error) for name in environ)
    assert "sk_9chars" not in told
    assert "7chars!" not in told


def test_a_range_error_under_an_old_name_states_the_unit_and_the_new_name() -> None:
    (problem,) = problems_of({**ENVIRONMENT, "REQUEST_TIMEOUT": "4999"}, fallback_names=True)
    assert problem == (
        "REQUEST_TIMEOUT",
        "4999 ms is too little",
        "5000-120000 ms (a bare number counts ms); or set NOVITA_REQUEST_TIMEOUT to 5-120 s",
    )


@pytest.mark.case("ST-03")
def test_old_names_have_their_own_units_and_come_after_the_new_ones() -> None:
    environ = {**ENVIRONMENT, "REQUEST_TIMEOUT": "45000", "AUTO_STOP_THRESHOLD": "20"}
    settings = Settings.from_env(environ, fallback_names=True)
    assert (settings.request_timeout, settings.auto_stop_threshold) == (45, 1200)
    environ["NOVITA_REQUEST_TIMEOUT"] = "50s"
    assert Settings.from_env(environ, fallback_names=True).request_timeout == 50


@pytest.mark.case("ST-03")
def test_a_client_and_plain_from_env_do_not_look_at_old_names() -> None:
    environ = {**ENVIRONMENT, "REQUEST_TIMEOUT": "45000"}
    assert build_settings({}, None, {**environ, "NOVITA_REQUEST_TIMEOUT": "50s"}).request_timeout == 30
    assert Settings.from_env(environ).request_timeout == 30


@pytest.mark.case("ST-05")
def test_empty_is_absent_and_words_are_read_in_any_case() -> None:
    settings = from_env(NOVITA_POLL_INTERVAL=" ", NOVITA_MIGRATION_ENABLED="TRUE", NOVITA_NAME_LOOKUP="off")
    assert (settings.poll_interval, settings.migration_enabled, settings.name_lookup) == (30, True, False)


@pytest.mark.case("ST-05")
@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("NOVITA_POLL_INTERVAL", "1e3"),
        ("NOVITA_NAME_LOOKUP", "maybe"),
        ("NOVITA_POLL_INTERVAL", "inf"),
        ("NOVITA_POLL_INTERVAL", "nan"),
        ("NOVITA_POLL_INTERVAL", "0x20"),
        ("NOVITA_POLL_INTERVAL", "3_0"),
        ("NOVITA_POLL_INTERVAL", "٣٠"),
        ("NOVITA_POLL_INTERVAL", "30 years"),
        ("NOVITA_POLL_INTERVAL", "none"),
        ("NOVITA_POLL_INTERVAL", "1" * 5000),
        ("NOVITA_MAX_RETRIES", "3.0"),
        ("NOVITA_MAX_RETRIES", "-1"),
        ("NOVITA_MAX_RETRIES", "9" * 5000),
        ("NOVITA_SLOW_REQUEST", "0"),
        ("NOVITA_DEFAULT_REGION", "CN HK"),
        ("NOVITA_ACCOUNT", "a" * 65),
        ("NOVITA_API_BASE_URL", "api.novita.ai"),
        ("NOVITA_REDIS_URL", "http://host"),
        ("NOVITA_WEBHOOK_URL", "ftp://host/x"),
        ("NOVITA_RATE_LIMIT", "1"),
    ],
)
def test_what_cannot_be_read_is_an_error_with_the_variables_name(variable: str, text: str) -> None:
    (problem,) = problems_of({**ENVIRONMENT, variable: text})
    assert problem.name == variable
    assert len(problem.problem) < 200


@pytest.mark.case("ST-05")
def test_without_a_key_nothing_begins() -> None:
    for environ in ({}, {"NOVITA_API_KEY": "  "}):
        (problem,) = problems_of(environ)
        assert problem.name == "NOVITA_API_KEY"
        with pytest.raises(ConfigurationError, match="NOVITA_API_KEY"):
            build_settings({}, None, environ)
    with pytest.raises(ConfigurationError, match="NOVITA_API_KEY"):
        build_settings({"max_retries": 2}, Settings(), {"NOVITA_API_KEY": KEY})


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("60", 60), ("60s", 60), ("60 s", 60), ("90000ms", 90), ("1.5m", 90), ("1min", 60), (" 61 ", 61)],
)
def test_a_duration_may_carry_a_unit(text: str, seconds: float) -> None:
    assert from_env(NOVITA_POLL_INTERVAL=text).poll_interval == seconds


@given(
    data=st.data(),
    row=st.sampled_from([row for row in TABLE if row.kind == "duration" and row.high is not None]),
    unit=st.sampled_from([None, *SECONDS]),
)
def test_a_duration_in_range_is_read_exactly_in_any_unit(
    data: st.DataObject, row: Row, unit: str | None
) -> None:
    assert row.low is not None
    assert row.high is not None
    millionth = SECONDS[unit or "s"] / 1_000_000
    low, high = (Decimal(str(bound)) / millionth for bound in (row.low, row.high))
    millionths = data.draw(st.integers(math.ceil(low), math.floor(high)))
    text = f"{Decimal(millionths) / 1_000_000:f}{unit or ''}"
    assert getattr(from_env(**{row.variable: text}), row.field) == float(millionths * millionth)


@pytest.mark.parametrize(
    ("field", "text"),
    [("total_timeout", "none"), ("rate_limit", "None"), ("slow_request", "NONE"), ("cache_ttl", "none")],
)
def test_none_switches_off_where_that_is_allowed(field: str, text: str) -> None:
    assert getattr(from_env(**{ROWS[field].variable: text}), field) is None


@pytest.mark.parametrize(
    ("names", "field", "value"),
    [
        ({"INSTANCE_STARTUP_TIMEOUT": "20", "INSTANCE_STARTUP_MAX_WAIT_TIME": "1"}, "startup_timeout", 1200),
        ({"INSTANCE_STARTUP_MAX_WAIT_TIME": "90000"}, "startup_timeout", 90),
        ({"HEALTH_CHECK_TIMEOUT_MS": "5000"}, "probe_timeout", 5),
        (
            {"INSTANCE_STARTUP_HEALTH_CHECK_RETRY_ATTEMPTS": "4", "HEALTH_CHECK_RETRY_ATTEMPTS": "5"},
            "probe_retries",
            4,
        ),
        ({"MIGRATION_ELIGIBILITY_INTERVAL_HOURS": "2"}, "migration_cooldown", 7200),
        ({"SYNC_OBSOLETE_INSTANCE_RETENTION_DAYS": "1"}, "sync_retention", 86400),
        ({"MIGRATION_JOB_TIMEOUT_MS": "2min"}, "migration_timeout", 120),
        ({"CACHE_TIMEOUT": "60"}, "cache_ttl", 60),
        ({"MIGRATION_ENABLED": "yes"}, "migration_enabled", True),
        ({"PORT": "x", "LOG_LEVEL": "9", "RATE_LIMIT_WINDOW_MS": "-"}, "max_retries", 3),
    ],
)
def test_old_names_are_read_in_order_and_in_their_units(
    names: dict[str, str], field: str, value: object
) -> None:
    assert getattr(Settings.from_env({**ENVIRONMENT, **names}, fallback_names=True), field) == value


@pytest.mark.parametrize(("name", "text"), [("MAX_RETRY_ATTEMPTS", "0"), ("CACHE_TIMEOUT", "59")])
def test_an_old_name_may_have_a_narrower_range(name: str, text: str) -> None:
    (problem,) = problems_of({**ENVIRONMENT, name: text}, fallback_names=True)
    assert problem.name == name


def test_the_pair_of_a_hosted_redis_becomes_a_url() -> None:
    pair = {"UPSTASH_REDIS_REST_URL": "https://eu1.example.test", "UPSTASH_REDIS_REST_TOKEN": "a/b"}
    settings = Settings.from_env({**ENVIRONMENT, **pair}, fallback_names=True)
    assert settings.redis_url == Secret("rediss://default:a%2Fb@eu1.example.test:6379")
    named = {**ENVIRONMENT, **pair, "REDIS_URL": "redis://h"}
    assert Settings.from_env(named, fallback_names=True).redis_url == Secret("redis://h")


@pytest.mark.parametrize(
    ("pair", "name"),
    [
        ({"UPSTASH_REDIS_REST_URL": "https://h"}, "UPSTASH_REDIS_REST_TOKEN"),
        ({"UPSTASH_REDIS_REST_TOKEN": "t"}, "UPSTASH_REDIS_REST_URL"),
        (
            {"UPSTASH_REDIS_REST_URL": "http://h", "UPSTASH_REDIS_REST_TOKEN": "t"},
            "UPSTASH_REDIS_REST_URL",
        ),
        (
            {"UPSTASH_REDIS_REST_URL": "https://h", "UPSTASH_REDIS_REST_TOKEN": "a b"},
            "UPSTASH_REDIS_REST_TOKEN",
        ),
    ],
)
def test_half_a_pair_or_a_wrong_one_is_an_error(pair: dict[str, str], name: str) -> None:
    (problem,) = problems_of({**ENVIRONMENT, **pair}, fallback_names=True)
    assert problem.name == name


@given(st.dictionaries(st.sampled_from([row.variable for row in TABLE]), st.text(max_size=30)))
def test_any_environment_gives_settings_or_one_error(environ: dict[str, str]) -> None:
    with suppress(ConfigurationError):  # and no other exception
        Settings.from_env(environ)


# --------------------------------------------------------------------------------- keys and URLs


@pytest.mark.parametrize("key", ["", " ", "a b", "abc\n", "ключ", "a\x7f"])
def test_a_key_is_printable_ascii_without_blanks(key: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Settings(api_key=key)
    assert [problem.name for problem in caught.value.problems] == ["api_key"]


def test_the_constructor_takes_a_key_of_one_character_and_from_env_one_of_ten() -> None:
    assert Settings(api_key="k").api_key == Secret("k")
    assert build_settings({}, None, {"NOVITA_API_KEY": "k"}).api_key == Secret("k")
    assert Settings.from_env({"NOVITA_API_KEY": "k" * 10}).api_key == Secret("k" * 10)
    for variable in ("NOVITA_API_KEY", "NOVITA_INTERNAL_API_KEY", "NOVITA_GATEWAY_API_KEY"):
        (problem,) = problems_of({**ENVIRONMENT, variable: "k" * 9})
        assert problem.name == variable


@pytest.mark.parametrize(
    ("given_url", "url"),
    [
        ("https://api.novita.ai/gpu-instance/openapi/", "https://api.novita.ai"),
        ("https://api.novita.ai/gpu-instance/openapi/v1//", "https://api.novita.ai"),
        ("HTTPS://Api.Novita.AI", "https://api.novita.ai"),
        ("http://127.0.0.1:8080/Mirror/", "http://127.0.0.1:8080/Mirror"),
        ("https://h/v1", "https://h/v1"),
        ("http://[::1]:80", "http://[::1]:80"),
    ],
)
def test_a_base_url_is_brought_to_one_form(given_url: str, url: str) -> None:
    assert Settings(base_url=given_url).base_url == url


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "h",
            "ftp://h",
            "https://",
            "https://u:hunter2@h",
            "https://h?a=b",
            "https://h/#f",
            "https://h h",
        ),
        *("https://h:99999", "https://h:x", "https://h:0", "https://[::1", "https://h\\x", "https://hö"),
        *("https://h?", "https://h#", "https:///x", "https://h\n"),
    ],
)
def test_a_base_url_must_be_a_plain_origin(url: str) -> None:
    for field in ("base_url", "internal_base_url", "gateway_base_url"):
        with pytest.raises(ConfigurationError) as caught:
            Settings().evolve(**{field: url})
        assert [problem.name for problem in caught.value.problems] == [field]
        assert "hunter2" not in caught.value.explain()


@pytest.mark.parametrize(
    ("url", "exposed"),
    [
        ("https://h", False),
        ("http://h", True),
        ("http://10.0.0.1", True),
        ("http://localhost:1", False),
        ("http://a.localhost", False),
        ("http://127.0.0.9", False),
        ("http://[::1]:8000", False),
    ],
)
def test_plain_http_is_exposed_unless_it_stays_on_the_machine(url: str, exposed: bool) -> None:
    assert is_exposed(url) is exposed
