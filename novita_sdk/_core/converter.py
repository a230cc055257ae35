"""The same tolerant reading for any other type, as a cattrs converter; the SDK's own calls do without it."""

from __future__ import annotations

import typing
from collections.abc import Callable
from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Final

from novita_sdk._core.codec import structure, unstructure
from novita_sdk._core.decoding import is_model
from novita_sdk._core.scalar_kinds import REQUIRED, Scalar, scalar
from novita_sdk.models.json_types import JSON
from novita_sdk.models.open_enum import OpenEnum

if TYPE_CHECKING:
    from cattrs import Converter

_UNIONS: Final = (UnionType, typing.Union)

Hook: typing.TypeAlias = Callable[[JSON, Any], Any]


@cache
def converter() -> Converter:
    """Give the one converter; cattrs is imported and the converter built at the first call.

    `converter().structure(raw, Instance)` is the same as `structure(Instance, raw)`, error included. Numbers,
    texts, times, open enumerations and secrets follow the same rules in containers and in attrs classes of
    the caller's own, such as `list[Instance]` or `dict[str, int | None]`.
    """
    from cattrs import Converter  # noqa: PLC0415  # nobody pays for it who does not ask for it

    made = Converter()
    made.register_structure_hook_factory(lambda kind: _rule(kind) is not None, _scalar_hook)
    made.register_structure_hook_factory(is_model, _model_hook)
    made.register_unstructure_hook(OpenEnum, unstructure)  # before the converter's own rule for enumerations
    made.register_unstructure_hook_func(lambda kind: is_model(kind) or _rule(kind) is not None, unstructure)
    return made


def _rule(kind: Any) -> Scalar | None:
    """Give the way a scalar, or a scalar or None, is read."""
    if typing.get_origin(kind) not in _UNIONS:
        return scalar(kind, REQUIRED)
    inner = [part for part in typing.get_args(kind) if part is not NoneType]
    return scalar(inner[0], None) if len(inner) == 1 else None


def _scalar_hook(kind: Any) -> Hook:
    rule = _rule(kind)

    def read(value: JSON, _: Any) -> Any:
        return value if rule is None else rule.read(value)

    return read


def _model_hook(kind: Any) -> Hook:
    def read(value: JSON, _: Any) -> Any:
        return structure(kind, value)

    return read
