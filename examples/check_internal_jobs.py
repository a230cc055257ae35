"""Check both job hosts: which keys are set, who answers, and what the newest job is.

Run it with `python examples/check_internal_jobs.py`.

Set NOVITA_INTERNAL_API_KEY for the internal host; without it the public list answers. It only reads.
"""

from __future__ import annotations

import sys

import connect

from novita_sdk import Novita, NovitaError


def main() -> int:
    """Print the state of both hosts and the first page of jobs; return the exit status."""
    sim = connect.simulator()
    with connect.client(sim) as client:
        if sim is not None:
            leave_a_job_behind(client)
        settings = client.settings
        for name, url, key in (
            ("public", settings.base_url, settings.api_key),
            ("internal", settings.internal_base_url, settings.internal_api_key),
        ):
            print(f"{name:8} host {url}, key present: {'yes' if key else 'no'}")
        try:
            show_first_page(client)
        except NovitaError as error:
            print(error.explain(), file=sys.stderr)
            return 1
    return 0


def show_first_page(client: Novita) -> None:
    """Ask for five jobs and print total, source and the first of them."""
    jobs = client.jobs.query(page_size=5)
    page = next(jobs.pages())
    print(f"total {page.total}, source {page.source}, fallback reason {jobs.fallback_reason}")
    for job in page.items[:1]:
        state = job.state.state if job.state else "unknown"
        print(f"first job: {job.id}, {job.type}, {state}, instance {job.instance_id}, made {job.created_at}")


def leave_a_job_behind(client: Novita) -> None:
    """Save an image in the simulated cloud, so that there is a job to be found."""
    product = client.products.list(product_name="3090").one()
    created = client.gpu_instances.create(product_id=product.id, image_url="nginx")
    client.gpu_instances.wait(created.id)
    client.jobs.wait(client.gpu_instances.save_image(created.id, image="registry.example.com/team/app:v1"))
    client.gpu_instances.delete(created.id)


if __name__ == "__main__":
    sys.exit(main())
