"""Which instances a helper may touch: only those that were named, by id, by name or by their own tag."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fnmatch import translate
from types import MappingProxyType
from typing import Final, Literal, TypeAlias, cast

import attrs

from novita_sdk._core.wire import problem
from novita_sdk.errors import ValidationError
from novita_sdk.models.instance import Instance

Include: TypeAlias = str | re.Pattern[str] | Iterable[str | re.Pattern[str]] | None
"""An id or a glob over names, a compiled pattern that the whole name fits, or several of them."""

SelectionReason: TypeAlias = Literal[
    "included", "tag_on", "excluded", "tag_off", "tag_unreadable", "tag_unknown", "not_included"
]

_ON: Final = frozenset({"on", "true", "1"})
_OFF: Final = frozenset({"off", "false", "0"})
_DURATION: Final = re.compile(r"([0-9]{1,9})([smhd])", re.ASCII)
_UNITS: Final[Mapping[str, int]] = MappingProxyType({"s": 1, "m": 60, "h": 3600, "d": 86_400})
_SHORTEST: Final = 120.0  # seconds: a shorter threshold would stop what is in use

_TAG_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


@attrs.frozen
class SelectionVerdict:
    """Whether a helper may touch an instance.

    Attributes:
        selected: Whether it may.
        reason: Why, or why not.
        threshold: Seconds that the tag asks for; None if it does not.
    """

    selected: bool
    reason: SelectionReason
    threshold: float | None = None


class InstanceSelection:
    """The rule by which instances are opted in.

    Args:
        include: An id or a glob over names such as `"train-*"`, a compiled pattern that the whole name must fit,
            or several of these. Names are compared without the mark of a create, and case counts.
        exclude: The same; it wins over everything else.
        tag: Name of an environment variable by which an instance decides for itself: `on`, `true` or `1` opts it in,
            a duration such as `45m`, `2h` or `900s` does so with a threshold of its own, `off`, `false` or `0` opts
            it out whatever `include` says.

    Raises:
        ValidationError: Neither `include` nor `tag` says anything, or one of the three is no such thing.
    """

    def __init__(self, include: Include = None, *, exclude: Include = None, tag: str | None = None) -> None:
        self._included = _Names("include", include)
        self._excluded = _Names("exclude", exclude)
        self.tag = tag
        if tag is not None and (not isinstance(tag, str) or not _TAG_NAME.fullmatch(tag)):  # pyright: ignore[reportUnnecessaryIsInstance]
            message = "must be the name of an environment variable, such as NOVITA_SDK_AUTO_STOP"
            raise ValidationError(problems=(problem("tag", tag, message),))
        if not self._included and tag is None:
            message = (
                "name the instances by id or pattern, or give tag=: nothing is touched that was not opted in"
            )
            raise ValidationError(problems=(problem("include", include, message),))

    def verdict(self, instance: Instance, *, env: Mapping[str, str] | None = None) -> SelectionVerdict:
        """Judge an instance.

        Args:
            instance: The instance, as listed.
            env: Its environment if the list hides it; left out, that of `instance`.
        """
        if self._excluded.hold(instance):
            return SelectionVerdict(False, "excluded")
        if self.tag is not None:
            value = (instance.env if env is None else env).get(self.tag)
            if value is not None:
                return _read_tag(value)
        if self._included.hold(instance):
            return SelectionVerdict(True, "included")
        return SelectionVerdict(False, "not_included")

    def asks_for_env(self, instance: Instance) -> bool:
        """Tell whether an instance whose listed environment is empty cannot be judged without it."""
        return self.tag is not None and not instance.envs and not self._excluded.hold(instance)


def _read_tag(value: str) -> SelectionVerdict:
    text = value.strip().lower()
    if text in _ON:
        return SelectionVerdict(True, "tag_on")
    if text in _OFF:
        return SelectionVerdict(False, "tag_off")
    duration = _DURATION.fullmatch(text)
    if duration is not None:
        threshold = float(int(duration[1]) * _UNITS[duration[2]])
        if threshold >= _SHORTEST:
            return SelectionVerdict(True, "tag_on", threshold)
    return SelectionVerdict(False, "tag_unreadable")


class _Names:
    """Ids, globs and compiled patterns."""

    def __init__(self, argument: str, given: Include) -> None:
        self._ids: set[str] = set()
        self._patterns: list[re.Pattern[str]] = []
        globs: list[str] = []
        for item in _items(argument, given):
            if isinstance(item, re.Pattern):
                self._patterns.append(item)
            else:
                self._ids.add(item)
                globs.append(translate(item))
        if globs:
            self._patterns.append(re.compile("|".join(globs)))

    def __bool__(self) -> bool:
        return bool(self._ids or self._patterns)

    def hold(self, instance: Instance) -> bool:
        """Tell whether an instance is among them."""
        if instance.id in self._ids:
            return True
        name = instance.base_name
        return name is not None and any(pattern.fullmatch(name) for pattern in self._patterns)


def _items(argument: str, given: object) -> list[str | re.Pattern[str]]:
    if given is None:
        return []
    several = isinstance(given, list | tuple | set | frozenset)
    listed: list[object] = list(cast("Iterable[object]", given)) if several else [given]
    for item in listed:
        if not (isinstance(item, str) and item) and not _is_pattern(item):
            message = "must be an id, a glob such as 'train-*', a compiled pattern, or a list of these"
            raise ValidationError(problems=(problem(argument, item, message),))
    return cast("list[str | re.Pattern[str]]", listed)


def _is_pattern(item: object) -> bool:
    return isinstance(item, re.Pattern) and isinstance(cast("re.Pattern[str]", item).pattern, str)  # pyright: ignore[reportUnnecessaryIsInstance]  # patterns of bytes exist
