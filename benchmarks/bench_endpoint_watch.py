"""Watching 1,000 endpoints for 100 watchers: requests a tick, and what comparing two lists costs."""

from __future__ import annotations

import random
import time
from functools import partial
from typing import Any

from measure import report

from novita_sdk import Endpoint, Novita
from novita_sdk._concurrency.threads import gather
from novita_sdk._core.codec import structure
from novita_sdk._core.paging import DEFAULT_PAGE_SIZE
from novita_sdk._core.serverless.watch_filter import WatchFilter
from novita_sdk._sync.client import services_of
from novita_sdk._sync.lifecycle.watching import Subscription
from novita_sdk._sync.serverless.endpoint_watch import EndpointWatch
from novita_sdk._sync.shared_poller import Listing
from novita_sdk.testing import Quirks, Simulator, Timings

KEY = "bench-key-00000"
ENDPOINTS = 1000
WATCHERS = 100
WORKERS = 3
CHANGES = 20  # endpoints that are different in each list
TICKS = 5
COLD_START = 300.0


def record(number: int, size: int) -> Endpoint:
    """An endpoint as the service shows it."""
    shown: dict[str, Any] = {
        "id": f"{number:012x}",
        "name": f"endpoint-{number}",
        "appName": f"endpoint-{number}",
        "state": {"state": "serving", "error": "", "message": ""},
        "url": f"https://{number:012x}.novita.ai",
        "workerConfig": {"minNum": 1, "maxNum": WORKERS, "freeTimeout": 300, "requestTimeout": 3600},
        "policy": {"type": "queue", "value": 60},
        "image": {"image": "nginx", "authId": "", "command": ""},
        "rootfsSize": size,
        "envs": [{"key": "MODEL", "value": "small"}],
        "ports": [{"port": 8000}],
        "products": [{"id": "SL-serverless-3"}],
        "healthy": {"path": "/health", "period": 10},
        "workers": [
            {"id": f"w-{number}-{index}", "state": {"state": "running"}, "healthy": True}
            for index in range(WORKERS)
        ],
    }
    return structure(Endpoint, shown)


def listing(changed: set[int], size: int) -> Listing[Endpoint]:
    """A list as one tick reads it, decoded."""
    found = [record(number, size if number in changed else 100) for number in range(ENDPOINTS)]
    return Listing({one.id: one for one in found}, frozenset(), ended=True, complete=True)


def comparing() -> None:
    """Measure the processor time of taking in one list, and of handing on what has changed."""
    rng = random.Random(1)
    took: list[float] = []
    told = 0
    with Novita(api_key=KEY) as client:
        poller = services_of(client).endpoint_poller
        watches = [EndpointWatch(poller, WatchFilter(None), 10.0, replay=True) for _ in range(WATCHERS)]
        subscriptions = [Subscription(services_of(client).clock, watch.more) for watch in watches]
        for watch, subscription in zip(watches, subscriptions, strict=True):
            watch._subscription = subscription  # noqa: SLF001 - as its first event would, without the wire
            poller.join(watch)
        for tick in range(TICKS + 1):
            found = listing(set(rng.sample(range(ENDPOINTS), CHANGES)), 101 + tick)
            began = time.process_time()
            poller._take_in(found)  # noqa: SLF001 - without the wire
            took.append(time.process_time() - began)
            for subscription in subscriptions:
                told += len(subscription._kept)  # noqa: SLF001 - without waiting
                subscription._kept.clear()  # noqa: SLF001
    assert told >= WATCHERS * (ENDPOINTS + TICKS * CHANGES)
    best = min(took[1:])
    report(
        f"{ENDPOINTS} endpoints, {WATCHERS} watchers: comparing two lists",
        f"{best * 1000:.0f} ms",
        "50 ms of CPU",
        best,
        0.05,
    )


def requests_of_a_tick(*, total: bool) -> None:
    """Count the requests between two ticks of many watchers, in threads.

    Args:
        total: Whether lists tell how many there are. Without that, a full last page does not show that it is the last.
    """
    sim = Simulator(quirks=Quirks(omit_total=not total))
    for number in range(ENDPOINTS - 1):
        sim.add_endpoint(f"endpoint-{number}", replicas=0)
    first, wanted = sim.add_endpoint("first", replicas=0), ENDPOINTS + 1

    def watch() -> None:
        with client.serverless_endpoints.watch() as events:
            for seen, _ in enumerate(events, 1):
                if seen == wanted:
                    return

    def change() -> None:
        sim.clock.sleep(60)
        sim.set_endpoint_state(first, "updating")

    with sim.client() as client:
        gather(sim.clock, [*[watch] * WATCHERS, change])
    ticks = sum(entry.query.get("pageNum") == "1" for entry in sim.journal)
    each = len(sim.journal) / ticks
    pages = -(-ENDPOINTS // DEFAULT_PAGE_SIZE) + (not total)
    label = f"{ENDPOINTS} endpoints, {WATCHERS} watchers, lists with{'' if total else 'out'} a total: requests a tick"
    report(label, f"{each:.1f}", f"{pages} pages", each, pages)


def cold_start() -> None:
    """Count the calls from a deploy to an endpoint that serves."""
    timings = Timings(endpoint_creating=0, worker_pending=0, worker_creating=COLD_START, worker_ready=0)
    calls: list[int] = []
    for seed in range(20):
        sim = Simulator(seed=seed, timings=timings)
        with sim.client() as client:
            wait = partial(client.serverless_endpoints.wait, timeout=900)
            wait(client.serverless_endpoints.deploy("one", image="nginx", product_id="SL-serverless-3"))
        calls.append(sim.requests())
    most = max(calls)
    report(f"deploy to serving, {COLD_START / 60:.0f} min: calls", f"{most}", "40", most, 40)


def main() -> None:
    """Measure and print."""
    comparing()
    requests_of_a_tick(total=True)
    requests_of_a_tick(total=False)
    cold_start()


if __name__ == "__main__":
    main()
