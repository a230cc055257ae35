"""VPC networks."""

from __future__ import annotations

from novita_sdk._core.operations.fields import PAGE_NUM, PAGE_SIZE
from novita_sdk._core.operations.operation import Field, Look, Operation, Paging, Result, Safety, Settle

_NETWORK_ID = Field(name="networkId", type="id", required=True, min_length=1, max_length=255)

LIST_NETWORKS = Operation(
    name="list_networks",
    method="GET",
    path="/networks",
    safety=Safety.READ,
    kind="NETWORK",
    query=(
        PAGE_SIZE,
        PAGE_NUM,
        Field(name="name", type="str", max_length=255),
        Field(name="creators", type="str", max_length=255),
    ),
    result=Result(shape="list", model="Network", keys=("networks", "network"), id_key="Id"),
    paging=Paging(page_key="pageNum", zero_allowed=True),
)

GET_NETWORK = Operation(
    name="get_network",
    method="GET",
    path="/network",
    safety=Safety.READ,
    kind="NETWORK",
    query=(_NETWORK_ID,),
    result=Result(shape="single", model="Network", keys=("network", "data"), id_key="Id"),
)

CREATE_NETWORK = Operation(
    name="create_network",
    method="POST",
    path="/network/create",
    safety=Safety.UNSAFE,
    kind="NETWORK",
    creates=True,
    body=(
        Field(name="clusterId", type="id", required=True, min_length=1, max_length=255),
        Field(name="name", type="str", max_length=30),
    ),
    result=Result(shape="single", model="Network", keys=("network", "data"), id_key="Id"),
    settle=Settle(kind="diff", looks=(Look(operation="list_networks"),), before=True),
    deadline=120,
)

UPDATE_NETWORK = Operation(
    name="update_network",
    method="POST",
    path="/network/update",
    safety=Safety.IDEMPOTENT,
    kind="NETWORK",
    body=(
        _NETWORK_ID,
        Field(name="name", type="str", required=True, min_length=1, max_length=30),
    ),
    result=Result(shape="none"),
)

DELETE_NETWORK = Operation(
    name="delete_network",
    method="POST",
    path="/network/delete",
    safety=Safety.IDEMPOTENT,
    kind="NETWORK",
    body=(_NETWORK_ID,),
    result=Result(shape="none"),
    gone_is_done=True,
)

OPERATIONS = (LIST_NETWORKS, GET_NETWORK, CREATE_NETWORK, UPDATE_NETWORK, DELETE_NETWORK)
