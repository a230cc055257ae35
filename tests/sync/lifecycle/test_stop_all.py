# Generated from tests/aio/lifecycle/test_stop_all.py by tools/unasync.py; edit the source.
"""Stopping everything that runs, or what is chosen of it."""

from __future__ import annotations

from typing import Any

import pytest

from novita_sdk._core.http import Request
from novita_sdk.errors import BadRequestError, ServerError
from novita_sdk.testing import Simulator, VirtualClock
from tests.sync.remote import Late, Remote, client_of, instance, routed


def account(clock: VirtualClock, *statuses: str, **steps: Any) -> Remote:
    fleet = [instance(id=f"i-{number}", status=status) for number, status in enumerate(statuses)]
    listed = {"instances": fleet, "total": len(fleet)}
    return Remote(clock, routed(**{"instances": listed, "stop": 200, **steps}))


def stopped(remote: Remote) -> list[str]:
    return sorted(post.json["instanceId"] for post in remote.posts)


def test_what_runs_or_starts_is_stopped(clock: VirtualClock) -> None:
    statuses = ("running", "toStart", "starting", "exited", "stopping", "pulling", "migrating", "removed")
    remote = account(clock, *statuses)
    report = client_of(remote).gpu_instances.stop_all()
    assert stopped(remote) == ["i-0", "i-1", "i-2"]
    assert (report.count, report.failed, str(report)) == (3, 0, "3 of 3 stopped")
    assert [(result.id, result.success) for result in report.results] == [
        ("i-0", True),
        ("i-1", True),
        ("i-2", True),
    ]


def test_one_that_cannot_be_stopped_does_not_keep_the_others_running(clock: VirtualClock) -> None:
    def stop(request: Request) -> Any:
        refused = b'"i-1"' in (request.body or b"")
        return (400, {"reason": "VALIDATOR_PARAM", "message": "no"}) if refused else 200

    remote = account(clock, "running", "running", "running", stop=stop)
    report = client_of(remote).gpu_instances.stop_all()
    assert [result.success for result in report.results] == [True, False, True]
    assert isinstance(report.results[1].error, BadRequestError)
    assert (report.count, report.failed) == (3, 1)


def test_only_what_is_chosen_is_stopped(clock: VirtualClock) -> None:
    remote = account(clock, "running", "running", "running")
    report = client_of(remote).gpu_instances.stop_all(lambda found: found.id != "i-1")
    assert stopped(remote) == ["i-0", "i-2"]
    assert report.count == 2


def test_a_dry_run_only_tells(clock: VirtualClock) -> None:
    remote = account(clock, "running", "exited")
    report = client_of(remote).gpu_instances.stop_all(dry_run=True)
    assert remote.posts == []
    assert [(result.id, result.success) for result in report.results] == [("i-0", None)]
    assert str(report) == "1 would be stopped"


@pytest.mark.parametrize(("at_a_time", "seconds"), [(5, 6), (20, 2)])
def test_a_few_are_stopped_at_a_time(clock: VirtualClock, at_a_time: int, seconds: int) -> None:
    remote = account(clock, *["running"] * 12, stop=Late(2))
    before = clock.monotonic()
    report = client_of(remote, fan_out=at_a_time, rate_limits={"public": None}).gpu_instances.stop_all()
    assert clock.monotonic() - before == pytest.approx(seconds, abs=0.1)
    assert [result.id for result in report.results] == [f"i-{number}" for number in range(12)]


def test_nothing_is_stopped_if_the_list_fails(clock: VirtualClock) -> None:
    remote = account(clock, "running", instances=(500, {}))
    with pytest.raises(ServerError):
        client_of(remote).gpu_instances.stop_all()
    assert remote.posts == []


def test_a_choice_that_raises_stops_nothing(clock: VirtualClock) -> None:
    remote = account(clock, "running")
    with pytest.raises(ZeroDivisionError):
        client_of(remote).gpu_instances.stop_all(lambda _: 1 // 0 == 1)
    assert remote.posts == []


def test_an_account_without_instances_has_nothing_to_stop() -> None:
    client = Simulator().client()
    report = client.gpu_instances.stop_all()
    assert (report.count, report.results) == (0, ())
