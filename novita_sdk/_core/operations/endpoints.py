"""Serverless endpoints."""

from __future__ import annotations

from typing import Final

from novita_sdk._core.operations.fields import PAGE_NUM, PAGE_SIZE, RESERVED_PORTS
from novita_sdk._core.operations.operation import (
    Field,
    Handle,
    Look,
    Operation,
    Paging,
    Result,
    Safety,
    Settle,
)

MAX_NAME: Final = 220
WHOLE_NUMBER: Final = "^[0-9]+$"


def _number(name: str, *, spelled: bool, required: bool = True) -> Field:
    """Return a number which an update may also spell as text."""
    if spelled:
        return Field(name=name, type="int_or_str", required=required, pattern=WHOLE_NUMBER)
    return Field(name=name, type="int", required=required, min=0)


def _worker_config(*, spelled: bool) -> Field:
    return Field(
        name="workerConfig",
        type="object",
        required=True,
        fields=(
            Field(name="minNum", type="int", required=True, min=0),
            Field(name="maxNum", type="int", required=True, min=0),
            _number("freeTimeout", spelled=spelled),
            _number("maxConcurrent", spelled=spelled),
            Field(name="gpuNum", type="int", required=True, min=0),
            Field(name="requestTimeout", type="int", min=0),
            Field(name="cudaVersion", type="str"),
        ),
    )


def _policy(*, spelled: bool) -> Field:
    return Field(
        name="policy",
        type="object",
        required=True,
        fields=(
            Field(name="type", type="str", required=True, enum=("queue", "concurrency")),
            _number("value", spelled=spelled),
        ),
    )


_VARIABLE = Field(
    name="",
    type="object",
    fields=(
        Field(name="key", type="str", required=True, max_length=511),
        Field(name="value", type="str", required=True, max_length=4095, secret=True),
    ),
)
_NAME = Field(name="name", type="str", max_length=MAX_NAME)
_PORTS = Field(
    name="ports",
    type="array",
    required=True,
    min_items=1,
    max_items=1,
    items=Field(
        name="",
        type="object",
        fields=(
            Field(
                name="port",
                type="int_or_str",
                required=True,
                min=1,
                max=65535,
                forbidden=RESERVED_PORTS,
                pattern="^[0-9]{1,5}$",
            ),
        ),
    ),
)
_IMAGE = Field(
    name="image",
    type="object",
    required=True,
    fields=(
        Field(name="image", type="str", required=True, min_length=1, max_length=511),
        Field(name="authId", type="id", max_length=255),
        Field(name="command", type="str", max_length=2047, secret=True),
    ),
)
_PRODUCTS = Field(
    name="products",
    type="array",
    items=Field(name="", type="object", fields=(Field(name="id", type="id", required=True),)),
)
_VOLUMES = Field(
    name="volumeMounts",
    type="array",
    items=Field(
        name="",
        type="object",
        fields=(
            Field(name="type", type="str", required=True, enum=("local", "network")),
            Field(name="size", type="int", min=0),
            Field(name="id", type="id"),
            Field(name="mountPath", type="str", required=True, max_length=255),
        ),
    ),
)
_CLUSTER = Field(name="clusterID", type="id", max_length=255)
_HEALTH = Field(
    name="healthy",
    type="object",
    fields=(Field(name="path", type="str", required=True),),
)

ENDPOINT_FIELDS: Final = (
    _NAME,
    Field(name="appName", type="str"),
    _worker_config(spelled=False),
    _PORTS,
    _policy(spelled=False),
    _IMAGE,
    Field(
        name="products",
        type="array",
        required=True,
        min_items=1,
        items=_PRODUCTS.items,
    ),
    Field(name="rootfsSize", type="int", required=True, min=0),
    _VOLUMES,
    _CLUSTER,
    Field(name="envs", type="array", items=_VARIABLE),
    _HEALTH,
)
"""What a new endpoint is described by."""

GET_ENDPOINT_LIMITS = Operation(
    name="get_endpoint_limits",
    method="GET",
    path="/endpoint/limit",
    safety=Safety.READ,
    kind="ENDPOINT",
    result=Result(shape="single", model="EndpointLimits"),
)

LIST_ENDPOINTS = Operation(
    name="list_endpoints",
    method="GET",
    path="/endpoints",
    safety=Safety.READ,
    kind="ENDPOINT",
    query=(PAGE_SIZE, PAGE_NUM),
    result=Result(shape="list", model="Endpoint", keys=("endpoints",), id_key="id", not_found_is_empty=True),
    paging=Paging(page_key="pageNum", zero_allowed=True),
)

GET_ENDPOINT = Operation(
    name="get_endpoint",
    method="GET",
    path="/endpoint",
    safety=Safety.READ,
    kind="ENDPOINT",
    query=(Field(name="id", type="id", required=True, min_length=1),),
    result=Result(shape="single", model="Endpoint", keys=("endpoint",), id_key="id"),
)

CREATE_ENDPOINT = Operation(
    name="create_endpoint",
    method="POST",
    path="/endpoint/create",
    safety=Safety.UNSAFE,
    kind="ENDPOINT",
    creates=True,
    body=(Field(name="endpoint", type="object", required=True, fields=ENDPOINT_FIELDS),),
    result=Result(shape="id", keys=("id",), id_key="id"),
    settle=Settle(
        kind="marker",
        looks=(Look(operation="list_endpoints"),),
        window=30.0,
        handle=Handle(
            read="get_endpoint",
            key="id",
            delete="delete_endpoint",
            delete_keys=("name", "id"),
            same=("name",),
            within="endpoint",
        ),
    ),
    deadline=120,
)

UPDATE_ENDPOINT = Operation(
    name="update_endpoint",
    method="POST",
    path="/endpoint/update",
    safety=Safety.UNSAFE,  # sent again blindly, an old body would undo what somebody else has changed since
    kind="ENDPOINT",
    body=(
        Field(name="id", type="id", required=True),
        Field(name="name", type="str"),
        _CLUSTER,
        _worker_config(spelled=True),
        _PORTS,
        _policy(spelled=True),
        _IMAGE,
        _VOLUMES,
        Field(name="envs", type="array", items=_VARIABLE),
        _HEALTH,
        Field(name="appName", type="str"),
        Field(name="rootfsSize", type="int"),
        _PRODUCTS,
    ),
    result=Result(shape="none"),
)

DELETE_ENDPOINT = Operation(
    name="delete_endpoint",
    method="POST",
    path="/endpoint/delete",
    safety=Safety.IDEMPOTENT,
    kind="ENDPOINT",
    body=(
        # both hold the id, whatever the first is called: documentation and practice each want one of them
        Field(name="name", type="id"),
        Field(name="id", type="id"),
    ),
    result=Result(shape="none"),
    gone_is_done=True,
)

DRAIN_WORKER = Operation(
    name="drain_worker",
    method="POST",
    path="/endpoint/worker/drain",
    safety=Safety.IDEMPOTENT,
    kind="WORKER",
    body=(
        Field(name="workerID", type="id", required=True),
        Field(name="drain", type="bool", required=True),
    ),
    result=Result(shape="none"),
)

OPERATIONS = (
    GET_ENDPOINT_LIMITS,
    CREATE_ENDPOINT,
    LIST_ENDPOINTS,
    GET_ENDPOINT,
    UPDATE_ENDPOINT,
    DELETE_ENDPOINT,
    DRAIN_WORKER,
)
