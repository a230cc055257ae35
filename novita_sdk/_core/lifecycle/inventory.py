"""What is remembered about the instances of an account, and how it differs from what the service lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Literal, TypeAlias

import attrs

from novita_sdk.models.enums import InstanceStatus
from novita_sdk.models.instance import Instance
from novita_sdk.models.json_types import JSON

INVENTORY_PREFIX: Final = "inventory:"
"""What the keys of the records begin with; the id of the instance follows."""

MAX_CONFIRMATIONS: Final = 50
"""Instances that one pass asks for singly."""

Origin: TypeAlias = Literal["remote", "local"]
Absence: TypeAlias = Literal["forget", "mark"]

_REMEMBERED: Final = (
    *("name", "status", "product_id", "product_name", "cluster_id", "gpu_num"),
    *("billing_mode", "image_url"),
)
_NEVER_RAN: Final = frozenset(
    {
        InstanceStatus.CREATING,
        InstanceStatus.TO_CREATE,
        InstanceStatus.TO_START,
        InstanceStatus.STARTING,
    }
)


@attrs.frozen(kw_only=True)
class InventoryRecord:
    """What is remembered about one instance.

    Attributes:
        id: Its id.
        shown: What the service last said of it, by field.
        origin: Who made it known: `remote`, a listing; `local`, this program.
        first_seen: When it became known, in seconds since 1970.
        removed_at: When it was found gone; None while it is there.
    """

    id: str
    shown: Mapping[str, JSON]
    origin: Origin = "remote"
    first_seen: float
    removed_at: float | None = None

    @classmethod
    def of(cls, instance: Instance, now: float) -> InventoryRecord:
        """Make the first record of an instance that a listing showed."""
        return cls(id=instance.id, shown=remembered(instance), first_seen=now)

    @classmethod
    def read(cls, value: Mapping[str, JSON]) -> InventoryRecord:
        """Read a stored record."""
        return cls(**{field.name: value[field.name] for field in attrs.fields(cls)})

    def written(self) -> dict[str, JSON]:
        """Return the record as it is stored."""
        return {"v": 1, **attrs.asdict(self, recurse=False)}

    def seen(self, instance: Instance) -> InventoryRecord:
        """Return the record after the instance was seen again."""
        return attrs.evolve(self, shown=remembered(instance), removed_at=None)

    @property
    def status(self) -> str | None:
        """The status last seen."""
        status: str | None = self.shown["status"]
        return status


@attrs.frozen(kw_only=True)
class InventoryDiff:
    """How a complete listing differs from what is remembered.

    Attributes:
        added: Instances that were not known.
        changed: Instances that look different now, with their records as they were.
        absent: Records of instances that the listing lacks and that nobody has found gone yet.
        forgotten: Records of instances found gone so long ago that they are forgotten.
    """

    added: tuple[Instance, ...]
    changed: tuple[tuple[InventoryRecord, Instance], ...]
    absent: tuple[InventoryRecord, ...]
    forgotten: tuple[InventoryRecord, ...]


def remembered(instance: Instance) -> dict[str, JSON]:
    """Return what is remembered of an instance; nothing in it is secret."""
    values = {name: getattr(instance, name) for name in _REMEMBERED}
    return {name: str(value) if isinstance(value, str) else value for name, value in values.items()}


def compare(
    listed: Iterable[Instance],
    known: Mapping[str, InventoryRecord],
    *,
    now: float,
    retention: float,
    forget_gone: bool,
) -> InventoryDiff:
    """Compare a complete listing with what is remembered.

    Args:
        listed: All instances that the service lists, each once.
        known: The records, by id.
        now: The wall time in seconds since 1970.
        retention: Seconds for which an instance that is gone is remembered.
        forget_gone: Whether it is forgotten at once instead.
    """
    by_id = {instance.id: instance for instance in listed}
    lost = [record for record_id, record in known.items() if record_id not in by_id]
    found_gone = [record for record in lost if record.removed_at is not None]
    return InventoryDiff(
        added=tuple(instance for instance in by_id.values() if instance.id not in known),
        changed=tuple(
            (known[instance.id], instance)
            for instance in by_id.values()
            if instance.id in known and _differs(known[instance.id], instance)
        ),
        absent=tuple(record for record in lost if record.removed_at is None),
        forgotten=tuple(
            record for record in found_gone if forget_gone or now - (record.removed_at or 0.0) > retention
        ),
    )


def _differs(record: InventoryRecord, instance: Instance) -> bool:
    return record.removed_at is not None or dict(record.shown) != remembered(instance)


def when_gone(record: InventoryRecord, *, forget_gone: bool) -> Absence:
    """Decide what becomes of the record of an instance that is certainly gone.

    Args:
        record: The record.
        forget_gone: Whether instances that are gone are forgotten at once.
    """
    return "forget" if forget_gone or record.status in _NEVER_RAN else "mark"
