"""The pytest plugin: free until a fixture is used, then a whole cloud."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

TESTS = """
import sys

def test_nothing_is_loaded_before():
    loaded = [name for name in sys.modules if name == "httpx" or name.startswith("novita_sdk.testing.")]
    assert loaded == ["novita_sdk.testing.pytest_plugin"]
    assert "novita_sdk.errors" not in sys.modules

def test_the_client_talks_to_the_simulator(novita_client, novita_simulator):
    assert novita_client.clusters.list().collect()
    assert novita_simulator.requests("list_clusters") == 1

def test_each_test_has_a_cloud_of_its_own(novita_simulator):
    assert novita_simulator.requests() == 0

def test_the_asynchronous_client_talks_to_the_simulator(async_novita_client, novita_simulator):
    import asyncio

    async def run():
        return await async_novita_client.clusters.list().collect()

    assert asyncio.run(run())
    assert novita_simulator.requests("list_clusters") == 1
"""


def test_the_fixtures_work_and_cost_nothing_unused(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(TESTS)
    command = [
        sys.executable, "-m", "pytest", "-q", "-W", "error", "--rootdir", str(tmp_path), str(tmp_path),
        "-p", "no:cacheprovider", "-p", "novita_sdk.testing.pytest_plugin",
    ]  # fmt: skip
    # Where the package is installed its plugin would be loaded a second time, by its entry point.
    environment = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stdout
    assert "4 passed" in done.stdout
