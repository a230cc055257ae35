"""What every model has in common: how it is declared, shown and kept unchanged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final, Literal, TypeVar, cast, dataclass_transform

import attrs

from novita_sdk.models.json_types import JSON
from novita_sdk.models.read_only import NOTHING_EXTRA, read_only
from novita_sdk.models.shown import shown, shown_text, shown_url, withheld

M = TypeVar("M")

_REPR: Final[Mapping[str, Callable[[Any], str]]] = {
    "plain": shown,
    "withheld": withheld,
    "url": shown_url,
    "text": shown_text,
}


def field(
    *,
    default: Any = attrs.NOTHING,
    wire: str | None = None,
    local: bool = False,
    units_per_usd: int | None = None,
    show: Literal["plain", "withheld", "url", "text"] = "plain",
    hashed: bool = True,
    whole: bool = False,
) -> Any:
    """Declare a field of a model that needs more than a type and a default.

    Args:
        default: Value when the key is absent, null or (numbers, times, words) empty; left out = required.
        wire: Key on the wire, when it is not the camelCase of the field's name.
        local: The field is the SDK's own: neither read from nor written to the wire.
        units_per_usd: For `Money`: how many of the wire's numbers make one US dollar.
        show: How `repr` shows it: as it is, not at all, as a URL without user and query, or as text without
            those of the URLs in it.
        hashed: Whether the field counts in `hash()`; False for raw JSON.
        whole: The field holds the JSON object that the model was read from; no part of `repr` or equality.
    """
    return attrs.field(
        default=default,
        repr=False if whole else _REPR[show],
        eq=not whole,
        hash=None if hashed and not whole else False,
        metadata={"wire": wire, "local": local, "units_per_usd": units_per_usd, "whole": whole},
    )


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(attrs.field, field))
def model(cls: type[M]) -> type[M]:
    """Make a class a model: slots, keyword arguments, unchangeable, compared and hashed by its fields."""
    # frozen setters rather than frozen=True: the class then keeps an ordinary, faster __init__
    return attrs.define(cls, on_setattr=attrs.setters.frozen, kw_only=True, unsafe_hash=True, repr=False)


@model
class Model:
    """Base of all response objects.

    Attributes:
        extra: Keys this release does not know, with their JSON values; read-only, and no part of `repr`,
            equality or hash. They are written back when the object is turned into JSON again.
    """

    __attrs_attrs__: ClassVar[Any]  # lets type checkers accept models where attrs asks for its own

    extra: Mapping[str, JSON] = attrs.field(default=NOTHING_EXTRA, converter=read_only, eq=False, repr=False)

    def __repr__(self) -> str:
        parts: list[str] = []
        for attribute in attrs.fields(type(self)):
            value = getattr(self, attribute.name)
            if attribute.repr is False or value is None or value == ():
                continue  # half of an object's keys are usually absent: showing them would hide the rest
            show = attribute.repr if callable(attribute.repr) else shown
            parts.append(f"{attribute.name}={show(value)}")
        return f"{type(self).__name__}({', '.join(parts)})"


def replace(model: M, **changes: object) -> M:
    """Return a copy of a model in which some fields have other values.

    Args:
        model: The model.
        **changes: Fields and their new values.
    """
    copy: M = attrs.evolve(cast("Any", model), **changes)
    return copy
