"""VPC networks: they take a moment to be ready, and instances get addresses in them."""

from __future__ import annotations

from novita_sdk.models.json_types import JSON
from novita_sdk.testing.cloud.lookups import found
from novita_sdk.testing.cloud.pages import matches, page
from novita_sdk.testing.cloud.records import Instance, Network
from novita_sdk.testing.cloud.refusals import Refusal
from novita_sdk.testing.cloud.world import USER, Args, World


def list_networks(world: World, args: Args, now: int) -> JSON:
    """Answer list_networks."""
    seen_by = now - world.quirks.list_delay * 1000
    rows = [
        network
        for network in world.networks.values()
        if network.created <= seen_by
        and matches(args.get("name"), network.name)
        and args.get("creators") in {None, "", USER}
    ]
    key = "network" if world.quirks.documented_spellings else "networks"
    return page(world.quirks, rows, args, lambda network: _show(world, network, now), key=key)


def get_network(world: World, args: Args, now: int) -> JSON:
    """Answer get_network."""
    shown = _show(world, _found(world, args["networkId"]), now)
    return {"network": [shown] if world.quirks.documented_spellings else shown}


def create_network(world: World, args: Args, now: int) -> JSON:
    """Answer create_network; the running service sends no id back."""
    cluster = found(world, world.clusters, args["clusterId"], "cluster")
    if not cluster.network:
        raise Refusal("CLUSTER_STATUS", "the cluster has no VPC networks")
    if len(world.networks) >= world.limits.networks:
        raise Refusal("NETWORK_MAX_LIMIT", f"at most {world.limits.networks} networks")
    network_id = world.number_id()
    network = Network(
        id=network_id,
        name=args.get("name", ""),
        cluster=cluster,
        segment=f"10.{int(network_id) % 256}.0.0/24",
        created=now,
        ready=now + world.timings.draw("network_creating", world.rng),
    )
    world.networks[network.id] = network
    return {"network": _show(world, network, now)} if world.quirks.documented_spellings else {}


def update_network(world: World, args: Args, _now: int) -> JSON:
    """Answer update_network."""
    _found(world, args["networkId"]).name = args["name"]
    return {}


def delete_network(world: World, args: Args, now: int) -> JSON:
    """Answer delete_network; one with members is kept."""
    network = _found(world, args["networkId"])
    if _members(world, network.id, now):
        raise Refusal("NETWORK_IN_USE", "instances are in the network")
    del world.networks[network.id]
    return {}


def next_address(world: World, network_id: str, now: int) -> str:
    """Return the lowest free address of a network."""
    prefix = world.networks[network_id].segment.removesuffix("0/24")
    taken = {member.address for member in _members(world, network_id, now)}
    for host in range(2, 255):
        if f"{prefix}{host}" not in taken:
            return f"{prefix}{host}"
    raise Refusal("OPERATION_LIMIT", "the network has no free address")


def _found(world: World, network_id: str) -> Network:
    return found(world, world.networks, network_id, "network", "NETWORK_NOT_FOUND")


def _members(world: World, network_id: str, now: int) -> list[Instance]:
    return [
        one
        for one in world.instances.values()
        if one.network_id == network_id and one.timeline.at(now).status != "removed"
    ]


def _show(world: World, network: Network, now: int) -> JSON:
    state = {"state": "ready" if now >= network.ready else "creating"}
    return {
        "Id": network.id,
        "user": USER,
        "name": network.name,
        "state": [state] if world.quirks.documented_spellings else state,
        "segment": network.segment,
        "clusterId": network.cluster.id,
        "Addresses": [{"Id": one.id, "Ip": one.address} for one in _members(world, network.id, now)],
        "createTime": str(network.created // 1000),
    }
