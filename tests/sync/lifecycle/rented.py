# Generated from tests/aio/lifecycle/rented.py by tools/unasync.py; edit the source.
"""A simulated instance that has begun to run just now, for tests of what answers at its ports."""

from __future__ import annotations

from types import TracebackType
from typing import Any

from novita_sdk._sync.client import Novita
from novita_sdk.models.instance import Instance
from novita_sdk.testing import Simulator, Timings

INSTANT: dict[str, Any] = {"to_create": 0, "creating": 0, "pulling": 0, "serving": 5}


class Rented:
    """A cloud, its client, and an instance with these ports, whose programs answer 5 s after it is entered.

    Args:
        ports: What it exposes.
    """

    def __init__(self, *ports: str) -> None:
        self._ports = list(ports)
        self._simulator = Simulator(seed=1, timings=Timings(**INSTANT))
        self._client = self._simulator.client()

    def __enter__(self) -> tuple[Simulator, Novita, Instance]:
        self._client.__enter__()
        created = self._client.gpu_instances.create(
            product_id="4090.16c96g.v2", image_url="nginx", ports=self._ports
        )
        return self._simulator, self._client, self._client.gpu_instances.get(created.id)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._client.__exit__(kind, error, traceback)
