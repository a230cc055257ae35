"""What the writing operations give back."""

from __future__ import annotations

from datetime import datetime

from novita_sdk.models.base import Model, field, model
from novita_sdk.models.enums import InstanceStatus
from novita_sdk.models.product_choice import ProductChoice


@model
class ActionResult(Model):
    """Outcome of start, stop, restart or delete.

    The documentation shows no answer to these; the running service sends id and status, or nothing.

    Attributes:
        instance_id: Id of the instance.
        status: Status it goes to, if the service says so.
        operation_id: The SDK's own id of this operation, if it has one.
        settled: Whether the answer was lost and looking at the instance showed that it was done.
    """

    instance_id: str | None = None
    status: InstanceStatus | None = field(default=None, wire="state")
    operation_id: str | None = field(default=None, local=True)
    settled: bool = field(default=False, local=True)


@model
class CreatedInstance(Model):
    """A new instance.

    Attributes:
        id: Its id.
        operation_id: The SDK's own id of the creation, which the instance carries as a marker.
        adopted: Whether the answer was lost and the instance was found by its marker.
        choice: The product that was chosen for it; None if its id was given, or an earlier call made the instance.
        estimated_ready_at: When it will probably be running: four minutes after it was asked for.
    """

    id: str
    operation_id: str | None = field(default=None, local=True)
    adopted: bool = field(default=False, local=True)
    choice: ProductChoice | None = field(default=None, local=True)
    estimated_ready_at: datetime | None = field(default=None, local=True)


@model
class MigrationResult(Model):
    """Answer to a migration. No answer is documented; clients read these keys, any of which may be absent.

    Attributes:
        message: Free text.
        new_instance_id: Id of the instance it becomes, if it gets a new one.
        instance_id: Id of the instance.
        error: Why it was refused; a text here is an error in spite of the status 200.
        operation_id: The SDK's own id of this operation, if it has one.
        settled: Whether the answer was lost and looking at the instance showed that it was done.
    """

    message: str | None = None
    new_instance_id: str | None = None
    instance_id: str | None = None
    error: str | None = None
    operation_id: str | None = field(default=None, local=True)
    settled: bool = field(default=False, local=True)


@model
class EndpointRef(Model):
    """Which endpoint is meant.

    Attributes:
        id: Its id.
        name: Its name, if known.
        app_name: The part of its URL that was chosen, if known.
        operation_id: The SDK's own id of its creation, if it has one.
        adopted: Whether the answer of its creation was lost and it was found by its mark.
    """

    id: str
    name: str | None = None
    app_name: str | None = None
    operation_id: str | None = field(default=None, local=True)
    adopted: bool = field(default=False, local=True)
