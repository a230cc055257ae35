"""The first call of a cold process: import, client, one GET over the loopback; against bare httpx."""

from __future__ import annotations

import tempfile

from loopback import server
from measure import interpreter, pairs, report

ROUNDS = 15

OURS = """
from novita_sdk import Novita
with Novita(api_key="bench-key-00000", base_url={url!r}) as client:
    assert client.clusters.list().first().id == "1"
"""
BARE = """
import httpx
with httpx.Client() as client:
    answer = client.get({url!r} + "/gpu-instance/openapi/v1/clusters", headers={{"Authorization": "Bearer x"}})
    assert answer.json()["data"][0]["id"] == "1"
"""


def main() -> None:
    """Measure and print."""
    with server() as url, tempfile.TemporaryDirectory() as cache:
        ours, bare, ratio = pairs(
            lambda: interpreter(OURS.format(url=url), cache),
            lambda: interpreter(BARE.format(url=url), cache),
            ROUNDS,
        )
    report(
        "first call of a cold process, against bare httpx",
        f"{ours * 1e3:.0f} ms",
        f"{bare * 1e3:.0f} ms",
        ratio,
        1.15,
    )


if __name__ == "__main__":
    main()
