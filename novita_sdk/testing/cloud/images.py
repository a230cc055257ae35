"""Base images and images saved from instances."""

from __future__ import annotations

from novita_sdk.models.json_types import JSON
from novita_sdk.testing.cloud.lookups import found, missing
from novita_sdk.testing.cloud.pages import matches, page
from novita_sdk.testing.cloud.records import Image
from novita_sdk.testing.cloud.refusals import Refusal
from novita_sdk.testing.cloud.world import DOMAIN, Args, World


def seed(world: World, now: int) -> None:
    """Put the base images in place."""
    for image_id, name, tag in (("1", "ubuntu", "22.04"), ("2", "pytorch", "2.6-cuda12.4")):
        world.images[image_id] = Image(
            id=image_id, type="base", name=name, url=f"docker.{DOMAIN}/{name}", tag=tag, created=now
        )


def list_images(world: World, args: Args, now: int) -> JSON:
    """Answer list_images."""
    rows = [
        image
        for image in world.images.values()
        if image.created <= now
        and args.get("type") in {None, "", image.type}
        and matches(args.get("name"), image.name)
    ]
    return page(world.quirks, rows, args, _show, key="data")


def delete_image(world: World, args: Args, now: int) -> JSON:
    """Answer delete_image."""
    image = found(world, world.images, args.get("id", ""), "image", "IMAGE_NOT_FOUND")
    if image.created > now:  # its job has not ended
        raise missing(world, "image", "IMAGE_NOT_FOUND")
    if image.type != "private":
        raise Refusal("FORBIDDEN", "base images cannot be deleted")
    del world.images[image.id]
    return {}


def _show(image: Image) -> JSON:
    return {
        "id": image.id,
        "name": image.name,
        "url": image.url,
        "tags": [{"name": image.tag, "url": f"{image.url}:{image.tag}"}],
        "metadata": [],
        "port": [],
    }
