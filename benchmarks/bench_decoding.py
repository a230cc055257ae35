"""A list of 10,000 instances from bytes to models, and the memory it needs on the way.

The rival, another SDK of the same API, decodes with pydantic; both sides get the same bytes from a wire in memory.
"""

from __future__ import annotations

import gc
import json
import tracemalloc

import httpx
import novita
from bodies import instance_list
from measure import pairs, report, seconds

from novita_sdk import Novita
from novita_sdk.transports import Request, Response

COUNT = 10_000
ROUNDS = 5


class OneBody:
    """A transport that gives the same answer to everything."""

    def __init__(self, body: bytes) -> None:
        self.body = body

    def send(self, _request: Request) -> Response:
        """Answer."""
        return Response(200, {"content-type": "application/json"}, self.body)

    def close(self) -> None:
        """Nothing to close."""


def _peak(work: object) -> tuple[int, int]:
    gc.collect()
    tracemalloc.start()
    kept = work()  # type: ignore[operator]  # a function
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del kept
    return peak, held


def main() -> None:
    """Measure and print."""
    body = instance_list(COUNT)
    wire = httpx.MockTransport(lambda _: httpx.Response(200, content=body))
    rival = novita.NovitaClient(api_key="bench-key-00000")
    rival._client = httpx.Client(transport=wire, base_url="http://127.0.0.1:9")  # noqa: SLF001 - its only way in
    rival.gpu.instances._client = rival._client  # noqa: SLF001 - the same
    with Novita(api_key="bench-key-00000", transport=OneBody(body)) as client:

        def ours() -> float:
            return seconds(lambda: _checked(len(client.gpu_instances.list().collect())))

        def theirs() -> float:
            return seconds(lambda: _checked(len(rival.gpu.instances.list())))

        mine, other, ratio = pairs(ours, theirs, ROUNDS)
        report(
            f"{COUNT} instances, bytes to models: times faster than pydantic",
            f"{mine * 1e3:.0f} ms",
            f"{other * 1e3:.0f} ms",
            1 / ratio,
            1.2,
            more_is_better=True,
        )
        _, plain = _peak(lambda: json.loads(body))
        models, _ = _peak(lambda: client.gpu_instances.list().collect())
    report(
        f"{COUNT} instances: peak memory, against the decoded JSON",
        f"{models / 1e6:.1f} MB",
        f"{plain / 1e6:.1f} MB",
        models / plain,
        1.5,
    )


def _checked(count: int) -> None:
    assert count == COUNT


if __name__ == "__main__":
    main()
