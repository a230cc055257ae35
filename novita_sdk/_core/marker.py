"""The mark a created instance carries, so that a create whose answer was lost can be found again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from novita_sdk._core.narrowing import is_array, is_mapping
from novita_sdk.models.json_types import JSON
from novita_sdk.models.marked_name import NAME_MARK, unmarked_name

MARKER_ENV: Final = "NOVITA_SDK_OPERATION_ID"
"""Environment variable whose value is the operation id."""

Marker: TypeAlias = Literal["env", "env+name", "none"]
"""Where a create leaves its mark: in the environment, also at the end of the name, or nowhere."""


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


def name_suffix(operation_id: str) -> str:
    """Return what a name marked with the operation id ends with."""
    return f"{NAME_MARK}{operation_id}"


def mark(body: Mapping[str, JSON], operation_id: str, marker: Marker = "env") -> dict[str, JSON]:
    """Return a create body that carries the operation id; a mark copied from elsewhere is replaced.

    Args:
        body: The body as it was built.
        operation_id: The identity of this create.
        marker: Where the mark goes.
    """
    own = [pair for pair in _pairs(body) if pair.get("key") != MARKER_ENV]
    if marker == "none":
        return {**body, "envs": own} if "envs" in body else dict(body)
    marked = {**body, "envs": [*own, {"key": MARKER_ENV, "value": operation_id}]}
    if marker == "env+name":
        name: str = body.get("name") or ""
        marked["name"] = unmarked_name(name) + name_suffix(operation_id)
    return marked
