"""Body of the change of an image prewarm task."""

from __future__ import annotations

from novita_sdk._core.arguments import Draft, Given, nothing_to_change
from novita_sdk._core.operations.images import UPDATE_IMAGE_PREWARM
from novita_sdk.models.json_types import JSON
from novita_sdk.models.unset import UNSET


def update_image_prewarm_body(prewarm_id: str | int, note: Given[str] = UNSET) -> dict[str, JSON]:
    """Build the body that changes the note of a prewarm task.

    Args:
        prewarm_id: Id of the task.
        note: The new note; None clears it.

    Raises:
        ValidationError: An argument is wrong, or nothing was given to change.
    """
    draft = Draft(UPDATE_IMAGE_PREWARM.body or (), names={"id": "prewarm_id"})
    draft.change("note", note)
    if draft.is_empty:
        raise nothing_to_change("note")
    draft.put("id", prewarm_id)
    return draft.finish()
