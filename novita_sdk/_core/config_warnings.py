"""What a client says about settings that are allowed but probably not meant."""

from __future__ import annotations

import logging

from novita_sdk._core.families import FAMILIES, base_urls_of, key_of
from novita_sdk._core.log_records import log
from novita_sdk._core.settings_check import is_exposed
from novita_sdk.options import Settings

_CONFIG = logging.getLogger("novita_sdk.config")


def warn_of(settings: Settings) -> None:
    """Write a warning for each doubtful setting of a client."""
    base_urls = base_urls_of(settings)
    for name, family in FAMILIES.items():
        if key_of(settings, name) is not None and is_exposed(base_urls[name]):
            log(
                _CONFIG,
                logging.WARNING,
                "%(setting)s is plain http: the key of %(family)s crosses the network in clear",
                setting=family.base_url,
                family=name,
            )
    if settings.internal_api_key is not None and settings.internal_api_key == settings.api_key:
        log(
            _CONFIG,
            logging.WARNING,
            "%(setting)s equals api_key; the internal host has a key of its own",
            setting="internal_api_key",
        )
