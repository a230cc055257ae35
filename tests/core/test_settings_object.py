"""`Settings` as an object, and how a client's are put together."""

from __future__ import annotations

import copy
import pickle
from datetime import timedelta
from pathlib import PurePosixPath

import pytest

from novita_sdk._core.settings import build_settings
from novita_sdk._core.settings_reader import read_client_environment
from novita_sdk._core.settings_table import TABLE
from novita_sdk.errors import ConfigurationError
from novita_sdk.models.secret import Secret
from novita_sdk.models.unset import UNSET
from novita_sdk.options import Settings

KEY = "sk_0123456789"
ENVIRONMENT = {"NOVITA_API_KEY": KEY}

# ------------------------------------------------------------------------------- the settings object


def test_values_of_the_constructor_are_checked_together_and_under_their_own_names() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Settings(
            webhook_secret="short",
            poll_interval=1,
            max_retries=True,
            total_timeout=float("nan"),
            rate_limit=50,
            rate_burst=50,
            state_path="a.db",
            redis_url="redis://h",
        )
    assert [problem.name for problem in caught.value.problems] == [
        "webhook_secret",
        "poll_interval",
        "total_timeout",
        "max_retries",
        "rate_burst",
        "state_path",
    ]


def test_durations_may_be_timedeltas_and_paths_may_be_paths() -> None:
    settings = Settings(poll_interval=timedelta(minutes=1), state_path=PurePosixPath("a.db"))
    assert (settings.poll_interval, settings.state_path) == (60.0, "a.db")
    built = build_settings({"api_key": KEY, "poll_interval": timedelta(minutes=1)}, None, {})
    assert built.poll_interval == 60.0


def test_settings_remember_what_was_set_through_copies_and_pickles() -> None:
    settings = Settings(api_key=KEY, startup_timeout=600)
    for other in (settings, copy.deepcopy(settings), pickle.loads(pickle.dumps(settings))):  # noqa: S301 - our own bytes
        assert other == settings
        assert other.given == {"api_key", "startup_timeout"}
        assert other.evolve(api_key="other").gateway_api_key == Secret("other")


def test_the_gateway_uses_the_public_key_unless_it_has_its_own() -> None:
    assert Settings(api_key=KEY).gateway_api_key == Secret(KEY)
    assert Settings(api_key=KEY, gateway_api_key="own").gateway_api_key == Secret("own")


def test_no_secret_is_shown() -> None:
    secrets = ["key-000001", "key-000002", "key-000003", "secret-0004"]
    settings = Settings(
        api_key=secrets[0],
        internal_api_key=secrets[1],
        webhook_secret=secrets[3],
        redis_url=f"redis://:{secrets[2]}@h",
        webhook_url=f"https://h/?t={secrets[2]}",
    )
    assert not [secret for secret in secrets if secret in f"{settings!r} {settings}"]


# ----------------------------------------------------------------------------- a client's settings


def test_a_client_reads_five_variables_and_no_other() -> None:
    environ = {row.variable: "1" for row in TABLE}
    assert set(read_client_environment(environ).values) == {
        "api_key",
        "base_url",
        "internal_api_key",
        "internal_base_url",
        "webhook_secret",
    }


def test_arguments_win_over_settings_and_settings_replace_the_environment() -> None:
    environ = {"NOVITA_API_KEY": "from-env", "NOVITA_API_BASE_URL": "https://env.example"}
    assert build_settings({"api_key": "mine"}, None, environ).base_url == "https://env.example"
    settings = build_settings({"api_key": "mine", "max_retries": UNSET}, Settings(max_retries=5), environ)
    assert (settings.api_key, settings.max_retries) == (Secret("mine"), 5)
    assert settings.base_url == "https://api.novita.ai"
    assert settings.given == {"api_key", "max_retries"}


def test_problems_of_arguments_and_environment_come_in_one_error() -> None:
    environ = {"NOVITA_API_KEY": "a b", "NOVITA_WEBHOOK_SECRET": "short", "NOVITA_API_BASE_URL": "x"}
    with pytest.raises(ConfigurationError) as caught:
        build_settings({"base_url": "https://h", "max_retries": 11, "poll_interval": "soon"}, None, environ)
    assert [problem.name for problem in caught.value.problems] == [
        "NOVITA_API_KEY",
        "NOVITA_WEBHOOK_SECRET",
        "poll_interval",
        "max_retries",
    ]


def test_an_unknown_setting_is_refused() -> None:
    with pytest.raises(TypeError, match="timout"):
        build_settings({"timout": 3}, None, ENVIRONMENT)
    with pytest.raises(TypeError, match="timout"):
        Settings().evolve(timout=3)
