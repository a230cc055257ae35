"""Data-centre clusters."""

from __future__ import annotations

from novita_sdk.models.base import Model, model


@model
class Cluster(Model):
    """A cluster of the cloud.

    Attributes:
        id: Id: short words, or a number as text.
        name: Display name with the place in brackets.
        available_gpu_type: GPU types on offer; may be empty.
        support_network_storage: Whether shared volumes can be made here.
        support_instance_network: Whether VPC networks can be made here.
    """

    id: str
    name: str | None = None
    available_gpu_type: tuple[str, ...] = ()
    support_network_storage: bool | None = None
    support_instance_network: bool | None = None
