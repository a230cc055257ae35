"""Ctrl-C while several instances are being created in threads: nothing is left that costs money."""

from __future__ import annotations

import signal
import threading

import pytest

from novita_sdk._core.http import Request, Response
from novita_sdk.testing import Fault, Simulator


class Interrupting:
    """A transport during whose third create somebody presses Ctrl-C."""

    def __init__(self, simulator: Simulator) -> None:
        self._inner = simulator.transport()
        self._creates = 0

    def send(self, request: Request) -> Response:
        if request.url.endswith("instance/create"):
            self._creates += 1
            if self._creates == 3:
                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        return self._inner.send(request)

    def close(self) -> None:
        self._inner.close()


def test_an_interrupted_fleet_is_taken_back() -> None:
    simulator = Simulator(seed=1)
    simulator.faults.add(Fault("latency", operation="create_instance", seconds=1.0, times=None))
    client = simulator.client(rate_limits={"public": None}, transport=Interrupting(simulator))
    with client, pytest.raises(KeyboardInterrupt) as caught:
        client.gpu_instances.create_many(
            20, product_id="4090.16c96g.v2", image_url="nginx", max_concurrency=2
        )
    assert "taken back" in "".join(caught.value.__notes__)
    assert simulator.requests("create_instance") < 20
    simulator.assert_no_leaks()
