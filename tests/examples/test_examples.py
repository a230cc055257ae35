"""Every example runs on the simulated cloud, says so, leaves nothing behind, and shows no secret."""

from __future__ import annotations

import ast
import os
import runpy
import subprocess
import sys
import time
from pathlib import Path

import anyio
import pytest

from novita_sdk import Secret
from tests.examples.conftest import EXAMPLES

SCRIPTS = sorted(
    path
    for path in EXAMPLES.glob("*.py")
    if path.stem not in {"connect", "serving", "testing_with_the_simulator"}
)
DEMO_SECONDS = 10.0

EXPECTED = {
    "auto_stop_nightly": (
        "dry run: 2 checked, 1 idle, 0 stopped",
        "check: 2 checked, 1 idle, 1 stopped",
        "keep, in_use",
        "keep, tag_off",
        "no network volume is mounted",
    ),
    "billing": ("available ", "GPU usage: RTX 3090 24GB: "),
    "cheapest_product": (
        "any GPU, the lowest price: RTX 3090 24GB",
        "for one cent: CN-HK-01 over_max_price",
        "US-CA-06 is sold out: fell back to AS-SGP-02",
        "created ",
        "still there: False",
    ),
    "check_internal_jobs": (
        "internal host https://api-server.novita.ai, key present: yes",
        "total 1, source internal",
        "first job: ",
    ),
    "blue_green_update": (
        "in service: shop-blue",
        "in service now: shop-green",
        "a small change in place",
        "rolled back: shop-blue stays in service",
        "nothing is left billing",
    ),
    "deploy_from_specs": (
        "spec one-5090: 1 x",
        "to be sent: ",
        "1 of 1 workers ready",
        "it answered 200",
        "nothing is left billing",
    ),
    "queue_100_jobs": ("workers: {'ready': 10", "97 COMPLETED", "3 FAILED"),
    "scale_on_a_schedule": (
        "00:00 (0, 1) (before (4, 4), 3 drained)",
        "04:00 (0, 1) (unchanged, 0 drained)",
        "08:00 (2, 4)",
    ),
    "fleet_with_a_budget": (
        "4 of 4 created",
        "together 0.",
        "of 5.0000 USD spent (106%)",
        "stopped 4",
        "nothing is left",
    ),
    "health_check": ("and it answers", "healthy:", "http 80: up", "ssh 22: up"),
    "inventory_sync": ("1 synchronized (1 new, 0 changed)", "web: both", "1 gone", "last sync: "),
    "migration_checker": (
        "1 moved",
        "1 made anew",
        "train-r1 has taken its place",
        "nothing is left billing",
    ),
    "images_and_prewarms": ("quota: ", "'a better note'", "deleted"),
    "jobs": ("ended: success", "cancelled: break", "asked: internal"),
    "metrics": ("gpu 0: 93.0",),
    "middleware_and_hooks": ("list_clusters ended after 2 attempts: ok", "saw X-Team: vision"),
    "monitor": (
        "appeared: running",
        "idle for: 15 min",
        "USD so far, 0.2200 USD per hour",
        "exited (was running)",
        "gone: removed",
    ),
    "networks_and_storage": ("-renamed: ", ": 20 GB, ", "nothing is left billing"),
    "products_and_clusters": ("clusters:", "GPUs, per card and hour:", "CPUs, per hour:"),
    "quickstart": ("and it answers", "cost so far: 0.", "given back", "nothing is left billing"),
    "quickstart_async": ("and it answers", "cost so far: 0.", "given back", "nothing is left billing"),
    "raw_calls": ("raw answer: keys ['data']", "CIRCUIT_BREAKER_OPEN", "health: down", "breaker half_open"),
    "rent": (
        "ends by itself at",
        "cost so far: 0.",
        "given back",
        "ended by its max_lifetime",
        "nothing is left billing",
    ),
    "registry_auths": ("robot, [REDACTED]", "REGISTRY_AUTH_NOT_FOUND"),
    "resume_after_a_crash": (
        "was killed between its request and the answer",
        "found by its mark",
        "returns the same instance: True",
        "creates that the cloud got: 1",
        "nothing is left billing",
    ),
    "start_and_wait": ("toStart after", "waiting for it to answer", "s ready", "is gone"),
    "webhook_outbox": (
        "7 messages wait",
        "received 3: instance.startup.completed",
        "received 2: instance.deleted",
        "0 messages wait, 0 were given up",
    ),
    "webhook_receiver": ("handled: inst-1 is ready", "accepted 1, duplicates 1"),
    "webhook_receiver_mounted": ("the page says: inst-1 ready, inst-2 stopped",),
    "watch_endpoints": (
        "worker_failed: crash it wanted more than 24 GB",
        "advice: read the container's log",
        "the function was told of 7 events",
        "shop has 2 ready workers",
    ),
    "templates": ("readme ''", "root disk 80 GB", "deleted"),
}
"""Words that tell that an example did what it is there for."""


def run(path: Path) -> int:
    """Run an example as a script and return its exit status."""
    try:
        runpy.run_path(str(path), run_name="__main__")
    except SystemExit as end:
        return int(end.code or 0)
    return 0


@pytest.mark.usefixtures("examples")
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_an_example_does_what_it_is_there_for(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(script) == 0
    printed = capsys.readouterr().out
    assert "simulated" in printed.splitlines()[0]
    assert [words for words in EXPECTED[script.stem] if words not in printed] == []


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Collect every secret that the SDK gets hold of: keys, passwords that it sends, and those that it reads."""
    found: set[str] = set()
    make = Secret.__init__

    def remember(secret: Secret, value: str) -> None:
        make(secret, value)
        found.add(value)

    monkeypatch.setattr(Secret, "__init__", remember)
    return found


@pytest.mark.usefixtures("examples")
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_an_example_prints_no_secret(
    script: Path, secrets: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    run(script)
    printed = "".join(capsys.readouterr())
    assert secrets
    assert [secret for secret in secrets - {""} if secret in printed] == []


def test_the_examples_for_tests_are_themselves_good_tests(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    outcome = subprocess.run(
        [*command, str(EXAMPLES / "testing_with_the_simulator.py")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert "5 passed" in outcome.stdout


def test_the_demonstration_is_quick_and_says_first_that_it_is_simulated(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NOVITA_")}
    began = time.monotonic()
    outcome = subprocess.run(
        [sys.executable, str(EXAMPLES / "quickstart.py")],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert time.monotonic() - began < DEMO_SECONDS
    assert outcome.stdout.startswith("simulated")
    assert list(tmp_path.iterdir()) == []


def test_the_asynchronous_quickstart_runs_on_trio_too(
    examples: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import quickstart_async

    assert anyio.run(quickstart_async.main, backend="trio") == 0
    assert "nothing is left billing" in capsys.readouterr().out


def test_every_example_says_how_to_run_it() -> None:
    silent = [
        path.name
        for path in EXAMPLES.glob("*.py")
        if path.stem != "connect" and path.name not in (ast.get_docstring(ast.parse(path.read_text())) or "")
    ]
    assert silent == []
