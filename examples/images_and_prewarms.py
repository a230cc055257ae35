"""Images, and caching one in a cluster ahead of use.

Run it with `python examples/images_and_prewarms.py`.
"""

from __future__ import annotations

import connect

from novita_sdk import Novita

IMAGE = "docker.io/library/nginx:1.27-alpine"


def main() -> None:
    """List images, then prewarm one, and delete the task."""
    sim = connect.simulator(needs_consent=True)
    connect.ask(sim, "Start a prewarm task in this account, and delete it again?")
    with connect.client(sim) as client:
        show_images(client)
        prewarm(client)


def show_images(client: Novita) -> None:
    """Print the platform's images and those of the account; this list is experimental."""
    print("images:")
    for image in client.images.list():
        print(f"  {image.id} {image.name}: {', '.join(tag.name or '' for tag in image.tags) or 'no tags'}")


def prewarm(client: Novita) -> None:
    """Cache an image in the first cluster: instances there then start faster."""
    quota = client.image_prewarms.quota()
    print(f"quota: {quota.total} of {quota.limit} tasks, {quota.per_image_size} GB an image")
    cluster = client.clusters.list().first()
    if cluster is None:
        return
    task_id = client.image_prewarms.create(image_url=IMAGE, cluster_id=cluster.id, note="an example")
    try:
        client.image_prewarms.update(task_id, note="a better note")
        for task in client.image_prewarms.list(cluster_id=cluster.id):
            print(f"  {task.id} {task.image_url} in {task.cluster_name}: {task.state}, {task.note!r}")
    finally:
        client.image_prewarms.delete(task_id, missing_ok=True)
    print("deleted")


if __name__ == "__main__":
    main()
