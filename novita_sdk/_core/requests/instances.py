"""Bodies of instance creation, edit and upgrade."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, Literal, Required, TypeAlias, TypedDict, Unpack

import attrs

from novita_sdk._core.arguments import Draft, Given, argument_name, check_fields, nothing_to_change
from novita_sdk._core.marker import MARKER_ENV, mark, operation_id_of
from novita_sdk._core.narrowing import is_mapping
from novita_sdk._core.nearest import refuse_unexpected
from novita_sdk._core.operations.fields import BILLING_MODES
from novita_sdk._core.operations.instance_fields import CREATE_CPU_FIELDS, CREATE_GPU_FIELDS
from novita_sdk._core.operations.instances import EDIT_INSTANCE, UPGRADE_INSTANCE
from novita_sdk._core.requests.environment import EnvArgument, read_envs
from novita_sdk._core.requests.ports import PortArgument, port_objects, port_text, read_ports, read_tools
from novita_sdk._core.requests.volumes import VolumeArgument, path_fault, read_volumes
from novita_sdk._core.wire import problem
from novita_sdk.errors import Problem, ValidationError
from novita_sdk.models.enums import BillingMode
from novita_sdk.models.json_types import JSON
from novita_sdk.models.secret import Secret
from novita_sdk.models.unset import UNSET

if TYPE_CHECKING:
    from novita_sdk.models.product_choice import ProductChoice, ProductQuery
    from novita_sdk.models.template import Template

AuthMode: TypeAlias = Literal["id", "inline"]
"""How a registry login goes into a create: as its id, or as user and password in clear."""

DEFAULT_GPU_NUM: Final = 1
DEFAULT_ROOTFS_SIZE: Final = 60
"""GB of root disk where nothing is said."""

_MARKERS: Final = 1
"""Environment variables every create carries for the SDK."""


class _CommonArguments(TypedDict, total=False):
    """What can be said when any instance is created."""

    name: Given[str]
    image_auth: Given[str | Secret]
    image_auth_id: Given[str | int]
    ports: Given[Sequence[PortArgument]]
    tools: Given[Mapping[str, PortArgument]]
    command: Given[str]
    entrypoint: Given[str]
    cluster_id: Given[str | int]
    network_storages: Given[VolumeArgument]
    network_id: Given[str | int]
    local_storage_mount_point: Given[str]


class _GpuArguments(TypedDict, total=False):
    """What can be said besides of a GPU instance; sizes are in GB, terms in months."""

    gpu_num: Given[int]
    rootfs_size: Given[int]
    billing_mode: Given[str | BillingMode]
    month: Given[int]
    auto_renew: Given[bool]
    auto_renew_month: Given[int]
    min_cuda_version: Given[str]


class InstanceArguments(_CommonArguments, total=False):
    """What can be said when a CPU instance is created.

    `tools` maps a tool of an official image to its port, `network_storages` a volume id to its mount path;
    `image_auth` is `user:password`, `image_auth_id` the id of a stored registry login.
    """

    product_id: Required[str | int]
    image_url: Required[str]
    envs: Given[EnvArgument]


class GpuBodyArguments(InstanceArguments, _GpuArguments, total=False):
    """What the body of a GPU instance is built from."""


class GpuInstanceArguments(_CommonArguments, _GpuArguments, total=False):
    """What can be said when a GPU instance is created.

    The product is named by `product_id`, or `product` says what to look for; the image is named by `image_url`
    or by the `template`. `envs` may hold None for a variable of the template that is not wanted.
    """

    product_id: Given[str | int]
    product: Given[str | ProductQuery | ProductChoice]
    image_url: Given[str]
    envs: Given[Mapping[str, str | Secret | None]]
    template: Given[str | int | Template]
    region: Given[str]
    registry_auth: Given[str | int]
    auth_mode: AuthMode
    max_candidates: int


class UpgradeArguments(TypedDict, total=False):
    """What an upgrade can change; `volume_mounts` maps a volume id to its mount path."""

    image_url: Given[str]
    image_auth_id: Given[str | int]
    envs: Given[EnvArgument]
    command: Given[str]
    entrypoint: Given[str]
    volume_mounts: Given[VolumeArgument]


_Reading = tuple[JSON, list[Problem]]


def _without_marker(envs: object) -> object:
    """Environments are copied from other instances; the mark of another create must not come along."""
    if not is_mapping(envs):
        return envs
    return {key: value for key, value in envs.items() if key != MARKER_ENV}


def _read_port_text(value: object, given: Mapping[str, object]) -> _Reading:
    tools = given.get("tools")
    ports, problems = read_ports(value, tools=len(tools) if is_mapping(tools) else 0)
    return port_text(ports), problems


def _read_envs(value: object, given: Mapping[str, object]) -> _Reading:
    return read_envs(_without_marker(value), reserved=_MARKERS if given.get("marked") else 0)


def _read_tools(value: object, _: Mapping[str, object]) -> _Reading:
    return read_tools(value)


def _read_storages(value: object, _: Mapping[str, object]) -> _Reading:
    volumes, problems = read_volumes("network_storages", value)
    return [{"Id": volume, "mountPoint": path} for volume, path in volumes], problems


def _read_mount_point(value: object, _: Mapping[str, object]) -> _Reading:
    fault = path_fault(value)
    return value, [] if fault is None else [problem("local_storage_mount_point", value, fault)]


def _read_image_auth(value: object, _: Mapping[str, object]) -> _Reading:
    text = value.reveal() if isinstance(value, Secret) else value
    user, colon, password = text.partition(":") if isinstance(text, str) else ("", "", "")
    if user and colon and password:
        return text, []
    return None, [problem("image_auth", value, "must be 'user:password', as text or Secret", secret=True)]


_READERS: Final[Mapping[str, Callable[[object, Mapping[str, object]], _Reading]]] = {
    "ports": _read_port_text,
    "envs": _read_envs,
    "tools": _read_tools,
    "networkStorages": _read_storages,
    "localStorageMountPoint": _read_mount_point,
    "imageAuth": _read_image_auth,
}


def create_instance_body(*, marked: bool = True, **arguments: Unpack[GpuBodyArguments]) -> dict[str, JSON]:
    """Build the body that creates a GPU instance, without its marker.

    Args:
        marked: Whether room is left for the marker.
        **arguments: `product_id` and `image_url` are needed. Unless given, `gpu_num` is 1, `rootfs_size` 60
            and `billing_mode` on demand. UNSET, None and empty collections are left out.

    Raises:
        ValidationError: Something is wrong; `problems` lists everything.
    """
    draft = Draft(CREATE_GPU_FIELDS)
    draft.put("gpuNum", DEFAULT_GPU_NUM)
    draft.put("rootfsSize", DEFAULT_ROOTFS_SIZE)
    draft.put("billingMode", BillingMode.ON_DEMAND)
    _take(
        draft,
        "gpu",
        {argument_name(field.name): field.name for field in CREATE_GPU_FIELDS},
        arguments,
        marked,
    )
    _check_term(draft)
    return draft.finish()


def create_cpu_instance_body(
    *, marked: bool = True, **arguments: Unpack[InstanceArguments]
) -> dict[str, JSON]:
    """Build the body that creates a CPU instance, without its marker.

    Args:
        marked: Whether room is left for the marker.
        **arguments: `product_id` and `image_url` are needed. UNSET, None and empty collections are left out.

    Raises:
        ValidationError: Something is wrong; `problems` lists everything.
    """
    draft = Draft(CREATE_CPU_FIELDS)
    _take(
        draft,
        "cpu",
        {argument_name(field.name): field.name for field in CREATE_CPU_FIELDS},
        arguments,
        marked,
    )
    return draft.finish()


def _take(
    draft: Draft, kind: str, wire_names: Mapping[str, str], given: Mapping[str, object], marked: bool
) -> None:
    refuse_unexpected(given, [argument for argument in wire_names if argument != "kind"])
    for argument, value in given.items():
        wire_name = wire_names[argument]
        reader = _READERS.get(wire_name)
        if reader is None:
            draft.put(wire_name, value)
        elif value is not UNSET and value is not None:
            wire_value, problems = reader(value, {**given, "marked": marked})
            if wire_value or problems:
                draft.place(wire_name, wire_value, problems)
    draft.put("kind", kind)
    if draft["imageAuth"] is not None and draft["imageAuthId"] is not None:
        draft.refuse("imageAuthId", draft["imageAuthId"], "must not be given beside image_auth")


def _check_term(draft: Draft) -> None:
    """Refuse terms and renewals that contradict the way of charging; money is not guessed about."""
    if draft["billingMode"] not in BILLING_MODES:
        return  # refused on its own account
    monthly = draft["billingMode"] == BillingMode.MONTHLY
    if monthly and not draft["month"]:
        draft.refuse("month", draft["month"], "must be at least 1 with billing_mode='monthly'")
    elif not monthly and draft["month"]:
        draft.refuse("month", draft["month"], "goes with billing_mode='monthly' only")
    if not monthly and draft["autoRenew"]:
        draft.refuse("autoRenew", draft["autoRenew"], "goes with billing_mode='monthly' only")
    elif draft["autoRenewMonth"] is not None and not draft["autoRenew"]:
        draft.refuse("autoRenewMonth", draft["autoRenewMonth"], "goes with auto_renew=True only")


def edit_instance_body(
    instance_id: str | int,
    *,
    ports: Given[Sequence[PortArgument]] = UNSET,
    expand_root_disk: Given[int] = UNSET,
) -> dict[str, JSON]:
    """Build the body that changes exposed ports or enlarges the root disk.

    Args:
        instance_id: Id of the instance.
        ports: All ports to expose from now on; None or an empty list for none.
        expand_root_disk: GB to add.

    Raises:
        ValidationError: Something is wrong, or nothing was given to change.
    """
    draft = Draft(EDIT_INSTANCE.body or ())
    if expand_root_disk != 0:
        draft.change("expandRootDisk", expand_root_disk)
    if ports is not UNSET:
        wanted, problems = read_ports(ports)
        draft.place("ports", port_objects(wanted), problems)
    if draft.is_empty:
        raise nothing_to_change("ports", "expand_root_disk")
    draft.put("instanceId", instance_id)
    return draft.finish()


_UPGRADED: Final[Mapping[str, str]] = {
    "image_url": "imageUrl",
    "image_auth_id": "imageAuthId",
    "command": "command",
    "entrypoint": "entrypoint",
}


def upgrade_changes(**arguments: Unpack[UpgradeArguments]) -> dict[str, JSON]:
    """Check the changes of an upgrade before anything is read or sent.

    Args:
        **arguments: UNSET leaves a field alone, None clears it; `envs` and `volume_mounts` are replaced
            whole.

    Returns:
        The changed keys as they will be sent; hand them to `upgrade_body`.

    Raises:
        ValidationError: Something is wrong, or nothing was given to change.
    """
    given: Mapping[str, object] = arguments
    refuse_unexpected(given, {*_UPGRADED, "envs", "volume_mounts"})
    draft = Draft([attrs.evolve(field, required=False) for field in UPGRADE_INSTANCE.body or ()])
    for argument, wire_name in _UPGRADED.items():
        draft.change(wire_name, given.get(argument, UNSET))
    envs, volume_mounts = given.get("envs", UNSET), given.get("volume_mounts", UNSET)
    if envs is not UNSET:
        pairs, problems = read_envs(_without_marker(envs))
        draft.place("envs", pairs, problems)
    if volume_mounts is not UNSET:
        volumes, problems = read_volumes("volume_mounts", volume_mounts)
        mounts = [{"type": "network", "id": volume, "mountPath": path} for volume, path in volumes]
        draft.place("networkVolume", {"volumeMounts": mounts}, problems)
    if draft.is_empty:
        raise nothing_to_change(*_UPGRADED, "envs", "volume_mounts")
    return draft.finish()


def upgrade_body(
    current: Mapping[str, JSON], changes: Mapping[str, JSON], *, save: bool = True
) -> dict[str, JSON]:
    """Lay changes over an instance as it was read; an upgrade is sent in full.

    What the instance does not show counts as empty. Its marker stays, also where the environment is replaced.

    Args:
        current: The instance as decoded JSON of get_instance.
        changes: What `upgrade_changes` returned.
        save: Whether the data of the old container is kept.

    Returns:
        The body of the upgrade.

    Raises:
        ValidationError: The instance lacks something the service insists on and the changes do not give.
    """
    mounts = [
        {"type": "network", "id": mount.get("id"), "mountPath": mount.get("mountPath")}
        for mount in current.get("volumeMounts") or ()
        if mount.get("type") == "network"
    ]
    kept = {name: current[name] for name in ("imageUrl", "imageAuthId") if current.get(name)}
    body: dict[str, JSON] = {
        "instanceId": current.get("id"),
        **kept,
        "envs": current.get("envs") or [],
        "command": current.get("command") or "",
        "entrypoint": current.get("entrypoint") or "",
        "save": save,
        "networkVolume": {"volumeMounts": mounts},
        **changes,
    }
    operation_id = operation_id_of(current)
    if operation_id is not None:
        body = mark(body, operation_id)
    problems = check_fields(UPGRADE_INSTANCE.body or (), body)
    if problems:
        raise ValidationError(problems=tuple(problems))
    return body
