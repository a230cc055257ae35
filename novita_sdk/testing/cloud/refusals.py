"""How the simulated cloud says no."""

from __future__ import annotations

from novita_sdk.models.json_types import JSON

_STATUS_OF_REASON = {
    "UNKNOWN": 500,
    "WALLET_NOT_FOUND": 500,
    "LIST_BILL_ERROR": 500,
    "UNAUTHORIZED": 401,
    "FORBIDDEN": 403,
    "RATE_LIMIT_EXCEEDED": 429,
    "LIST_BILL_TOO_FAST": 429,
    "SEND_CODE_TOO_FAST": 429,
}


class Refusal(Exception):  # noqa: N818 - it is an answer of the cloud, not a fault of the program
    """An answer other than 2xx.

    Args:
        reason: The error name; empty where the service sends none.
        message: Free text.
        status: The HTTP status; by default the one that belongs to the reason.
    """

    def __init__(self, reason: str, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.status = status or _STATUS_OF_REASON.get(reason, 400)

    @property
    def body(self) -> dict[str, JSON]:
        """The JSON body of the answer."""
        body: dict[str, JSON] = {"code": self.status, "message": self.message, "metadata": {}}
        if self.reason:
            body["reason"] = self.reason
        return body


def invalid_state_change() -> Refusal:
    """The answer to an action that the current status does not allow; the service names no reason."""
    return Refusal("", "invalid state change")


def invalid_parameter(message: str) -> Refusal:
    """The answer to a value out of its limits."""
    return Refusal("VALIDATOR_PARAM", message)
