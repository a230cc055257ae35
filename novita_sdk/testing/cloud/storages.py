"""Shared volumes: charged by size from their creation to their deletion."""

from __future__ import annotations

from novita_sdk.models.json_types import JSON
from novita_sdk.testing.cloud.lookups import found
from novita_sdk.testing.cloud.pages import matches, page
from novita_sdk.testing.cloud.records import Storage
from novita_sdk.testing.cloud.refusals import Refusal, invalid_parameter
from novita_sdk.testing.cloud.timeline import Interval
from novita_sdk.testing.cloud.world import Args, World

STORAGE_PRICE = 20
"""Price of a shared volume, in 1/100000 USD per GB and hour."""


def list_network_storages(world: World, args: Args, now: int) -> JSON:
    """Answer list_network_storages."""
    seen_by = now - world.quirks.list_delay * 1000
    rows = [
        storage
        for storage in world.storages.values()
        if storage.created <= seen_by
        and args.get("storageId") in {None, "", storage.id}
        and matches(args.get("storageName"), storage.name)
    ]
    return page(world.quirks, rows, args, _show, key="data", page_key="pageNo")


def create_network_storage(world: World, args: Args, now: int) -> JSON:
    """Answer create_network_storage: the volume as the running service does, or its bare id as documented."""
    cluster = found(world, world.clusters, args["clusterId"], "cluster")
    if not cluster.storage:
        raise Refusal("CUR_CLUSTER_NETWORK_STORAGE_NOT_SUPPORT", "the cluster has no shared volumes")
    _check_size(world, args["storageSize"])
    if world.account.empty(now):
        raise Refusal("BALANCE_NOT_ENOUGH", "balance not enough")
    storage = Storage(
        id=world.uuid(), name=args["storageName"], cluster=cluster, created=now, sizes=[(now, 0)]
    )
    world.storages[storage.id] = storage
    _resize(world, storage, args["storageSize"], now)
    return storage.id if world.quirks.documented_spellings else _show(storage)


def update_network_storage(world: World, args: Args, now: int) -> JSON:
    """Answer update_network_storage: a new name, and a size that may only grow."""
    storage = _found(world, args["storageId"])
    size = int(args["storageSize"])
    _check_size(world, size)
    if size < storage.size:
        raise invalid_parameter(f"storageSize: the volume has {storage.size} GB and cannot shrink")
    storage.name = args["storageName"]
    _resize(world, storage, size, now)
    return {}


def delete_network_storage(world: World, args: Args, now: int) -> JSON:
    """Answer delete_network_storage; one that is mounted is kept."""
    storage = _found(world, args["storageId"])
    for instance in world.instances.values():
        mounted = any(storage_id == storage.id for storage_id, _ in instance.storages)
        if mounted and instance.timeline.at(now).status != "removed":
            raise Refusal("NETWORK_STORAGE_IN_USE", "the volume is in use")
    _resize(world, storage, 0, now)
    world.retired_storages.append(world.storages.pop(storage.id))
    return {}


def charges(storage: Storage, now: int) -> list[Interval]:
    """Return what has been charged for a volume by `now`, in whole seconds."""
    ends = [at for at, _ in storage.sizes[1:]] + [now]
    return [
        Interval(at // 1000, end // 1000, size * STORAGE_PRICE)
        for (at, size), end in zip(storage.sizes, ends, strict=True)
        if size and end // 1000 > at // 1000
    ]


def _found(world: World, storage_id: str) -> Storage:
    return found(world, world.storages, storage_id, "network storage", "NETWORK_STORAGE_NOT_FOUND")


def _check_size(world: World, size: int) -> None:
    if size > world.limits.storage_gb:
        raise Refusal("NETWORK_STORAGE_TOO_LARGE", f"a volume may have {world.limits.storage_gb} GB")


def _resize(world: World, storage: Storage, size: int, now: int) -> None:
    world.account.usage.schedule(now // 1000, (size - storage.size) * STORAGE_PRICE)
    storage.sizes.append((now, size))


def _show(storage: Storage) -> JSON:
    return {
        "storageId": storage.id,
        "storageName": storage.name,
        "storageSize": storage.size,
        "clusterId": storage.cluster.id,
        "clusterName": storage.cluster.name,
        "price": str(storage.size * STORAGE_PRICE),
    }
