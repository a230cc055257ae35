"""What the API speaks: one frozen class per response object, open enumerations, money, secrets."""

from __future__ import annotations

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
from novita_sdk.models.image import ImagePrewarm, ImagePrewarmQuota, ImageTag, PrewarmProduct, SavedImage
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
from novita_sdk.models.metrics import GpuMetric, GpuMetricItem, InstanceMetrics, MetricPoint
from novita_sdk.models.money import Money
from novita_sdk.models.network import Network, NetworkAddress, NetworkState
from novita_sdk.models.network_storage import NetworkStorage
from novita_sdk.models.open_enum import OpenEnum
from novita_sdk.models.port import Port
from novita_sdk.models.product import CpuProduct, GpuProduct, SubscriptionPrice
from novita_sdk.models.registry_auth import RegistryAuth
from novita_sdk.models.results import ActionResult, CreatedInstance, MigrationResult
from novita_sdk.models.secret import Secret
from novita_sdk.models.template import RecommendCard, Template, TemplatePorts, TemplateTool
from novita_sdk.models.unset import UNSET, Unset

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
    "RecommendCard",
    "RegistryAuth",
    "SavedImage",
    "Secret",
    "SpotStatus",
    "SshAccess",
    "StatusError",
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
