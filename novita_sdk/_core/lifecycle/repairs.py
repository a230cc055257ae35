"""How an instance whose move failed is made anew: what is remembered, and which step comes next."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

import attrs

from novita_sdk._core.operation_ids import operation_id_from
from novita_sdk.models.json_types import JSON

REPAIR_PREFIX: Final = "repair:"
"""What the keys of the records begin with; the id of the failed job follows."""

RECORD_TTL: Final = 30 * 86_400.0
"""Seconds for which a repair is remembered."""

COPY_SECONDS: Final = 1800.0
"""Seconds in which a copy must be running."""

MAX_COPIES: Final = 2
"""Most copies for one failed job, one after the other."""

Phase: TypeAlias = Literal[
    "told",  # the failed job was reported, nothing else
    "validated",  # a create is about to be sent, or was
    "created",  # the copy exists and is waited for
    "verified",  # the copy is running, the original can go
    "delete_pending",  # the delete of the original is about to be sent, or was
    "dropping",  # the copy has to go
    "failed",  # the copy is gone, another may be tried later
    "blocked",  # the original could not be deleted: no further copy
    "recovered",  # the original came back by itself
    "done",  # the copy has taken the place of the original
]
Step: TypeAlias = Literal["begin", "create", "verify", "replace", "drop", "rest"]

UNFINISHED: Final = frozenset({"validated", "created", "verified", "delete_pending", "dropping"})
"""Phases after which a later pass has to go on."""

_NEXT: Final[Mapping[Phase, Step]] = MappingProxyType(
    {
        "told": "begin",
        "validated": "create",
        "created": "verify",
        "verified": "replace",
        "delete_pending": "replace",
        "dropping": "drop",
        "failed": "rest",
        "blocked": "rest",
        "recovered": "rest",
        "done": "rest",
    }
)


@attrs.frozen(kw_only=True)
class RepairRecord:
    """What is remembered about one failed job.

    Attributes:
        job: The failed job.
        original: The instance it should have moved.
        phase: How far the repair has come.
        attempt: Which copy it is about, from 1; 0 before the first.
        operation_id: The operation that creates the copy.
        product_id: The product that was chosen for the copy.
        copy: Id of the copy, once it is known.
        since: When `phase` began, in seconds since 1970.
        created: When the copy was created, likewise.
        after_drop: The phase that follows once the copy is gone.
        reason: Why it is in this phase.
    """

    job: str
    original: str
    phase: Phase = "told"
    attempt: int = 0
    operation_id: str | None = None
    product_id: str | None = None
    copy: str | None = None
    since: float = 0.0
    created: float | None = None
    after_drop: Phase | None = None
    reason: str = ""

    @classmethod
    def read(cls, value: Mapping[str, JSON]) -> RepairRecord:
        """Read a stored record."""
        return cls(**{field.name: value[field.name] for field in attrs.fields(cls)})

    def written(self) -> dict[str, JSON]:
        """Return the record as it is stored."""
        return {"v": 1, **attrs.asdict(self)}

    def entered(self, phase: Phase, now: float, reason: str = "") -> RepairRecord:
        """Return the record in another phase."""
        return attrs.evolve(self, phase=phase, since=now, reason=reason)


def next_step(record: RepairRecord, now: float, cooldown: float) -> Step:
    """Decide how a repair goes on.

    Args:
        record: What is remembered about it.
        now: The wall time in seconds since 1970.
        cooldown: Seconds between a copy that failed and the next one.
    """
    if record.phase == "failed" and record.attempt < MAX_COPIES and now - record.since >= cooldown:
        return "begin"
    return _NEXT[record.phase]


def time_left(record: RepairRecord, now: float) -> float:
    """Return the seconds that the copy still has until it must be running."""
    began = record.since if record.created is None else record.created
    return began + COPY_SECONDS - now


def repair_operation_id(account: str, instance: str, job: str, attempt: int) -> str:
    """Return the operation id of one copy: the same whoever works it out, so that there is never a second one.

    Args:
        account: Whose state it is.
        instance: The original.
        job: The failed job.
        attempt: Which copy, from 1.
    """
    identity = "\n".join(("repair", account, instance, job, str(attempt)))
    return operation_id_from(int.from_bytes(hashlib.sha256(identity.encode()).digest()))
