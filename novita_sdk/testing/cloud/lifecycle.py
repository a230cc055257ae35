"""The states of an instance: which action is allowed when, what it leads through, what each state costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from novita_sdk.testing.cloud.records import Instance
from novita_sdk.testing.cloud.refusals import invalid_state_change
from novita_sdk.testing.cloud.timeline import Segment
from novita_sdk.testing.cloud.world import World

DISK_PRICE = 14
"""Price of a stopped instance's disk, in 1/100000 USD per GB and hour."""

_UNCHARGED = frozenset({"toCreate", "creating", "pending", "toRemove", "removing", "removed"})
_RELEASED = frozenset({"exited", "removed"})  # statuses that take no stock


class Action(NamedTuple):
    """What an operation does to an instance: where it may begin, the steps it takes, where it ends."""

    allowed: frozenset[str]
    steps: tuple[tuple[str, str], ...]  # status and the name of its duration in Timings
    end: str


_ANY = frozenset({"*"})
_RUNNING = frozenset({"running"})
_SETTLED = frozenset({"running", "exited"})

ACTIONS = {
    "create": Action(
        frozenset(), (("toCreate", "to_create"), ("creating", "creating"), ("pulling", "pulling")), "running"
    ),
    "start": Action(frozenset({"exited"}), (("toStart", "to_start"), ("starting", "starting")), "running"),
    "stop": Action(_RUNNING, (("toStop", "to_stop"), ("stopping", "stopping")), "exited"),
    "restart": Action(_RUNNING, (("toRestart", "to_restart"), ("restarting", "restarting")), "running"),
    "upgrade": Action(
        _SETTLED, (("toReset", "to_reset"), ("resetting", "resetting"), ("pulling", "pulling")), "running"
    ),
    "migrate": Action(_SETTLED, (("migrating", "migrating"),), "running"),
    "save": Action(_SETTLED, (), ""),  # leaves the status alone
    "delete": Action(_ANY, (("toRemove", "to_remove"), ("removing", "removing")), "removed"),
}


def segment(instance: Instance, at: int, status: str, spot: str | None = None) -> Segment:
    """Describe a stretch of `instance`'s life with its price and its share of the stock."""
    if status in _UNCHARGED or instance.billing == "monthly":
        rate = 0
    elif status == "exited":
        rate = DISK_PRICE * instance.rootfs
    else:
        rate = instance.hourly
    if spot is None:
        spot = "running" if instance.billing == "spot" else ""
    return Segment(at, status, spot, rate, 0 if status in _RELEASED else instance.units)


def plan(world: World, instance: Instance, now: int, action: str, *, hang_in: str = "") -> list[Segment]:
    """Draw the course of an action that begins now.

    Args:
        world: The state.
        instance: Whom it concerns.
        now: The time in milliseconds.
        action: A key of `ACTIONS`.
        hang_in: A status of the course that is never left.
    """
    at, course = now, list[Segment]()
    for status, step in ACTIONS[action].steps:
        course.append(segment(instance, at, status))
        if status == hang_in:
            return course
        at += world.timings.draw(_faster_pull(world, instance, at, step), world.rng)
    end = ACTIONS[action].end
    course.append(segment(instance, at, end))
    if end == "running" and instance.billing == "spot" and world.timings.spot_lifetime is not None:
        lifetime = round(world.rng.expovariate(1 / world.timings.spot_lifetime) * 1000)
        course += reclaim(world, instance, at + lifetime)
    return course


def reclaim(world: World, instance: Instance, at: int) -> list[Segment]:
    """Draw the course of a spot reclaim whose notice is given at `at`."""
    taken = at + world.timings.draw("spot_notice", world.rng)
    done = taken + world.timings.draw("spot_reclaiming", world.rng)
    return [
        segment(instance, at, "running", "notified"),
        segment(instance, taken, "running", "reclaiming"),
        segment(instance, done, "exited", "terminated"),
    ]


def replan(world: World, instance: Instance, now: int, course: Sequence[Segment]) -> None:
    """Replace the future of `instance`, and carry the difference over to the account and the stock."""
    current = instance.timeline.at(now)
    _book(world, instance, current, instance.timeline.future(now), -1)
    instance.timeline.replan(now, course)
    _book(world, instance, current, course, 1)


def reprice(world: World, instance: Instance, now: int) -> None:
    """Give the present and the planned segments the rate that now belongs to them."""
    present = instance.timeline.at(now)
    course = [
        segment(instance, max(now, part.at), part.status, part.spot)
        for part in (present, *instance.timeline.future(now))
    ]
    replan(world, instance, now, course)


def begin(world: World, instance: Instance, course: Sequence[Segment]) -> None:
    """Book the first course of a new instance."""
    nothing = Segment(course[0].at, "", "", 0, 0)
    _book(world, instance, nothing, course, 1)


def _book(world: World, instance: Instance, before: Segment, course: Sequence[Segment], sign: int) -> None:
    used = instance.product.stock[instance.cluster.id].used
    for after in course:
        world.account.usage.schedule(after.at // 1000, sign * (after.rate - before.rate))
        used.schedule(after.at, sign * (after.held - before.held))
        before = after


def check(instance: Instance, now: int, action: str) -> None:
    """Refuse an action that the present status does not allow."""
    allowed = ACTIONS[action].allowed
    if allowed is not _ANY and instance.timeline.at(now).status not in allowed:
        raise invalid_state_change()


def act(world: World, instance: Instance, now: int, action: str) -> str:
    """Check and begin an action; return the status it leads to at once."""
    check(instance, now, action)
    instance.trouble = None
    course = plan(world, instance, now, action)
    replan(world, instance, now, course)
    return course[0].status


def _faster_pull(world: World, instance: Instance, at: int, step: str) -> str:
    if step != "pulling":
        return step
    prewarmed = any(
        task.image == instance.image
        and task.cluster is instance.cluster
        and (not task.product_ids or instance.product.id in task.product_ids)
        and task.state(at) == "Succeeded"
        for task in world.prewarms.values()
    )
    return "prewarmed_pulling" if prewarmed else step
