"""Prewarm tasks: images brought to a cluster ahead of use."""

from __future__ import annotations

from novita_sdk.models.json_types import JSON
from novita_sdk.testing.cloud.lookups import found
from novita_sdk.testing.cloud.pages import matches, page
from novita_sdk.testing.cloud.records import Prewarm
from novita_sdk.testing.cloud.refusals import Refusal
from novita_sdk.testing.cloud.world import Args, World


def get_image_prewarm_quota(world: World, _args: Args, _now: int) -> JSON:
    """Answer get_image_prewarm_quota."""
    limits = world.limits
    return {"total": len(world.prewarms), "limit": limits.prewarms, "perImageSize": limits.prewarm_image_gb}


def list_image_prewarms(world: World, args: Args, now: int) -> JSON:
    """Answer list_image_prewarms."""
    rows = [
        task
        for task in world.prewarms.values()
        if args.get("state") in {None, "", task.state(now)}
        and args.get("clusterId") in {None, "", task.cluster.id}
        and matches(args.get("name"), _name(task), task.note)
    ]
    return page(
        world.quirks,
        rows,
        args,
        lambda task: _show(world, task, now),
        key="data",
        page_key="page",
        total_required=True,
    )


def create_image_prewarm(world: World, args: Args, now: int) -> JSON:
    """Answer create_image_prewarm."""
    cluster = found(world, world.clusters, args["clusterId"], "cluster")
    product_ids = list(args.get("productIds", ()))
    for product_id in product_ids:
        found(world, world.products, product_id, "product")
    if args.get("repositoryAuth"):
        found(world, world.auths, args["repositoryAuth"], "repository auth")
    if len(world.prewarms) >= world.limits.prewarms:
        raise Refusal("OPERATION_LIMIT", f"at most {world.limits.prewarms} prewarm tasks")
    started = now + world.timings.draw("prewarm_pending", world.rng)
    failure = world.next_failure("imagePrewarm")
    task = Prewarm(
        id=world.long_id(16),
        image=args["imageUrl"],
        cluster=cluster,
        product_ids=product_ids,
        auth_id=args.get("repositoryAuth", ""),
        note=args.get("note", ""),
        created=now,
        started=started,
        completed=started + world.timings.draw("prewarm_running", world.rng),
        size=world.rng.randrange(50_000_000, 20_000_000_000),
        failure=failure.message or failure.error if failure else "",
    )
    world.prewarms[task.id] = task
    return {"id": task.id}


def update_image_prewarm(world: World, args: Args, _now: int) -> JSON:
    """Answer update_image_prewarm."""
    task = found(world, world.prewarms, args["id"], "prewarm task")
    task.note = args.get("note", task.note)
    return {}


def delete_image_prewarms(world: World, args: Args, _now: int) -> JSON:
    """Answer delete_image_prewarms: all of them or none."""
    for task_id in args["ids"]:
        found(world, world.prewarms, task_id, "prewarm task")
    for task_id in set(args["ids"]):
        del world.prewarms[task_id]
    return {}


def _name(task: Prewarm) -> str:
    return task.image.rsplit("/", 1)[-1].split(":", 1)[0]


def _show(world: World, task: Prewarm, now: int) -> JSON:
    state = task.state(now)
    ended = state in {"Succeeded", "Failed"}
    return {
        "id": task.id,
        "imageName": _name(task),
        "imageUrl": task.image,
        "repositoryAuth": task.auth_id,
        "clusterId": task.cluster.id,
        "clusterName": task.cluster.name,
        "products": [
            {"productId": product_id, "productName": world.products[product_id].name}
            for product_id in task.product_ids
        ],
        "imageSize": str(task.size) if state == "Succeeded" else "",
        "createTime": str(task.created // 1000),
        "state": state,
        "completeTime": str(task.completed // 1000) if ended else "0",
        "note": task.note,
        "reason": [task.failure] if state == "Failed" else [],
    }
