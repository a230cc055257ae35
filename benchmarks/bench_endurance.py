"""A hundred thousand calls over the loopback: no growth of memory or open sockets; and a second client's cost."""

from __future__ import annotations

import argparse
import gc
import os
import sys
import tracemalloc

from loopback import server
from measure import report, seconds

from novita_sdk import Novita

KEY = "bench-key-00000"


def _sockets() -> int:
    return sum(os.readlink(f"/proc/self/fd/{name}").startswith("socket:") for name in _descriptors())


def _descriptors() -> list[str]:
    return [name for name in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{name}")]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=100_000)
    calls = parser.parse_args([argument for argument in sys.argv[1:] if argument != "all"]).calls
    with server() as url, Novita(api_key=KEY, base_url=url, rate_limits={"public": None}) as client:
        for _ in range(1000):
            client.clusters.list().first()
        gc.collect()
        tracemalloc.start()
        for _ in range(1000):
            client.clusters.list().first()
        gc.collect()
        early, sockets = tracemalloc.get_traced_memory()[0], _sockets()
        tracemalloc.stop()
        took = seconds(lambda: [client.clusters.list().first() for _ in range(calls)])
        tracemalloc.start()
        for _ in range(1000):
            client.clusters.list().first()
        gc.collect()
        late = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        report(
            f"{calls} calls ({calls / took:.0f}/s): kB held after 1,000, late minus early",
            f"{late / 1e3:.1f} kB",
            f"{early / 1e3:.1f} kB",
            (late - early) / 1e3,
            16,
        )
        report("open sockets, late minus early", str(_sockets()), str(sockets), _sockets() - sockets, 0)
        second = min(
            seconds(lambda: Novita(api_key=KEY, base_url="https://api.novita.ai").close()) for _ in range(20)
        )
        report("a second client in the process, ms", f"{second * 1e3:.2f} ms", "5 ms", second * 1e3, 5)


if __name__ == "__main__":
    main()
