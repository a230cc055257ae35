"""The operation table: one constant per API operation, and all of them by name.

The rows are made when they are asked for: a program that lists instances does not pay for the billing operations.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from novita_sdk._core.operations.billing import (
        GET_BALANCE,
        LIST_API_KEY_BILLS,
        LIST_MONTHLY_INVOICES,
        LIST_SUBSCRIPTION_BILLS,
        LIST_TRANSACTIONS,
        LIST_USAGE_BILLS,
    )
    from novita_sdk._core.operations.clusters import LIST_CLUSTERS
    from novita_sdk._core.operations.endpoints import (
        CREATE_ENDPOINT,
        DELETE_ENDPOINT,
        DRAIN_WORKER,
        GET_ENDPOINT,
        GET_ENDPOINT_LIMITS,
        LIST_ENDPOINTS,
        UPDATE_ENDPOINT,
    )
    from novita_sdk._core.operations.gateway import (
        ASYNC_CANCEL,
        ASYNC_CANCEL_LEGACY,
        ASYNC_HEALTH,
        ASYNC_PURGE_QUEUE,
        ASYNC_RUN,
        ASYNC_STATS,
        ASYNC_STATUS,
    )
    from novita_sdk._core.operations.images import (
        CREATE_IMAGE_PREWARM,
        DELETE_IMAGE,
        DELETE_IMAGE_PREWARMS,
        GET_IMAGE_PREWARM_QUOTA,
        LIST_IMAGE_PREWARMS,
        LIST_IMAGES,
        UPDATE_IMAGE_PREWARM,
    )
    from novita_sdk._core.operations.instances import (
        CONVERT_INSTANCE_TO_MONTHLY,
        CREATE_INSTANCE,
        DELETE_INSTANCE,
        EDIT_INSTANCE,
        GET_INSTANCE,
        GET_INSTANCE_METRICS,
        LIST_INSTANCES,
        MIGRATE_INSTANCE,
        RENEW_INSTANCE,
        RESTART_INSTANCE,
        SET_AUTO_MIGRATE,
        SET_AUTO_RENEW,
        START_INSTANCE,
        STOP_INSTANCE,
        UPGRADE_INSTANCE,
    )
    from novita_sdk._core.operations.jobs import (
        BREAK_JOB,
        LIST_JOBS,
        QUERY_INTERNAL_JOBS,
        SAVE_IMAGE,
    )
    from novita_sdk._core.operations.network_storages import (
        CREATE_NETWORK_STORAGE,
        DELETE_NETWORK_STORAGE,
        LIST_NETWORK_STORAGES,
        UPDATE_NETWORK_STORAGE,
    )
    from novita_sdk._core.operations.networks import (
        CREATE_NETWORK,
        DELETE_NETWORK,
        GET_NETWORK,
        LIST_NETWORKS,
        UPDATE_NETWORK,
    )
    from novita_sdk._core.operations.products import LIST_CPU_PRODUCTS, LIST_GPU_PRODUCTS
    from novita_sdk._core.operations.registry_auths import (
        DELETE_REPOSITORY_AUTH,
        LIST_REPOSITORY_AUTHS,
        SAVE_REPOSITORY_AUTH,
    )
    from novita_sdk._core.operations.templates import (
        CREATE_TEMPLATE,
        DELETE_TEMPLATE,
        GET_TEMPLATE,
        LIST_TEMPLATES,
        UPDATE_TEMPLATE,
    )

    ALL: Mapping[str, Operation]
    """Every operation by its name, in the order of the contract's groups."""

_MODULES = (
    "clusters",
    "products",
    "instances",
    "jobs",
    "templates",
    "images",
    "registry_auths",
    "networks",
    "network_storages",
    "billing",
    "endpoints",
    "gateway",
)
_HOMES = {
    "LIST_CLUSTERS": "clusters",
    "LIST_CPU_PRODUCTS": "products",
    "LIST_GPU_PRODUCTS": "products",
    "CONVERT_INSTANCE_TO_MONTHLY": "instances",
    "CREATE_INSTANCE": "instances",
    "DELETE_INSTANCE": "instances",
    "EDIT_INSTANCE": "instances",
    "GET_INSTANCE": "instances",
    "GET_INSTANCE_METRICS": "instances",
    "LIST_INSTANCES": "instances",
    "MIGRATE_INSTANCE": "instances",
    "RENEW_INSTANCE": "instances",
    "RESTART_INSTANCE": "instances",
    "SET_AUTO_MIGRATE": "instances",
    "SET_AUTO_RENEW": "instances",
    "START_INSTANCE": "instances",
    "STOP_INSTANCE": "instances",
    "UPGRADE_INSTANCE": "instances",
    "BREAK_JOB": "jobs",
    "LIST_JOBS": "jobs",
    "QUERY_INTERNAL_JOBS": "jobs",
    "SAVE_IMAGE": "jobs",
    "CREATE_TEMPLATE": "templates",
    "DELETE_TEMPLATE": "templates",
    "GET_TEMPLATE": "templates",
    "LIST_TEMPLATES": "templates",
    "UPDATE_TEMPLATE": "templates",
    "CREATE_IMAGE_PREWARM": "images",
    "DELETE_IMAGE": "images",
    "DELETE_IMAGE_PREWARMS": "images",
    "GET_IMAGE_PREWARM_QUOTA": "images",
    "LIST_IMAGES": "images",
    "LIST_IMAGE_PREWARMS": "images",
    "UPDATE_IMAGE_PREWARM": "images",
    "DELETE_REPOSITORY_AUTH": "registry_auths",
    "LIST_REPOSITORY_AUTHS": "registry_auths",
    "SAVE_REPOSITORY_AUTH": "registry_auths",
    "CREATE_NETWORK": "networks",
    "DELETE_NETWORK": "networks",
    "GET_NETWORK": "networks",
    "LIST_NETWORKS": "networks",
    "UPDATE_NETWORK": "networks",
    "CREATE_NETWORK_STORAGE": "network_storages",
    "DELETE_NETWORK_STORAGE": "network_storages",
    "LIST_NETWORK_STORAGES": "network_storages",
    "UPDATE_NETWORK_STORAGE": "network_storages",
    "CREATE_ENDPOINT": "endpoints",
    "DELETE_ENDPOINT": "endpoints",
    "DRAIN_WORKER": "endpoints",
    "GET_ENDPOINT": "endpoints",
    "GET_ENDPOINT_LIMITS": "endpoints",
    "LIST_ENDPOINTS": "endpoints",
    "UPDATE_ENDPOINT": "endpoints",
    "ASYNC_CANCEL": "gateway",
    "ASYNC_CANCEL_LEGACY": "gateway",
    "ASYNC_HEALTH": "gateway",
    "ASYNC_PURGE_QUEUE": "gateway",
    "ASYNC_RUN": "gateway",
    "ASYNC_STATS": "gateway",
    "ASYNC_STATUS": "gateway",
    "GET_BALANCE": "billing",
    "LIST_API_KEY_BILLS": "billing",
    "LIST_MONTHLY_INVOICES": "billing",
    "LIST_SUBSCRIPTION_BILLS": "billing",
    "LIST_TRANSACTIONS": "billing",
    "LIST_USAGE_BILLS": "billing",
}
"""Where each constant is made."""


def __getattr__(name: str) -> object:
    if name == "ALL":
        found: object = {
            operation.name: operation
            for module in _MODULES
            for operation in import_module(f"{__name__}.{module}").OPERATIONS
        }
    elif name in _HOMES:
        found = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found
    return found


__all__ = [
    "ALL",
    "ASYNC_CANCEL",
    "ASYNC_CANCEL_LEGACY",
    "ASYNC_HEALTH",
    "ASYNC_PURGE_QUEUE",
    "ASYNC_RUN",
    "ASYNC_STATS",
    "ASYNC_STATUS",
    "BREAK_JOB",
    "CONVERT_INSTANCE_TO_MONTHLY",
    "CREATE_ENDPOINT",
    "CREATE_IMAGE_PREWARM",
    "CREATE_INSTANCE",
    "CREATE_NETWORK",
    "CREATE_NETWORK_STORAGE",
    "CREATE_TEMPLATE",
    "DELETE_ENDPOINT",
    "DELETE_IMAGE",
    "DELETE_IMAGE_PREWARMS",
    "DELETE_INSTANCE",
    "DELETE_NETWORK",
    "DELETE_NETWORK_STORAGE",
    "DELETE_REPOSITORY_AUTH",
    "DELETE_TEMPLATE",
    "DRAIN_WORKER",
    "EDIT_INSTANCE",
    "GET_BALANCE",
    "GET_ENDPOINT",
    "GET_ENDPOINT_LIMITS",
    "GET_IMAGE_PREWARM_QUOTA",
    "GET_INSTANCE",
    "GET_INSTANCE_METRICS",
    "GET_NETWORK",
    "GET_TEMPLATE",
    "LIST_API_KEY_BILLS",
    "LIST_CLUSTERS",
    "LIST_CPU_PRODUCTS",
    "LIST_ENDPOINTS",
    "LIST_GPU_PRODUCTS",
    "LIST_IMAGES",
    "LIST_IMAGE_PREWARMS",
    "LIST_INSTANCES",
    "LIST_JOBS",
    "LIST_MONTHLY_INVOICES",
    "LIST_NETWORKS",
    "LIST_NETWORK_STORAGES",
    "LIST_REPOSITORY_AUTHS",
    "LIST_SUBSCRIPTION_BILLS",
    "LIST_TEMPLATES",
    "LIST_TRANSACTIONS",
    "LIST_USAGE_BILLS",
    "MIGRATE_INSTANCE",
    "QUERY_INTERNAL_JOBS",
    "RENEW_INSTANCE",
    "RESTART_INSTANCE",
    "SAVE_IMAGE",
    "SAVE_REPOSITORY_AUTH",
    "SET_AUTO_MIGRATE",
    "SET_AUTO_RENEW",
    "START_INSTANCE",
    "STOP_INSTANCE",
    "UPDATE_ENDPOINT",
    "UPDATE_IMAGE_PREWARM",
    "UPDATE_NETWORK",
    "UPDATE_NETWORK_STORAGE",
    "UPDATE_TEMPLATE",
    "UPGRADE_INSTANCE",
    "Field",
    "Look",
    "Operation",
    "Paging",
    "Reread",
    "Result",
    "Safety",
    "Settle",
]
