"""Creating an instance: everything the service checks before it says yes, and the new record."""

from __future__ import annotations

from novita_sdk.models.json_types import JSON
from novita_sdk.testing.cloud import lifecycle, networks, subscriptions
from novita_sdk.testing.cloud.records import Cluster, Instance, Product, Trouble
from novita_sdk.testing.cloud.refusals import Refusal, invalid_parameter
from novita_sdk.testing.cloud.timeline import Timeline
from novita_sdk.testing.cloud.world import Args, World

_RESERVED_PORTS = frozenset({2222, 2223, 2224})


def create_instance(world: World, args: Args, now: int) -> JSON:
    """Answer create_instance."""
    product = _product(world, args)
    units = args.get("gpuNum", 1) if product.kind == "gpu" else 1
    months = args.get("month", 0)
    billing = "monthly" if months else args.get("billingMode", "onDemand")
    check_references(world, args.get("imageAuthId"), _storage_ids(args))
    ports = _ports(world, args)
    rootfs = _rootfs(product, args)
    price = _price(product, billing, months or 1)
    _check_account(world, now)
    cluster = _cluster(world, product, args, units, now)
    instance = Instance(
        id=world.hex_id(),
        name=args.get("name", ""),
        product=product,
        cluster=cluster,
        units=units,
        rootfs=rootfs,
        image=args["imageUrl"],
        auth_id=args.get("imageAuthId", ""),
        command=args.get("command", ""),
        entrypoint=args.get("entrypoint", ""),
        ports=ports,
        tools=list(args.get("tools", ())),
        envs=list(args.get("envs", ())),
        storages=[
            (item.get("Id", ""), item.get("mountPoint", "/network"))
            for item in args.get("networkStorages", ())
        ],
        local_mount=args.get("localStorageMountPoint", "/workspace" if product.kind == "cpu" else ""),
        network_id=args.get("networkId", ""),
        address="",
        billing=billing,
        unit_price=price,
        created=now,
        ssh_password=world.hex_id(),
        timeline=Timeline(()),
        auto_renew=args.get("autoRenew", False),
        auto_renew_months=args.get("autoRenewMonth", 1),
    )
    if instance.network_id:
        instance.address = networks.next_address(world, instance.network_id, now)
    if billing == "monthly":
        subscriptions.buy(world, instance, months or 1, now, "monthly_new_buy")
    _boot(world, instance, now)
    world.instances[instance.id] = instance
    return {"id": instance.id}


def check_references(world: World, auth_id: str | None, storage_ids: list[str]) -> None:
    """Refuse a registry login or a shared volume that does not exist."""
    if auth_id and auth_id not in world.auths:
        raise Refusal("RESOURCE_NOT_FOUND", "image auth not found")
    for storage_id in storage_ids:
        if storage_id not in world.storages:
            raise Refusal("NETWORK_STORAGE_NOT_FOUND", "network storage not found")


def check_ports(world: World, ports: list[tuple[int, str]], tools: int) -> None:
    """Refuse ports out of range, reserved ones, and too many of them."""
    for port, _ in ports:
        if not 1 <= port <= 65535 or port in _RESERVED_PORTS:
            raise invalid_parameter(f"ports: {port} is reserved or out of range")
    if len(ports) + tools > world.limits.ports:
        raise invalid_parameter(f"ports: more than {world.limits.ports} with tool ports")


def _product(world: World, args: Args) -> Product:
    product = world.products.get(args["productId"])
    if product is None or product.kind != args["kind"]:
        raise Refusal("RESOURCE_NOT_FOUND", "product not found")
    return product


def _storage_ids(args: Args) -> list[str]:
    return [item.get("Id", "") for item in args.get("networkStorages", ())]


def _ports(world: World, args: Args) -> list[tuple[int, str]]:
    ports: list[tuple[int, str]] = []
    for entry in args.get("ports", "").split(","):
        if entry.strip():
            number, _, kind = entry.strip().partition("/")
            ports.append((int(number), kind))
    check_ports(world, ports, len(args.get("tools", ())))
    return ports


def _rootfs(product: Product, args: Args) -> int:
    size: int = args.get("rootfsSize", product.disk)
    if product.kind == "gpu" and not product.min_rootfs <= size <= product.max_rootfs:
        raise invalid_parameter(f"rootfsSize: from {product.min_rootfs} to {product.max_rootfs} GB")
    return size


def _price(product: Product, billing: str, months: int) -> int:
    """Return the price of one unit: per hour, for a subscription of the whole term."""
    price = {"onDemand": product.price, "spot": product.spot_price}.get(billing, product.monthly.get(months))
    if price is None:
        raise Refusal("UNSUPPORTED_BILLING_MODE", f"product is not sold as {billing}")
    return price


def _check_account(world: World, now: int) -> None:
    limit = world.limits.instances
    if limit is not None and sum(one.gone is None for one in world.instances.values()) >= limit:
        raise Refusal("CREATE_INSTANCE_LIMIT", f"the account may have {limit} instances")
    if world.account.empty(now):
        raise Refusal("BALANCE_NOT_ENOUGH", "balance not enough")


def _cluster(world: World, product: Product, args: Args, units: int, now: int) -> Cluster:
    """Choose the cluster: the one asked for, that of the volumes and network, else the first with stock."""
    tied = [world.storages[storage_id].cluster.id for storage_id in _storage_ids(args)]
    network_id = args.get("networkId")
    if network_id:
        if network_id not in world.networks:
            raise Refusal("NETWORK_NOT_FOUND", "network not found")
        tied.append(world.networks[network_id].cluster.id)
    wanted = args.get("clusterId")
    if wanted:
        if wanted not in world.clusters:
            raise Refusal("RESOURCE_NOT_FOUND", "cluster not found")
        tied.append(wanted)
    if len(set(tied)) > 1:
        raise invalid_parameter("clusterId: shared volumes and network must be in the same cluster")
    for cluster_id, stock in product.stock.items():
        if (not tied or cluster_id == tied[0]) and stock.free(now) >= units:
            return world.clusters[cluster_id]
    raise Refusal("INSUFFICIENT_RESOURCE", "insufficient resource")


def _boot(world: World, instance: Instance, now: int) -> None:
    failure = world.next_failure("boot")
    course = lifecycle.plan(world, instance, now, "create", hang_in="pulling" if failure else "")
    if failure:
        instance.trouble = Trouble(course[-1].at, failure.error, failure.message)
    instance.timeline = Timeline(course)
    lifecycle.begin(world, instance, course)
