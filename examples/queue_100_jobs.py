"""Hand 100 jobs to the queue of a serverless endpoint, at most 20 at a time, and collect what comes of them.

    python examples/queue_100_jobs.py ENDPOINT

Without NOVITA_API_KEY it runs on a simulated cloud. With it, it asks first, because jobs cost worker time.
"""

from __future__ import annotations

import sys

import anyio
import connect

from novita_sdk import AsyncJobError, AsyncNovita, NovitaError, OutcomeUnknownError, WaitTimeoutError
from novita_sdk.testing import Simulator

JOBS = 100
AT_ONCE = 20
LONGEST = 3600.0  # seconds for a job, its time in the queue included


async def run_one(client: AsyncNovita, endpoint: str, number: int) -> str:
    """Queue a job, wait for its end, and return the word for how it ended."""
    try:
        job = await client.serverless_endpoints.queue.run_and_wait(
            endpoint, {"number": number}, timeout=LONGEST
        )
    except AsyncJobError as error:
        return str(error.job_status)
    except OutcomeUnknownError:
        return "NOBODY KNOWS"  # it was not queued again: that might have run it twice
    except WaitTimeoutError as error:
        return f"STILL {error.last_seen}"  # it goes on; its result is kept for six hours after its end
    return str(job.status)


async def run_all(client: AsyncNovita, endpoint: str) -> dict[str, int]:
    """Run all jobs and count how they ended."""
    counts: dict[str, int] = {}
    places = anyio.CapacityLimiter(AT_ONCE)

    async def counted(number: int) -> None:
        async with places:
            word = await run_one(client, endpoint, number)
        counts[word] = counts.get(word, 0) + 1

    async with anyio.create_task_group() as tasks:
        for number in range(JOBS):
            tasks.start_soon(counted, number)
    return counts


def furnished(sim: Simulator) -> str:
    """Make an endpoint with ten workers, and let three jobs fail."""
    sim.fail_next("job", times=3)
    return sim.add_endpoint("queue-example", replicas=10)


async def main() -> int:
    """Run the example and return its exit status."""
    sim = connect.simulator(needs_consent=True)
    if sim is None and len(sys.argv) != 2:
        print("give the name or id of an endpoint", file=sys.stderr)
        return connect.NOBODY_AGREED
    endpoint = sys.argv[1] if sim is None else furnished(sim)
    connect.ask(sim, f"Queue {JOBS} jobs at {endpoint}?")
    async with connect.async_client(sim) as client:
        try:
            health = await client.serverless_endpoints.queue.health(endpoint)
            print("workers:", health.workers)
            for word, count in sorted((await run_all(client, endpoint)).items()):
                print(f"{count} {word}")
            if sim is not None:
                await client.serverless_endpoints.delete(id=endpoint)
        except NovitaError as error:
            print(error.explain(), file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(anyio.run(main))
