"""A program that sets one field of an endpoint of a loopback server again and again, and prints what got lost.

python updating.py BASE_URL API_KEY STATE_PATH ENDPOINT_ID FIELD TIMES
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from operator import attrgetter
from pathlib import Path
from typing import Any

from novita_sdk import Endpoint, Novita
from novita_sdk.testing import ScaledClock

FIELDS = {"request_timeout": "worker_config.request_timeout", "rootfs_size": "rootfs_size"}
"""What is set, and where it is seen."""

FIRST = 200
LONGEST_PAUSE = 0.02  # real seconds between two updates, so that the processes meet in ever other ways


class QuickClock(ScaledClock):
    """Time that goes by quickly, and shows the same hour in every process: leases are about that."""

    def time(self) -> float:
        return time.time() * self.speed


def started(
    base_url: str, api_key: str, state_path: Path, endpoint_id: str, field: str, times: int
) -> subprocess.Popen[str]:
    """Start this program."""
    arguments = (base_url, api_key, str(state_path), endpoint_id, field, str(times))
    environment = {"PYTHONPATH": str(Path(__file__).parent.parent)}
    return subprocess.Popen(
        (sys.executable, __file__, *arguments), stdout=subprocess.PIPE, text=True, env=environment
    )


def seen(endpoint: Endpoint, field: str) -> Any:
    """The value of a field in a record."""
    return attrgetter(FIELDS[field])(endpoint)


def main(base_url: str, api_key: str, state_path: str, endpoint_id: str, field: str, times: str) -> None:
    """Update, and tell how often the value of the time before was not there any more."""
    clock, rng, lost = QuickClock(20), random.Random(field), 0
    arguments: dict[str, Any] = {"clock": clock, "rate_limits": {"public": None}}
    with Novita(api_key=api_key, base_url=base_url, state_path=state_path, **arguments) as client:
        for value in range(FIRST, FIRST + int(times)):
            changes: dict[str, Any] = {field: value}
            updated = client.serverless_endpoints.update(endpoint_id, **changes)
            lost += seen(updated, field) != value
            clock.sleep(rng.uniform(0, LONGEST_PAUSE) * clock.speed)
            lost += seen(client.serverless_endpoints.get(endpoint_id), field) != value
    sys.stdout.write(str(lost))


if __name__ == "__main__":
    main(*sys.argv[1:])
