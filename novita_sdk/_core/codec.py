"""From bytes to models and back: tolerant, and exact about the place where it is not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final, Generic, NoReturn, TypeVar

import attrs

from novita_sdk._core import narrowing
from novita_sdk._core.decoding import decoder, find_fault, plan, unstructure_model
from novita_sdk._core.scalars import (
    Unreadable,
    described,
    is_array,
    is_empty,
    is_object,
    read_int,
    write_time,
)
from novita_sdk.models.base import Model
from novita_sdk.models.item_problem import ItemProblem
from novita_sdk.models.json_types import JSON
from novita_sdk.models.money import Money
from novita_sdk.models.open_enum import OpenEnum
from novita_sdk.models.secret import Secret

M = TypeVar("M", bound=Model)

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_SINGLE_KEYS: Final = ("data", "instance")
_TOTAL: Final = "total"


class DecodeFailure(Exception):  # noqa: N818  # internal: the shells turn it into ResponseDecodeError
    """A body, or a value in it, cannot be read.

    Attributes:
        path: JSON path of the value, such as `$.instances[1].gpuNum`; `$` is the whole body.
        model: Name of the class that was meant; empty if the body is no JSON.
        detail: What was expected and what stood there.
    """

    def __init__(self, path: str, model: str, detail: str) -> None:
        super().__init__(path, model, detail)
        self.path = path
        self.model = model
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.path}: {self.detail}"


class EmptyAnswer(DecodeFailure):
    """Where one object was expected came `{}`, null or `[]`."""


@attrs.frozen(kw_only=True)
class ListReading(Generic[M]):
    """What one page of a list held.

    Attributes:
        items: The items that could be read, in order.
        problems: The ones that could not.
        total: How many items there are on all pages, if the answer says so.
    """

    items: list[M]
    problems: list[ItemProblem]
    total: int | None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_json = json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse_constant)


def decode_json(body: bytes) -> JSON:
    """Read a JSON body; decimals become `Decimal`, and of equal keys the last wins.

    Raises:
        DecodeFailure: The bytes are no UTF-8 or no JSON (truncated, NaN, nested too deeply, absurd numbers).
    """
    try:
        return _json.decode(body.removeprefix(_BYTE_ORDER_MARK).decode())
    except (ValueError, ArithmeticError, RecursionError) as error:
        problem = "nested too deeply" if isinstance(error, RecursionError) else _first_line(error)
        raise DecodeFailure("$", "", f"the body is not JSON: {problem}") from error


def _first_line(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at character {error.pos}"
    if isinstance(error, UnicodeDecodeError):
        return f"byte {error.start} is not UTF-8"  # the text of this error repeats the bytes
    return str(error) or type(error).__name__


def structure(model: type[M], raw: JSON, path: str = "$") -> M:
    """Read a JSON object as a model.

    Args:
        model: The class to make.
        raw: The decoded JSON; it is not changed.
        path: Where `raw` stands in the body, for the error.

    Raises:
        DecodeFailure: With the path of the first value that cannot be read.
    """
    try:
        return decoder(model)(raw)
    except Exception as error:
        failure = _failure(model, raw, path)
        if failure is None:
            raise
        raise failure from error


def _failure(model: type[Model], raw: JSON, path: str) -> DecodeFailure | None:
    fault = find_fault(model, raw, path)
    return None if fault is None else DecodeFailure(fault.path, model.__name__, fault.detail)


def unstructure(value: object) -> JSON:
    """Turn a model (or a container of models) into JSON, with every unknown key it was read with.

    Secrets come out in clear, money and times as the texts the wire uses, absent values as null.
    """
    if isinstance(value, Model):
        return unstructure_model(value)
    if isinstance(value, OpenEnum):
        return value.value
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, Money):
        return str(value.raw)
    if isinstance(value, datetime):
        return write_time(value)
    if isinstance(value, Decimal):
        return str(value)
    if narrowing.is_mapping(value):
        return {str(key): unstructure(inner) for key, inner in value.items()}
    if narrowing.is_array(value):
        return [unstructure(inner) for inner in value]
    return value


def find_object(model: type[Model], payload: JSON, keys: Sequence[str] = ()) -> tuple[JSON, str]:
    """Find the one object of an answer: bare, under one of `keys`, or under `data` or `instance`.

    Returns:
        The object and its JSON path; it may be empty.

    Raises:
        DecodeFailure: There is no such object.
    """
    raw, path = payload, "$"
    if is_object(payload):
        found = next((key for key in keys if key in payload), None)
        if found is None and payload and plan(model).known.isdisjoint(payload):
            found = next((key for key in _SINGLE_KEYS if key in payload), None)
            if found is None:
                raise DecodeFailure("$", model.__name__, _sought((*keys, *_SINGLE_KEYS), payload))
        if found is not None:
            raw, path = payload[found], f"$.{found}"
    if is_array(raw) and len(raw) == 1:
        raw, path = raw[0], f"{path}[0]"
    return raw, path


def read_single(model: type[M], payload: JSON, keys: Sequence[str] = ()) -> M:
    """Read an answer that holds one object, wherever `find_object` finds it.

    Raises:
        EmptyAnswer: The object is `{}`, null or `[]`.
        DecodeFailure: There is no such object, or a value in it cannot be read.
    """
    raw, path = find_object(model, payload, keys)
    if raw is None or raw in ({}, []):
        raise EmptyAnswer(path, model.__name__, "the answer is empty")
    return structure(model, raw, path)


@attrs.frozen
class RawList:
    """The list of an answer before its items are read.

    Attributes:
        items: The items as decoded JSON; reading them replaces them.
        path: JSON path of the list.
        total: How many items there are on all pages, if the answer says so.
    """

    items: list[JSON]
    path: str
    total: int | None


def find_list(model: type[Model], payload: JSON, keys: Sequence[str]) -> RawList:
    """Find the list of an answer: a bare array, or one under the first of `keys` that is present.

    Raises:
        DecodeFailure: There is no list at any of the keys, or `total` is no number.
    """
    raw, path, total = payload, "$", None
    if is_object(payload):
        total = _read_total(model, payload.get(_TOTAL))
        # of two spellings of a list's key the one that holds something counts
        present = sorted((key for key in keys if key in payload), key=lambda key: payload[key] is None)
        if present:
            raw, path = payload[present[0]], f"$.{present[0]}"
        elif payload and not _is_item(model, payload):
            if total != 0 or any(value for value in payload.values() if is_object(value) or is_array(value)):
                raise DecodeFailure("$", model.__name__, _sought(keys, payload))
            raw = None  # the service leaves an empty list out
    if raw is None or raw == {}:
        raw = []
    elif is_object(raw):
        raw = [raw]  # one object where a list is meant
    if not is_array(raw):
        raise DecodeFailure(path, model.__name__, f"expected an array, got {described(raw)}")
    return RawList(raw, path, total)


def read_items(model: type[M], found: RawList) -> ListReading[M]:
    """Read the items of a list.

    The raw items are replaced by models in place, so that the two never fill the memory together: afterwards
    `found` belongs to the result. An item that cannot be read becomes a problem and takes nothing else down.
    """
    items, problems = _read_items(model, found.items, found.path)
    return ListReading(items=items, problems=problems, total=found.total)


def read_list(model: type[M], payload: JSON, keys: Sequence[str]) -> ListReading[M]:
    """Read an answer that holds a list: `find_list`, then `read_items`."""
    return read_items(model, find_list(model, payload, keys))


def _read_items(model: type[M], raw: list[JSON], path: str) -> tuple[list[M], list[ItemProblem]]:
    decode = decoder(model)
    problems: list[ItemProblem] = []
    for index, item in enumerate(raw):
        try:
            raw[index] = decode(item)
        except Exception:
            failure = _failure(model, item, f"{path}[{index}]")
            if failure is None:
                raise
            problems.append(_problem(model, index, item, failure))
    if problems:
        odd = {problem.index for problem in problems}
        raw[:] = [item for index, item in enumerate(raw) if index not in odd]
    return raw, problems


def _problem(model: type[Model], index: int, item: JSON, failure: DecodeFailure) -> ItemProblem:
    required = plan(model).required
    raw_id = item.get(required[0]) if required and is_object(item) else None
    found = str(raw_id) if isinstance(raw_id, str) or type(raw_id) is int else None
    return ItemProblem(index=index, id=found, path=failure.path, message=failure.detail, raw=item)


def _is_item(model: type[Model], payload: dict[str, JSON]) -> bool:
    required = plan(model).required
    return bool(required) and all(key in payload for key in required)


def _read_total(model: type[Model], value: JSON) -> int | None:
    try:
        return None if is_empty(value) else read_int(value)
    except Unreadable as error:
        raise DecodeFailure(f"$.{_TOTAL}", model.__name__, str(error)) from error


def _sought(keys: Sequence[str], payload: dict[str, JSON]) -> str:
    there = ", ".join(sorted(payload)[:10])
    return f"expected {' or '.join(dict.fromkeys(keys)) or 'the object itself'}, got an object with {there}"
