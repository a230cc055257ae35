"""What the API speaks: one frozen class per response object, open enumerations, money, secrets."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from novita_sdk.models.base import Model
    from novita_sdk.models.billing import (
        ApiKeyBill,
        Balance,
        MonthlyInvoice,
        SubscriptionBill,
        Transaction,
        UsageBill,
    )
    from novita_sdk.models.cluster import Cluster
    from novita_sdk.models.cost import Cost, CostItem
    from novita_sdk.models.enums import (
        ApiKeyBillCategory,
        BillCycle,
        BillingMode,
        ImagePrewarmState,
        ImageType,
        InstanceKind,
        InstanceStatus,
        InventoryState,
        JobState,
        JobType,
        MonthlyInvoiceStatus,
        NetworkStateName,
        PortType,
        SpotStatus,
        SubscriptionBillCategory,
        SubscriptionTradeType,
        TemplateChannel,
        TemplateType,
        TransactionState,
        TransactionType,
        UsageBillCategory,
        VolumeType,
    )
    from novita_sdk.models.env_var import EnvVar
    from novita_sdk.models.fleet import StopAllReport, StopResult
    from novita_sdk.models.image import (
        ImagePrewarm,
        ImagePrewarmQuota,
        ImageTag,
        PrewarmProduct,
        SavedImage,
    )
    from novita_sdk.models.instance import (
        Instance,
        InstanceJob,
        InstanceNetwork,
        InstanceTool,
        JupyterAccess,
        LogAccess,
        NodeInfo,
        PortMapping,
        SshAccess,
        StatusError,
        VolumeMount,
        WebTerminalAccess,
    )
    from novita_sdk.models.item_problem import ItemProblem
    from novita_sdk.models.job import Job, JobStateInfo
    from novita_sdk.models.json_types import JSON
    from novita_sdk.models.metrics import (
        GpuMetric,
        GpuMetricItem,
        InstanceMetrics,
        MetricPoint,
    )
    from novita_sdk.models.money import Money
    from novita_sdk.models.network import (
        Network,
        NetworkAddress,
        NetworkState,
    )
    from novita_sdk.models.network_storage import NetworkStorage
    from novita_sdk.models.open_enum import OpenEnum
    from novita_sdk.models.port import Port
    from novita_sdk.models.product import (
        CpuProduct,
        GpuProduct,
        SubscriptionPrice,
    )
    from novita_sdk.models.product_choice import (
        ProductChoice,
        ProductQuery,
        RegionTried,
        StockEvent,
    )
    from novita_sdk.models.registry_auth import RegistryAuth
    from novita_sdk.models.results import (
        ActionResult,
        CreatedInstance,
        MigrationResult,
    )
    from novita_sdk.models.secret import Secret
    from novita_sdk.models.template import (
        RecommendCard,
        Template,
        TemplatePorts,
        TemplateTool,
    )
    from novita_sdk.models.unset import UNSET, Unset

_HOMES = {
    "Model": "base",
    "ApiKeyBill": "billing",
    "Balance": "billing",
    "MonthlyInvoice": "billing",
    "SubscriptionBill": "billing",
    "Transaction": "billing",
    "UsageBill": "billing",
    "Cluster": "cluster",
    "Cost": "cost",
    "CostItem": "cost",
    "ApiKeyBillCategory": "enums",
    "BillCycle": "enums",
    "BillingMode": "enums",
    "ImagePrewarmState": "enums",
    "ImageType": "enums",
    "InstanceKind": "enums",
    "InstanceStatus": "enums",
    "InventoryState": "enums",
    "JobState": "enums",
    "JobType": "enums",
    "MonthlyInvoiceStatus": "enums",
    "NetworkStateName": "enums",
    "PortType": "enums",
    "SpotStatus": "enums",
    "SubscriptionBillCategory": "enums",
    "SubscriptionTradeType": "enums",
    "TemplateChannel": "enums",
    "TemplateType": "enums",
    "TransactionState": "enums",
    "TransactionType": "enums",
    "UsageBillCategory": "enums",
    "VolumeType": "enums",
    "EnvVar": "env_var",
    "StopAllReport": "fleet",
    "StopResult": "fleet",
    "ImagePrewarm": "image",
    "ImagePrewarmQuota": "image",
    "ImageTag": "image",
    "PrewarmProduct": "image",
    "SavedImage": "image",
    "Instance": "instance",
    "InstanceJob": "instance",
    "InstanceNetwork": "instance",
    "InstanceTool": "instance",
    "JupyterAccess": "instance",
    "LogAccess": "instance",
    "NodeInfo": "instance",
    "PortMapping": "instance",
    "SshAccess": "instance",
    "StatusError": "instance",
    "VolumeMount": "instance",
    "WebTerminalAccess": "instance",
    "ItemProblem": "item_problem",
    "Job": "job",
    "JobStateInfo": "job",
    "JSON": "json_types",
    "GpuMetric": "metrics",
    "GpuMetricItem": "metrics",
    "InstanceMetrics": "metrics",
    "MetricPoint": "metrics",
    "Money": "money",
    "Network": "network",
    "NetworkAddress": "network",
    "NetworkState": "network",
    "NetworkStorage": "network_storage",
    "OpenEnum": "open_enum",
    "Port": "port",
    "CpuProduct": "product",
    "GpuProduct": "product",
    "SubscriptionPrice": "product",
    "ProductChoice": "product_choice",
    "ProductQuery": "product_choice",
    "RegionTried": "product_choice",
    "StockEvent": "product_choice",
    "RegistryAuth": "registry_auth",
    "ActionResult": "results",
    "CreatedInstance": "results",
    "MigrationResult": "results",
    "Secret": "secret",
    "RecommendCard": "template",
    "Template": "template",
    "TemplatePorts": "template",
    "TemplateTool": "template",
    "UNSET": "unset",
    "Unset": "unset",
}
"""Where each name is defined; a module is loaded when one of its names is asked for."""


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = found
    return found


__all__ = [
    "JSON",
    "UNSET",
    "ActionResult",
    "ApiKeyBill",
    "ApiKeyBillCategory",
    "Balance",
    "BillCycle",
    "BillingMode",
    "Cluster",
    "Cost",
    "CostItem",
    "CpuProduct",
    "CreatedInstance",
    "EnvVar",
    "GpuMetric",
    "GpuMetricItem",
    "GpuProduct",
    "ImagePrewarm",
    "ImagePrewarmQuota",
    "ImagePrewarmState",
    "ImageTag",
    "ImageType",
    "Instance",
    "InstanceJob",
    "InstanceKind",
    "InstanceMetrics",
    "InstanceNetwork",
    "InstanceStatus",
    "InstanceTool",
    "InventoryState",
    "ItemProblem",
    "Job",
    "JobState",
    "JobStateInfo",
    "JobType",
    "JupyterAccess",
    "LogAccess",
    "MetricPoint",
    "MigrationResult",
    "Model",
    "Money",
    "MonthlyInvoice",
    "MonthlyInvoiceStatus",
    "Network",
    "NetworkAddress",
    "NetworkState",
    "NetworkStateName",
    "NetworkStorage",
    "NodeInfo",
    "OpenEnum",
    "Port",
    "PortMapping",
    "PortType",
    "PrewarmProduct",
    "ProductChoice",
    "ProductQuery",
    "RecommendCard",
    "RegionTried",
    "RegistryAuth",
    "SavedImage",
    "Secret",
    "SpotStatus",
    "SshAccess",
    "StatusError",
    "StockEvent",
    "SubscriptionBill",
    "SubscriptionBillCategory",
    "SubscriptionPrice",
    "SubscriptionTradeType",
    "Template",
    "TemplateChannel",
    "TemplatePorts",
    "TemplateTool",
    "TemplateType",
    "Transaction",
    "TransactionState",
    "TransactionType",
    "Unset",
    "UsageBill",
    "UsageBillCategory",
    "VolumeMount",
    "VolumeType",
    "WebTerminalAccess",
]
