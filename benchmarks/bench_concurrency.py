"""A thousand calls at once, by tasks and over 32 threads, against bare httpx without timeouts."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import httpx
from loopback import server
from measure import pairs, report, seconds

from novita_sdk import AsyncNovita, Novita

CALLS = 1000
THREADS = 32
ROUNDS = 5
KEY = "bench-key-00000"
PATH = "/gpu-instance/openapi/v1/clusters"


async def _ours_async(url: str, calls: int) -> None:
    limits = {"public": None}
    async with AsyncNovita(api_key=KEY, base_url=url, rate_limits=limits, total_timeout=None) as client:
        found = await asyncio.gather(*(client.clusters.list().first() for _ in range(calls)))
    assert all(cluster is not None and cluster.id == "1" for cluster in found)


async def _bare_async(url: str, calls: int) -> None:
    async with httpx.AsyncClient(base_url=url, timeout=None) as client:
        found = await asyncio.gather(*(client.get(PATH) for _ in range(calls)))
    assert all(answer.json()["data"][0]["id"] == "1" for answer in found)


def _ours_threads(url: str) -> None:
    limits = {"public": None}
    with (
        Novita(api_key=KEY, base_url=url, rate_limits=limits, total_timeout=None) as client,
        ThreadPoolExecutor(THREADS) as pool,
    ):
        found = list(pool.map(lambda _: client.clusters.list().first(), range(CALLS)))
    assert all(cluster is not None and cluster.id == "1" for cluster in found)


def _bare_threads(url: str) -> None:
    with httpx.Client(base_url=url, timeout=None) as client, ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(lambda _: client.get(PATH).json(), range(CALLS)))
    assert all(answer["data"][0]["id"] == "1" for answer in found)


def main() -> None:
    """Measure and print; a single failed call would end it."""
    with server() as url:
        mine, theirs, ratio = pairs(
            lambda: seconds(lambda: asyncio.run(_ours_async(url, CALLS))),
            lambda: seconds(lambda: asyncio.run(_bare_async(url, CALLS))),
            ROUNDS,
        )
        report(f"{CALLS} calls at once, tasks, 0 failed", f"{mine:.2f} s", f"{theirs:.2f} s", ratio, 1.1)
        mine, theirs, ratio = pairs(
            lambda: seconds(lambda: _ours_threads(url)), lambda: seconds(lambda: _bare_threads(url)), ROUNDS
        )
        report(
            f"{CALLS} calls over {THREADS} threads, 0 failed", f"{mine:.2f} s", f"{theirs:.2f} s", ratio, 1.1
        )
    with server(pause=1.0) as url:
        took = seconds(lambda: asyncio.run(_ours_async(url, 3)))
        report("3 calls of 1 s at once", f"{took:.2f} s", "1 s", took, 1.2)


if __name__ == "__main__":
    main()
