"""Ctrl-C while several instances are being created in threads: nothing is left that costs money."""

from __future__ import annotations

import signal
import threading
from typing import NoReturn

import pytest

from novita_sdk._core.http import Request, Response
from novita_sdk.options import CallOptions
from novita_sdk.testing import Fault, Simulator


class Interrupting:
    """A transport during whose third create somebody presses Ctrl-C."""

    def __init__(self, simulator: Simulator) -> None:
        self._inner = simulator.transport()
        self._creates = 0
        self.noticed = threading.Event()

    def interrupt(self, *_: object) -> NoReturn:
        """Handle the signal."""
        self.noticed.set()
        raise KeyboardInterrupt

    def send(self, request: Request) -> Response:
        if request.url.endswith("instance/create"):
            self._creates += 1
            if self._creates == 3:
                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
                assert self.noticed.wait(60)
        return self._inner.send(request)

    def close(self) -> None:
        self._inner.close()


def test_an_interrupted_fleet_is_taken_back() -> None:
    simulator = Simulator(seed=1)
    simulator.faults.add(Fault("latency", operation="create_instance", seconds=1.0, times=None))
    transport = Interrupting(simulator)
    client = simulator.client(rate_limits={"public": None}, transport=transport)
    before = signal.signal(signal.SIGINT, transport.interrupt)
    try:
        with client, pytest.raises(KeyboardInterrupt) as caught:
            client.gpu_instances.create_many(
                100, product_id="4090.16c96g.v2", image_url="nginx", max_concurrency=2
            )
    finally:
        signal.signal(signal.SIGINT, before)
    assert "taken back" in "".join(caught.value.__notes__)
    assert simulator.requests("create_instance") < 100
    simulator.assert_no_leaks()


def test_a_create_that_outlasts_the_taking_back_is_told() -> None:
    simulator = Simulator(seed=1)
    simulator.faults.add(Fault("latency", operation="create_instance", seconds=300.0, after=2, times=None))
    transport = Interrupting(simulator)
    client = simulator.client(rate_limits={"public": None}, transport=transport)
    before = signal.signal(signal.SIGINT, transport.interrupt)
    try:
        with client, pytest.raises(KeyboardInterrupt) as caught:
            client.gpu_instances.create_many(
                4,
                product_id="4090.16c96g.v2",
                image_url="nginx",
                max_concurrency=1,
                operation_id="fleet-0001",
                options=CallOptions(timeout=500, total_timeout=600),
            )
        simulator.clock.sleep(600)  # so that its thread ends
    finally:
        signal.signal(signal.SIGINT, before)
    assert "2 of 4 created, 1 unknown, 2 taken back" in "".join(caught.value.__notes__)
