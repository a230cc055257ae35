"""Subscriptions of instances: prolonging, converting, renewing by themselves, ending."""

from __future__ import annotations

import heapq

from novita_sdk.models.json_types import JSON
from novita_sdk.testing.cloud import lifecycle
from novita_sdk.testing.cloud.account import SECONDS_PER_HOUR
from novita_sdk.testing.cloud.lookups import living
from novita_sdk.testing.cloud.records import Instance, Purchase
from novita_sdk.testing.cloud.refusals import Refusal
from novita_sdk.testing.cloud.world import Args, World

MONTH = 30 * 24 * SECONDS_PER_HOUR
"""Seconds of a subscription month."""


def renew_instance(world: World, args: Args, now: int) -> JSON:
    """Answer renew_instance."""
    instance = _subscribed(living(world, args["instanceId"], now))
    if instance.timeline.at(now).status in {"toCreate", "creating", "pulling"}:
        raise Refusal("CREATING_INSTANCE_NOT_SUPPORT_RENEWAL", "the instance is being created")
    buy(world, instance, args["month"], now, "monthly_re_buy")
    return {}


def convert_instance_to_monthly(world: World, args: Args, now: int) -> JSON:
    """Answer convert_instance_to_monthly."""
    instance = living(world, args["instanceId"], now)
    if instance.billing != "onDemand":
        raise Refusal("UNSUPPORTED_BILLING_MODE", f"{instance.billing} instances cannot be converted")
    buy(world, instance, args["month"], now, "monthly_new_buy")
    instance.billing = "monthly"
    lifecycle.reprice(world, instance, now)
    return {}


def set_auto_renew(world: World, args: Args, now: int) -> JSON:
    """Answer set_auto_renew."""
    instances = [_subscribed(living(world, instance_id, now)) for instance_id in args["instanceIds"]]
    for instance in instances:
        instance.auto_renew = args["autoRenew"]
        instance.auto_renew_months = args["autoRenewMonth"]
    return {}


def buy(world: World, instance: Instance, months: int, now: int, trade: str) -> None:
    """Buy `months` for the instance, on top of what it has, or refuse."""
    unit = instance.product.monthly.get(months)
    if unit is None:
        raise Refusal("UNSUPPORTED_BILLING_MODE", f"product is not sold for {months} months")
    price = unit * instance.units
    if world.account.available(now) < price * SECONDS_PER_HOUR:
        raise Refusal("BALANCE_NOT_ENOUGH", "balance not enough")
    start = max(now // 1000, instance.ends or 0)
    instance.ends = start + months * MONTH
    world.account.buy(
        Purchase(
            at=now // 1000,
            instance_id=instance.id,
            product_name=instance.product.name,
            trade=trade,
            price=price,
            start=start,
            end=instance.ends,
        )
    )
    heapq.heappush(world.subscription_ends, (instance.ends, instance.id))


def settle(world: World, now: int) -> None:
    """Renew or end the subscriptions that ran out by `now`."""
    while world.subscription_ends and world.subscription_ends[0][0] * 1000 <= now:
        end, instance_id = heapq.heappop(world.subscription_ends)
        instance = world.instances[instance_id]
        if instance.ends != end or instance.gone is not None:
            continue  # prolonged or deleted meanwhile
        if not (instance.auto_renew and _renewed(world, instance, end)):
            lifecycle.replan(world, instance, end * 1000, [lifecycle.segment(instance, end * 1000, "exited")])


def _renewed(world: World, instance: Instance, end: int) -> bool:
    try:
        buy(world, instance, instance.auto_renew_months, end * 1000, "monthly_re_buy")
    except Refusal:
        return False
    return True


def expired(instance: Instance, now: int) -> bool:
    """Tell whether the instance had a subscription that ran out."""
    return instance.billing == "monthly" and instance.ends is not None and instance.ends * 1000 <= now


def _subscribed(instance: Instance) -> Instance:
    if instance.billing != "monthly":
        raise Refusal("UNSUPPORTED_BILLING_MODE", "not a subscription instance")
    return instance
