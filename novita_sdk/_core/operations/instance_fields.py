"""Body of create_instance, in its GPU and its CPU shape."""

from __future__ import annotations

from novita_sdk._core.operations.fields import (
    BILLING_MODES,
    BILLING_SPELLINGS,
    COMMAND,
    ENTRYPOINT,
    ENVS,
    MOUNT_PATH_LIMIT,
    PORT_TYPES,
    RESERVED_PORTS,
)
from novita_sdk._core.operations.operation import Field

_LOCAL_STORAGE = Field(name="localStorageMountPoint", type="str", min_length=1, max_length=MOUNT_PATH_LIMIT)
_CREATE_COMMON = (
    Field(name="name", type="str", max_length=255),
    Field(name="productId", type="id", required=True, min_length=1, max_length=255),
    Field(name="imageUrl", type="str", required=True, min_length=1, max_length=500),
    Field(name="imageAuth", type="str", max_length=10239, secret=True),
    Field(name="imageAuthId", type="id"),
    Field(
        name="ports",
        type="str",
        pattern=r"^(\s*[0-9]{1,5}/(http|tcp)\s*(,\s*[0-9]{1,5}/(http|tcp)\s*)*)?$",
    ),
    ENVS,
    Field(
        name="tools",
        type="array",
        max_items=15,
        items=Field(
            name="",
            type="object",
            fields=(
                Field(name="name", type="str", enum=("Jupyter",), open=True),
                Field(
                    name="port",
                    type="str",
                    pattern="^[0-9]{1,5}$",
                    forbidden=tuple(str(port) for port in RESERVED_PORTS),
                ),
                Field(name="type", type="str", enum=PORT_TYPES),
            ),
        ),
    ),
    COMMAND,
    ENTRYPOINT,
    Field(name="clusterId", type="id", max_length=255),
    Field(
        name="networkStorages",
        type="array",
        max_items=30,
        items=Field(
            name="",
            type="object",
            fields=(
                Field(name="Id", type="id"),
                Field(name="mountPoint", type="str", min_length=1, max_length=MOUNT_PATH_LIMIT),
            ),
        ),
    ),
    Field(name="networkId", type="id"),
)

CREATE_GPU_FIELDS = (
    *_CREATE_COMMON,
    Field(name="kind", type="str", required=True, const="gpu"),
    Field(name="gpuNum", type="int", required=True, min=1, max=8),
    Field(name="rootfsSize", type="int", required=True, min=10, max=6144),
    Field(name="month", type="int", min=0),
    Field(name="billingMode", type="str", enum=BILLING_MODES, spellings=BILLING_SPELLINGS),
    Field(name="autoRenew", type="bool"),
    Field(name="autoRenewMonth", type="int", min=1, max=12),
    Field(name="minCudaVersion", type="str", max_length=255),
    _LOCAL_STORAGE,
)

CREATE_CPU_FIELDS = (
    *_CREATE_COMMON,
    Field(name="kind", type="str", required=True, const="cpu"),
    _LOCAL_STORAGE,
)
