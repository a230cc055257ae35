"""Which exception stands for which reason, message and status, as tables."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from novita_sdk.errors import (
    APIStatusError,
    AppNameTakenError,
    AuthenticationError,
    BadRequestError,
    CapacityError,
    ConflictError,
    InsufficientBalanceError,
    InvalidStateError,
    NotFoundError,
    PermissionDeniedError,
    QuotaExceededError,
    RateLimitError,
)

NOT_FOUND = "_NOT_FOUND"
"""How the reason of everything that does not exist ends."""


class Reasons(NamedTuple):
    """Reasons that mean the same; `*` stands for any beginning or end."""

    error: type[APIStatusError]
    patterns: tuple[str, ...]


# The first row that fits is taken.
REASONS: tuple[Reasons, ...] = (
    Reasons(
        AuthenticationError, ("UNAUTHORIZED", "INVALID_API_KEY", "GET_TOKEN_FAILED", "INVALID_USER_TOKEN")
    ),
    Reasons(PermissionDeniedError, ("FORBIDDEN", "BANNED_USER", "USER_NOT_ACTIVATED", "TEMPLATE_IS_PRIVATE")),
    Reasons(InsufficientBalanceError, ("BALANCE_NOT_ENOUGH", "EXPIRED_OR_BALANCE_NOT_ENOUGH")),
    Reasons(
        CapacityError,
        ("INSUFFICIENT_RESOURCE", "MIGRATE_INSUFFICIENT_RESOURCE", "CLUSTER_STATUS", "NODE_STATUS"),
    ),
    Reasons(RateLimitError, ("RATE_LIMIT_EXCEEDED", "*_TOO_FAST")),
    Reasons(QuotaExceededError, ("*_LIMIT", "NETWORK_STORAGE_TOO_LARGE")),
    Reasons(AppNameTakenError, ("SERVERLESS_APP_NAME_IS_EXIST",)),
    Reasons(ConflictError, ("CONFLICT", "*_IN_USE", "*_ALREADY_EXISTS", "*_IS_EXIST", "GPU_SPEC_USED")),
    Reasons(
        InvalidStateError,
        (
            "DEPENDENT_RESOURCE_STATE",
            "PREPAID_INSTANCE_NOT_SUPPORT_RELEASE",
            "CREATING_INSTANCE_NOT_SUPPORT_RENEWAL",
        ),
    ),
    Reasons(NotFoundError, (f"*{NOT_FOUND}",)),
    Reasons(
        BadRequestError,
        ("VALIDATOR_PARAM", "REQUEST", "INVALID_*", "UNSUPPORTED_*", "*_NOT_SUPPORT"),
    ),
)


class Words(NamedTuple):
    """What a message means: it holds one of `any_of`, one of `and_any_of`, and not `but_not`."""

    error: type[APIStatusError]
    any_of: tuple[str, ...]
    and_any_of: tuple[str, ...] = ("",)
    but_not: str | None = None
    statuses: frozenset[int] | None = None  # None: at any status
    whole: bool = False  # the message says nothing else


MESSAGES: tuple[Words, ...] = (
    Words(InvalidStateError, ("invalid state change",), whole=True),
    Words(NotFoundError, ("not found", "not fount"), statuses=frozenset({400, 404})),
    Words(CapacityError, ("insufficient_resource", "insufficient resource")),
    Words(InsufficientBalanceError, ("balance",), ("not enough", "insufficient")),
    Words(
        QuotaExceededError,
        ("quota", "limit", "insufficient"),
        but_not="permission",
        statuses=frozenset({403}),
    ),
)

STATUSES: Mapping[int, type[APIStatusError]] = MappingProxyType(
    {
        400: BadRequestError,
        401: AuthenticationError,
        402: InsufficientBalanceError,
        403: PermissionDeniedError,
        404: NotFoundError,
        409: ConflictError,
        422: BadRequestError,
        429: RateLimitError,
    }
)
