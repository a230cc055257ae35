"""Below the resources: an operation that the SDK does not list, the layers, health, counters, the breaker.

Run it with `python examples/raw_calls.py`.
"""

from __future__ import annotations

import connect

from novita_sdk import APIStatusError, CircuitOpenError, Novita, ServerError
from novita_sdk.testing import Fault, Simulator


def main() -> None:
    """Print what every call passes, make raw calls, and look at the client's own state."""
    sim = connect.simulator()
    with connect.client(sim) as client:
        print(client.pipeline)
        raw_calls(client)
        if sim is not None:
            open_the_breaker(client, sim)
        show_state(client)


def raw_calls(client: Novita) -> None:
    """Call by method and path: retries, breaker, rate limit and errors are those of every other call."""
    answer = client.request("GET", "/gpu-instance/openapi/v1/clusters")
    print(f"\nraw answer: keys {sorted(answer)}, {len(answer['data'])} clusters")
    page = client.request("GET", "/gpu-instance/openapi/v1/templates", query={"pageNum": 1, "pageSize": 2})
    print(f"with a query: {len(page['template'])} of {page['total']} templates")
    try:
        client.request("GET", "/gpu-instance/openapi/v1/no/such/route")
    except APIStatusError as error:
        print(error.explain())


def open_the_breaker(client: Novita, sim: Simulator) -> None:
    """Let the simulated service fail for a while: after five failures in a row nothing is sent any more."""
    sim.faults.add(Fault("status", status=503, times=None))
    for _ in range(2):
        try:
            client.clusters.list().collect()
        except ServerError as error:
            print(
                f"\n{len(error.attempts)} attempts, then: {error.code}, retrying stopped by {error.retry_stopped}"
            )
        except CircuitOpenError as error:
            print(f"refused: {error.code}, again in {error.retry_after:.0f} s")
    show_state(client)
    sim.faults.clear()
    sim.clock.sleep(60)  # what "a minute later" costs on a virtual clock: nothing
    client.clusters.list().collect()
    print("a minute later a single probe is let through, and it succeeds")


def show_state(client: Novita) -> None:
    """Print health (asks each host once) and counters (asks nobody)."""
    health = client.health()
    print(f"\nhealth: {health.status}")
    for name, family in health.families.items():
        print(f"  {name}: {family.status}, breaker {family.breaker}, error {family.error}")
    for name, stats in client.stats().families.items():
        breaker = stats.breaker.state if stats.breaker else "off"
        print(f"  {name}: {stats.calls} calls, {stats.attempts} attempts, {stats.retries} retries, {breaker}")


if __name__ == "__main__":
    main()
