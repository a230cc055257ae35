"""The mark a created instance carries, so that a create whose answer was lost can be found again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from novita_sdk._core.narrowing import is_array, is_mapping
from novita_sdk.models.json_types import JSON

MARKER_ENV: Final = "NOVITA_SDK_OPERATION_ID"
"""Environment variable whose value is the operation id."""


def _pairs(source: Mapping[str, JSON]) -> list[Mapping[object, object]]:
    """The environment of a create body or of an instance; whatever is not a pair is left out."""
    pairs: object = source.get("envs")
    return [pair for pair in pairs if is_mapping(pair)] if is_array(pairs) else []


def operation_id_of(source: Mapping[str, JSON]) -> str | None:
    """Return the operation id that a create body or an instance, as decoded JSON, is marked with."""
    for pair in _pairs(source):
        value = pair.get("value")
        if pair.get("key") == MARKER_ENV and isinstance(value, str) and value:
            return value
    return None


def mark(body: Mapping[str, JSON], operation_id: str) -> dict[str, JSON]:
    """Return a create body that carries the operation id; a mark copied from elsewhere is replaced.

    Args:
        body: The body as it was built.
        operation_id: The identity of this create.
    """
    own = [pair for pair in _pairs(body) if pair.get("key") != MARKER_ENV]
    return {**body, "envs": [*own, {"key": MARKER_ENV, "value": operation_id}]}
