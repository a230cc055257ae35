"""A list item that could not be read."""

from __future__ import annotations

import attrs

from novita_sdk.models.json_types import JSON


@attrs.frozen(kw_only=True)
class ItemProblem:
    """An item of a list that was left out because it could not be read.

    Attributes:
        index: Its place in the answer, from 0.
        id: Its id, if at least that could be read.
        path: JSON path of the value that could not, such as `$.instances[1].gpuNum`.
        message: What was expected there and what stood there.
        raw: The whole item as it came; it may hold secrets, so it is not shown.
    """

    index: int
    id: str | None
    path: str
    message: str
    raw: JSON = attrs.field(repr=False)
