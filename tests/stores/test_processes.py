"""Several processes on one file, some of them killed: nothing accepted is lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
SEEDS = int(os.environ.get("SEEDS", "50"))


def run(script: str, *arguments: object) -> Any:
    """Run a script beside this file and return what it prints."""
    command = (sys.executable, str(HERE / script), *(str(argument) for argument in arguments))
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent.parent)}
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_kill_at_any_moment_loses_no_accepted_write(tmp_path: Path) -> None:
    result = run("killing.py", "writers", tmp_path / "state.db", 12, 1)
    assert result["accepted"] > 0
    assert result["lost"] == []


@pytest.mark.seeds
def test_many_kills_lose_no_accepted_write(tmp_path: Path) -> None:
    result = run("killing.py", "writers", tmp_path / "state.db", SEEDS // 2, 2)
    assert result["accepted"] > 0
    assert result["lost"] == []


@pytest.mark.seeds
@pytest.mark.case("K-02")
def test_four_processes_and_nine_kills_deliver_every_item(tmp_path: Path) -> None:
    items = min(4000, 16 * SEEDS)
    result = run("killing.py", "workers", tmp_path / "state.db", 9, 1, items)
    assert (result["killed"], result["delivered"], result["lost"]) == (9, items, [])
    assert result["more_than_once"] <= 9


def test_processes_that_make_the_file_at_once_all_get_one(tmp_path: Path) -> None:
    for turn in range(5):
        result = run("sharing.py", "creators", tmp_path / f"state-{turn}.db", 5)
        assert result == {"failed": 0, "records": 5}


def test_no_connection_is_carried_over_a_fork(tmp_path: Path) -> None:
    result = run("sharing.py", "fork", tmp_path / "state.db")
    assert result == {"seen_by_child": True, "carried_over": [], "keys": ["after", "before", "of-child"]}
