"""Shared volumes."""

from __future__ import annotations

from novita_sdk._core.operations.fields import PAGE_SIZE
from novita_sdk._core.operations.operation import Field, Look, Operation, Paging, Result, Safety, Settle

_STORAGE_ID = Field(name="storageId", type="id", required=True, min_length=1)
_STORAGE_NAME = Field(name="storageName", type="str", required=True, min_length=1)

LIST_NETWORK_STORAGES = Operation(
    name="list_network_storages",
    method="GET",
    path="/networkstorages/list",
    safety=Safety.READ,
    kind="NETWORK_STORAGE",
    query=(
        Field(name="pageNo", type="int", min=0),
        PAGE_SIZE,
        Field(name="storageName", type="str"),
        Field(name="storageId", type="id"),
    ),
    result=Result(shape="list", model="NetworkStorage", keys=("data",), id_key="storageId"),
    paging=Paging(page_key="pageNo", zero_allowed=True),
)

CREATE_NETWORK_STORAGE = Operation(
    name="create_network_storage",
    method="POST",
    path="/networkstorage/create",
    safety=Safety.UNSAFE,
    kind="NETWORK_STORAGE",
    creates=True,
    body=(
        Field(name="clusterId", type="id", required=True, min_length=1),
        _STORAGE_NAME,
        Field(name="storageSize", type="int", required=True, min=10),
    ),
    result=Result(shape="id", keys=("storageId",), id_key="storageId"),
    settle=Settle(kind="diff", looks=(Look(operation="list_network_storages"),), before=True),
    deadline=120,
)

UPDATE_NETWORK_STORAGE = Operation(
    name="update_network_storage",
    method="POST",
    path="/networkstorage/update",
    safety=Safety.IDEMPOTENT,
    kind="NETWORK_STORAGE",
    body=(
        _STORAGE_ID,
        _STORAGE_NAME,
        Field(name="storageSize", type="int_or_str", required=True, min=1, pattern="^-?[0-9]+$"),
    ),
    result=Result(shape="none"),
)

DELETE_NETWORK_STORAGE = Operation(
    name="delete_network_storage",
    method="POST",
    path="/networkstorage/delete",
    safety=Safety.IDEMPOTENT,
    kind="NETWORK_STORAGE",
    body=(_STORAGE_ID,),
    result=Result(shape="none"),
    gone_is_done=True,
)

OPERATIONS = (
    LIST_NETWORK_STORAGES,
    CREATE_NETWORK_STORAGE,
    UPDATE_NETWORK_STORAGE,
    DELETE_NETWORK_STORAGE,
)
