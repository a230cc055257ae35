"""The queue of serverless endpoints. The endpoint stands in the path: its id and app name, joined by a hyphen."""

from __future__ import annotations

from typing import Final

from novita_sdk._core.operations.operation import Field, Operation, Result, Safety

MAX_BODY: Final = 4 * 1024 * 1024
"""Bytes of the largest body that is taken."""

ASYNC_RUN = Operation(
    name="async_run",
    method="POST",
    path="/{endpoint_name}/run",
    base="gateway",
    safety=Safety.UNSAFE,
    kind="ENDPOINT",  # what can be missing
    body=(Field(name="input", type="any", required=True, secret=True),),
    result=Result(shape="single", model="AsyncJob", id_key="id"),
    deadline=120,
)

ASYNC_STATUS = Operation(
    name="async_status",
    method="GET",
    path="/{endpoint_name}/status/{job_id}",
    base="gateway",
    safety=Safety.READ,
    kind="JOB",
    result=Result(shape="single", model="AsyncJob"),
)

ASYNC_CANCEL = Operation(
    name="async_cancel",
    method="POST",
    path="/{endpoint_name}/cancel/{job_id}",
    base="gateway",
    safety=Safety.IDEMPOTENT,
    kind="JOB",
    result=Result(shape="none"),
)

ASYNC_CANCEL_LEGACY = Operation(
    name="async_cancel_legacy",
    method="GET",
    path="/{endpoint_name}/cancel/{job_id}",
    base="gateway",
    safety=Safety.IDEMPOTENT,
    kind="JOB",
    result=Result(shape="none"),
)
"""How the older gateway cancels; not in the table, since the contract knows only one of the two."""

ASYNC_HEALTH = Operation(
    name="async_health",
    method="GET",
    path="/{endpoint_name}/health",
    base="gateway",
    safety=Safety.READ,
    kind="ENDPOINT",
    result=Result(shape="single", model="QueueHealth"),
)

ASYNC_STATS = Operation(
    name="async_stats",
    method="GET",
    path="/{endpoint_name}/stats",
    base="gateway",
    safety=Safety.READ,
    kind="ENDPOINT",
    result=Result(shape="single", model="QueueStats"),
)

ASYNC_PURGE_QUEUE = Operation(
    name="async_purge_queue",
    method="POST",
    path="/{endpoint_name}/purge-queue",
    base="gateway",
    safety=Safety.UNSAFE,
    kind="ENDPOINT",
    result=Result(shape="none"),
)

OPERATIONS = (ASYNC_RUN, ASYNC_STATUS, ASYNC_CANCEL, ASYNC_HEALTH, ASYNC_STATS, ASYNC_PURGE_QUEUE)
