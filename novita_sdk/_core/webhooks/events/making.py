"""What all constructors of events share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final, Required, TypeAlias, TypedDict, cast

from novita_sdk._core.durations import Seconds
from novita_sdk._core.narrowing import is_mapping, is_whole_number
from novita_sdk._core.webhooks.kinds import KINDS
from novita_sdk._core.webhooks.message_ids import repeatable_id
from novita_sdk._core.webhooks.payload import aware, milliseconds, wire_value
from novita_sdk._core.wire import check_id, problem
from novita_sdk.errors import ValidationError
from novita_sdk.models.instance import Instance
from novita_sdk.models.json_types import JSON
from novita_sdk.models.unset import UNSET, Unset
from novita_sdk.models.webhook_event import HealthCheck, StartupOperation, WebhookEvent

Subject: TypeAlias = str | Instance
"""The instance an event is about: its id, or all of it."""


class _SharedFields(TypedDict, total=False):
    at: datetime | None
    sequence: int | None
    local_id: str | None
    elapsed: Seconds | None
    reason: str | None
    data: Mapping[str, JSON] | None


class EventFields(_SharedFields, total=False):
    """What every constructor takes; None is the same as leaving it out.

    Attributes:
        at: When it happened; now, if left out.
        operation_id: The operation it belongs to. Its events get ids that are the same whenever they are made
            again, so that none is delivered twice.
        sequence: The event's number within the operation, from 1.
        local_id: Your own id of the instance, which then stands in place of Novita's.
        elapsed: Seconds since the operation began, or a timedelta.
        reason: An explanation in place of the usual one.
        data: More about it; members of these names win over those the constructor fills in.
    """

    operation_id: str | None


class OperationFields(_SharedFields, total=False):
    """`EventFields` of a kind that makes no sense without its operation."""

    operation_id: Required[str]


_FIELDS: Final = frozenset(EventFields.__annotations__)


class EventMaker:
    """Makes one event of any kind.

    Args:
        now: Tells the wall time in seconds since 1970.
        new_id: Makes a random message id.
    """

    def __init__(self, *, now: Callable[[], float], new_id: Callable[[], str]) -> None:
        self._now = now
        self._new_id = new_id

    def _moment(self, fields: EventFields | OperationFields) -> datetime:
        """Tell when the event happened."""
        at = fields.get("at")
        return aware(at, "at") if at else datetime.fromtimestamp(self._now(), UTC)

    def _make(
        self,
        name: str,
        subject: Subject | Unset,
        fields: EventFields | OperationFields,
        *,
        at: datetime | None = None,
        status: str | None = None,
        step: str = "",
        error: str | None = None,
        elapsed: Seconds | None = None,
        data: Mapping[str, JSON] | None = None,
        health_check: HealthCheck | None = None,
        startup_operation: StartupOperation | None = None,
        **said: str,
    ) -> WebhookEvent:
        """Make an event.

        Args:
            name: Its kind.
            subject: The instance; UNSET for an event of the account.
            fields: What the caller gave besides the words of the kind.
            at: When it happened, if that was worked out already.
            status: The observed status, for kinds without a status of their own.
            step: What tells several events of one kind in one operation apart.
            error: What went wrong.
            elapsed: Seconds since the operation began, if the caller does not tell.
            data: What the kind tells.
            health_check: Whether the endpoints answer.
            startup_operation: How far a start has come.
            **said: What the usual reason names, besides the status.
        """
        unknown = sorted(fields.keys() - _FIELDS)
        if unknown:
            raise TypeError(f"{name}() got an unexpected keyword argument {unknown[0]!r}")
        kind = KINDS[name]
        told = kind.status if status is None else _text("status", status)
        given = {field: value for field, value in fields.items() if value is not None and value is not UNSET}
        operation_id = check_id("operation_id", given["operation_id"]) if "operation_id" in given else None
        local_id = check_id("local_id", given["local_id"]) if "local_id" in given else None
        instance_id = subject.id if isinstance(subject, Instance) else subject
        novita_id = None if instance_id is UNSET else check_id("instance", instance_id)
        took = given.get("elapsed", elapsed)
        usual = None if kind.reason is None else kind.reason.format(status=told, **said)
        reason = given.get("reason", usual)
        return WebhookEvent(
            instance_id=novita_id if local_id is None else local_id,
            status=told,
            timestamp=self._moment(fields) if at is None else at,
            event_id=self._new_id() if operation_id is None else repeatable_id(operation_id, name, step),
            event_type=kind.event_type,
            sequence=_sequence(given.get("sequence"), operation_id),
            novita_instance_id=None if local_id is None else novita_id,
            operation_id=operation_id,
            elapsed_ms=None if took is None else milliseconds(cast("Seconds", took), "elapsed"),
            error=None if error is None else _text("error", error),
            reason=None if reason is None else _text("reason", reason),
            data=_joined(data, given.get("data")),
            health_check=health_check,
            startup_operation=startup_operation,
        )


def duration_in_seconds(value: Seconds, name: str) -> JSON:
    """Turn a duration into seconds for `data`, whole ones where they are whole."""
    thousandths = milliseconds(value, name)
    return thousandths / 1000 if thousandths % 1000 else thousandths // 1000


def _joined(own: Mapping[str, JSON] | None, given: object) -> JSON:
    if given is None:
        return None if own is None else wire_value(own, "data")
    if not is_mapping(given):
        raise ValidationError(problems=(problem("data", given, "must be a mapping"),))
    return wire_value({**(own or {}), **cast("Mapping[str, JSON]", given)}, "data")


def _sequence(value: object, operation_id: str | None) -> int | None:
    if value is None:
        return None
    if not is_whole_number(value) or value < 1 or operation_id is None:
        words = "must be a whole number from 1 on, beside an operation_id"
        raise ValidationError(problems=(problem("sequence", value, words),))
    return value


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise ValidationError(problems=(problem(name, value, "must be text"),))
    return str(value)
