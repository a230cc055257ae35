"""Moves to another node: asked for, automatic, and the events that make them needed."""

from __future__ import annotations

from novita_sdk.models.json_types import JSON
from novita_sdk.testing.cloud import jobs, lifecycle, subscriptions
from novita_sdk.testing.cloud.lookups import living
from novita_sdk.testing.cloud.records import Instance, Trouble
from novita_sdk.testing.cloud.refusals import Refusal
from novita_sdk.testing.cloud.world import Args, World


def migrate_instance(world: World, args: Args, now: int) -> JSON:
    """Answer migrate_instance; the work itself is a job."""
    instance = living(world, args["instanceId"], now)
    lifecycle.check(instance, now, "migrate")
    if subscriptions.expired(instance, now) or world.account.empty(now):
        raise Refusal("EXPIRED_OR_BALANCE_NOT_ENOUGH", "expired or balance not enough")
    held = instance.timeline.at(now).held
    if instance.product.stock[instance.cluster.id].free(now) + held < instance.units:
        raise Refusal("MIGRATE_INSUFFICIENT_RESOURCE", "no node has room")
    migrate(world, instance, now, "instanceMigrate")
    return {}


def set_auto_migrate(world: World, args: Args, now: int) -> JSON:
    """Answer set_auto_migrate."""
    living(world, args["instanceId"], now).auto_migrate = args["autoMigrateOpen"]
    return {}


def migrate(world: World, instance: Instance, now: int, kind: str) -> None:
    """Begin a move; if its job is going to fail the instance stays in `migrating`."""
    course = lifecycle.plan(world, instance, now, "migrate")
    arrives = course[1].at
    job = jobs.start_job(world, instance, kind, (now, now + (arrives - now) // 4, arrives))
    if job.error:
        course = course[:1]
    instance.trouble = None
    lifecycle.replan(world, instance, now, course)


def reclaim(world: World, instance_id: str, now: int) -> None:
    """Give a running spot instance notice, as the platform does when it needs the node."""
    instance = living(world, instance_id, now)
    if instance.billing != "spot" or instance.timeline.at(now).status != "running":
        msg = f"instance_id={instance_id!r}: only a running spot instance can be reclaimed"
        raise ValueError(msg)
    lifecycle.replan(world, instance, now, lifecycle.reclaim(world, instance, now))


def fail_node(world: World, instance_id: str, now: int) -> None:
    """Let the node under an instance fail: it moves by itself if that was switched on, else it goes down."""
    instance = living(world, instance_id, now)
    if instance.auto_migrate:
        migrate(world, instance, now, "autoInstanceMigrate")
        return
    instance.trouble = Trouble(now, "NODE_STATUS", "the node is not available")
    lifecycle.replan(world, instance, now, [lifecycle.segment(instance, now, "exited")])
