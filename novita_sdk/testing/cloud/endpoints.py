"""Serverless endpoints of the simulated cloud."""

from __future__ import annotations

from novita_sdk.models.json_types import JSON
from novita_sdk.testing.cloud.endpoint_records import SimulatedEndpoint
from novita_sdk.testing.cloud.lookups import found, missing
from novita_sdk.testing.cloud.pages import page
from novita_sdk.testing.cloud.refusals import Refusal, invalid_parameter
from novita_sdk.testing.cloud.workers import settle, show_worker
from novita_sdk.testing.cloud.world import Args, World

LIMITS: dict[str, JSON] = {
    "minRootfsSize": 10,
    "maxRootfsSize": 1000,
    "freeRootfsSize": 100,
    "minLocalVolumeSize": 30,
    "maxLocalVolumeSize": 30,
    "freeLocalVolumeSize": 30,
    "minWorkerNum": 0,
    "maxWorkerNum": 100,
    "minFreeTimeout": 0,
    "maxFreeTimeout": 86400,
    "minConcurrencyNum": 1,
    "maxConcurrencyNum": 1000,
    "minQueueWaitTime": 1,
    "maxQueueWaitTime": 3600,
    "minRequestNum": 1,
    "maxRequestNum": 1000,
    "minGPUNum": 1,
    "maxGPUNum": 8,
    "minRequestTimeout": 1,
    "maxRequestTimeout": 86400,
    "cudaVersionList": ["12.1", "12.4", "any"],
}

_TEXTS = (("workerConfig", "freeTimeout"), ("workerConfig", "maxConcurrent"), ("policy", "value"))
"""Numbers that the service shows as text."""


def get_endpoint_limits(_world: World, _args: Args, _now: int) -> JSON:
    """Answer get_endpoint_limits."""
    return dict(LIMITS)


def create_endpoint(world: World, args: Args, now: int) -> JSON:
    """Answer create_endpoint."""
    settings: dict[str, JSON] = dict(args["endpoint"])
    _check(settings)
    wanted = settings.get("appName")
    if wanted and any(one.app_name == wanted for one in _living(world, now)):
        raise Refusal("SERVERLESS_APP_NAME_IS_EXIST", "the app name exists already")
    endpoint_id = world.long_id(12)
    world.endpoints[endpoint_id] = SimulatedEndpoint(
        id=endpoint_id,
        settings=settings,
        created=now,
        updated=now,
        serving=now + world.timings.draw("endpoint_creating", world.rng),
    )
    settle(world, world.endpoints[endpoint_id], now)
    return {"id": endpoint_id}


def list_endpoints(world: World, args: Args, now: int) -> JSON:
    """Answer list_endpoints."""
    seen_by = now - world.quirks.list_delay * 1000
    rows = [one for one in _living(world, now) if one.created <= seen_by]

    def show(endpoint: SimulatedEndpoint) -> JSON:
        shown = _show(endpoint, now)
        if world.quirks.hide_envs_in_list:
            del shown["envs"]
        return shown

    return page(world.quirks, rows, args, show, key="endpoints")


def get_endpoint(world: World, args: Args, now: int) -> JSON:
    """Answer get_endpoint."""
    return {"endpoint": _show(living_endpoint(world, args["id"], now), now)}


def update_endpoint(world: World, args: Args, now: int) -> JSON:
    """Answer update_endpoint: everything is replaced by what is sent, but the name in the address."""
    endpoint = living_endpoint(world, args["id"], now)
    settings = {key: value for key, value in args.items() if key not in {"id", "workers"}}
    _check(settings)
    unchangeable = {key: value for key, value in endpoint.settings.items() if key == "appName"}
    products: JSON = endpoint.settings["products"]
    endpoint.settings = {"products": products, **settings, **unchangeable}
    endpoint.updated = now
    settle(world, endpoint, now)
    return {}


def delete_endpoint(world: World, args: Args, now: int) -> JSON:
    """Answer delete_endpoint."""
    wanted = args.get("id") or args.get("name")
    if not wanted:
        raise invalid_parameter("name or id is required")
    endpoint = living_endpoint(world, wanted, now)
    if endpoint.deleted is None:
        endpoint.deleted = now
        endpoint.gone = now + world.timings.draw("endpoint_removing", world.rng)
    return {}


def drain_worker(world: World, args: Args, now: int) -> JSON:
    """Answer drain_worker."""
    for endpoint in _living(world, now):
        for worker in endpoint.workers:
            if worker.id == args["workerID"]:
                if args["drain"]:
                    worker.drained = now
                    finished = max([now, *worker.busy_until])
                    worker.leaves = finished + world.timings.draw("worker_leaving", world.rng)
                else:
                    worker.drained = worker.leaves = None
                return {}
    raise missing(world, "worker", "SERVERLESS_WORKER_NOT_FOUND")


def living_endpoint(world: World, endpoint_id: str, now: int) -> SimulatedEndpoint:
    """Return an endpoint that exists, with all that has happened to it by now."""
    endpoint = found(world, world.endpoints, endpoint_id, "endpoint", "SERVERLESS_ENDPOINT_NOT_FOUND")
    if endpoint.gone is not None and endpoint.gone <= now:
        raise missing(world, "endpoint", "SERVERLESS_ENDPOINT_NOT_FOUND")
    settle(world, endpoint, now)
    return endpoint


def word(endpoint: SimulatedEndpoint, now: int) -> str:
    """Return the state word of an endpoint at `now`."""
    if endpoint.deleted is not None:
        return "deleting"
    if endpoint.state is not None:
        return endpoint.state
    waits = endpoint.number("minNum") > 0 and not any(one.word(now) == "running" for one in endpoint.workers)
    return "creating" if now < endpoint.serving or waits else "serving"


def _living(world: World, now: int) -> list[SimulatedEndpoint]:
    living = [one for one in world.endpoints.values() if one.gone is None or one.gone > now]
    for endpoint in living:
        settle(world, endpoint, now)
    return living


def _check(settings: dict[str, JSON]) -> None:
    config = settings["workerConfig"]
    if int(config["minNum"]) > int(config["maxNum"]):
        raise invalid_parameter("minNum is larger than maxNum")
    if config.get("cudaVersion") == "":
        raise invalid_parameter("cudaVersion is empty")
    if any(volume["type"] == "network" for volume in settings.get("volumeMounts") or ()) and not settings.get(
        "clusterID"
    ):
        raise invalid_parameter("a network volume needs clusterID")


def _show(endpoint: SimulatedEndpoint, now: int) -> dict[str, JSON]:
    settings = {key: value for key, value in endpoint.settings.items() if value is not None}
    for block, key in _TEXTS:
        settings[block] = {**settings[block], key: str(settings[block][key])}
    image: dict[str, JSON] = {"authId": "", "command": "", **settings["image"]}
    health: dict[str, JSON] = {
        "path": "/",
        "initialDelay": 0,
        "period": 10,
        "timeout": 1,
        "successThreshold": 1,
        "failureThreshold": 3,
        **settings.get("healthy", {}),
    }
    return {
        "volumeMounts": [],
        "envs": [],
        "clusterID": "us-dallas-nas-2",
        **settings,
        "id": endpoint.id,
        "appName": endpoint.app_name,
        "state": {"state": word(endpoint, now), "error": endpoint.error, "message": endpoint.message},
        "url": f"https://{endpoint.id}.novita.ai",
        "image": image,
        "healthy": health,
        "workers": [show_worker(worker, now) for worker in endpoint.workers],
        "log": "",
        "createdAt": str(endpoint.created // 1000),
        "updatedAt": str(endpoint.updated // 1000),
    }
