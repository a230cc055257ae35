"""The API families: which settings belong to which."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from urllib.parse import unquote, urlsplit

import attrs

from novita_sdk._core.settings_table import GATEWAY, LEGACY_GATEWAY
from novita_sdk.models.secret import Secret
from novita_sdk.options import RateLimit, ServerlessOptions, Settings


@attrs.frozen(kw_only=True)
class FamilySettings:
    """Names of the settings of one family.

    Attributes:
        key: Field of its API key.
        base_url: Field of its base URL.
        rate_limit: Field of its limit for 60 seconds.
        key_variable: Environment variable of the key, for errors.
    """

    key: str
    base_url: str
    rate_limit: str
    key_variable: str


FAMILIES: Final[Mapping[str, FamilySettings]] = MappingProxyType(
    {
        "public": FamilySettings(
            key="api_key", base_url="base_url", rate_limit="rate_limit", key_variable="NOVITA_API_KEY"
        ),
        "internal": FamilySettings(
            key="internal_api_key",
            base_url="internal_base_url",
            rate_limit="internal_rate_limit",
            key_variable="NOVITA_INTERNAL_API_KEY",
        ),
        "gateway": FamilySettings(
            key="gateway_api_key",
            base_url="gateway_base_url",
            rate_limit="gateway_rate_limit",
            key_variable="NOVITA_GATEWAY_API_KEY",
        ),
    }
)


def with_gateway(settings: Settings, serverless: ServerlessOptions) -> Settings:
    """Return settings with the address of the gateway that is spoken to, unless another one was given."""
    if serverless.gateway != "legacy" or settings.gateway_base_url != GATEWAY:
        return settings
    return attrs.evolve(settings, gateway_base_url=LEGACY_GATEWAY)


def key_of(settings: Settings, family: str) -> Secret | None:
    """Return the API key of a family, or None if it has none."""
    found: Secret | None = getattr(settings, FAMILIES[family].key)
    return found


def base_urls_of(settings: Settings) -> dict[str, str]:
    """Return the base URL of each family."""
    return {name: getattr(settings, family.base_url) for name, family in FAMILIES.items()}


def rate_limit_of(settings: Settings, family: str) -> RateLimit | None:
    """Return the token bucket's policy of a family, or None if it is switched off."""
    limit: int | None = getattr(settings, FAMILIES[family].rate_limit)
    return None if limit is None else RateLimit(limit=limit, burst=settings.rate_burst)


def secrets_of(settings: Settings) -> frozenset[str]:
    """Return every configured secret, for redaction."""
    secrets = (
        settings.api_key,
        settings.internal_api_key,
        settings.gateway_api_key,
        settings.webhook_secret,
        settings.webhook_url,
        settings.redis_url,
    )
    found = {secret.reveal() for secret in secrets if secret is not None}
    passwords = {urlsplit(secret).password for secret in found if "://" in secret}
    return frozenset(found.union(unquote(password) for password in passwords if password))
