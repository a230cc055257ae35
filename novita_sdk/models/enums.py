"""The words the service uses; a new word is read as an unknown member, never as an error."""

from __future__ import annotations

from novita_sdk.models.open_enum import OpenEnum


class InstanceStatus(OpenEnum):
    """Life-cycle status of an instance.

    `PENDING` is not documented, but the running service sends it.
    """

    TO_CREATE = "toCreate"
    CREATING = "creating"
    PULLING = "pulling"
    RUNNING = "running"
    TO_START = "toStart"
    STARTING = "starting"
    TO_STOP = "toStop"
    STOPPING = "stopping"
    EXITED = "exited"
    TO_RESTART = "toRestart"
    RESTARTING = "restarting"
    TO_REMOVE = "toRemove"
    REMOVING = "removing"
    REMOVED = "removed"
    TO_RESET = "toReset"
    RESETTING = "resetting"
    MIGRATING = "migrating"
    FREEZING = "freezing"
    PENDING = "pending"


class InstanceKind(OpenEnum):
    """Whether an instance has GPUs."""

    GPU = "gpu"
    CPU = "cpu"


class BillingMode(OpenEnum):
    """How an instance is charged: as used, prepaid by the month, or reclaimable at a lower price."""

    ON_DEMAND = "onDemand"
    MONTHLY = "monthly"
    SPOT = "spot"


class SpotStatus(OpenEnum):
    """How far the reclaim of a spot instance has come.

    The empty text, which the service sends for other instances and sometimes for a reclaimed one, is read as
    None.
    """

    RUNNING = "running"
    NOTIFIED = "notified"
    RECLAIMING = "reclaiming"
    TERMINATED = "terminated"


class PortType(OpenEnum):
    """How a port is exposed."""

    HTTP = "http"
    TCP = "tcp"


class VolumeType(OpenEnum):
    """A shared volume or a disk of the machine."""

    NETWORK = "network"
    LOCAL = "local"


class InventoryState(OpenEnum):
    """Stock of a product."""

    NONE = "none"
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class JobType(OpenEnum):
    """What a background job does."""

    SAVE_IMAGE = "saveImage"
    INSTANCE_MIGRATE = "instanceMigrate"
    AUTO_INSTANCE_MIGRATE = "autoInstanceMigrate"


class JobState(OpenEnum):
    """How far a job has come; `SUCCESS`, `FAIL` and `BREAK` are final.

    The public list says `PULLING` for a job being prepared where the internal list says `PENDING`. `OPEN` is
    tolerated as a state of a job that has not ended.
    """

    PENDING = "pending"
    PULLING = "pulling"
    RUNNING = "running"
    SUCCESS = "success"
    FAIL = "fail"
    BREAK = "break"
    OPEN = "open"


class TemplateType(OpenEnum):
    """What a template is for.

    Only `INSTANCE` is documented for this API; the vendor's own tools also know `SERVERLESS`.
    """

    INSTANCE = "instance"
    SERVERLESS = "serverless"


class TemplateChannel(OpenEnum):
    """Who published a template."""

    OFFICIAL = "official"
    COMMUNITY = "community"
    PRIVATE = "private"


class ImagePrewarmState(OpenEnum):
    """How far a prewarm task has come; these words start with a capital on the wire."""

    PENDING = "Pending"
    RUNNING = "Running"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"


class ImageType(OpenEnum):
    """An image of the platform, or one saved by the account.

    Version 2 of the API also has community images, so more words may come.
    """

    BASE = "base"
    PRIVATE = "private"


class NetworkStateName(OpenEnum):
    """How far a VPC network has come."""

    CREATING = "creating"
    READY = "ready"


class BillCycle(OpenEnum):
    """Period that one bill row covers."""

    HOUR = "Hour"
    DAY = "Day"
    WEEK = "Week"
    MONTH = "Month"


class UsageBillCategory(OpenEnum):
    """Kind of product on a usage bill; `SUMMARY` repeats the others and must not be added to them."""

    SUMMARY = "summary"
    GPU = "gpu"
    LLM = "llm"
    SERVERLESS = "serverless"
    CLOUD_STORAGE = "cloud_storage"
    GEN_API = "gen_api"
    CLOUD_SANDBOX = "cloud_sandbox"
    LLM_DEDICATED_ENDPOINT = "llm_dedicated_endpoint"
    WEB_SEARCH = "web_search"
    BARE_METAL = "bare_metal"


class SubscriptionBillCategory(OpenEnum):
    """Kind of product on a subscription bill."""

    SUMMARY = "summary"
    GPU = "gpu"
    LOCAL_STORAGE = "local_storage"
    IMAGE = "image"
    SERVERLESS = "serverless"
    CLOUD_STORAGE = "cloud_storage"
    BARE_METAL = "bare_metal"


class ApiKeyBillCategory(OpenEnum):
    """Kind of product on a bill per API key."""

    LLM = "llm"
    GEN_API = "gen_api"
    WEB_SEARCH = "web_search"


class SubscriptionTradeType(OpenEnum):
    """First purchase, renewal or change of a subscription."""

    MONTHLY_NEW_BUY = "monthly_new_buy"
    MONTHLY_RE_BUY = "monthly_re_buy"
    MONTHLY_RE_CONFIG = "monthly_re_config"


class MonthlyInvoiceStatus(OpenEnum):
    """State of a monthly statement."""

    PENDING = "pending"
    OUTED = "outed"
    PAID = "paid"
    OVERDUE = "overdue"
    VOIDED = "voided"


class TransactionType(OpenEnum):
    """Direction of a money movement."""

    RECHARGE = "recharge"
    REFUND = "refund"
    CONSUME = "consume"


class TransactionState(OpenEnum):
    """How far a money movement has come."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILED = "failed"
    EXPIRED = "expired"
