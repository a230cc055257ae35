"""What an event tells about an instance: an allow-list, so that nothing secret can slip in with a new field."""

from __future__ import annotations

import re
from typing import Final

from novita_sdk._core.ssh_command import read_ssh_command
from novita_sdk.models.instance import Instance
from novita_sdk.models.json_types import JSON

_AFTER_PATH: Final = re.compile(r"[?#].*", re.DOTALL)
_USER_INFO: Final = re.compile(r"(?<=//)[^/@]*@")


def instance_data(instance: Instance) -> dict[str, JSON]:
    """Describe an instance for the receiver of an event; absent values are None."""
    return {
        "id": instance.id,
        "name": instance.name,
        "status": instance.status,
        "region": region(instance),
        "productId": instance.product_id,
        "productName": instance.product_name,
        "gpuNum": instance.gpu_num,
        "portMappings": port_mappings(instance),
        "createdAt": instance.created_at,
        "connectionDetails": connection_details(instance),
    }


def region(instance: Instance) -> str | None:
    """Name the cluster an instance runs in."""
    return instance.cluster_name or instance.cluster_id


def port_mappings(instance: Instance) -> list[JSON]:
    """List the exposed ports; an address loses its user and query, where tokens travel."""
    return [
        {
            "port": mapping.port,
            "type": mapping.type,
            "endpoint": _USER_INFO.sub("", _AFTER_PATH.sub("", mapping.endpoint or "")) or None,
        }
        for mapping in instance.port_mappings
    ]


def connection_details(instance: Instance) -> dict[str, JSON] | None:
    """Tell how to log in, without the password; None if the service does not say so in plain words."""
    told = instance.ssh.ssh_command if instance.ssh is not None else None
    address = read_ssh_command(told or instance.ssh_command)
    return None if address is None else address._asdict()
