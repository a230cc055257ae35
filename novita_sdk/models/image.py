"""Saved images and image prewarm tasks."""

from __future__ import annotations

from datetime import datetime

from novita_sdk.models.base import Model, field, model
from novita_sdk.models.enums import ImagePrewarmState
from novita_sdk.models.json_types import JSON


@model
class ImageTag(Model):
    """A tag of a saved image.

    Attributes:
        name: The tag.
        url: The image with this tag.
    """

    name: str | None = None
    url: str | None = field(default=None, show="url")


@model
class SavedImage(Model):
    """An image of the platform, or one saved by the account.

    Experimental: the list it comes from is documented only for the vendor's sister brand.

    Attributes:
        id: Id of the image.
        name: Name.
        url: The image without a tag.
        tags: Its tags.
        metadata: Undocumented; JSON as it came.
        port: Undocumented; JSON as it came.
    """

    id: str
    name: str | None = None
    url: str | None = field(default=None, show="url")
    tags: tuple[ImageTag, ...] = ()
    metadata: tuple[JSON, ...] = field(default=(), hashed=False)
    port: tuple[JSON, ...] = field(default=(), hashed=False)


@model
class ImagePrewarmQuota(Model):
    """How many images may be prewarmed.

    Attributes:
        total: Tasks of the account; whether used or allowed ones is not clear.
        limit: Most tasks that are allowed.
        per_image_size: Largest image in GB.
    """

    total: int | None = None
    limit: int | None = None
    per_image_size: int | None = None


@model
class PrewarmProduct(Model):
    """A product that an image is prewarmed for.

    Attributes:
        product_id: Id of the product.
        product_name: Its name.
    """

    product_id: str | None = None
    product_name: str | None = None


@model
class ImagePrewarm(Model):
    """A task that caches an image in one cluster ahead of use.

    Attributes:
        id: Id of the task.
        image_name: Last part of the image's path, without the tag.
        image_url: The image.
        repository_auth: Id of a stored registry login.
        cluster_id: Id of the cluster.
        cluster_name: Its display name.
        products: Products it is for; empty means all.
        image_size: Size of the image in bytes; None until it is known.
        create_time: When the task was created.
        state: How far it has come.
        complete_time: When it ended; None before.
        note: The account's own note.
        reason: Why it failed.
    """

    id: str
    image_name: str | None = None
    image_url: str | None = None
    repository_auth: str | None = None
    cluster_id: str | None = None
    cluster_name: str | None = None
    products: tuple[PrewarmProduct, ...] = ()
    image_size: int | None = None
    create_time: datetime | None = None
    state: ImagePrewarmState | None = None
    complete_time: datetime | None = None
    note: str | None = None
    reason: tuple[str, ...] = ()
