"""Watch what a client does, and change it: hooks, middleware, logging.

Run it with `python examples/middleware_and_hooks.py`.

It always runs on a simulated cloud, because it makes things go wrong on purpose.
"""

from __future__ import annotations

import logging
import sys

from novita_sdk import JsonLogFormatter
from novita_sdk.middleware import CallNext
from novita_sdk.observation import CallEnd, CallStart, Hooks, Retry
from novita_sdk.testing import Fault, Simulator
from novita_sdk.transports import Request, Response


class Diary(Hooks):
    """Hooks are told what happens and change nothing; override what interests you."""

    def on_call_start(self, event: CallStart) -> None:
        """A call begins."""
        print(f"{event.operation} begins")

    def on_retry(self, event: Retry) -> None:
        """A call will be sent again."""
        print(f"  attempt {event.attempt} failed ({event.reason}), again in {event.delay:.1f} s")

    def on_call_end(self, event: CallEnd) -> None:
        """A call ended."""
        print(f"{event.operation} ended after {event.attempts} attempts: {event.error or 'ok'}")


def add_team(request: Request, call_next: CallNext) -> Response:
    """Middleware around a call or an attempt: pass a changed request on."""
    return call_next(request.evolve(headers={**request.headers, "X-Team": "vision"}))


def show_status(request: Request, call_next: CallNext) -> Response:
    """Around each attempt, also an answer with an error status is a value."""
    response = call_next(request)
    print(f"  {request.method} {request.operation}: {response.status}, {len(response.body)} bytes")
    return response


def main() -> None:
    """Make one call that fails once."""
    print("simulated: nothing is sent and nothing is billed")
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLogFormatter())
    logger = logging.getLogger("novita_sdk")
    logger.addHandler(handler)
    sim = Simulator(seed=7)
    sim.faults.add(Fault("status", "list_clusters", status=503))
    try:
        with sim.client(
            hooks=[Diary()], middleware=[add_team], attempt_middleware=[show_status], app="example/1.0"
        ) as client:
            client.clusters.list().collect()
    finally:
        logger.removeHandler(handler)
    print(f"the service saw X-Team: {sim.journal[0].headers['x-team']}")


if __name__ == "__main__":
    main()
