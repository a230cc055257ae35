"""Keep more workers by day than by night, and nobody is cut off when their number falls.

    python examples/scale_on_a_schedule.py

Run `apply` from cron or a job engine; run twice it changes nothing. Without NOVITA_API_KEY it runs on a simulated
cloud. With it, it asks before it changes anything.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

import connect

from novita_sdk import DrainTimeoutError, Novita, NovitaError
from novita_sdk.testing import Simulator

NAME = "schedule-example"


class Shift(NamedTuple):
    """From when on how many workers are kept."""

    begins: time
    min_replicas: int
    max_replicas: int


SHIFTS = (Shift(time(0), 0, 1), Shift(time(8), 2, 4), Shift(time(20), 1, 2))


def shift_at(now: datetime) -> Shift:
    """Return the shift at a time of the day."""
    return max(shift for shift in SHIFTS if shift.begins <= now.time())


def apply(client: Novita, name: str, now: datetime) -> None:
    """Bring an endpoint to the bounds of its shift; workers at work may end what they do."""
    shift = shift_at(now)
    try:
        result = client.serverless_endpoints.scale(
            name, min_replicas=shift.min_replicas, max_replicas=shift.max_replicas, drain="idle"
        )
    except DrainTimeoutError as error:
        print(f"{now:%H:%M} still at work: {', '.join(error.worker_ids)}; the bounds are as before")
        return
    change = "unchanged" if result.before == result.after else f"before {tuple(result.before)}"
    print(f"{now:%H:%M} {tuple(result.after)} ({change}, {len(result.drained)} drained)")


def a_day(client: Novita, sim: Simulator) -> None:
    """Let a simulated day go by, with a look every four hours."""
    midnight = datetime(2026, 1, 1, tzinfo=UTC)
    for hour in range(0, 28, 4):
        apply(client, NAME, midnight + timedelta(hours=hour))
        sim.clock.sleep(4 * 3600)


def main() -> int:
    """Run the example and return its exit status."""
    sim = connect.simulator(needs_consent=True)
    with connect.client(sim) as client:
        try:
            if sim is None:
                connect.ask(sim, f"Set the bounds of the endpoint {NAME!r}?")
                apply(client, NAME, datetime.now(UTC))
            else:
                sim.add_endpoint(NAME, replicas=4)
                a_day(client, sim)
                client.serverless_endpoints.delete(NAME)
                sim.assert_no_leaks()
        except NovitaError as error:
            print(error.explain(), file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
