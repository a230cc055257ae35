"""Query parameters and body keys that several operations share."""

from __future__ import annotations

from novita_sdk._core.operations.operation import Field

RESERVED_PORTS = (2222, 2223, 2224)
"""Ports the service keeps for itself inside every instance."""

BILLING_MODES = ("onDemand", "monthly", "spot")
BILLING_SPELLINGS = (("on_demand", "onDemand"),)
JOB_TYPES = ("saveImage", "instanceMigrate", "autoInstanceMigrate")
PORT_TYPES = ("http", "tcp")

PAGE_SIZE = Field(name="pageSize", type="int", min=0)
PAGE_NUM = Field(name="pageNum", type="int", min=0)
COUNTED_PAGE_SIZE = Field(name="pageSize", type="int", min=1)
"""The page size of lists whose pages are documented to start at 1."""

INSTANCE_ID = Field(name="instanceId", type="id", required=True, min_length=1)
CLUSTER_FILTER = Field(name="clusterId", type="id", max_length=255)
PRODUCT_NAME_FILTER = Field(name="productName", type="str", max_length=255)

ENVS = Field(
    name="envs",
    type="array",
    max_items=100,
    items=Field(
        name="",
        type="object",
        fields=(
            Field(name="key", type="str", max_length=511),
            Field(name="value", type="str", max_length=4095, secret=True),
        ),
    ),
)
COMMAND = Field(name="command", type="str", max_length=2047, secret=True)
ENTRYPOINT = Field(name="entrypoint", type="str", max_length=2047, secret=True)
MOUNT_PATH_LIMIT = 4095
