"""Limits that were read, and when."""

from __future__ import annotations

import attrs

from novita_sdk.models.endpoint import EndpointLimits


@attrs.define
class KeptLimits:
    """The limits of the account as they were read last.

    Attributes:
        value: The limits; None before the first reading.
        at: Monotonic time of the reading.
    """

    value: EndpointLimits | None = None
    at: float = 0.0
