"""Every benchmark in turn, each in a process of its own; ends with status 1 if a goal is missed.

python benchmarks/run.py              all of them
python benchmarks/run.py import ...   some of them: bench_<name>.py
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
NAMES = (
    "auto_stop",
    "polling",
    "import",
    "cold_call",
    "per_call",
    "concurrency",
    "decoding",
    "endpoint_watch",
    "endurance",
    "webhook_verify",
    "outbox",
    "lost_replies",
)


def main() -> int:
    """Run them; return the exit status."""
    missed = False
    print(f"{'what':<58} {'ours':>14} {'rival':>22}   {'figure':>8}    goal", flush=True)
    for name in sys.argv[1:] or NAMES:
        command = [sys.executable, str(HERE / f"bench_{name}.py")]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        print(done.stdout, end="", flush=True)
        missed = missed or done.returncode != 0 or "MISSED" in done.stdout
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
