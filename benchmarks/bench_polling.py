"""What waiting costs: requests of many waits together, and how late a boot is noticed. On virtual time."""

from __future__ import annotations

import math
import random
import statistics
from functools import partial

from measure import report

from novita_sdk._concurrency.threads import gather
from novita_sdk._core.lifecycle.poll_schedule import PollSchedule
from novita_sdk.testing import Simulator, VirtualClock
from novita_sdk.testing.cloud.settings import Timings

WAITS = 500
BOOTS = 1000
PAGE = 100
SHORTEST, LONGEST = 30.0, 25 * 60.0  # seconds that a boot takes
FIXED = 10.0  # seconds between two polls of the rival
LATE = 600.0  # seconds from which on a boot counts as a long one


def many_waits() -> None:
    """Wait for many instances at once, and count the requests."""
    clock = VirtualClock()
    sim = Simulator(seed=3, clock=clock, timings=Timings(pulling=(240, 300)))
    with sim.client(rate_limit=10000) as client:
        product = next(found for found in client.products.list() if found.available_deploy)
        sim.set_stock(product.id, None)
        ids = [client.gpu_instances.create(product_id=product.id, image_url="nginx").id for _ in range(WAITS)]
        before, began = len(sim.journal), clock.monotonic()
        gather(clock, [partial(client.gpu_instances.wait, wanted) for wanted in ids])
        seconds = clock.monotonic() - began
    entries = list(sim.journal)[before:]
    lists = [entry for entry in entries if entry.operation == "list_instances"]
    starts = [entry for entry in lists if entry.query.get("pageNum", "1") == "1"]
    ticks = len(starts)
    alone = WAITS * len(_polls(seconds, FIXED))
    report(
        f"waiting for {WAITS} instances at once: list calls a tick",
        f"{len(lists)} / {ticks}",
        f"{math.ceil(WAITS / PAGE)} pages",
        len(lists) / ticks,
        math.ceil(WAITS / PAGE),
    )
    report(
        f"waiting for {WAITS} instances at once: requests, against one wait each",
        f"{len(entries)}",
        f"{alone}",
        len(entries) / alone,
        1 / 50,
    )


def _polls(boot: float, fixed: float | None, rng: random.Random | None = None) -> list[float]:
    """Return when a wait polls until it notices a boot."""
    schedule = PollSchedule(began=0.0, until=None, longest=30.0, fixed=fixed)
    polls = [0.0]
    while polls[-1] < boot:
        swing = 1.0 if rng is None else rng.uniform(0.9, 1.1)
        due = schedule.next_poll(polls[-1], swing)
        assert due is not None
        polls.append(due)
    return polls


def adaptive_polls() -> None:
    """Compare the schedule with a fixed pause, over boots between half a minute and 25 minutes."""
    rng = random.Random(7)
    boots = [rng.uniform(SHORTEST, LONGEST) for _ in range(BOOTS)]
    ours = [_polls(boot, None, rng) for boot in boots]
    theirs = [_polls(boot, FIXED) for boot in boots]
    lags = [polls[-1] - boot for polls, boot in zip(ours, boots, strict=True)]
    excess = statistics.median(lag / max(5.0, 0.08 * boot) for lag, boot in zip(lags, boots, strict=True))
    rival = statistics.median(polls[-1] - boot for polls, boot in zip(theirs, boots, strict=True))
    report(
        f"{BOOTS} boots: median lag, against max(5 s, 8 % of the boot)",
        f"{statistics.median(lags):.1f} s",
        f"{rival:.1f} s every {FIXED:.0f} s",
        excess,
        1.0,
    )
    long = [index for index, boot in enumerate(boots) if boot > LATE]
    mine, other = (sum(len(polls[index]) for index in long) for polls in (ours, theirs))
    report(
        f"boots over {LATE / 60:.0f} min: polls, against one every {FIXED:.0f} s",
        f"{mine}",
        f"{other}",
        mine / other,
        0.6,
    )
    print()
    print(f"{'boot':>10} {'boots':>6} {'median lag':>11} {'longest lag':>12} {'polls':>7} {'fixed':>7}")
    for low, high in ((30, 60), (60, 180), (180, 300), (300, 600), (600, 1500)):
        some = [index for index, boot in enumerate(boots) if low <= boot < high]
        print(
            f"{low:>4}-{high:<5} {len(some):>6} {statistics.median(lags[i] for i in some):>9.1f} s"
            f" {max(lags[i] for i in some):>10.1f} s {statistics.mean(len(ours[i]) for i in some):>7.1f}"
            f" {statistics.mean(len(theirs[i]) for i in some):>7.1f}"
        )


def main() -> None:
    """Measure and print."""
    many_waits()
    adaptive_polls()


if __name__ == "__main__":
    main()
