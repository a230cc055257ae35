"""What a scaling came to."""

from __future__ import annotations

from typing import NamedTuple

import attrs

from novita_sdk.models.endpoint import Endpoint


class ReplicaBounds(NamedTuple):
    """Between how many workers an endpoint may have.

    Attributes:
        min_replicas: Fewest.
        max_replicas: Most.
    """

    min_replicas: int
    max_replicas: int


@attrs.frozen(kw_only=True)
class ScaleResult:
    """What a scaling came to.

    Attributes:
        before: The bounds before it.
        after: The bounds now.
        drained: Ids of the workers that were drained.
        endpoint: The record now.
    """

    before: ReplicaBounds
    after: ReplicaBounds
    drained: tuple[str, ...]
    endpoint: Endpoint
