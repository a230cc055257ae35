"""What became of an instance that was made anew."""

from __future__ import annotations

import attrs

from novita_sdk.models.instance import Instance


@attrs.frozen(kw_only=True)
class RecreatedInstance:
    """A copy that took the place of an instance, or stands beside it.

    Attributes:
        instance: The copy, as it was last read.
        original_id: The instance it was copied from.
        original_deleted: Whether that one was deleted and seen gone.
        operation_id: The operation that created the copy.
        adopted: Whether the copy existed already: its create had been answered, or its answer had been lost.
    """

    instance: Instance
    original_id: str
    original_deleted: bool
    operation_id: str
    adopted: bool = False

    @property
    def id(self) -> str:
        """Id of the copy."""
        return self.instance.id
