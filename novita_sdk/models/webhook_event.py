"""What a webhook tells: an event of an instance or account, as it is sent and as it is read."""

from __future__ import annotations

from datetime import datetime

from novita_sdk.models.base import Model, field, model
from novita_sdk.models.json_types import JSON
from novita_sdk.models.open_enum import OpenEnum


class WebhookEventType(OpenEnum):
    """What happened."""

    INSTANCE_RUNNING = "instance.running"
    INSTANCE_FAILED = "instance.failed"
    INSTANCE_TIMEOUT = "instance.timeout"
    INSTANCE_CREATED = "instance.created"
    INSTANCE_HEALTH_CHECK_STARTED = "instance.health_check.started"
    INSTANCE_READY = "instance.ready"
    INSTANCE_HEALTH_CHECK_FAILED = "instance.health_check.failed"
    INSTANCE_STARTUP_INITIATED = "instance.startup.initiated"
    INSTANCE_STARTUP_MONITORING = "instance.startup.monitoring"
    INSTANCE_STARTUP_HEALTH_CHECKING = "instance.startup.health_checking"
    INSTANCE_STARTUP_COMPLETED = "instance.startup.completed"
    INSTANCE_STARTUP_FAILED = "instance.startup.failed"
    INSTANCE_STOPPING = "instance.stopping"
    INSTANCE_STOPPED = "instance.stopped"
    INSTANCE_DELETING = "instance.deleting"
    INSTANCE_DELETED = "instance.deleted"
    INSTANCE_AUTO_STOP_WARNING = "instance.auto_stop.warning"
    INSTANCE_AUTO_STOP_STOPPING = "instance.auto_stop.stopping"
    INSTANCE_AUTO_STOP_STOPPED = "instance.auto_stop.stopped"
    INSTANCE_MIGRATION_STARTED = "instance.migration.started"
    INSTANCE_MIGRATION_COMPLETED = "instance.migration.completed"
    INSTANCE_MIGRATION_FAILED = "instance.migration.failed"
    INSTANCE_SPOT_RECLAIMED = "instance.spot.reclaimed"
    INSTANCE_STATUS_CHANGED = "instance.status_changed"
    INSTANCE_RENT_EXPIRING = "instance.rent.expiring"
    INSTANCE_RENT_ENDED = "instance.rent.ended"
    INSTANCE_REPAIR_STARTED = "instance.repair.started"
    INSTANCE_REPAIR_COMPLETED = "instance.repair.completed"
    INSTANCE_REPAIR_FAILED = "instance.repair.failed"
    INSTANCE_ORPHAN_FOUND = "instance.orphan.found"
    INSTANCE_SIGNAL_FAILING = "instance.signal.failing"
    BUDGET_WARNING = "budget.warning"
    BUDGET_EXCEEDED = "budget.exceeded"
    ACCOUNT_LOW_BALANCE = "account.low_balance"


@model
class HealthEndpoint(Model):
    """One endpoint of a health check.

    Attributes:
        port: Its port inside the container.
        endpoint: Where it was asked.
        type: How the port is exposed, http or tcp.
        status: pending, healthy or unhealthy.
        last_checked: When it was asked last.
        error: What went wrong, if it did.
        response_time_ms: How long the answer took, in milliseconds.
    """

    port: int | None = None
    endpoint: str | None = field(default=None, show="url")
    type: str | None = None
    status: str | None = None
    last_checked: datetime | None = None
    error: str | None = None
    response_time_ms: int | None = field(default=None, wire="responseTime")


@model
class HealthCheck(Model):
    """Whether what runs in an instance can be reached.

    Attributes:
        status: pending, in_progress, completed or failed.
        overall_status: healthy, unhealthy or partial.
        endpoints: What was asked.
        started_at: When it began.
        completed_at: When it ended.
        total_response_time_ms: All answers together, in milliseconds.
    """

    status: str | None = None
    overall_status: str | None = None
    endpoints: tuple[HealthEndpoint, ...] = ()
    started_at: datetime | None = None
    completed_at: datetime | None = None
    total_response_time_ms: int | None = field(default=None, wire="totalResponseTime")


@model
class StartupPhases(Model):
    """When each phase of a start was reached; what was not reached is None.

    Attributes:
        start_requested: The start was asked for.
        instance_starting: The instance was first seen starting.
        instance_running: It was first seen running.
        health_check_started: The first endpoint was asked.
        health_check_completed: All endpoints had answered.
        ready: It could be used.
    """

    start_requested: datetime | None = None
    instance_starting: datetime | None = None
    instance_running: datetime | None = None
    health_check_started: datetime | None = None
    health_check_completed: datetime | None = None
    ready: datetime | None = None


@model
class StartupOperation(Model):
    """The start of an instance, as far as it has come.

    Attributes:
        operation_id: Id of the operation.
        status: initiated, monitoring, health_checking, completed or failed.
        started_at: When it began.
        phases: When each phase was reached.
        total_elapsed_ms: How long it has taken, in milliseconds.
        error: Why it failed, if it did.
    """

    operation_id: str | None = None
    status: str | None = None
    started_at: datetime | None = None
    phases: StartupPhases | None = None
    total_elapsed_ms: int | None = field(default=None, wire="totalElapsedTime")
    error: str | None = None


@model
class WebhookEvent(Model):
    """One event. Fields that an event does not have, or that its sender does not know, are None.

    Attributes:
        instance_id: The instance: Novita's id, or the sender's own if it uses one.
        status: What the instance (or the operation) has come to.
        timestamp: When it happened.
        event_id: Id of the event, equal to the `webhook-id` of its message.
        event_type: What happened; a word unknown to this release has `.known` False.
        sequence: Number within the operation, from 1.
        novita_instance_id: Novita's id, if `instance_id` is the sender's own.
        operation_id: Id of the operation it belongs to.
        elapsed_ms: Milliseconds since the operation began.
        error: What went wrong.
        reason: The same for people, or why it happened; its wording may change.
        data: More about it, by kind.
        health_check: Whether the endpoints answer.
        startup_operation: How far a start has come.
    """

    instance_id: str | None = None
    status: str | None = None
    timestamp: datetime | None = None
    event_id: str | None = None
    event_type: WebhookEventType | None = None
    sequence: int | None = None
    novita_instance_id: str | None = None
    operation_id: str | None = None
    elapsed_ms: int | None = field(default=None, wire="elapsedTime")
    error: str | None = None
    reason: str | None = None
    data: JSON = field(default=None, hashed=False)
    health_check: HealthCheck | None = None
    startup_operation: StartupOperation | None = None
