"""With a key, an example says that the cloud is real, and asks before it changes or pays for anything."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from novita_sdk.testing import Fault, LoopbackServer, ScaledClock, Simulator, serve
from tests.examples.conftest import EXAMPLES
from tests.examples.test_examples import run

ASKING = (
    "quickstart",
    "quickstart_async",
    "registry_auths",
    "rent",
    "start_and_wait",
    "templates",
    "networks_and_storage",
    "images_and_prewarms",
    "jobs",
    "blue_green_update",
    "deploy_from_specs",
)
NEEDING_AN_ENDPOINT = ("queue_100_jobs", "scale_on_a_schedule")
READING = (
    "auto_stop_nightly",
    "billing",
    "check_internal_jobs",
    "fleet_with_a_budget",
    "metrics",
    "products_and_clusters",
    "raw_calls",
)
REFUSED = 2


class _Terminal:
    """A standard input at which somebody sits, or not."""

    def __init__(self, *, present: bool) -> None:
        self.present = present

    def isatty(self) -> bool:
        return self.present


@pytest.fixture
def real_cloud(monkeypatch: pytest.MonkeyPatch, examples: Path) -> Simulator:
    """Let the examples take a simulator for the real cloud."""
    import connect

    sim = Simulator(seed=7)
    monkeypatch.setenv("NOVITA_API_KEY", sim.api_key)
    monkeypatch.setattr(connect, "Novita", sim.client)
    monkeypatch.setattr(connect, "AsyncNovita", sim.async_client)
    return sim


def answer(monkeypatch: pytest.MonkeyPatch, text: str) -> list[str]:
    """Sit somebody at the terminal who answers `text`; return the questions that were asked."""
    questions: list[str] = []

    def reply(question: str) -> str:
        questions.append(question)
        return text

    monkeypatch.setattr(sys, "stdin", _Terminal(present=True))
    monkeypatch.setattr("builtins.input", reply)
    return questions


@pytest.fixture
def loopback() -> Iterator[LoopbackServer]:
    with serve(Simulator(clock=ScaledClock(60))) as server:
        yield server


@pytest.mark.parametrize("name", ASKING + NEEDING_AN_ENDPOINT)
def test_without_a_terminal_nothing_is_sent(
    name: str, monkeypatch: pytest.MonkeyPatch, real_cloud: Simulator
) -> None:
    monkeypatch.setattr(sys, "stdin", _Terminal(present=False))
    assert run(EXAMPLES / f"{name}.py") == REFUSED
    assert real_cloud.requests() == 0


def test_the_demonstration_as_a_command_sends_nothing_without_a_terminal(loopback: LoopbackServer) -> None:
    environment = os.environ | {
        "NOVITA_API_KEY": loopback.simulator.api_key,
        "NOVITA_API_BASE_URL": loopback.base_url,
    }
    outcome = subprocess.run(
        [sys.executable, str(EXAMPLES / "quickstart.py")],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == REFUSED
    assert outcome.stdout.startswith("real cloud")
    assert "Nothing was sent" in outcome.stderr
    assert loopback.simulator.requests() == 0


@pytest.mark.parametrize("name", ASKING)
def test_a_no_changes_nothing(name: str, monkeypatch: pytest.MonkeyPatch, real_cloud: Simulator) -> None:
    questions = answer(monkeypatch, "no")
    assert run(EXAMPLES / f"{name}.py") == REFUSED
    assert len(questions) == 1
    assert [entry.operation for entry in real_cloud.journal if entry.method != "GET"] == []


@pytest.mark.parametrize("name", ASKING)
def test_a_yes_runs_the_example_and_leaves_nothing_behind(
    name: str, monkeypatch: pytest.MonkeyPatch, real_cloud: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(monkeypatch, " YES ")
    assert run(EXAMPLES / f"{name}.py") == 0
    real_cloud.assert_no_leaks()
    assert capsys.readouterr().out.startswith("real cloud")


@pytest.mark.parametrize("name", ["quickstart", "quickstart_async"])
def test_the_question_names_product_and_price(
    name: str, monkeypatch: pytest.MonkeyPatch, real_cloud: Simulator
) -> None:
    questions = answer(monkeypatch, "y")
    run(EXAMPLES / f"{name}.py")
    assert questions == ["Rent one RTX 3090 24GB at 0.22000 USD an hour, until it has started? [yes/no] "]
    assert real_cloud.requests("create_instance") == 1


@pytest.mark.parametrize("name", READING)
def test_an_example_that_only_reads_does_not_ask(
    name: str, monkeypatch: pytest.MonkeyPatch, real_cloud: Simulator
) -> None:
    monkeypatch.setattr(sys, "stdin", _Terminal(present=False))
    assert run(EXAMPLES / f"{name}.py") == 0
    assert real_cloud.requests() > 0
    assert {entry.method for entry in real_cloud.journal} == {"GET"}


@pytest.mark.parametrize("name", ["quickstart", "quickstart_async"])
def test_what_was_rented_is_given_back_when_the_wait_fails(
    name: str, monkeypatch: pytest.MonkeyPatch, real_cloud: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(monkeypatch, "yes")
    real_cloud.fail_next("boot")
    assert run(EXAMPLES / f"{name}.py") == 1
    real_cloud.assert_no_leaks()
    assert "is pulling, status_error" in capsys.readouterr().err


def test_the_check_of_the_job_hosts_explains_what_went_wrong(
    real_cloud: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    real_cloud.faults.add(Fault("status", status=503, times=None))
    assert run(EXAMPLES / "check_internal_jobs.py") == 1
    printed = capsys.readouterr()
    assert "internal host https://api-server.novita.ai, key present: yes" in printed.out
    assert "operation: list_jobs" in printed.err


def test_the_check_of_the_job_hosts_says_which_key_is_missing(
    monkeypatch: pytest.MonkeyPatch, real_cloud: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    import connect

    monkeypatch.setattr(connect, "Novita", lambda: real_cloud.client(internal_api_key=None))
    assert run(EXAMPLES / "check_internal_jobs.py") == 0
    printed = capsys.readouterr().out
    assert "internal host https://api-server.novita.ai, key present: no" in printed
    assert "total 0, source public, fallback reason no_internal_key" in printed
