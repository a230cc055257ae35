"""From a request to an operation and its arguments, checked strictly against the operation table."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import cast
from urllib.parse import unquote

from novita_sdk._core import operations
from novita_sdk._core.arguments import check_fields
from novita_sdk._core.narrowing import is_array, is_mapping
from novita_sdk._core.operations import Field, Operation
from novita_sdk._core.wire import decode_query
from novita_sdk.models.json_types import JSON
from novita_sdk.testing.cloud.cloud import HANDLERS
from novita_sdk.testing.cloud.refusals import Refusal, invalid_parameter

_BASES = {"gpu": "/gpu-instance/openapi/v1", "account": "/openapi/v1", "internal": "", "gateway": "/v1"}

ROUTES: Mapping[tuple[str, str], Operation] = MappingProxyType(
    {
        (operation.method, _BASES[operation.base] + operation.path): operation
        for operation in operations.ALL.values()
        if operation.name in HANDLERS
    }
)
"""Every operation by method and path. All hosts answer alike, for their paths do not overlap."""

_PATTERNS = tuple(
    (method, re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path))), operation)
    for (method, path), operation in ROUTES.items()
    if "{" in path
)


def route(method: str, path: str) -> tuple[Operation | None, dict[str, JSON]]:
    """Return the operation that a request calls, and the values that stand in its path."""
    found = ROUTES.get((method, path))
    if found is not None:
        return found, {}
    for verb, pattern, operation in _PATTERNS:
        if verb == method and (match := pattern.fullmatch(path)):
            return operation, {name: unquote(value) for name, value in match.groupdict().items()}
    return None, {}


_TAKES_WHAT_IT_SHOWED = frozenset({"update_template", "update_endpoint"})
"""Operations to which a client sends back all it has read, because what is missing might be cleared."""


def read_arguments(operation: Operation, query: str, body: bytes, *, ignore_unknown: bool) -> dict[str, JSON]:
    """Read and check what a request asks for.

    Args:
        operation: The operation.
        query: The query string.
        body: The bytes of the body.
        ignore_unknown: Whether unknown names are dropped instead of refused.

    Raises:
        Refusal: Something is unknown, missing, or not as the operation table says.
    """
    fields = operation.query
    # Empty query values mean "any" on the running service; 0 and false mean themselves.
    given = {name: value for name, value in decode_query(query, fields).items() if value != ""}
    if operation.body is not None:
        if given and not ignore_unknown:
            raise invalid_parameter(f"unknown query parameters: {', '.join(given)}")
        given = _decoded(body)
        fields = operation.body_fields(given)
    elif body.strip():
        raise Refusal("REQUEST", "a GET request has no body")
    known, unknown = _split(fields, given)
    if unknown and not ignore_unknown and operation.name not in _TAKES_WHAT_IT_SHOWED:
        raise invalid_parameter(f"unknown names: {', '.join(unknown)}")
    problems = check_fields(fields, known, name=str)
    if problems:
        raise invalid_parameter("; ".join(f"{problem.field}: {problem.message}" for problem in problems))
    return known


def _decoded(body: bytes) -> dict[str, JSON]:
    try:
        value = json.loads(body)
    except ValueError:
        raise Refusal("REQUEST", "the body is no JSON") from None
    if not isinstance(value, dict):
        raise Refusal("REQUEST", "the body is no JSON object")
    return cast("dict[str, JSON]", value)


def _split(
    fields: Iterable[Field], given: Mapping[str, JSON], prefix: str = ""
) -> tuple[dict[str, JSON], list[str]]:
    """Separate known names from unknown ones, down to the last object."""
    by_name = {field.name: field for field in fields}
    known: dict[str, JSON] = {}
    unknown: list[str] = []
    for name, value in given.items():
        field = by_name.get(name)
        if field is None:
            unknown.append(prefix + name)
        else:
            known[name] = _inner(field, value, f"{prefix}{name}", unknown)
    return known, unknown


def _inner(field: Field, value: JSON, path: str, unknown: list[str]) -> JSON:
    if field.items is not None and is_array(value):
        return [_inner(field.items, item, f"{path}[{index}]", unknown) for index, item in enumerate(value)]
    if field.fields and is_mapping(value):
        known, more = _split(field.fields, cast("Mapping[str, JSON]", value), f"{path}.")
        unknown.extend(more)
        return known
    return value
