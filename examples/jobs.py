"""Jobs: save an instance as an image, follow the job, cancel another, and list what there is.

Run it with `python examples/jobs.py`.
"""

from __future__ import annotations

import connect

from novita_sdk import Novita

IMAGE = "docker.io/library/nginx:1.27-alpine"
TARGET = "registry.example.com/team/app"


def main() -> None:
    """Rent an instance, start two jobs on it, and give it back."""
    sim = connect.simulator(needs_consent=True)
    connect.ask(sim, "Rent the first GPU in stock for some minutes, and try to push its image to a registry?")
    with connect.client(sim) as client:
        product = next(found for found in client.products.list() if found.available_deploy)
        created = client.gpu_instances.create(product_id=product.id, image_url=IMAGE)
        try:
            client.gpu_instances.wait(created.id)
            save_and_cancel(client, created.id)
        finally:
            client.gpu_instances.delete(created.id, missing_ok=True)
            client.gpu_instances.wait(created.id, until="gone")
        show(client, created.id)


def save_and_cancel(client: Novita, instance_id: str) -> None:
    """Wait for one job to end, and cancel the next. `wait` returns however it ended: look at the state."""
    job_id = client.gpu_instances.save_image(instance_id, image=f"{TARGET}:v1")
    job = client.jobs.wait(job_id, on_progress=print)
    if job.state is not None:
        print(f"ended: {job.state.state} {job.state.error_message or ''}")
    second = client.gpu_instances.save_image(instance_id, image=f"{TARGET}:v2")
    client.jobs.cancel(second)
    ended = client.jobs.wait(second)
    print(f"cancelled: {ended.state.state if ended.state else 'unknown'}")


def show(client: Novita, instance_id: str) -> None:
    """Ask the internal host if its key is set, the public one if not; both answers mean the same."""
    jobs = client.jobs.query(instance_id=instance_id, type="saveImage")
    for job in jobs:
        print(f"  {job.id} {job.type}: {job.state.state if job.state else 'unknown'}")
    print(f"asked: {jobs.source} (fell back because of: {jobs.fallback_reason})")


if __name__ == "__main__":
    main()
