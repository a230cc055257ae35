"""Finding a record by its id, or saying that there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from novita_sdk.testing.cloud.records import Instance
from novita_sdk.testing.cloud.refusals import Refusal
from novita_sdk.testing.cloud.world import World

T = TypeVar("T")


def missing(world: World, noun: str, reason: str = "RESOURCE_NOT_FOUND") -> Refusal:
    """Return the refusal that says "<noun> not found"."""
    return Refusal(reason, f"{noun} not found", status=world.quirks.not_found_status)


def found(
    world: World, records: Mapping[str, T], record_id: str, noun: str, reason: str = "RESOURCE_NOT_FOUND"
) -> T:
    """Return the record of that id, or refuse with `reason` and "<noun> not found"."""
    record = records.get(record_id)
    if record is None:
        raise missing(world, noun, reason)
    return record


def living(world: World, instance_id: str, now: int) -> Instance:
    """Return the instance of that id unless it is gone; one that is removed stays readable for a while."""
    instance = found(world, world.instances, instance_id, "instance")
    if instance.gone is not None and instance.gone <= now:
        raise missing(world, "instance")
    return instance
