"""What a copy of an instance is created with, as far as the instance shows it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final, cast

import attrs

from novita_sdk._core.lifecycle.create_terms import operation_id_problems
from novita_sdk._core.waiting import wait_timeout
from novita_sdk._core.wire import problem
from novita_sdk.errors import Problem, ValidationError
from novita_sdk.models.enums import BillingMode, InstanceKind, VolumeType
from novita_sdk.models.instance import Instance
from novita_sdk.models.port import Port

SHOWN_BY_EITHER: Final = (
    *("name", "cluster_id", "image_url", "image_auth_id", "command", "entrypoint", "gpu_num"),
    *("port_mappings", "product_id", "product_name", "rootfs_size", "volume_mounts", "envs", "kind"),
    *("billing_mode", "tools", "network"),
)
"""What a copy needs and either the list or the single answer may leave out."""

_COPY_SECONDS: Final = 1800.0

_NUMBERED: Final = re.compile(r"-(?:r(?P<number>[1-9][0-9]{0,5})|recreated-[0-9]+)\Z", re.ASCII)

_NEEDED_BY_ALL: Final = {
    "image_url": "the image is not shown",
    "product_id": "the product is not shown",
    "cluster_id": "the cluster is not shown",
    "kind": "it is not shown whether it has GPUs",
}
_NEEDED_BY_GPU: Final = {
    "gpu_num": "the number of GPUs is not shown",
    "rootfs_size": "the size of the root disk is not shown",
    "billing_mode": "the billing mode is not shown",
}


@attrs.frozen(kw_only=True)
class CopyPlan:
    """How a copy is created.

    Attributes:
        original: Id of the instance that is copied.
        product_name: The name of its product, empty if that is not shown.
        cpu: Whether it has no GPUs.
        arguments: The arguments of the create, with values in clear; never shown.
    """

    original: str
    product_name: str
    cpu: bool
    arguments: Mapping[str, Any] = attrs.field(repr=False)

    @property
    def product_id(self) -> str:
        """The product of the copy."""
        return str(self.arguments["product_id"])

    def changed(self, **arguments: object) -> CopyPlan:
        """Return the plan with other arguments."""
        return attrs.evolve(self, arguments={**self.arguments, **arguments})


def merged(detail: Instance, listed: Instance | None) -> Instance:
    """Fill in what the single answer leaves out and the list shows.

    Args:
        detail: The instance as it was read alone.
        listed: The same instance as the list shows it, if it does.
    """
    if listed is None:
        return detail
    gaps = {name: getattr(listed, name) for name in SHOWN_BY_EITHER if not getattr(detail, name)}
    filled: Instance = attrs.evolve(cast("Any", detail), **gaps)
    return filled


def copy_problems(instance: Instance) -> tuple[Problem, ...]:
    """Tell why an instance cannot be copied; nothing if it can.

    Args:
        instance: The instance, merged.
    """
    needed = _NEEDED_BY_ALL if _is_cpu(instance) else _NEEDED_BY_ALL | _NEEDED_BY_GPU
    found = [
        problem(name, getattr(instance, name), f"{reason}, so it cannot be copied")
        for name, reason in needed.items()
        if not getattr(instance, name)
    ]
    if instance.billing_mode == BillingMode.MONTHLY:
        found.append(
            problem("billing_mode", "monthly", "a subscription is paid for already and is not copied")
        )
    return tuple(found)


def plan_copy(instance: Instance, name: str) -> CopyPlan:
    """Return how a copy of an instance is created.

    The marker that the original may carry is replaced by the create itself.

    Args:
        instance: The instance, merged and without problems.
        name: Name of the copy.
    """
    cpu = _is_cpu(instance)
    arguments = {argument: read(instance) for argument, read in _READ.items()}
    if cpu:
        arguments = {key: value for key, value in arguments.items() if key not in _GPU_ONLY}
    kept = {key: value for key, value in arguments.items() if value}
    return CopyPlan(
        original=instance.id,
        product_name=instance.product_name or "",
        cpu=cpu,
        arguments={**kept, "name": name},
    )


def copy_name(base: str) -> str:
    """Name the copy of an instance: `train` becomes `train-r1`, that becomes `train-r2`.

    Args:
        base: The name of the original without a marker, or its id if it has no name.
    """
    number = 0
    while found := _NUMBERED.search(base):
        number = max(number, int(found["number"] or 0))
        base = base[: found.start()]
    return f"{base}-r{number + 1}"


def check_recreate(
    *, name: str | None, operation_id: str | None, timeout: float | timedelta | None
) -> float | None:
    """Check the arguments of `recreate` that are checked nowhere else.

    Returns:
        The timeout in seconds; None for no limit.

    Raises:
        ValidationError: Arguments are wrong; all of them are named.
    """
    problems = list(operation_id_problems(operation_id))
    if name is not None and (not isinstance(name, str) or not name):  # pyright: ignore[reportUnnecessaryIsInstance]
        problems.append(problem("name", name, "must be a text, or left out"))
    try:
        seconds = wait_timeout(timeout, _COPY_SECONDS)
    except ValidationError as fault:
        raise ValidationError(problems=(*problems, *fault.problems)) from None
    if problems:
        raise ValidationError(problems=tuple(problems))
    return seconds


def _is_cpu(instance: Instance) -> bool:
    return instance.kind == InstanceKind.CPU


def _ports(instance: Instance) -> list[Port]:
    tools = {(tool.port, tool.type) for tool in instance.tools if tool.name}
    return [port for port in instance.ports if (port.port, port.type) not in tools]


def _tools(instance: Instance) -> dict[str, Port]:
    return {
        tool.name: Port(tool.port, tool.type)
        for tool in instance.tools
        if tool.name and tool.port is not None
    }


def _storages(instance: Instance) -> dict[str, str]:
    return {
        mount.id: mount.mount_path
        for mount in instance.volume_mounts
        if mount.type == VolumeType.NETWORK and mount.id and mount.mount_path
    }


def _local_mount(instance: Instance) -> str | None:
    local = (mount.mount_path for mount in instance.volume_mounts if mount.type == VolumeType.LOCAL)
    return next(local, None)


_READ: Final[Mapping[str, Callable[[Instance], object]]] = {
    "product_id": lambda shown: shown.product_id,
    "image_url": lambda shown: shown.image_url,
    "image_auth_id": lambda shown: shown.image_auth_id,
    "ports": _ports,
    "envs": lambda shown: shown.env,
    "tools": _tools,
    "command": lambda shown: shown.command,
    "entrypoint": lambda shown: shown.entrypoint,
    "cluster_id": lambda shown: shown.cluster_id,
    "network_storages": _storages,
    "network_id": lambda shown: None if shown.network is None else shown.network.id,
    "local_storage_mount_point": _local_mount,
    "gpu_num": lambda shown: shown.gpu_num,
    "rootfs_size": lambda shown: shown.rootfs_size,
    "billing_mode": lambda shown: shown.billing_mode,
}
_GPU_ONLY: Final = frozenset({"gpu_num", "rootfs_size", "billing_mode"})
