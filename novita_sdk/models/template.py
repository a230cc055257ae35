"""Templates: reusable descriptions of an instance."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from novita_sdk.models.base import Model, field, model
from novita_sdk.models.enums import PortType, TemplateChannel, TemplateType
from novita_sdk.models.env_var import EnvVar
from novita_sdk.models.instance import VolumeMount
from novita_sdk.models.port import Port


@model
class TemplatePorts(Model):
    """Ports of a template that are exposed alike.

    Attributes:
        type: How they are exposed; tcp where the service does not say. The vendor's own tools also offer udp.
        ports: Their numbers.
    """

    type: PortType = field(default=PortType.TCP)
    ports: tuple[int, ...] = ()


@model
class TemplateTool(Model):
    """A tool that an official template brings along.

    Attributes:
        name: Name, such as Jupyter. An older page showed a tool as nothing but this text, which is read too.
        describe: What it is.
        port: Its port in the container.
        type: How the port is exposed; tcp where the service does not say.
    """

    name: str | None = None
    describe: str | None = None
    port: int | None = None
    type: PortType = field(default=PortType.TCP)

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read the older form, which is only the name."""
        return cls(name=text)


@model
class RecommendCard(Model):
    """GPUs that an official template recommends.

    Attributes:
        gpu_spec_id: Id of the product.
        card_num: How many of it.
    """

    gpu_spec_id: str | None = None
    card_num: int | None = None


@model
class Template(Model):
    """A reusable description of an instance.

    Attributes:
        id: Id of the template.
        name: Name.
        readme: Description in Markdown.
        type: What it is for.
        channel: Who published it.
        image: Container image.
        image_auth: Id of a stored registry login; `repr` withholds it, as a login would fit there too.
        start_command: Command line in place of the image's; `repr` withholds it, as keys are passed that way.
        entrypoint: Entry point in place of the image's; withheld likewise.
        rootfs_size: Root disk in GB.
        port_groups: Exposed ports as the service groups them; `ports` is the plain form.
        envs: Environment variables; see also `env`.
        tools: Tools; only on official templates.
        created_at: When it was created.
        recommend_cards: GPUs it recommends; only on official templates.
        min_cuda_version: Least CUDA version, such as 11.8.
        create_time: Older name of `created_at`.
        user: Owner; only in older answers.
        logo: URL of a picture; only in older answers.
        volumes: Disks; only in older answers.
    """

    id: str = field(wire="Id")
    name: str | None = None
    readme: str | None = None
    type: TemplateType | None = None
    channel: TemplateChannel | None = None
    image: str | None = None
    image_auth: str | None = field(default=None, show="withheld")
    start_command: str | None = field(default=None, show="withheld")
    entrypoint: str | None = field(default=None, show="withheld")
    rootfs_size: int | None = None
    port_groups: tuple[TemplatePorts, ...] = field(default=(), wire="ports")
    envs: tuple[EnvVar, ...] = ()
    tools: tuple[TemplateTool, ...] = ()
    created_at: datetime | None = None
    recommend_cards: tuple[RecommendCard, ...] = ()
    min_cuda_version: str | None = None
    create_time: datetime | None = None
    user: str | None = None
    logo: str | None = field(default=None, show="url")
    volumes: tuple[VolumeMount, ...] = ()

    @property
    def env(self) -> dict[str, str]:
        """The environment as a dictionary, values in clear; of equal names the last counts."""
        return {variable.key: variable.value for variable in self.envs}

    @property
    def ports(self) -> tuple[Port, ...]:
        """All exposed ports, in the order of the answer."""
        return tuple(Port(number, group.type) for group in self.port_groups for number in group.ports)
