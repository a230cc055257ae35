"""A mapping that cannot be changed, for the keys a model does not know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from novita_sdk.models.json_types import JSON


class ReadOnlyMapping(Mapping[str, JSON]):
    """Keys and values of a JSON object, without any way to set them.

    Its `repr` shows the keys only: nobody knows whether an unknown value is a secret.

    Args:
        entries: The keys and values; the mapping given is not copied.
    """

    __slots__ = ("_entries",)

    def __init__(self, entries: Mapping[str, JSON]) -> None:
        self._entries = entries

    def __getitem__(self, key: str) -> JSON:
        return self._entries[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        return f"<keys: {', '.join(map(repr, self._entries))}>"

    def __reduce__(self) -> tuple[object, tuple[dict[str, JSON]]]:
        return (read_only, (dict(self._entries),))


NOTHING_EXTRA = ReadOnlyMapping({})
"""The one empty mapping that every model without unknown keys shares."""


def read_only(entries: Mapping[str, JSON]) -> ReadOnlyMapping:
    """Wrap a mapping; an empty one becomes the shared `NOTHING_EXTRA`."""
    if isinstance(entries, ReadOnlyMapping):
        return entries
    return ReadOnlyMapping(dict(entries)) if entries else NOTHING_EXTRA
