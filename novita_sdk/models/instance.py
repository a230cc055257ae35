"""Container instances, as the list and the detail page describe them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from novita_sdk.models.base import Model, field, model
from novita_sdk.models.enums import (
    BillingMode,
    InstanceKind,
    InstanceStatus,
    JobType,
    PortType,
    SpotStatus,
    VolumeType,
)
from novita_sdk.models.env_var import EnvVar
from novita_sdk.models.marked_name import unmarked_name
from novita_sdk.models.money import PRICE_UNITS, Money
from novita_sdk.models.port import Port
from novita_sdk.models.secret import Secret


@model
class PortMapping(Model):
    """An exposed port of an instance and where it is reached.

    Attributes:
        port: Number inside the container.
        type: How it is exposed; tcp where the service does not say.
        endpoint: Public address: a URL for http, host and port for tcp. Empty or None until the instance is
            up; the documentation leaves it out of the list, but the running service sends it there too.
    """

    port: int | None = None
    type: PortType = field(default=PortType.TCP)
    endpoint: str | None = field(default=None, show="url")


@model
class VolumeMount(Model):
    """A disk or shared volume inside an instance or template.

    Attributes:
        type: Shared volume or disk of the machine.
        size: Size in GB; text in lists and a number in details, read alike.
        id: Id of the shared volume; only for type network.
        mount_path: Where it is mounted.
    """

    type: VolumeType | None = None
    size: Decimal | None = None
    id: str | None = None
    mount_path: str | None = None


@model
class StatusError(Model):
    """Why an instance could not be created or is down; both texts are empty while nothing is wrong.

    Attributes:
        state: The abnormal state.
        message: Explanation in free words.
    """

    state: str | None = None
    message: str | None = None


@model
class InstanceNetwork(Model):
    """Where an instance stands in a VPC network.

    Attributes:
        id: Id of the network.
        ip: The instance's address in it.
    """

    id: str | None = None
    ip: str | None = None


@model
class NodeInfo(Model):
    """The machine below an instance.

    Attributes:
        max_rootfs_size: Largest root disk that is possible there, in GB.
    """

    max_rootfs_size: Decimal | None = None


@model
class InstanceJob(Model):
    """A job that is running for an instance.

    Attributes:
        id: Id of the job.
        type: What it does; the documentation names only saveImage here.
    """

    id: str | None = None
    type: JobType | None = None


@model
class SshAccess(Model):
    """How to reach an instance by SSH.

    Attributes:
        ssh_command: The complete command line.
        password: Password for it.
        is_running: Whether it can be used now.
    """

    ssh_command: str | None = None
    password: Secret | None = None
    is_running: bool | None = None


@model
class WebTerminalAccess(Model):
    """How to reach an instance by a terminal in the browser.

    Attributes:
        address: URL to open.
        username: Login name.
        password: Password for it.
        is_running: Whether it can be used now.
    """

    address: str | None = field(default=None, show="url")
    username: str | None = None
    password: Secret | None = None
    is_running: bool | None = None


@model
class JupyterAccess(Model):
    """How to reach the Jupyter server of an instance.

    Attributes:
        port: Its port in the container.
        address: URL to open; it may carry a token, so `repr` cuts it at the query.
        is_running: Whether it can be used now.
    """

    port: int | None = None
    address: str | None = field(default=None, show="url")
    is_running: bool | None = None


@model
class LogAccess(Model):
    """Where the logs of an instance are streamed over HTTP.

    Attributes:
        system_log_address: URL of the platform's messages; `repr` cuts it at the query.
        instance_log_address: URL of the container's output; `repr` cuts it at the query.
        is_running: Whether they can be read now.
    """

    system_log_address: str | None = field(default=None, show="url")
    instance_log_address: str | None = field(default=None, show="url")
    is_running: bool | None = None


@model
class InstanceTool(Model):
    """A tool in use in an instance; not on the documented pages.

    Attributes:
        name: Name, such as Jupyter.
        port: Its port in the container.
        type: How the port is exposed; tcp where the service does not say.
        endpoint: Where it is reached.
    """

    name: str | None = None
    port: int | None = None
    type: PortType = field(default=PortType.TCP)
    endpoint: str | None = field(default=None, show="url")


@model
class Instance(Model):
    """A GPU or CPU instance. The list and the detail answer share this class; what one leaves out is None.

    Lists are tuples and empty when the service sends none. Only `id` is certain; keys come and go while an
    instance is being created or removed.

    Attributes:
        id: Id of the instance.
        name: Display name.
        cluster_id: Id of the cluster it runs in.
        cluster_name: Display name of the cluster.
        status: Life-cycle status; a word unknown to this release has `.known` False.
        image_url: Container image.
        image_auth_id: Id of the stored registry login; empty if there is none.
        command: Command line in place of the image's; `repr` withholds it, as keys are passed that way.
        entrypoint: Entry point in place of the image's; withheld likewise.
        cpu_num: CPU cores.
        memory: Main memory in GB.
        gpu_num: Number of GPUs.
        port_mappings: Exposed ports with their addresses.
        product_id: Id of the product it was made from.
        product_name: Its name; may be empty on a removed instance, which can linger in the list.
        rootfs_size: Root disk in GB.
        volume_mounts: Disks and shared volumes.
        status_error: Why it failed, if it did.
        envs: Environment variables; see also `env`.
        kind: GPU or CPU instance.
        billing_mode: How it is charged; None if the service sends an empty text, as it sometimes does.
        end_time: End of the subscription; None for pay as you go.
        spot_status: Progress of a reclaim; None for others, and sometimes even for a reclaimed one.
        spot_reclaim_time: When the reclaim began; None as long as there is none.
        created_at: When it was created. This and the four times below are not documented; clients saw them.
        last_started_at: When it was last started, by the server's clock.
        last_stopped_at: When it was last stopped, by the server's clock.
        started_at: When it was started.
        stopped_at: When it was stopped.
        use_time: For how long it was used. Undocumented, and nobody knows in which unit.
        ssh_command: Older place of `ssh.ssh_command`.
        ssh_password: Older place of `ssh.password`.
        password: Another older place of the same.
        tools: Tools in use. Undocumented.
        disk_size: Local disk in GB. Undocumented.
        instance_price: Price of the running instance. Undocumented, and doubtful: the unit of product prices
            (1/100000 USD) is assumed, and the period is not known.
        local_storage_price: Price of its local disk; doubtful in the same way.
        exited_local_storage_price: Price of its disk while it is stopped; doubtful in the same way.
        gpu_ids: Indexes of its GPUs. Undocumented.
        template_id: Id of the template it was made from. Undocumented.
        network: Its place in a VPC network.
        node: The machine below it. The documentation shows an array, the service was seen to send one object;
            either way it is a tuple here.
        jobs: Jobs running for it.
        ssh: SSH access.
        web_terminal: Terminal in the browser.
        jupyter: Jupyter server.
        log: Log streams.
        free_storage_size: Part of the root disk that costs nothing, in GB.
        keep_data_day: For how many days its data is kept after a stop.
        timeline: When a wait first saw each status and step, as (aware UTC time, word); empty without a wait.
    """

    id: str
    name: str | None = None
    cluster_id: str | None = None
    cluster_name: str | None = None
    status: InstanceStatus | None = None
    image_url: str | None = None
    image_auth_id: str | None = None
    command: str | None = field(default=None, show="withheld")
    entrypoint: str | None = field(default=None, show="withheld")
    cpu_num: int | None = None
    memory: int | None = None
    gpu_num: int | None = None
    port_mappings: tuple[PortMapping, ...] = ()
    product_id: str | None = None
    product_name: str | None = None
    rootfs_size: int | None = None
    volume_mounts: tuple[VolumeMount, ...] = ()
    status_error: StatusError | None = None
    envs: tuple[EnvVar, ...] = ()
    kind: InstanceKind | None = None
    billing_mode: BillingMode | None = None
    end_time: datetime | None = None
    spot_status: SpotStatus | None = None
    spot_reclaim_time: datetime | None = None
    created_at: datetime | None = None
    last_started_at: datetime | None = None
    last_stopped_at: datetime | None = None
    started_at: datetime | None = None
    stopped_at: datetime | None = None
    use_time: int | None = None
    ssh_command: str | None = None
    ssh_password: Secret | None = None
    password: Secret | None = None
    tools: tuple[InstanceTool, ...] = ()
    disk_size: int | None = None
    instance_price: Money | None = field(default=None, units_per_usd=PRICE_UNITS)
    local_storage_price: Money | None = field(default=None, units_per_usd=PRICE_UNITS)
    exited_local_storage_price: Money | None = field(default=None, units_per_usd=PRICE_UNITS)
    gpu_ids: tuple[int, ...] = ()
    template_id: str | None = None
    network: InstanceNetwork | None = None
    node: tuple[NodeInfo, ...] = ()
    jobs: tuple[InstanceJob, ...] = ()
    ssh: SshAccess | None = field(default=None, wire="connectComponentSSH")
    web_terminal: WebTerminalAccess | None = field(default=None, wire="connectComponentWebTerminal")
    jupyter: JupyterAccess | None = field(default=None, wire="connectComponentJupyter")
    log: LogAccess | None = field(default=None, wire="connectComponentLog")
    free_storage_size: int | None = None
    keep_data_day: int | None = None
    timeline: tuple[tuple[datetime, str], ...] = field(default=(), local=True)

    @property
    def env(self) -> dict[str, str]:
        """The environment as a dictionary, values in clear; of equal names the last counts."""
        return {variable.key: variable.value for variable in self.envs}

    @property
    def ports(self) -> tuple[Port, ...]:
        """The exposed ports, in order and without their addresses."""
        return tuple(Port(entry.port, entry.type) for entry in self.port_mappings if entry.port is not None)

    @property
    def base_name(self) -> str | None:
        """The name without the mark that a create with `marker="env+name"` leaves at its end."""
        return None if self.name is None else unmarked_name(self.name)
