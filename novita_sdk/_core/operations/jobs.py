"""Jobs: saving images and migrations running in the background, on the public and the internal host."""

from __future__ import annotations

from novita_sdk._core.operations.fields import COUNTED_PAGE_SIZE, JOB_TYPES, PAGE_NUM, PAGE_SIZE
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

LIST_JOBS = Operation(
    name="list_jobs",
    method="GET",
    path="/jobs",
    safety=Safety.READ,
    kind="JOB",
    query=(
        PAGE_SIZE,
        PAGE_NUM,
        Field(name="jobId", type="id", max_length=255),
        Field(name="state", type="str", enum=("pulling", "running", "fail", "success", "break"), open=True),
        Field(name="type", type="str", enum=JOB_TYPES, open=True),
        Field(name="startTime", type="time", min=0),
        Field(name="endTime", type="time", min=0),
        Field(name="creators", type="str"),
    ),
    result=Result(shape="list", model="Job", keys=("jobs",), id_key="Id"),
    paging=Paging(page_key="pageNum", zero_allowed=True),
    cache_ttl=10,
)

QUERY_INTERNAL_JOBS = Operation(
    name="query_internal_jobs",
    method="GET",
    path="/api/v1/jobs",
    base="internal",
    safety=Safety.READ,
    kind="JOB",
    query=(
        Field(name="pageNum", type="int", min=1),
        COUNTED_PAGE_SIZE,
        Field(name="jobId", type="id"),
        Field(name="type", type="str", enum=JOB_TYPES, open=True),
        Field(name="state", type="str", enum=("success", "fail", "running", "pending"), open=True),
        Field(name="startTime", type="time", min=0),
        Field(name="endTime", type="time", min=0),
    ),
    result=Result(shape="list", model="Job", keys=("jobs",), id_key="Id"),
    paging=Paging(page_key="pageNum"),
    cache_ttl=10,
)

BREAK_JOB = Operation(
    name="break_job",
    method="POST",
    path="/job/break",
    safety=Safety.IDEMPOTENT,
    kind="JOB",
    body=(Field(name="jobId", type="id", required=True, max_length=255),),
    result=Result(shape="none", keys=("jobId",)),
    reread=Reread(look=Look(operation="list_jobs", query=(("jobId", "jobId"),))),
)

SAVE_IMAGE = Operation(
    name="save_image",
    method="POST",
    path="/job/save/image",
    safety=Safety.UNSAFE,
    kind="INSTANCE",
    body=(
        Field(name="instanceId", type="id", required=True, min_length=1, max_length=255),
        Field(name="image", type="str", required=True, min_length=1, max_length=4095),
        Field(name="registryAuthId", type="id"),
    ),
    result=Result(shape="id", keys=("jobId",)),
    settle=Settle(kind="state", looks=(Look(operation="list_jobs", fixed=(("type", "saveImage"),)),)),
)

OPERATIONS = (LIST_JOBS, QUERY_INTERNAL_JOBS, BREAK_JOB, SAVE_IMAGE)
