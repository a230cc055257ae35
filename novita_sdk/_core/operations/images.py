"""Saved images, and the prewarm tasks that cache an image in a cluster."""

from __future__ import annotations

from novita_sdk._core.operations.fields import COUNTED_PAGE_SIZE, PAGE_NUM, PAGE_SIZE
from novita_sdk._core.operations.operation import (
    Field,
    Look,
    Operation,
    Paging,
    Reread,
    Result,
    Safety,
    Settle,
)

GET_IMAGE_PREWARM_QUOTA = Operation(
    name="get_image_prewarm_quota",
    method="GET",
    path="/image/prewarm/quota",
    safety=Safety.READ,
    kind="IMAGE_PREWARM",
    result=Result(shape="single", model="ImagePrewarmQuota", keys=("data",)),
    cache_ttl=60,
)

LIST_IMAGE_PREWARMS = Operation(
    name="list_image_prewarms",
    method="GET",
    path="/image/prewarm",
    safety=Safety.READ,
    kind="IMAGE_PREWARM",
    query=(
        Field(name="page", type="int", min=1),
        COUNTED_PAGE_SIZE,
        Field(name="state", type="str", enum=("Pending", "Running", "Succeeded", "Failed"), open=True),
        Field(name="clusterId", type="id"),
        Field(name="name", type="str"),
    ),
    result=Result(shape="list", model="ImagePrewarm", keys=("data",), id_key="id"),
    paging=Paging(page_key="page"),
)

CREATE_IMAGE_PREWARM = Operation(
    name="create_image_prewarm",
    method="POST",
    path="/image/prewarm",
    safety=Safety.UNSAFE,
    kind="IMAGE_PREWARM",
    creates=True,
    body=(
        Field(name="imageUrl", type="str", required=True, min_length=1),
        Field(name="clusterId", type="id", required=True, min_length=1),
        Field(name="repositoryAuth", type="id"),
        Field(name="productIds", type="array", items=Field(name="", type="id")),
        Field(name="note", type="str"),
    ),
    result=Result(shape="id", keys=("id",), id_key="id"),
    settle=Settle(
        kind="state",
        looks=(Look(operation="list_image_prewarms", query=(("clusterId", "clusterId"),)),),
    ),
    deadline=120,
)

UPDATE_IMAGE_PREWARM = Operation(
    name="update_image_prewarm",
    method="POST",
    path="/image/prewarm/edit",
    safety=Safety.IDEMPOTENT,
    kind="IMAGE_PREWARM",
    body=(
        Field(name="id", type="id", required=True, min_length=1),
        Field(name="note", type="str"),
    ),
    result=Result(shape="none"),
)

DELETE_IMAGE_PREWARMS = Operation(
    name="delete_image_prewarms",
    method="POST",
    path="/image/prewarm/delete",
    safety=Safety.IDEMPOTENT,
    kind="IMAGE_PREWARM",
    body=(Field(name="ids", type="array", required=True, min_items=1, items=Field(name="", type="id")),),
    result=Result(shape="none"),
    reread=Reread(look=Look(operation="list_image_prewarms"), remaining="ids"),
    gone_is_done=True,
)

LIST_IMAGES = Operation(
    name="list_images",
    method="GET",
    path="/images",
    safety=Safety.READ,
    kind="IMAGE",
    query=(
        Field(name="type", type="str", enum=("base", "private"), open=True),
        Field(name="name", type="str"),
        PAGE_SIZE,
        PAGE_NUM,
    ),
    result=Result(shape="list", model="SavedImage", keys=("data", "images"), id_key="id"),
    paging=Paging(page_key="pageNum", zero_allowed=True),
)

DELETE_IMAGE = Operation(
    name="delete_image",
    method="POST",
    path="/image/delete",
    safety=Safety.IDEMPOTENT,
    kind="IMAGE",
    body=(Field(name="id", type="id", required=True),),
    result=Result(shape="none"),
    gone_is_done=True,
)

OPERATIONS = (
    GET_IMAGE_PREWARM_QUOTA,
    LIST_IMAGE_PREWARMS,
    CREATE_IMAGE_PREWARM,
    UPDATE_IMAGE_PREWARM,
    DELETE_IMAGE_PREWARMS,
    LIST_IMAGES,
    DELETE_IMAGE,
)
