"""Many simulated creates of which some lose their answer: how many are rented twice, or lost for good.

    python benchmarks/bench_lost_replies.py [CREATES]

Of the answers 2 % are lost; 60 % of these creates were carried out and are listed after a random delay, whose median
is 1 s and of which one in a hundred is over 16 s. There is no rival: a plain retry would rent the 60 % twice.
"""

from __future__ import annotations

import itertools
import json
import math
import random
import sys
import time
from urllib.parse import parse_qs, urlsplit

from measure import report

from novita_sdk import APIConnectionError, Instance, Novita, OutcomeUnknownError
from novita_sdk.stores import MemoryStore
from novita_sdk.testing import VirtualClock
from novita_sdk.transports import Request, Response

CREATES = 100_000
LOST = 0.02
CARRIED_OUT = 0.6
MEDIAN_DELAY = 1.0  # seconds
SPREAD = math.log(16) / 2.326  # of a lognormal delay of which 1 % is over 16 s


class Cloud:
    """A transport that rents, forgets to answer now and then, and lists what it made some time later."""

    def __init__(self, clock: VirtualClock, seed: int) -> None:
        self.clock = clock
        self.made: dict[str, dict[str, object]] = {}
        self.shown_at: dict[str, float] = {}
        self.posts = 0
        self.rented = 0
        self._random = random.Random(seed)
        self._numbers = itertools.count(1)

    def send(self, request: Request) -> Response:
        """Answer one request."""
        path = urlsplit(request.url)
        if request.method == "POST" and path.path.endswith("/create"):
            return self._create(json.loads(request.body or b"{}"))
        if path.path.endswith("/instances"):
            now = self.clock.monotonic()
            rows = [one for key, one in self.made.items() if self.shown_at[key] <= now]
            return _answer({"instances": rows if "pageNum=1" in path.query else [], "total": len(rows)})
        return _answer(self.made[parse_qs(path.query)["instanceId"][0]])

    def _create(self, body: dict[str, object]) -> Response:
        self.posts += 1
        lost = self._random.random() < LOST
        if lost and self._random.random() >= CARRIED_OUT:
            raise APIConnectionError("reset", phase="read", reached_server=None)
        self.rented += 1
        key = f"i-{next(self._numbers)}"
        delay = self._random.lognormvariate(math.log(MEDIAN_DELAY), SPREAD)
        self.made[key] = {"id": key, "status": "running", "envs": body["envs"]}
        self.shown_at[key] = self.clock.monotonic() + delay
        if lost:
            raise APIConnectionError("reset", phase="read", reached_server=None)
        return _answer({"id": key})

    def close(self) -> None:
        """Close nothing."""


def _answer(body: object) -> Response:
    return Response(200, {"content-type": "application/json"}, json.dumps(body).encode())


def main() -> None:
    """Rent, give back, and count what went wrong."""
    creates = int(sys.argv[1]) if len(sys.argv) > 1 else CREATES
    clock = VirtualClock()
    cloud = Cloud(clock, seed=1)
    unknown: list[OutcomeUnknownError] = []
    adopted = 0
    began = time.perf_counter()
    client = Novita(
        api_key="bench-key-00000",
        transport=cloud,
        clock=clock,
        store=MemoryStore(clock=clock),
        rate_limits={"public": None},
        breakers={"public": None},
        rng=random.Random(2),
    )
    for _ in range(creates):
        try:
            created = client.gpu_instances.create(product_id="p-1", image_url="nginx")
        except OutcomeUnknownError as error:
            unknown.append(error)
        else:
            adopted += created.adopted
            del cloud.made[created.id]  # given back: what is left was returned to nobody
    took = time.perf_counter() - began
    clock.advance(600)
    late = [found for error in unknown if isinstance(found := error.reconcile(timeout=0), Instance)]
    silent = len(cloud.made.keys() - {found.id for found in late})
    print(
        f"{creates} creates in {took:.1f} s: {cloud.rented} rented, {adopted} adopted, "
        f"{len(unknown)} unknown, of which {len(late)} were found later"
    )
    report("instances rented twice", str(cloud.posts - creates), "-", cloud.posts - creates, 0)
    report("instances that nobody was told of", str(silent), "-", silent, 0)
    share = 10_000 * len(late) / creates
    report("of 10,000 creates, found only later", f"{share:.2f}", "-", share, max(1.0, 10_000 / creates))


if __name__ == "__main__":
    main()
