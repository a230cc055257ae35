"""Instances: renting them, their life cycle, and what they use."""

from __future__ import annotations

import attrs

from novita_sdk._core.operations.fields import (
    COMMAND,
    ENTRYPOINT,
    ENVS,
    INSTANCE_ID,
    MOUNT_PATH_LIMIT,
    PAGE_NUM,
    PAGE_SIZE,
    PORT_TYPES,
    RESERVED_PORTS,
)
from novita_sdk._core.operations.instance_fields import CREATE_CPU_FIELDS, CREATE_GPU_FIELDS
from novita_sdk._core.operations.operation import (
    Field,
    Handle,
    Look,
    Operation,
    Paging,
    Reread,
    Result,
    Safety,
    Settle,
)

_THE_INSTANCE = Look(operation="get_instance", query=(("instanceId", "instanceId"),))
_ACTED_ON = Result(shape="none", model="ActionResult", keys=("state",))
_INSTANCE_BODY = (INSTANCE_ID,)
_TERM_BODY = (INSTANCE_ID, Field(name="month", type="int", required=True, min=1))

CREATE_INSTANCE = Operation(
    name="create_instance",
    method="POST",
    path="/gpu/instance/create",
    safety=Safety.UNSAFE,
    kind="INSTANCE",
    creates=True,
    body=CREATE_GPU_FIELDS,
    variants=(("gpu", CREATE_GPU_FIELDS), ("cpu", CREATE_CPU_FIELDS)),
    result=Result(shape="id", model="CreatedInstance", keys=("id",), id_key="id"),
    settle=Settle(
        kind="marker",
        looks=(Look(operation="list_instances"),),
        window=30,
        handle=Handle(
            read="get_instance",
            key="instanceId",
            delete="delete_instance",
            delete_keys=("instanceId",),
            same=("name", "productId", "imageUrl"),
        ),
    ),
    deadline=120,
)

LIST_INSTANCES = Operation(
    name="list_instances",
    method="GET",
    path="/gpu/instances",
    safety=Safety.READ,
    kind="INSTANCE",
    query=(
        PAGE_SIZE,
        PAGE_NUM,
        Field(name="name", type="str", max_length=255),
        Field(name="productName", type="str", max_length=255),
        Field(
            name="status",
            type="str",
            max_length=63,
            enum=(
                "toCreate",
                "creating",
                "pulling",
                "running",
                "toStart",
                "starting",
                "toStop",
                "stopping",
                "exited",
                "toRestart",
                "restarting",
                "toRemove",
                "removing",
                "removed",
                "toReset",
                "resetting",
                "migrating",
                "freezing",
                "pending",
            ),
            open=True,
        ),
    ),
    result=Result(shape="list", model="Instance", keys=("instances",), id_key="id", not_found_is_empty=True),
    paging=Paging(page_key="pageNum", zero_allowed=True),
)

GET_INSTANCE = Operation(
    name="get_instance",
    method="GET",
    path="/gpu/instance",
    safety=Safety.READ,
    kind="INSTANCE",
    query=(INSTANCE_ID,),
    result=Result(shape="single", model="Instance", keys=("instance", "data"), id_key="id"),
)

EDIT_INSTANCE = Operation(
    name="edit_instance",
    method="POST",
    path="/gpu/instance/edit",
    safety=Safety.IDEMPOTENT,
    kind="INSTANCE",
    body=(
        INSTANCE_ID,
        Field(
            name="ports",
            type="array",
            max_items=15,
            items=Field(
                name="",
                type="object",
                fields=(
                    Field(name="port", type="int", required=True, min=1, max=65535, forbidden=RESERVED_PORTS),
                    Field(name="type", type="str", required=True, enum=PORT_TYPES),
                ),
            ),
        ),
        Field(name="expandRootDisk", type="int", min=0),
    ),
    result=Result(shape="none"),
    unsafe_key="expandRootDisk",
    settle=Settle(kind="state", looks=(_THE_INSTANCE,), before=True),
)

START_INSTANCE = Operation(
    name="start_instance",
    method="POST",
    path="/gpu/instance/start",
    safety=Safety.IDEMPOTENT,
    kind="INSTANCE",
    body=_INSTANCE_BODY,
    result=_ACTED_ON,
    reread=Reread(look=_THE_INSTANCE),
)

STOP_INSTANCE = Operation(
    name="stop_instance",
    method="POST",
    path="/gpu/instance/stop",
    safety=Safety.IDEMPOTENT,
    kind="INSTANCE",
    body=_INSTANCE_BODY,
    result=_ACTED_ON,
    reread=Reread(look=_THE_INSTANCE),
)

# A second restart would kill what the first has just brought up, hence the patient look.
RESTART_INSTANCE = Operation(
    name="restart_instance",
    method="POST",
    path="/gpu/instance/restart",
    safety=Safety.IDEMPOTENT,
    kind="INSTANCE",
    body=_INSTANCE_BODY,
    result=_ACTED_ON,
    reread=Reread(look=_THE_INSTANCE, window=10),
)

DELETE_INSTANCE = Operation(
    name="delete_instance",
    method="POST",
    path="/gpu/instance/delete",
    safety=Safety.IDEMPOTENT,
    kind="INSTANCE",
    body=_INSTANCE_BODY,
    result=_ACTED_ON,
    reread=Reread(look=_THE_INSTANCE),
    gone_is_done=True,
)

UPGRADE_INSTANCE = Operation(
    name="upgrade_instance",
    method="POST",
    path="/gpu/instance/upgrade",
    safety=Safety.UNSAFE,
    kind="INSTANCE",
    body=(
        INSTANCE_ID,
        Field(name="imageUrl", type="str", required=True, min_length=1, max_length=500),
        Field(name="imageAuthId", type="id"),
        attrs.evolve(ENVS, required=True),
        attrs.evolve(COMMAND, required=True),
        attrs.evolve(ENTRYPOINT, required=True),
        Field(name="save", type="bool", required=True),
        Field(
            name="networkVolume",
            type="object",
            required=True,
            fields=(
                Field(
                    name="volumeMounts",
                    type="array",
                    required=True,
                    max_items=30,
                    items=Field(
                        name="",
                        type="object",
                        fields=(
                            Field(name="type", type="str", required=True, const="network"),
                            Field(name="id", type="id", required=True),
                            Field(
                                name="mountPath",
                                type="str",
                                required=True,
                                min_length=1,
                                max_length=MOUNT_PATH_LIMIT,
                            ),
                        ),
                    ),
                ),
            ),
        ),
    ),
    result=Result(shape="none"),
    settle=Settle(kind="state", looks=(_THE_INSTANCE,)),
)

MIGRATE_INSTANCE = Operation(
    name="migrate_instance",
    method="POST",
    path="/gpu/instance/migrate",
    safety=Safety.UNSAFE,
    kind="INSTANCE",
    body=_INSTANCE_BODY,
    result=Result(shape="none", model="MigrationResult", error_key="error"),
    settle=Settle(
        kind="state",
        looks=(_THE_INSTANCE, Look(operation="list_jobs", fixed=(("type", "instanceMigrate"),))),
    ),
)

RENEW_INSTANCE = Operation(
    name="renew_instance",
    method="POST",
    path="/gpu/instance/renewInstance",
    safety=Safety.UNSAFE,
    kind="INSTANCE",
    body=_TERM_BODY,
    result=Result(shape="none"),
    settle=Settle(kind="state", looks=(_THE_INSTANCE,), before=True),
)

CONVERT_INSTANCE_TO_MONTHLY = Operation(
    name="convert_instance_to_monthly",
    method="POST",
    path="/gpu/instance/transToMonthlyInstance",
    safety=Safety.UNSAFE,
    kind="INSTANCE",
    body=_TERM_BODY,
    result=Result(shape="none"),
    settle=Settle(kind="state", looks=(_THE_INSTANCE,)),
)

SET_AUTO_RENEW = Operation(
    name="set_auto_renew",
    method="POST",
    path="/gpu/instance/setAutoRenew",
    safety=Safety.IDEMPOTENT,
    kind="INSTANCE",
    body=(
        Field(
            name="instanceIds",
            type="array",
            required=True,
            min_items=1,
            items=Field(name="", type="id"),
        ),
        Field(name="autoRenew", type="bool", required=True),
        Field(name="autoRenewMonth", type="int", required=True, min=1, max=12),
    ),
    result=Result(shape="none"),
)

SET_AUTO_MIGRATE = Operation(
    name="set_auto_migrate",
    method="POST",
    path="/gpu/instance/setAutoMigrate",
    safety=Safety.IDEMPOTENT,
    kind="INSTANCE",
    body=(
        INSTANCE_ID,
        Field(name="autoMigrateOpen", type="bool", required=True),
        Field(name="autoMigrateSystemDisk", type="bool", required=True),
    ),
    result=Result(shape="none"),
)

GET_INSTANCE_METRICS = Operation(
    name="get_instance_metrics",
    method="GET",
    path="/metrics/gpu/instance",
    base="account",
    safety=Safety.READ,
    kind="INSTANCE",
    query=(
        INSTANCE_ID,
        Field(name="startTime", type="time", min=1),
        Field(name="endTime", type="time", min=1),
        Field(name="interval", type="duration", min=15),
    ),
    result=Result(shape="single", model="InstanceMetrics", keys=("data",)),
)

OPERATIONS = (
    CREATE_INSTANCE,
    LIST_INSTANCES,
    GET_INSTANCE,
    EDIT_INSTANCE,
    START_INSTANCE,
    STOP_INSTANCE,
    RESTART_INSTANCE,
    DELETE_INSTANCE,
    UPGRADE_INSTANCE,
    MIGRATE_INSTANCE,
    RENEW_INSTANCE,
    CONVERT_INSTANCE_TO_MONTHLY,
    SET_AUTO_RENEW,
    SET_AUTO_MIGRATE,
    GET_INSTANCE_METRICS,
)
