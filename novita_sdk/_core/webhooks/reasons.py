"""Why a received message is refused: each reason with the HTTP status a receiver answers and what it means."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from novita_sdk.errors import WebhookVerificationError


class Reason(NamedTuple):
    """What a reason stands for."""

    status: int
    meaning: str


REASONS: Final[Mapping[str, Reason]] = MappingProxyType(
    {
        # what the verifier says
        "body_type": Reason(400, "the body must be the bytes as they were received, not text or parsed JSON"),
        "body_too_large": Reason(413, "the body is larger than this receiver takes"),
        "no_signature": Reason(401, "there is no header of either signing scheme"),
        "legacy_refused": Reason(
            401, "only the X-Webhook-* headers are there, which accept_legacy=True allows"
        ),
        "missing_header": Reason(401, "one of the scheme's headers is missing"),
        "duplicate_header": Reason(400, "a header that may stand there once stands there twice"),
        "bad_id": Reason(400, "the id is not 1-256 letters, digits, '_', ':' or '-'"),
        "bad_timestamp": Reason(400, "the timestamp is not made of 1-12 plain digits"),
        "too_old": Reason(401, "the timestamp lies further back than the tolerance allows"),
        "too_new": Reason(401, "the timestamp lies further ahead than the tolerance allows"),
        "bad_signature_header": Reason(400, "no signature in the headers can be read"),
        "no_match": Reason(401, "no signature fits the body and one of the secrets"),
        "bad_payload": Reason(400, "the body is signed, but is no JSON object that can be read as an event"),
        # what only a receiver says
        "wrong_path": Reason(404, "the request went to another path"),
        "wrong_method": Reason(405, "the method is not POST"),
        "bad_length": Reason(400, "the Content-Length is no number, or not the length of the body"),
        "incomplete_body": Reason(400, "the sender went away before the body ended"),
        "encoded_body": Reason(415, "the body has a Content-Encoding"),
        "still_running": Reason(503, "the same message is being handled at this moment"),
        "store_failed": Reason(503, "the store that remembers messages did not answer"),
        "handler_failed": Reason(500, "the handler raised"),
        "handler_timeout": Reason(500, "the handler took too long"),
    }
)
"""Reasons by their word, in the order in which they are looked for."""


def refusal(reason: str, scheme: str | None = None) -> WebhookVerificationError:
    """Make the error of a reason; it never holds a secret, a signature or a body."""
    status, meaning = REASONS[reason]
    return WebhookVerificationError(f"{reason}: {meaning}", reason=reason, scheme=scheme, status_hint=status)
