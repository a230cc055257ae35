"""Spoiling an answer: not JSON, another shape, unknown words, far too long."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType

from novita_sdk._core.narrowing import is_array, is_mapping
from novita_sdk.models.json_types import JSON

BODY_LIMIT = 32 * 1024 * 1024
"""Bytes of a body that a client still reads."""

_WORD = "warp"
_OPEN_WORDS = frozenset(
    {"status", "state", "type", "kind", "billingMode", "spotStatus", "inventoryState", "channel", "category"}
)
_EXTRA = {"futureField": {"nested": [1, "2"]}}


def _malformed(body: bytes) -> bytes:
    return body[: max(1, len(body) - 1)] + b'{"'


def _wrong_shape(_body: bytes) -> bytes:
    return b'{"rows":[]}'


def _unknown_values(body: bytes) -> bytes:
    return json.dumps(_strange(json.loads(body or b"{}"))).encode()


def _strange(value: JSON) -> JSON:
    if is_mapping(value):
        changed: dict[str, JSON] = {
            str(key): _WORD if key in _OPEN_WORDS and isinstance(item, str) and item else _strange(item)
            for key, item in value.items()
        }
        return changed | _EXTRA
    return [_strange(item) for item in value] if is_array(value) else value


def _oversized(body: bytes) -> bytes:
    return body + b" " * (BODY_LIMIT + 1 - len(body))


CORRUPTIONS: Mapping[str, Callable[[bytes], bytes]] = MappingProxyType(
    {
        "malformed_json": _malformed,
        "wrong_shape": _wrong_shape,
        "unknown_values": _unknown_values,
        "oversized_body": _oversized,
    }
)
"""What a fault of that kind does to the body of an answer."""
