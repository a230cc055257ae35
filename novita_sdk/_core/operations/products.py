"""Products: what can be rented, at which price."""

from __future__ import annotations

from novita_sdk._core.operations.fields import (
    BILLING_MODES,
    BILLING_SPELLINGS,
    CLUSTER_FILTER,
    PRODUCT_NAME_FILTER,
)
from novita_sdk._core.operations.operation import Field, Operation, Result, Safety

LIST_GPU_PRODUCTS = Operation(
    name="list_gpu_products",
    method="GET",
    path="/products",
    safety=Safety.READ,
    kind="PRODUCT",
    query=(
        CLUSTER_FILTER,
        Field(name="gpuNum", type="int", min=0, max=8),
        PRODUCT_NAME_FILTER,
        Field(name="minCpuPerGpu", type="int", min=0),
        Field(name="minMemoryPerGpu", type="int", min=0),
        Field(name="minRootFSSize", type="int", min=0),
        Field(name="billingMethod", type="str", enum=BILLING_MODES, spellings=BILLING_SPELLINGS),
    ),
    result=Result(shape="list", model="GpuProduct", keys=("data",), id_key="id"),
    cache_ttl=30,
)

LIST_CPU_PRODUCTS = Operation(
    name="list_cpu_products",
    method="GET",
    path="/cpu/products",
    safety=Safety.READ,
    kind="PRODUCT",
    query=(CLUSTER_FILTER, PRODUCT_NAME_FILTER),
    result=Result(shape="list", model="CpuProduct", keys=("data",), id_key="id"),
    cache_ttl=30,
)

OPERATIONS = (LIST_GPU_PRODUCTS, LIST_CPU_PRODUCTS)
