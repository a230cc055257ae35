# Generated from novita_sdk/_async/resources/image_prewarms.py by tools/unasync.py; edit the source.
"""Image prewarms: images cached in a cluster ahead of use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from novita_sdk._core import operations
from novita_sdk._core.arguments import Given
from novita_sdk._core.paging import DEFAULT_PAGE_SIZE
from novita_sdk._core.requests.images import update_image_prewarm_body
from novita_sdk._core.requests.plain import body_values
from novita_sdk._core.wire import check_id
from novita_sdk._sync.pager import Pager
from novita_sdk._sync.resources.resource import Resource
from novita_sdk.models.enums import ImagePrewarmState
from novita_sdk.models.image import ImagePrewarm, ImagePrewarmQuota
from novita_sdk.models.unset import UNSET
from novita_sdk.options import CallOptions


class ImagePrewarms(Resource):
    """Tasks that cache an image in one cluster, so that instances start faster."""

    def quota(self, *, options: CallOptions | None = None) -> ImagePrewarmQuota:
        """Read the quota of prewarm tasks. Operation `get_image_prewarm_quota`.

        Args:
            options: What this call does differently.
        """
        found = self._caller.single(operations.GET_IMAGE_PREWARM_QUOTA, options=options)
        return cast("ImagePrewarmQuota", found)

    def list(
        self,
        *,
        state: ImagePrewarmState | str | None = None,
        cluster_id: str | None = None,
        name: str | None = None,
        page_size: int = DEFAULT_PAGE_SIZE,
        options: CallOptions | None = None,
    ) -> Pager[ImagePrewarm]:
        """List prewarm tasks. Operation `list_image_prewarms`.

        Args:
            state: Only this state.
            cluster_id: Only this cluster.
            name: Only image names or notes like this (fuzzy).
            page_size: Items asked for at a time, 1-100.
            options: What these calls do differently.

        Returns:
            A pager.
        """
        values = {"state": state, "clusterId": cluster_id, "name": name}
        return self._pager(operations.LIST_IMAGE_PREWARMS, values, page_size, options)

    def create(
        self,
        *,
        image_url: str,
        cluster_id: str,
        repository_auth: str | int | None = None,
        product_ids: Sequence[str] | None = None,
        note: str | None = None,
        options: CallOptions | None = None,
    ) -> str:
        """Cache an image in one cluster. Operation `create_image_prewarm`.

        The live service was once seen to answer well-formed requests with status 500.

        Args:
            image_url: The image.
            cluster_id: The cluster.
            repository_auth: Id of a stored registry login.
            product_ids: Products it is for; every product if left out.
            note: A note.
            options: What this call does differently.

        Returns:
            The id of the task.

        Raises:
            QuotaExceededError: There are too many tasks.
            OutcomeUnknownError: Nothing tells whether it was made.
        """
        values = {
            "imageUrl": image_url,
            "clusterId": cluster_id,
            "repositoryAuth": repository_auth,
            "productIds": product_ids,
            "note": note,
        }
        body = body_values(operations.CREATE_IMAGE_PREWARM, values)
        found, _ = self._caller.create(operations.CREATE_IMAGE_PREWARM, body, options)
        return found

    def update(
        self, prewarm_id: str | int, *, note: Given[str] = UNSET, options: CallOptions | None = None
    ) -> None:
        """Change the note of a task. Operation `update_image_prewarm`.

        Args:
            prewarm_id: Id of the task.
            note: The new note; None clears it.
            options: What this call does differently.

        Raises:
            ValidationError: Nothing was given to change.
            NotFoundError: There is no such task.
        """
        body = update_image_prewarm_body(prewarm_id, note)
        self._caller.write(operations.UPDATE_IMAGE_PREWARM, body, options)

    def delete(
        self,
        *prewarm_ids: str | int,
        missing_ok: bool = False,
        options: CallOptions | None = None,
    ) -> None:
        """Delete one or more tasks. Operation `delete_image_prewarms`.

        Args:
            *prewarm_ids: Ids of the tasks, at least one.
            missing_ok: Whether it is fine if they do not exist.
            options: What this call does differently.

        Raises:
            NotFoundError: There is no such task, and `missing_ok` is off.
        """
        ids = [check_id("prewarm_ids", prewarm_id) for prewarm_id in prewarm_ids]
        body = body_values(operations.DELETE_IMAGE_PREWARMS, {"ids": ids}, {"ids": "prewarm_ids"})
        self._caller.write(operations.DELETE_IMAGE_PREWARMS, body, options, missing_ok=missing_ok)
