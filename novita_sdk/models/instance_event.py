"""What a watch tells about instances."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, TypeAlias

import attrs

from novita_sdk.models.instance import Instance

InstanceEventKind: TypeAlias = Literal[
    "appeared", "status_changed", "changed", "gone", "poll_failed", "poll_recovered"
]
"""What an instance event tells."""


@attrs.frozen(kw_only=True)
class InstanceEvent:
    """A change of an instance, or a failed look at all of them.

    Attributes:
        kind: What happened.
        at: When it was seen, in UTC.
        instance_id: Id of the instance; None for polls.
        name: Its name.
        instance: The instance as it was seen last, as a list shows it.
        previous: Of `status_changed`: the status before.
        fields: Of `changed`: the old and the new value of each attribute.
        sequence: Number of the event among those of this instance in this watch, from 1; 0 for polls.
        initial: Whether it was there already at the first look.
        missed: How many earlier `changed` events this one stands for, because the watcher was slow.
        error: Why a poll failed.
        consecutive: How many polls have failed in a row, up to now.
        since: When the first of them failed.
    """

    kind: InstanceEventKind
    at: datetime
    instance_id: str | None = None
    name: str | None = None
    instance: Instance | None = None
    previous: str | None = None
    fields: Mapping[str, tuple[object, object]] = attrs.field(factory=dict[str, tuple[object, object]])
    sequence: int = 0
    initial: bool = False
    missed: int = 0
    error: Exception | None = None
    consecutive: int = 0
    since: datetime | None = None

    def __str__(self) -> str:
        if self.instance_id is None:
            return f"{self.kind}: {self.error}" if self.error else self.kind
        status = "" if self.instance is None else f" {self.instance.status}"
        detail = f" (was {self.previous})" if self.previous else ""
        if self.fields:
            detail = f" ({', '.join(self.fields)})"
        return f"{self.instance_id} {self.kind}:{status}{detail}"
