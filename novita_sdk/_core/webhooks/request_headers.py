"""The headers of an outgoing webhook: the signature's, the usual ones, and the caller's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from novita_sdk._core.header_rules import check_headers
from novita_sdk._core.webhooks.signing import ID, LEGACY_SIGNATURE, LEGACY_TIMESTAMP, SIGNATURE, TIMESTAMP
from novita_sdk.errors import Problem

RESERVED: Final = frozenset(
    {
        *(ID, TIMESTAMP, SIGNATURE, LEGACY_SIGNATURE.lower(), LEGACY_TIMESTAMP.lower()),
        *("host", "content-length", "content-type", "transfer-encoding", "connection", "user-agent"),
    }
)
"""Headers that are the sender's own business."""


def check_extra_headers(headers: object) -> list[Problem]:
    """List what is wrong with the headers a caller wants to add; their values are never shown."""
    return check_headers(headers, reserved=RESERVED)


def request_headers(signed: Mapping[str, str], extra: Mapping[str, str], version: str) -> dict[str, str]:
    """Give all headers of one attempt.

    Args:
        signed: What the signer gave.
        extra: The caller's own, checked.
        version: The version of this package.
    """
    usual = {"Content-Type": "application/json", "User-Agent": f"novita-gpu-sdk/{version}"}
    return {**usual, **extra, **signed}
