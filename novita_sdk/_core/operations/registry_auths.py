"""Stored logins of container registries."""

from __future__ import annotations

from novita_sdk._core.operations.operation import Field, Look, Operation, Result, Safety, Settle

LIST_REPOSITORY_AUTHS = Operation(
    name="list_repository_auths",
    method="GET",
    path="/repository/auths",
    safety=Safety.READ,
    kind="REGISTRY_AUTH",
    result=Result(shape="list", model="RegistryAuth", keys=("data",), id_key="id"),
)

SAVE_REPOSITORY_AUTH = Operation(
    name="save_repository_auth",
    method="POST",
    path="/repository/auth/save",
    safety=Safety.UNSAFE,
    kind="REGISTRY_AUTH",
    creates=True,
    body=(
        Field(name="name", type="str", required=True, min_length=1, max_length=255),
        Field(name="username", type="str", required=True, min_length=1, max_length=511),
        Field(name="password", type="str", required=True, min_length=1, max_length=1024, secret=True),
    ),
    result=Result(shape="id", keys=("id",), id_key="id"),
    settle=Settle(kind="diff", looks=(Look(operation="list_repository_auths"),), before=True),
    deadline=120,
)

DELETE_REPOSITORY_AUTH = Operation(
    name="delete_repository_auth",
    method="POST",
    path="/repository/auth/delete",
    safety=Safety.IDEMPOTENT,
    kind="REGISTRY_AUTH",
    body=(Field(name="id", type="id", required=True, min_length=1),),
    result=Result(shape="none"),
    gone_is_done=True,
)

OPERATIONS = (LIST_REPOSITORY_AUTHS, SAVE_REPOSITORY_AUTH, DELETE_REPOSITORY_AUTH)
