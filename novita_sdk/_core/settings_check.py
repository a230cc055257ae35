"""Whether the values of settings are allowed, whatever they came from."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import urlsplit

from novita_sdk._core.narrowing import is_number, is_whole_number
from novita_sdk._core.redact import redact_url
from novita_sdk._core.settings_table import SECRET_KINDS, TABLE, Fallback, Row
from novita_sdk.errors import SettingProblem
from novita_sdk.models.secret import Secret

_HOST = re.compile(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]")
_SHOWN_VALUE = 40


class Source(NamedTuple):
    """Where a value was read.

    Attributes:
        name: The name to report: a field or an environment variable.
        fallback: The older service's name, if it is one.
    """

    name: str
    fallback: Fallback | None = None


def show(value: object) -> str:
    """Write a wrong value so that it fits into a message; of a URL only what is no secret."""
    shown = redact_url(repr(value))
    return shown if len(shown) <= _SHOWN_VALUE else f"{shown[:_SHOWN_VALUE]}..."


def url_problem(text: str, schemes: tuple[str, ...], *, bare: bool = False) -> str | None:
    """Say what is wrong with a URL, without showing it.

    Args:
        text: The URL.
        schemes: The schemes allowed.
        bare: Whether userinfo, query and fragment are forbidden.

    Returns:
        The problem, or None.
    """
    if not text.isascii() or not text.isprintable() or " " in text:
        return "contains blanks or characters outside printable ASCII"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return "is not a URL"
    if parts.scheme not in schemes:
        return f"does not begin with {' or '.join(f'{scheme}://' for scheme in schemes)}"
    host = parts.netloc.rpartition("@")[2].removesuffix(f":{port}")
    if not _HOST.fullmatch(host) or port == 0:
        return "has no valid host and port"
    if bare and ("@" in parts.netloc or "?" in text or "#" in text):
        return "contains userinfo, a query or a fragment"
    return None


def normalise_base_url(text: str) -> str:
    """Write scheme and host in lower case and cut the slashes at the end."""
    scheme, mark, rest = text.partition("://")
    authority, slash, path = rest.partition("/")
    return f"{scheme.lower()}{mark}{authority.lower()}{slash}{path}".rstrip("/")


def is_exposed(url: str) -> bool:
    """Tell whether what is sent to a URL crosses a network without encryption."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "http" or host == "localhost" or host.endswith(".localhost"):
        return False
    try:
        return not ip_address(host).is_loopback
    except ValueError:
        return True  # a name


def _check_key(_row: Row, value: object, shortest_key: int) -> str | None:
    if not isinstance(value, str):
        return "is not text"
    if not all("!" <= char <= "~" for char in value):
        return "contains blanks, line breaks or characters outside printable ASCII"
    if len(value) < shortest_key:
        return "is empty" if not value else f"has fewer than {shortest_key} characters"
    return None


def _check_secret(row: Row, value: object, _shortest_key: int) -> str | None:
    if not isinstance(value, str):
        return "is not text"
    return f"has fewer than {row.low:.0f} characters" if row.low and len(value) < row.low else None


def _url_check(schemes: tuple[str, ...], *, bare: bool) -> Callable[[Row, object, int], str | None]:
    def check(_row: Row, value: object, _shortest_key: int) -> str | None:
        return url_problem(value, schemes, bare=bare) if isinstance(value, str) else "is not text"

    return check


def _check_text(row: Row, value: object, _shortest_key: int) -> str | None:
    if not isinstance(value, str):
        return "is not text"
    return None if row.pattern is None or re.fullmatch(row.pattern, value) else "has the wrong form"


def _check_path(_row: Row, value: object, _shortest_key: int) -> str | None:
    if not isinstance(value, str):
        return "is not a path"
    return None if value.strip() and "\0" not in value else "is no file path"


def _check_boolean(_row: Row, value: object, _shortest_key: int) -> str | None:
    return None if isinstance(value, bool) else "is neither true nor false"


def _check_integer(_row: Row, value: object, _shortest_key: int) -> str | None:
    return None if is_whole_number(value) else "is not a whole number"


def _check_duration(_row: Row, value: object, _shortest_key: int) -> str | None:
    return None if is_number(value) else "is not a number of seconds"


_CHECKS: Mapping[str, Callable[[Row, object, int], str | None]] = MappingProxyType(
    {
        "key": _check_key,
        "secret": _check_secret,
        "base_url": _url_check(("http", "https"), bare=True),
        "http_url": _url_check(("http", "https"), bare=False),
        "redis_url": _url_check(("redis", "rediss"), bare=False),
        "text": _check_text,
        "path": _check_path,
        "boolean": _check_boolean,
        "integer": _check_integer,
        "duration": _check_duration,
    }
)


def _range_problem(row: Row, value: float, source: Source) -> str | None:
    low = row.low
    unit = None
    if source.fallback is not None:
        unit = source.fallback.unit
        low = low if source.fallback.low is None else source.fallback.low
    shown = row.shown(value, unit or "s") + (f" {unit or 's'}" if row.kind == "duration" else "")
    if low is not None and (value < low or (row.above and value <= low)):
        return f"{shown} is too little"
    if row.high is not None and value > row.high:
        return f"{shown} is too much"
    return None


def allowed_for(row: Row, source: Source) -> str:
    """Say which values are right under the name that was read."""
    fallback = source.fallback
    if fallback is None or row.kind not in {"integer", "duration"}:
        return row.allowed()
    unit = f" (a bare number counts {fallback.unit})" if fallback.unit else ""
    return f"{row.allowed(fallback.unit, fallback.low)}{unit}; or set {row.variable} to {row.allowed()}"


def check_value(row: Row, value: object, source: Source, shortest_key: int = 1) -> SettingProblem | None:
    """Check one value.

    Args:
        row: The setting.
        value: What it is to be; None means "not set", or "off" where the row allows that.
        source: Where it was read.
        shortest_key: Fewest characters of an API key.

    Returns:
        The problem, without the value of a secret; or None.
    """
    if value is None and (row.optional or row.default is None):
        return None
    plain = value.reveal() if isinstance(value, Secret) else value
    problem = _CHECKS[row.kind](row, plain, shortest_key)
    if problem is not None and row.kind not in SECRET_KINDS:
        problem = f"{show(value)} {problem}"
    if problem is None and is_number(plain):
        problem = _range_problem(row, plain, source)
    return None if problem is None else SettingProblem(source.name, problem, allowed_for(row, source))


def _burst_problem(values: Mapping[str, object]) -> str | None:
    limits = [values.get(name) for name in ("rate_limit", "internal_rate_limit", "gateway_rate_limit")]
    smallest = min((limit for limit in limits if isinstance(limit, int)), default=None)
    burst = values.get("rate_burst")
    if smallest is None or not isinstance(burst, int) or burst < smallest:
        return None
    return f"{burst} is not below the smallest rate limit, {smallest}"


def _store_problem(values: Mapping[str, object]) -> str | None:
    both = values.get("state_path") is not None and values.get("redis_url") is not None
    return "is set together with a Redis URL; a client has one store" if both else None


# Rules over more than one setting; each is reported under the setting named here.
_TOGETHER: Mapping[str, Callable[[Mapping[str, object]], str | None]] = MappingProxyType(
    {"rate_burst": _burst_problem, "state_path": _store_problem}
)


def check_settings(
    values: Mapping[str, object],
    sources: Mapping[str, Source] = MappingProxyType({}),
    found: Mapping[str, SettingProblem] = MappingProxyType({}),
    shortest_key: int = 1,
) -> tuple[SettingProblem, ...]:
    """Check all settings at once.

    Args:
        values: What each field is to be; a field that is missing has its default.
        sources: Where each was read; a field that is missing was given under its own name.
        found: Problems met while reading; such a field is not checked again.
        shortest_key: Fewest characters of an API key.

    Returns:
        Every problem, in table order.
    """
    full = {row.field: values.get(row.field, row.default) for row in TABLE}
    problems: list[SettingProblem] = []
    for row in TABLE:
        source = sources.get(row.field, Source(row.field))
        problem = found.get(row.field) or check_value(row, full[row.field], source, shortest_key)
        together = _TOGETHER.get(row.field)
        if problem is None and together is not None and (text := together(full)) is not None:
            problem = SettingProblem(source.name, text, allowed_for(row, source))
        if problem is not None:
            problems.append(problem)
    return tuple(problems)
