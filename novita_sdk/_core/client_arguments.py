"""The arguments of a client's constructor, checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from novita_sdk._core.settings_table import TABLE
from novita_sdk.errors import ConfigurationError, SettingProblem
from novita_sdk.models.unset import Unset
from novita_sdk.options import Settings, Timeouts, check_headers

_APP: Final = re.compile(r"[A-Za-z0-9._-]{1,64}(/[A-Za-z0-9._+-]{1,64})?")


def checked_arguments(
    client: str,
    arguments: Mapping[str, object],
    *,
    app: str | None,
    default_headers: Mapping[str, str] | None,
) -> Mapping[str, object]:
    """Return the settings among a constructor's keyword arguments.

    Args:
        client: Name of the client's class.
        arguments: The keyword arguments.
        app: The application's name for the User-Agent.
        default_headers: Headers of every request.

    Raises:
        TypeError: There is no such argument.
        ConfigurationError: `app` or a header cannot be sent.
    """
    known = {row.field for row in TABLE}
    unknown = sorted(arguments.keys() - known)
    if unknown:
        raise TypeError(f"{client}() got an unexpected keyword argument {unknown[0]!r}")
    problems = [
        SettingProblem(found.field, found.message, "extra headers of printable ASCII")
        for found in check_headers(default_headers or {}, "default_headers")
    ]
    if app is not None and not _APP.fullmatch(app):
        problems.append(SettingProblem("app", f"{app[:80]!r} cannot be sent", "a name such as 'trainer/1.4'"))
    if problems:
        raise ConfigurationError(problems=tuple(problems))
    return arguments


def checked_timeouts(timeouts: Timeouts | float | Unset, settings: Settings) -> Timeouts:
    """Return the limits in force.

    Args:
        timeouts: What the caller gave: limits, seconds between two pieces of an answer, or nothing.
        settings: What fills in the rest.

    Raises:
        ConfigurationError: A limit is wrong.
    """
    if isinstance(timeouts, Unset):
        timeouts = Timeouts()
    elif not isinstance(timeouts, Timeouts):
        timeouts = Timeouts(read=timeouts)
    return timeouts.completed(settings)
