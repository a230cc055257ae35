"""Operations on instances: reading, the state changes, editing, upgrading, deleting."""

from __future__ import annotations

from novita_sdk.models.json_types import JSON
from novita_sdk.testing.cloud import jobs, lifecycle, subscriptions
from novita_sdk.testing.cloud.instance_create import check_ports, check_references
from novita_sdk.testing.cloud.instance_view import show
from novita_sdk.testing.cloud.lookups import living, missing
from novita_sdk.testing.cloud.pages import matches, page
from novita_sdk.testing.cloud.records import Instance
from novita_sdk.testing.cloud.refusals import Refusal, invalid_parameter, invalid_state_change
from novita_sdk.testing.cloud.world import Args, World

_LEAVING = frozenset({"toRemove", "removing", "removed"})


def list_instances(world: World, args: Args, now: int) -> JSON:
    """Answer list_instances, newest first."""
    seen_by = now - round(world.quirks.list_delay * 1000)
    shown_at = now - round(world.quirks.list_lag * 1000)
    status = args.get("status")
    rows = [
        instance
        for instance in reversed(world.instances.values())
        if instance.created <= seen_by and (instance.gone is None or instance.gone > shown_at)
    ]
    if status:
        rows = [one for one in rows if one.timeline.at(shown_at).status == status]
    if args.get("name") or args.get("productName"):
        rows = [
            one
            for one in rows
            if matches(args.get("name"), one.name) and matches(args.get("productName"), one.product.name)
        ]
    if not rows and world.quirks.empty_list_is_not_found:
        raise Refusal("RESOURCE_NOT_FOUND", "resource not found")
    return page(
        world.quirks, rows, args, lambda one: show(world, one, shown_at, detail=False), key="instances"
    )


def get_instance(world: World, args: Args, now: int) -> JSON:
    """Answer get_instance."""
    instance = living(world, args["instanceId"], now)
    if instance.created + world.quirks.get_delay * 1000 > now:
        raise missing(world, "instance")
    return show(world, instance, now, detail=True)


def edit_instance(world: World, args: Args, now: int) -> JSON:
    """Answer edit_instance: ports replace the old list, the root disk grows by an increment."""
    instance = _present(world, args, now)
    growth = args.get("expandRootDisk", 0)
    if instance.rootfs + growth > instance.product.max_rootfs:
        raise invalid_parameter(f"expandRootDisk: the root disk may have {instance.product.max_rootfs} GB")
    if "ports" in args:
        ports = [(item["port"], item["type"]) for item in args["ports"]]
        check_ports(world, ports, len(instance.tools))
        instance.ports = ports
    if growth:
        instance.rootfs += growth
        lifecycle.reprice(world, instance, now)
    return {}


def start_instance(world: World, args: Args, now: int) -> JSON:
    """Answer start_instance."""
    instance = living(world, args["instanceId"], now)
    lifecycle.check(instance, now, "start")
    if subscriptions.expired(instance, now) or world.account.empty(now):
        raise Refusal("EXPIRED_OR_BALANCE_NOT_ENOUGH", "expired or balance not enough")
    if instance.product.stock[instance.cluster.id].free(now) < instance.units:
        raise Refusal("INSUFFICIENT_RESOURCE", "insufficient resource")
    return _state(world, instance, lifecycle.act(world, instance, now, "start"))


def stop_instance(world: World, args: Args, now: int) -> JSON:
    """Answer stop_instance."""
    instance = living(world, args["instanceId"], now)
    return _state(world, instance, lifecycle.act(world, instance, now, "stop"))


def restart_instance(world: World, args: Args, now: int) -> JSON:
    """Answer restart_instance."""
    instance = living(world, args["instanceId"], now)
    return _state(world, instance, lifecycle.act(world, instance, now, "restart"))


def upgrade_instance(world: World, args: Args, now: int) -> JSON:
    """Answer upgrade_instance: image, command, environment and volumes are replaced."""
    instance = living(world, args["instanceId"], now)
    mounts = [(item["id"], item["mountPath"]) for item in args["networkVolume"]["volumeMounts"]]
    check_references(world, args.get("imageAuthId"), [storage_id for storage_id, _ in mounts])
    lifecycle.check(instance, now, "upgrade")
    instance.image = args["imageUrl"]
    instance.auth_id = args.get("imageAuthId", "")
    instance.envs = list(args["envs"])
    instance.command = args["command"]
    instance.entrypoint = args["entrypoint"]
    instance.storages = mounts
    lifecycle.act(world, instance, now, "upgrade")
    return {}


def delete_instance(world: World, args: Args, now: int) -> JSON:
    """Answer delete_instance; one that is leaving already goes on leaving."""
    instance = living(world, args["instanceId"], now)
    status = instance.timeline.at(now).status
    if status == "removed":
        raise missing(world, "instance")
    if instance.billing == "monthly" and not subscriptions.expired(instance, now):
        raise Refusal("PREPAID_INSTANCE_NOT_SUPPORT_RELEASE", "prepaid instances cannot be released")
    if status not in _LEAVING:
        lifecycle.act(world, instance, now, "delete")
        instance.gone = instance.timeline.future(now)[-1].at + world.timings.draw("removed", world.rng)
        jobs.break_jobs_of(world, instance, now)
    return {}


def _present(world: World, args: Args, now: int) -> Instance:
    instance = living(world, args["instanceId"], now)
    if instance.timeline.at(now).status in _LEAVING:
        raise invalid_state_change()
    return instance


def _state(world: World, instance: Instance, status: str) -> JSON:
    if world.quirks.documented_spellings:
        return {}
    return {"instanceId": instance.id, "state": status}
