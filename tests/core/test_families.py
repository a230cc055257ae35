"""Families: which settings belong to which, and what of the settings is secret."""

from __future__ import annotations

import pytest

from novita_sdk._core.families import FAMILIES, base_urls_of, key_of, rate_limit_of, secrets_of
from novita_sdk.models import Secret
from novita_sdk.options import RateLimit, Settings

KEY = "sk-0123456789"


def test_each_family_has_its_own_key_and_address() -> None:
    settings = Settings(api_key=KEY, internal_api_key="internal", base_url="https://h")
    assert {name: key_of(settings, name) for name in FAMILIES} == {
        "public": Secret(KEY),
        "internal": Secret("internal"),
        "gateway": Secret(KEY),
    }
    assert base_urls_of(settings) == {
        "public": "https://h",
        "internal": "https://api-server.novita.ai",
        "gateway": "https://async-public.serverless.novita.ai/v1",
    }


@pytest.mark.parametrize(
    ("family", "limit"), [("public", RateLimit(100, 3)), ("internal", RateLimit(50, 3)), ("gateway", None)]
)
def test_each_family_has_its_own_limit_and_all_have_one_burst(family: str, limit: RateLimit | None) -> None:
    assert rate_limit_of(Settings(api_key=KEY, rate_burst=3), family) == limit


def test_every_key_token_and_password_of_the_settings_is_secret() -> None:
    settings = Settings(
        api_key=KEY,
        internal_api_key="internal",
        gateway_api_key="gateway",
        webhook_secret="whsec-01",
        webhook_url="https://h/in?token=abc",
        redis_url="rediss://default:p%40ss@h:6379",
    )
    assert secrets_of(settings) == {
        KEY,
        "internal",
        "gateway",
        "whsec-01",
        "https://h/in?token=abc",
        "rediss://default:p%40ss@h:6379",
        "p@ss",
    }


def test_where_nothing_is_set_nothing_is_secret_but_the_key() -> None:
    assert secrets_of(Settings(api_key=KEY)) == {KEY}
    assert secrets_of(Settings(api_key=KEY, redis_url="redis://h")) == {KEY, "redis://h"}
