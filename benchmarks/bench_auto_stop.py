"""One pass of AutoStop over ten thousand instances: processor time without decoding, and memory."""

from __future__ import annotations

import gc
import random
import time
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
from measure import report

from novita_sdk import Novita
from novita_sdk.lifecycle import AutoStop
from novita_sdk.models import BillingMode, Instance, InstanceStatus

KEY = "bench-key-00000"
MANY = 10_000
PAGE = 100


class Listed:
    """A list of instances that are decoded already."""

    complete = True

    def __init__(self, instances: list[Instance]) -> None:
        self._instances = instances

    def pages(self) -> Iterator[Any]:
        """Page through it."""
        for first in range(0, len(self._instances), PAGE):
            yield type("Page", (), {"items": self._instances[first : first + PAGE]})


class Rented:
    """The one thing that a pass over busy instances asks for."""

    def __init__(self, instances: list[Instance]) -> None:
        self._instances = instances

    def list(self, **_options: Any) -> Listed:
        """List them."""
        return Listed(self._instances)


def fleet() -> list[Instance]:
    """Machines that have run for hours."""
    rng, now = random.Random(1), datetime.now(UTC)
    return [
        Instance(
            id=f"{number:032x}",
            name=f"train-{number}",
            status=InstanceStatus.RUNNING,
            billing_mode=BillingMode.ON_DEMAND,
            last_started_at=now - timedelta(hours=rng.uniform(2, 200)),
        )
        for number in range(MANY)
    ]


def main() -> None:
    """Measure and print."""
    instances = fleet()
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    with Novita(api_key=KEY) as client:
        auto_stop = AutoStop(client, "train-*", startup_grace=0)
        auto_stop._parts = attrs.evolve(auto_stop._parts, instances=Rented(instances))  # noqa: SLF001 - no wire
        for instance in instances:
            auto_stop.touch(instance)
        auto_stop.check()
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        took: list[float] = []
        for _ in range(5):
            began = time.process_time()
            result = auto_stop.check()
            took.append(time.process_time() - began)
            assert (result.total_checked, result.stopped, result.skipped) == (MANY, 0, {"in_use": MANY})
    report(f"AutoStop, {MANY} instances: a pass, s of CPU", f"{min(took):.2f} s", "1 s", min(took), 1)
    held = (after - before) / 1e6
    report(f"AutoStop, {MANY} instances: memory, store included", f"{held:.1f} MB", "50 MB", held, 50)


if __name__ == "__main__":
    main()
