"""A first read loads only what a read needs: counted in modules, since a timed test would prove nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest

CODE = """
import sys
before = set(sys.modules)  # what measures coverage has loaded already
from novita_sdk import Novita
from novita_sdk._core.http import Response

class Memory:
    def send(self, request):
        return Response(200, {}, b'{"data": []}')
    def close(self):
        pass

with Novita(api_key="key-0123456789", transport=Memory()) as client:
    client.clusters.list().collect()
print(*set(sys.modules) - before)
"""


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    command = (sys.executable, "-I", "-c", CODE)
    return set(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())


@pytest.mark.parametrize(
    "module",
    [
        *("httpx", "cattrs", "anyio", "backoff", "html", "novita_sdk.testing"),
        *("novita_sdk._sync.lifecycle", "novita_sdk._sync.stores", "novita_sdk._sync.serverless"),
        *("novita_sdk._sync.webhooks", "novita_sdk._core.lifecycle", "novita_sdk._core.webhooks"),
        *("novita_sdk._core.hooks", "novita_sdk._core.stats", "novita_sdk._core.health"),
        *("novita_sdk._sync.writes", "novita_sdk._sync.settler", "novita_sdk._sync.layers.cache"),
        *("novita_sdk.models.instance", "novita_sdk.models.billing", "novita_sdk._core.operations.instances"),
        "novita_sdk._sync.resources.gpu_instances",
    ],
)
def test_a_first_read_does_not_load(loaded: set[str], module: str) -> None:
    assert module not in loaded


def test_a_first_read_loads_its_own_resource(loaded: set[str]) -> None:
    assert {"novita_sdk._sync.resources.clusters", "novita_sdk.models.cluster"} <= loaded
