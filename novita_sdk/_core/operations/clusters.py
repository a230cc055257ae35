"""Clusters: the data centres."""

from __future__ import annotations

from novita_sdk._core.operations.operation import Operation, Result, Safety

LIST_CLUSTERS = Operation(
    name="list_clusters",
    method="GET",
    path="/clusters",
    safety=Safety.READ,
    kind="CLUSTER",
    result=Result(shape="list", model="Cluster", keys=("data",), id_key="id"),
    cache_ttl=300,
)

OPERATIONS = (LIST_CLUSTERS,)
