"""One call through the full pipeline, decoded, against `httpx.Client.get(...).json()` of the same body.

Both sides end at the same place, `httpx.HTTPTransport.handle_request`, which is replaced by one that answers from
memory, so that neither side is helped by a faster wire.
"""

from __future__ import annotations

import json

import httpx
from bodies import instance
from measure import pairs, report, seconds

from novita_sdk import Novita

CALLS = 1000
ROUNDS = 11

BODY = json.dumps(instance(1)).encode()
HEADERS = [(b"content-type", b"application/json"), (b"content-length", str(len(BODY)).encode())]


def _answer(_self: httpx.HTTPTransport, _request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, headers=HEADERS, stream=httpx.ByteStream(BODY))


def main() -> None:
    """Measure and print."""
    original, httpx.HTTPTransport.handle_request = httpx.HTTPTransport.handle_request, _answer
    try:
        base = "http://127.0.0.1:9"
        with (
            Novita(api_key="bench-key-00000", base_url=base, rate_limits={"public": None}) as client,
            httpx.Client(base_url=base, headers={"Authorization": "Bearer x"}) as bare,
        ):

            def ours() -> float:
                return seconds(lambda: [client.gpu_instances.get("i-1") for _ in range(CALLS)])

            def rival() -> float:
                path, query = "/gpu-instance/openapi/v1/gpu/instance", {"instanceId": "i-1"}
                return seconds(lambda: [bare.get(path, params=query).json() for _ in range(CALLS)])

            mine, theirs, ratio = pairs(ours, rival, ROUNDS)
    finally:
        httpx.HTTPTransport.handle_request = original
    report(
        "one call, full pipeline and model, against httpx .get().json()",
        f"{mine / CALLS * 1e6:.0f} us",
        f"{theirs / CALLS * 1e6:.0f} us",
        ratio,
        1.0,
    )


if __name__ == "__main__":
    main()
