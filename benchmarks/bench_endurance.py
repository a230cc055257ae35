"""A hundred thousand calls over the loopback: no growth of memory or open sockets; and a second client's cost."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections import deque
from pathlib import Path

from loopback import server
from measure import report, seconds

from novita_sdk import Novita

KEY = "bench-key-00000"


def _objects() -> int:
    gc.collect()
    return len(gc.get_objects())


def _resident() -> float:
    """Resident memory in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _sockets() -> int:
    descriptors = [path for path in Path("/proc/self/fd").iterdir() if path.is_symlink()]
    return sum(str(path.readlink()).startswith("socket:") for path in descriptors if path.exists())


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=100_000)
    calls = parser.parse_args([argument for argument in sys.argv[1:] if argument != "all"]).calls
    with server() as url, Novita(api_key=KEY, base_url=url, rate_limits={"public": None}) as client:
        for _ in range(1000):
            client.clusters.list().first()
        objects, resident, sockets = _objects(), _resident(), _sockets()
        took = seconds(lambda: deque((client.clusters.list().first() for _ in range(calls)), maxlen=0))
        rate = f"{calls} calls ({calls / took:.0f}/s)"
        more_objects, more_resident = _objects() - objects, _resident() - resident
        report(
            f"{rate}: Python objects, late minus early",
            str(objects + more_objects),
            str(objects),
            more_objects,
            50,
        )
        report(
            f"{rate}: resident memory, MB more",
            f"{(resident + more_resident):.1f} MB",
            f"{resident:.1f} MB",
            more_resident,
            2,
        )
        report(
            f"{rate}: open sockets, late minus early", str(_sockets()), str(sockets), _sockets() - sockets, 0
        )
        second = min(
            seconds(lambda: Novita(api_key=KEY, base_url="https://api.novita.ai").close()) for _ in range(20)
        )
        report("a second client in the process, ms", f"{second * 1e3:.2f} ms", "5 ms", second * 1e3, 5)


if __name__ == "__main__":
    main()
