"""An instance as the service shows it: the shape of the list and the shape of a single one."""

from __future__ import annotations

from novita_sdk.models.json_types import JSON
from novita_sdk.testing.cloud import jobs
from novita_sdk.testing.cloud.lifecycle import DISK_PRICE
from novita_sdk.testing.cloud.ports import SSH_PORT, public_port
from novita_sdk.testing.cloud.records import Instance
from novita_sdk.testing.cloud.world import DOMAIN, World

_KEEP_DATA_DAYS = 7
_FREE_STORAGE_GB = 60


def show(world: World, instance: Instance, now: int, *, detail: bool) -> dict[str, JSON]:
    """Return the instance's JSON at `now` (milliseconds)."""
    quirks = world.quirks
    part = instance.timeline.at(now)
    documented = quirks.documented_spellings
    body: dict[str, JSON] = {
        "id": instance.id,
        "name": instance.name,
        "clusterId": instance.cluster.id,
        "clusterName": instance.cluster.name,
        "status": part.status,
        "imageUrl": instance.image,
        "imageAuthId": instance.auth_id,
        "command": instance.command,
        "entrypoint": instance.entrypoint,
        "cpuNum": str(instance.product.cpu * instance.units),
        "memory": str(instance.product.memory * instance.units),
        "gpuNum": str(instance.units if instance.product.kind == "gpu" else 0),
        "portMappings": _ports(instance, running=part.status == "running", hidden=documented and not detail),
        "productId": instance.product.id,
        "productName": "" if part.status == "removed" else instance.product.name,
        "rootfsSize": instance.rootfs,
        "volumeMounts": _volumes(world, instance, detail=detail),
        "statusError": _trouble(instance, now),
        "kind": instance.product.kind,
        "billingMode": instance.billing,
        "endTime": str(instance.ends) if instance.ends is not None else "-1",
        "spotStatus": part.spot,
        "spotReclaimTime": _seconds(instance.timeline.reclaimed(now)),
    }
    if not (quirks.hide_envs_in_get if detail else quirks.hide_envs_in_list):
        body["envs"] = [dict(pair) for pair in instance.envs]
    if not documented:
        body["createdAt"] = _seconds(instance.created)
        body["lastStartedAt"] = _seconds(instance.timeline.entered("running", now))
        body["lastStoppedAt"] = _seconds(instance.timeline.entered("exited", now))
    if not quirks.hide_prices and not documented:
        body["instancePrice"] = str(instance.hourly)
        body["exitedLocalStoragePrice"] = str(DISK_PRICE * instance.rootfs)
    if detail:
        body |= _detail(world, instance, now, running=part.status == "running")
    return body | instance.shown


def host_of(instance: Instance, port: int, kind: str) -> str:
    """Return the public address of a port: a URL for http, host and port for tcp."""
    if kind == "http":
        return f"https://{instance.id}-{port}.{DOMAIN}"
    return f"{instance.id}.{DOMAIN}:{public_port(port)}"


def _ports(instance: Instance, *, running: bool, hidden: bool) -> list[JSON]:
    tool_ports = [(int(tool["port"]), tool["type"]) for tool in instance.tools]
    mappings: list[JSON] = []
    for port, kind in instance.ports + tool_ports:
        mapping: dict[str, JSON] = {"port": port, "type": kind}
        if not hidden:
            mapping["endpoint"] = host_of(instance, port, kind) if running else ""
        mappings.append(mapping)
    return mappings


def _volumes(world: World, instance: Instance, *, detail: bool) -> list[JSON]:
    mounts: list[JSON] = []
    for storage_id, path in instance.storages:
        storage = world.storages.get(storage_id)
        size = storage.size if storage else 0
        mounts.append(
            {"type": "network", "size": size if detail else str(size), "id": storage_id, "mountPath": path}
        )
    if instance.local_mount:
        size = instance.product.local_volume or 30
        mounts.append(
            {"type": "local", "size": size if detail else str(size), "mountPath": instance.local_mount}
        )
    return mounts


def _trouble(instance: Instance, now: int) -> JSON:
    trouble = instance.trouble
    if trouble is None or trouble.since > now:
        return {"state": "", "message": ""}
    return {"state": trouble.state, "message": trouble.message}


def _detail(world: World, instance: Instance, now: int, *, running: bool) -> dict[str, JSON]:
    node = {"maxRootfsSize": instance.product.max_rootfs}
    password = instance.ssh_password
    notebook = next((int(tool["port"]) for tool in instance.tools), 0)
    body: dict[str, JSON] = {
        "node": [node] if world.quirks.documented_spellings else node,
        "jobs": [{"id": job.id, "type": job.type} for job in jobs.saving(world, instance, now)],
        "connectComponentSSH": {
            "sshCommand": f"ssh root@{instance.id}.{DOMAIN} -p {public_port(SSH_PORT)}" if running else "",
            "password": password if running else "",
            "isRunning": running,
        },
        "connectComponentWebTerminal": {
            "address": f"https://{instance.id}-terminal.{DOMAIN}" if running else "",
            "username": "root",
            "password": password if running else "",
            "isRunning": running,
        },
        "connectComponentJupyter": {
            "port": notebook,
            "address": host_of(instance, notebook, "http") if running and notebook else "",
            "isRunning": running and bool(notebook),
        },
        "connectComponentLog": {
            "systemLogAddress": f"https://log.{DOMAIN}/{instance.id}/system",
            "instanceLogAddress": f"https://log.{DOMAIN}/{instance.id}/instance",
            "isRunning": running,
        },
        "freeStorageSize": _FREE_STORAGE_GB,
        "keepDataDay": _KEEP_DATA_DAYS,
    }
    if instance.network_id:
        body["network"] = {"id": instance.network_id, "ip": instance.address}
    return body


def _seconds(instant: int | None) -> str:
    return "0" if instant is None else str(instant // 1000)
