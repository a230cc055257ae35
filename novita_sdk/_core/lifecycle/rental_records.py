"""What a store remembers of a rental, so that another process can end it when its own has died."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

import attrs

from novita_sdk._core.narrowing import is_number
from novita_sdk.errors import StateStoreError
from novita_sdk.models.json_types import JSON

OnExit: TypeAlias = Literal["delete", "stop", "keep"]
"""What becomes of a rented instance at the end."""

ON_EXIT: Final[tuple[OnExit, ...]] = ("delete", "stop", "keep")

ENDED: Final[Mapping[OnExit, str]] = {
    "delete": "it was deleted",
    "stop": "it was stopped, and its disks go on costing",
    "keep": "it was left as it is, and may go on costing",
}
"""What became of a rented instance, in words."""

RENTAL_PREFIX: Final = "rental:"
"""What the keys of the records begin with."""

OWNER_TTL: Final = 90.0
"""Seconds without a renewal after which a rental's owner counts as dead."""

RENEW_EVERY: Final = 30.0
"""Seconds between two renewals, which are also the looks at the limits."""

FINISH_AFTER: Final = 300.0
"""Seconds between the death of the owner and the moment from which another process may end the rental."""

RECORD_TTL: Final = 30 * 86_400.0
"""Seconds without a renewal after which the record itself is forgotten."""

_VERSION: Final = 1
_WORDS: Final[dict[object, OnExit]] = {word: word for word in ON_EXIT}


@attrs.frozen(kw_only=True)
class RentalRecord:
    """A rental as the store remembers it; times are seconds since 1970-01-01 UTC.

    Attributes:
        operation_id: The operation id of its create.
        instance_id: The instance; empty until its create was answered.
        on_exit: What is done with it at the end.
        started_at: When the create was accepted, or before that, when the rental began.
        renewed_at: When its owner last showed that it lives.
        max_lifetime: Seconds from the acceptance on after which it ends; None for no limit.
        max_cost: US dollars, as decimal text, after which it ends; None for no limit.
    """

    operation_id: str
    instance_id: str
    on_exit: OnExit
    started_at: float
    renewed_at: float
    max_lifetime: float | None = None
    max_cost: str | None = None


def rental_key(operation_id: str) -> str:
    """Return the key of a rental's record, which is also the name of its owner's lease."""
    return f"{RENTAL_PREFIX}{operation_id}"


def write_rental(record: RentalRecord) -> dict[str, JSON]:
    """Return the value that is stored under `rental_key`."""
    kept: dict[str, JSON] = {"v": _VERSION, **attrs.asdict(record)}
    del kept["operation_id"]  # it is in the key
    return kept


def read_rental(key: str, value: dict[str, JSON]) -> RentalRecord:
    """Read a stored record.

    Args:
        key: Its key.
        value: What is stored.

    Raises:
        StateStoreError: It is no record of a rental.
    """
    instance_id = value.get("instance_id")
    on_exit = _WORDS.get(value.get("on_exit"))
    started_at, renewed_at = value.get("started_at"), value.get("renewed_at")
    max_lifetime, max_cost = value.get("max_lifetime"), value.get("max_cost")
    if (
        not isinstance(instance_id, str)
        or on_exit is None
        or not is_number(started_at)
        or not is_number(renewed_at)
        or not (max_lifetime is None or is_number(max_lifetime))
        or not (max_cost is None or isinstance(max_cost, str))
    ):
        raise StateStoreError("this record of a rental cannot be read; it was left as it is", key=key)
    return RentalRecord(
        operation_id=key.removeprefix(RENTAL_PREFIX),
        instance_id=instance_id,
        on_exit=on_exit,
        started_at=started_at,
        renewed_at=renewed_at,
        max_lifetime=max_lifetime,
        max_cost=max_cost,
    )


def is_lapsed(record: RentalRecord, now: float) -> bool:
    """Tell whether the owner of a rental shows no more sign of life. Its lease has the last word.

    Args:
        record: The rental.
        now: The wall time in seconds.
    """
    return now - record.renewed_at >= OWNER_TTL


def may_be_finished(record: RentalRecord, now: float) -> bool:
    """Tell whether another process may do what the dead owner of a rental no longer can.

    Args:
        record: The rental.
        now: The wall time in seconds.
    """
    return now - record.renewed_at >= OWNER_TTL + FINISH_AFTER
