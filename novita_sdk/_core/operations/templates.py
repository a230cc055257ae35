"""Templates: reusable definitions of instances."""

from __future__ import annotations

from novita_sdk._core.operations.fields import ENTRYPOINT, ENVS, PAGE_NUM, PAGE_SIZE, PORT_TYPES
from novita_sdk._core.operations.operation import Field, Look, Operation, Paging, Result, Safety, Settle

_TEMPLATE_ID = Field(name="templateId", type="id", required=True, min_length=1)

TEMPLATE_FIELDS = (
    Field(name="name", type="str", required=True, min_length=1, max_length=255),
    Field(name="readme", type="str", max_length=102400),
    Field(name="type", type="str", required=True, enum=("instance",), open=True),
    Field(name="channel", type="str", required=True, const="private"),
    Field(name="image", type="str", required=True, min_length=1, max_length=500),
    Field(name="imageAuth", type="id", max_length=255),
    Field(name="startCommand", type="str", max_length=2047, secret=True),
    ENTRYPOINT,
    Field(name="rootfsSize", type="int", required=True, min=1),
    Field(
        name="ports",
        type="array",
        items=Field(
            name="",
            type="object",
            fields=(
                Field(name="type", type="str", enum=PORT_TYPES),
                Field(
                    name="ports",
                    type="array",
                    max_items=10,
                    items=Field(name="", type="int", min=1, max=65535),
                ),
            ),
        ),
    ),
    ENVS,
    Field(name="minCudaVersion", type="str", max_length=255),
)

UPDATED_TEMPLATE_FIELDS = (
    *TEMPLATE_FIELDS,
    Field(name="Id", type="id", required=True, min_length=1),
)

LIST_TEMPLATES = Operation(
    name="list_templates",
    method="GET",
    path="/templates",
    safety=Safety.READ,
    kind="TEMPLATE",
    query=(
        PAGE_SIZE,
        PAGE_NUM,
        Field(name="name", type="str", min_length=1, max_length=255),
        Field(name="type", type="str", enum=("instance",), open=True),
        Field(name="channel", type="str", enum=("official", "community", "private"), open=True),
        Field(name="isMyCommunity", type="bool"),
    ),
    result=Result(shape="list", model="Template", keys=("template", "templates"), id_key="Id"),
    paging=Paging(page_key="pageNum", zero_allowed=True),
    cache_ttl=60,
)

GET_TEMPLATE = Operation(
    name="get_template",
    method="GET",
    path="/template",
    safety=Safety.READ,
    kind="TEMPLATE",
    query=(_TEMPLATE_ID,),
    result=Result(
        shape="single", model="Template", keys=("template", "data"), id_key="Id", empty_is_not_found=True
    ),
    cache_ttl=600,
)

CREATE_TEMPLATE = Operation(
    name="create_template",
    method="POST",
    path="/template/create",
    safety=Safety.UNSAFE,
    kind="TEMPLATE",
    creates=True,
    body=(Field(name="template", type="object", required=True, fields=TEMPLATE_FIELDS),),
    result=Result(shape="id", keys=("templateId",), id_key="Id"),
    settle=Settle(
        kind="state",
        looks=(Look(operation="list_templates", fixed=(("channel", "private"), ("isMyCommunity", True))),),
    ),
    deadline=120,
)

UPDATE_TEMPLATE = Operation(
    name="update_template",
    method="POST",
    path="/template/update",
    safety=Safety.IDEMPOTENT,
    kind="TEMPLATE",
    body=(Field(name="template", type="object", required=True, fields=UPDATED_TEMPLATE_FIELDS),),
    result=Result(shape="none", keys=("templateId",)),
)

DELETE_TEMPLATE = Operation(
    name="delete_template",
    method="POST",
    path="/template/delete",
    safety=Safety.IDEMPOTENT,
    kind="TEMPLATE",
    body=(_TEMPLATE_ID,),
    result=Result(shape="none", keys=("templateId",)),
    gone_is_done=True,
)

OPERATIONS = (LIST_TEMPLATES, GET_TEMPLATE, CREATE_TEMPLATE, UPDATE_TEMPLATE, DELETE_TEMPLATE)
