"""Paired measurements: ours and the rival in turn, so that a machine whose speed drifts drifts for both."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable


def interpreter(code: str, cache: str) -> float:
    """Return how long a new interpreter takes to run `code`, in seconds.

    Args:
        code: A program.
        cache: Folder for compiled modules, so that both sides find theirs compiled, as after an installation.
    """
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": cache}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-c", code]
    return seconds(lambda: subprocess.run(command, check=True, env=environment))


def seconds(work: Callable[[], object]) -> float:
    """Return how long `work` takes, in seconds."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def pairs(ours: Callable[[], float], rival: Callable[[], float], rounds: int) -> tuple[float, float, float]:
    """Measure both in turn after one round of warming up.

    Args:
        ours: Returns one measurement of ours.
        rival: Returns one measurement of the rival.
        rounds: How many rounds count.

    Returns:
        Median of ours, median of the rival, and the median ratio of the pairs.
    """
    ours(), rival()
    measured = [(ours(), rival()) for _ in range(rounds)]
    ratios = [mine / theirs for mine, theirs in measured]
    return (
        statistics.median(mine for mine, _ in measured),
        statistics.median(theirs for _, theirs in measured),
        statistics.median(ratios),
    )


def report(
    name: str, ours: str, rival: str, figure: float, goal: float, *, more_is_better: bool = False
) -> None:
    """Print one row: what was measured, both sides, the figure, and whether it reaches its goal."""
    met = figure >= goal if more_is_better else figure <= goal
    sign = ">=" if more_is_better else "<="
    verdict = "reached" if met else "MISSED"
    print(f"{name:<58} {ours:>14} {rival:>22}   {figure:8.3f} {sign} {goal:<6g} {verdict}", flush=True)
