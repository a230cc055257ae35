"""Fast tolerant decoders: one function per model class, generated at first use from its fields."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, TypeGuard, TypeVar

import attrs

from novita_sdk._core.scalar_kinds import REQUIRED, Anything, Fault, Kind, Names, money, scalar
from novita_sdk._core.scalars import Unreadable, described, is_array, is_object
from novita_sdk.models.base import Model
from novita_sdk.models.json_types import JSON
from novita_sdk.models.money import Money
from novita_sdk.models.read_only import NOTHING_EXTRA, ReadOnlyMapping

M = TypeVar("M", bound=Model)


class Object:
    """A nested model, which may also come as an array of one (or of none, if it may be absent)."""

    def __init__(self, model: type[Model], default: Any) -> None:
        self.model = model
        self.default = default

    def lines(self, names: Names) -> list[str]:
        """Hand objects to the decoder of their class."""
        condition = "if v is not None: " if self.default is None else ""
        decode, read = names.add(decoder(self.model)), names.add(self.read)
        return [f"{condition}v = {decode}(v) if v.__class__ is dict else {read}(v)"]

    def read(self, value: JSON) -> Any:
        """Read an object, or what stands for one."""
        if self._is_left_out(value):
            return self.default
        return decoder(self.model)(value[0] if is_array(value) and len(value) == 1 else value)

    def fault(self, value: JSON, path: str) -> Fault | None:
        """Look for the fault inside."""
        if self._is_left_out(value):
            return None
        if is_array(value) and len(value) == 1:
            return find_fault(self.model, value[0], f"{path}[0]")
        return find_fault(self.model, value, path)

    def write(self, value: Any) -> JSON:
        """Turn the object into JSON."""
        return unstructure_model(value)

    def _is_left_out(self, value: JSON) -> bool:
        return self.default is not REQUIRED and (value is None or value == [])


class Array:
    """An array; where its items are objects, one object alone may stand for an array of one."""

    def __init__(self, item: Kind, default: Any) -> None:
        self.default = default
        self._item = item

    def lines(self, names: Names) -> list[str]:
        """Read the items of an array in one go."""
        default, read_item, read = names.add(self.default), names.add(self._read_item()), names.add(self.read)
        absent = "False" if self.default is REQUIRED else "v is None"
        return [
            f"if {absent}: v = {default}",
            f"elif v.__class__ is list: v = tuple(map({read_item}, v)) if v else ()",
            f"else: v = {read}(v)",
        ]

    def read(self, value: JSON) -> Any:
        """Read an array, or what stands for one."""
        if value is None and self.default is not REQUIRED:
            return self.default
        if is_object(value) and isinstance(self._item, Object):
            return (self._read_item()(value),)
        if is_array(value):
            return tuple(map(self._read_item(), value))
        raise Unreadable(f"expected an array, got {described(value)}")

    def fault(self, value: JSON, path: str) -> Fault | None:
        """Look for the first item that cannot be read."""
        if value is None and self.default is not REQUIRED:
            return None
        if is_object(value) and isinstance(self._item, Object):
            return self._item_fault(value, path)
        if is_array(value):
            faults = (self._item_fault(item, f"{path}[{index}]") for index, item in enumerate(value))
            return next(filter(None, faults), None)
        return Fault(path, f"expected an array, got {described(value)}")

    def write(self, value: Any) -> JSON:
        """Write the items."""
        return [self._item.write(item) for item in value]

    def _read_item(self) -> Callable[[JSON], Any]:
        # inside an array an array of one does not stand for an object: that leniency is for single fields
        return decoder(self._item.model) if isinstance(self._item, Object) else self._item.read

    def _item_fault(self, item: JSON, path: str) -> Fault | None:
        nested = self._item
        return (
            find_fault(nested.model, item, path) if isinstance(nested, Object) else nested.fault(item, path)
        )


class Field(NamedTuple):
    """One attribute of a model that stands on the wire."""

    name: str
    wire: str
    kind: Kind


class Plan(NamedTuple):
    """What the decoder of one model class is generated from.

    Attributes:
        fields: The attributes that stand on the wire.
        local: The SDK's own attributes with their defaults.
        known: The wire keys of `fields`.
        required: The wire keys without which the object cannot be read; the first is its id.
        whole: The attribute that keeps the object as it came, if there is one.
    """

    fields: tuple[Field, ...]
    local: Mapping[str, Any]
    known: frozenset[str]
    required: tuple[str, ...]
    whole: str | None


_plans: Final[dict[type[Model], Plan]] = {}
_decoders: Final[dict[type[Model], Callable[[JSON], Any]]] = {}


def plan(model: type[Model]) -> Plan:
    """Say how a class stands on the wire."""
    found = _plans.get(model)
    if found is None:
        found = _plans[model] = _plan(model)
    return found


def decoder(model: type[M]) -> Callable[[JSON], M]:
    """Give the fast decoder of a model class.

    It takes the JSON object and returns the model, or raises whatever its statements raise: the caller then
    asks `find_fault` for the place. It runs neither `__init__` nor converters: a model has no validators.
    """
    found = _decoders.get(model)
    if found is None:
        found = _decoders[model] = _compiled(model)
    return found


def _plan(model: type[Model]) -> Plan:
    hints = typing.get_type_hints(model)
    fields: list[Field] = []
    local: dict[str, Any] = {}
    whole: str | None = None
    for attribute in attrs.fields(model):
        name, metadata = attribute.name, attribute.metadata
        if name == "extra":
            continue
        if metadata.get("whole"):
            whole = name
            continue
        if metadata.get("local"):
            local[name] = attribute.default
            continue
        kind = _kind(hints[name], attribute.default, metadata.get("units_per_usd"))
        fields.append(Field(name, metadata.get("wire") or camel_case(name), kind))
    return Plan(
        tuple(fields),
        local,
        frozenset(field.wire for field in fields),
        tuple(field.wire for field in fields if field.kind.default is REQUIRED),
        whole,
    )


def camel_case(name: str) -> str:
    """Turn a field's name into the wire's spelling: `gpu_num` -> `gpuNum`."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def is_model(hint: Any) -> TypeGuard[type[Model]]:
    """Tell whether a type is a model class."""
    return isinstance(hint, type) and issubclass(hint, Model)


def _kind(hint: Any, default: Any, units_per_usd: int | None) -> Kind:
    if isinstance(hint, types.UnionType):  # every union here is "or None", which the default says
        (hint,) = (part for part in typing.get_args(hint) if part is not types.NoneType)
    if hint is Any:
        return Anything(default)
    if typing.get_origin(hint) is tuple:
        return Array(_kind(typing.get_args(hint)[0], REQUIRED, units_per_usd), default)
    if hint is Money and units_per_usd is not None:
        return money(units_per_usd, default)
    if is_model(hint):
        return Object(hint, default)
    found = scalar(hint, default)
    if found is None:
        raise TypeError(f"a model field cannot be of type {hint!r}")
    return found


def _compiled(model: type[Model]) -> Callable[[JSON], Any]:
    outline = plan(model)
    names = Names(
        builder=_builder(model),
        known=outline.known,
        knows_all_of=outline.known.issuperset,
        model=model,
        new=object.__new__,
        nothing_extra=NOTHING_EXTRA,
        read_only=ReadOnlyMapping,
    )
    body: list[str] = []
    if (from_text := getattr(model, "from_text", None)) is not None:
        body.append(f"if raw.__class__ is str: return {names.add(from_text)}(raw)")
    body += ["get = raw.get", "it = new(builder)"]
    for field in outline.fields:
        body += [f"v = get({field.wire!r})", *field.kind.lines(names), f"it.{field.name} = v"]
    body += [f"it.{name} = {names.add(default)}" for name, default in outline.local.items()]
    if outline.whole is not None:
        body.append(f"it.{outline.whole} = read_only(raw)")
    body += [
        "it.extra = (nothing_extra if knows_all_of(raw)",
        "            else read_only({key: raw[key] for key in raw if key not in known}))",
        "it.__class__ = model",
        "return it",
    ]
    source = "\n    ".join(["def decode(raw):", *body])
    exec(compile(source, f"<decoder of {model.__name__}>", "exec"), names)  # noqa: S102  # from our own tables
    decode: Callable[[JSON], Any] = names["decode"]
    return decode


def _builder(model: type[Model]) -> type[Model]:
    # The models refuse assignment, and going round that for each field (object.__setattr__, or the __init__
    # that attrs makes) costs six times as much as plain assignment. So an object is born as this open twin of
    # the same layout and becomes the real, closed class when it is filled.
    return type(model.__name__, (model,), {"__slots__": (), "__setattr__": object.__setattr__})


def find_fault(model: type[Model], raw: JSON, path: str) -> Fault | None:
    """Find the first place where an object cannot be read; slow, and only asked when the fast way failed."""
    if isinstance(raw, str) and hasattr(model, "from_text"):
        return None
    if not is_object(raw):
        return Fault(path, f"expected an object, got {described(raw)}")
    for field in plan(model).fields:
        place = f"{path}.{field.wire}"
        if field.wire not in raw and field.kind.default is REQUIRED:
            return Fault(place, "is missing")
        fault = field.kind.fault(raw.get(field.wire), place)
        if fault is not None:
            return fault
    return None


def unstructure_model(value: Model) -> dict[str, JSON]:
    """Turn a model into its JSON object: all known keys, null where there is no value, and the extra ones."""
    known: dict[str, JSON] = {}
    for field in plan(type(value)).fields:
        inner = getattr(value, field.name)
        known[field.wire] = None if inner is None else field.kind.write(inner)
    return {**value.extra, **known}
