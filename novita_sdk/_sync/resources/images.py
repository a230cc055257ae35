# Generated from novita_sdk/_async/resources/images.py by tools/unasync.py; edit the source.
"""Images: those of the platform and those saved by the account."""

from __future__ import annotations

from novita_sdk._core import operations
from novita_sdk._core.paging import DEFAULT_PAGE_SIZE
from novita_sdk._core.wire import check_id
from novita_sdk._sync.pager import Pager
from novita_sdk._sync.resources.resource import Resource
from novita_sdk.models.enums import ImageType
from novita_sdk.models.image import SavedImage
from novita_sdk.options import CallOptions


class Images(Resource):
    """Images. Both operations are documented for a sister brand of the service only: experimental."""

    def list(
        self,
        *,
        type: ImageType | str | None = None,  # noqa: A002 - the wire's word
        name: str | None = None,
        page_size: int = DEFAULT_PAGE_SIZE,
        options: CallOptions | None = None,
    ) -> Pager[SavedImage]:
        """List images. Operation `list_images`.

        Args:
            type: `"base"` or `"private"`.
            name: Only names like this.
            page_size: Items asked for at a time, 1-100.
            options: What these calls do differently.

        Returns:
            A pager.
        """
        return self._pager(operations.LIST_IMAGES, {"type": type, "name": name}, page_size, options)

    def delete(
        self, image_id: str | int, *, missing_ok: bool = False, options: CallOptions | None = None
    ) -> None:
        """Delete a saved image. Operation `delete_image`; the name of its only field is a guess.

        Args:
            image_id: Its id.
            missing_ok: Whether it is fine if there is no such image.
            options: What this call does differently.

        Raises:
            NotFoundError: There is no such image, and `missing_ok` is off.
        """
        body = {"id": check_id("image_id", image_id)}
        self._caller.write(operations.DELETE_IMAGE, body, options, missing_ok=missing_ok)
