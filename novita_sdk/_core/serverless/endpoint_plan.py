"""A deployment that was looked at before it is made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import attrs

from novita_sdk._core.marker import mark
from novita_sdk._core.redact import redact
from novita_sdk._core.wire import encode_body
from novita_sdk.errors import Problem, ValidationError
from novita_sdk.models.json_types import JSON

if TYPE_CHECKING:
    from novita_sdk._core.serverless.unsupported import PlanWarning


@attrs.define(eq=False, repr=False)
class EndpointPlan:
    """What `deploy` would send; `deploy(plan)` sends exactly that, once.

    Attributes:
        endpoint: What is sent under `endpoint`, without the mark.
        operation_id: The identity of the creation, which is its mark.
        warnings: What was asked for and left out.
        given: Names of the settings that were given, by argument or spec, and are no defaults; None for all.
        sent: Whether it was sent, and not refused for certain.
    """

    endpoint: Mapping[str, JSON]
    operation_id: str
    warnings: tuple[PlanWarning, ...] = ()
    given: frozenset[str] | None = None
    sent: bool = attrs.field(default=False, init=False)

    @property
    def name(self) -> str:
        """The endpoint's name."""
        return str(self.endpoint["name"])

    @property
    def body(self) -> dict[str, JSON]:
        """The whole body, with the mark."""
        return {"endpoint": mark(self.endpoint, self.operation_id)}

    def to_bytes(self) -> bytes:
        """Return the body as it is sent."""
        return encode_body(self.body)

    def claim(self) -> None:
        """Note that it is being sent.

        Raises:
            ValidationError: It was sent before.
        """
        if self.sent:
            message = "was sent before; preview again for another endpoint"
            raise ValidationError(problems=(Problem("plan", self.name, message),))
        self.sent = True

    def __repr__(self) -> str:
        return f"EndpointPlan({redact(dict(self.endpoint))!r}, operation_id={self.operation_id!r})"
