"""Settings out of environment variables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from novita_sdk._core.settings_check import Source, allowed_for, show, url_problem
from novita_sdk._core.settings_table import CLIENT_FIELDS, SECONDS, SECRET_KINDS, TABLE, Row
from novita_sdk.errors import SettingProblem

_WHOLE = re.compile(r"-?[0-9]+")
_DURATION = re.compile(r"(?P<number>-?[0-9]+(?:\.[0-9]+)?) ?(?P<unit>ms|s|min|m|h|d)?")
_MOST_DIGITS = 20  # far beyond every range, and below what a conversion refuses
_BOOLEANS = MappingProxyType(
    {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}
)
_REST_URL, _REST_TOKEN = "UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN"


class Reading(NamedTuple):
    """What an environment says.

    Attributes:
        values: The fields that were set, converted but not checked for range.
        sources: Where each of them was read.
        problems: Fields whose text could not be converted.
    """

    values: dict[str, object]
    sources: dict[str, Source]
    problems: dict[str, SettingProblem]


def _find(row: Row, environ: Mapping[str, str], *, fallback_names: bool) -> tuple[Source, str] | None:
    """The first name of a row that is set; empty and blank count as not set."""
    sources = [Source(row.variable)]
    if fallback_names:
        sources += [Source(fallback.name, fallback) for fallback in row.fallbacks]
    for source in sources:
        text = environ.get(source.name, "")
        if text.strip():
            return source, text
    return None


def _convert(row: Row, text: str, source: Source) -> object:
    """Read the text of a variable; raises ValueError, without the text, if it has the wrong form."""
    if row.optional and text.strip().lower() == "none":
        return None
    if row.kind in SECRET_KINDS or row.kind == "base_url":
        return text
    text = text.strip()
    if row.kind == "boolean":
        if text.lower() not in _BOOLEANS:
            raise ValueError("is neither true nor false")
        return _BOOLEANS[text.lower()]
    if row.kind == "integer":
        if not _WHOLE.fullmatch(text) or len(text) > _MOST_DIGITS:
            raise ValueError("is not a whole number")
        return int(text)
    if row.kind == "duration":
        match = _DURATION.fullmatch(text)
        if match is None or len(text) > _MOST_DIGITS:
            raise ValueError("is not a duration")
        bare_unit = source.fallback.unit if source.fallback is not None else None
        return float(Decimal(match["number"]) * SECONDS[match["unit"] or bare_unit or "s"])
    return text


def _upstash(environ: Mapping[str, str]) -> tuple[Source, str] | SettingProblem | None:
    """Make a Redis URL of the pair of variables that one hosting service hands out."""
    url, token = (environ.get(name, "").strip() for name in (_REST_URL, _REST_TOKEN))
    if not url and not token:
        return None
    if not url or not token:
        missing, present = (_REST_URL, _REST_TOKEN) if not url else (_REST_TOKEN, _REST_URL)
        return SettingProblem(missing, f"is not set, but {present} is", "both or none")
    if not token.isascii() or not token.isprintable() or " " in token:
        return SettingProblem(
            _REST_TOKEN, "contains blanks or characters outside printable ASCII", "the token alone"
        )
    problem = url_problem(url, ("https",), bare=True)
    if problem is not None:
        return SettingProblem(_REST_URL, problem, "https://host")
    return Source(_REST_URL), f"rediss://default:{quote(token, safe='')}@{urlsplit(url).hostname}:6379"


def read_environment(
    environ: Mapping[str, str], *, fallback_names: bool = False, fields: Iterable[str] | None = None
) -> Reading:
    """Read settings from environment variables.

    Args:
        environ: The variables; unknown ones are ignored.
        fallback_names: Whether the older service's names count too, after the `NOVITA_` ones.
        fields: The fields to read; None means all.

    Returns:
        The values found and the problems met.
    """
    wanted = None if fields is None else frozenset(fields)
    reading = Reading({}, {}, {})
    for row in TABLE:
        if wanted is not None and row.field not in wanted:
            continue
        found: tuple[Source, str] | SettingProblem | None = _find(row, environ, fallback_names=fallback_names)
        if found is None and row.field == "redis_url" and fallback_names:
            found = _upstash(environ)
        if isinstance(found, SettingProblem):
            reading.problems[row.field] = found
        elif found is not None:
            source, text = found
            reading.sources[row.field] = source
            try:
                reading.values[row.field] = _convert(row, text, source)
            except ValueError as error:
                problem = SettingProblem(source.name, f"{show(text)} {error}", allowed_for(row, source))
                reading.problems[row.field] = problem
    return reading


def read_client_environment(environ: Mapping[str, str]) -> Reading:
    """Read the five variables that a client looks at when it is made without settings.

    Args:
        environ: The variables.

    Returns:
        Keys, base URLs and the webhook secret, as far as they are set.
    """
    return read_environment(environ, fields=CLIENT_FIELDS)
