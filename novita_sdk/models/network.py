"""VPC networks."""

from __future__ import annotations

from datetime import datetime

from novita_sdk.models.base import Model, field, model
from novita_sdk.models.enums import NetworkStateName


@model
class NetworkState(Model):
    """How a network is doing.

    Attributes:
        state: The state.
        error: Why it failed, if it did.
    """

    state: NetworkStateName | None = None
    error: str | None = None


@model
class NetworkAddress(Model):
    """A member of a network.

    Attributes:
        id: Id of the instance.
        ip: Its address in the network.
    """

    id: str | None = field(default=None, wire="Id")
    ip: str | None = field(default=None, wire="Ip")


@model
class Network(Model):
    """A VPC network of one cluster.

    Attributes:
        id: Id of the network.
        user: Its owner.
        name: Name.
        state: How it is doing; documented as an array, sent as an object, read either way.
        segment: Its range of addresses.
        cluster_id: The cluster it belongs to.
        addresses: Its members.
        create_time: When it was created.
    """

    id: str = field(wire="Id")
    user: str | None = None
    name: str | None = None
    state: NetworkState | None = None
    segment: str | None = None
    cluster_id: str | None = None
    addresses: tuple[NetworkAddress, ...] = field(default=(), wire="Addresses")
    create_time: datetime | None = None
