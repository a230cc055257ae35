"""What watchers are told between two lists of endpoints, as pure decisions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novita_sdk._core.codec import structure
from novita_sdk._core.serverless.endpoint_diff import EndpointDiff, merge_endpoint_changes
from novita_sdk._core.serverless.failure_episodes import FailureEpisodes
from novita_sdk._core.serverless.watch_filter import WatchFilter
from novita_sdk._core.serverless.watch_ticks import WatchTicks, page_pause
from novita_sdk.models.endpoint import Endpoint
from novita_sdk.models.endpoint_event import EndpointEvent
from novita_sdk.models.worker_failure import FailureClass

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def endpoint(identity: str = "e1", *workers: dict[str, Any], **changes: Any) -> Endpoint:
    return structure(
        Endpoint,
        {
            "id": identity,
            "name": f"name of {identity}",
            "state": {"state": "serving"},
            "workers": list(workers),
            **changes,
        },
    )


def worker(
    identity: str = "w1", state: str = "running", healthy: bool | None = True, **more: str
) -> dict[str, Any]:
    return {"id": identity, "state": {"state": state, **more}, "healthy": healthy}


class Watched:
    """A diff with lists as they come."""

    def __init__(self, *first: Endpoint) -> None:
        self.diff = EndpointDiff()
        self.looks = 0
        self.look(*first)

    def look(self, *listed: Endpoint, complete: bool = True, odd: tuple[str | None, ...] = ()) -> list[Any]:
        self.looks += 1
        at = NOW + timedelta(seconds=10 * self.looks)
        return self.diff.feed({one.id: one for one in listed}, odd, complete=complete, at=at)

    def suspects(self) -> list[str]:
        found: list[str] = []
        while (suspect := self.diff.next_suspect()) is not None:
            found.append(suspect)
        return found


def kinds(events: list[EndpointEvent]) -> list[str]:
    return [event.kind for event in events]


def fields(events: list[EndpointEvent]) -> list[dict[str, Any]]:
    return [dict(event.fields) for event in events]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"state": {"state": "updating"}}, {"state"}),
        ({"state": {"state": "serving", "message": "hm"}}, {"message"}),
        ({"name": "other"}, {"name"}),
        ({"url": "https://x.novita.ai"}, {"url"}),
        ({"workerConfig": {"minNum": 1, "maxNum": 2}}, {"min_replicas", "max_replicas"}),
        ({"workerConfig": {"freeTimeout": 60, "cudaVersion": "12.4"}}, {"free_timeout", "cuda_version"}),
        ({"policy": {"type": "queue", "value": 5}}, {"policy"}),
        ({"image": {"image": "nginx"}}, {"image"}),
        ({"envs": [{"key": "A", "value": "1"}]}, {"envs"}),
        ({"ports": [{"port": 1}]}, {"port"}),
        ({"healthy": {"path": "/x"}}, {"health"}),
        ({"clusterID": "x"}, {"cluster_id"}),
        (
            {"products": [{"id": "p"}], "rootfsSize": 7, "appName": "a"},
            {"products", "rootfs_size", "app_name"},
        ),
        ({"volumeMounts": [{"type": "local", "size": 5}]}, {"volume_mounts"}),
    ],
)
def test_every_setting_is_compared(change: dict[str, Any], told: set[str]) -> None:
    watched = Watched(endpoint())
    (event,) = watched.look(endpoint(**change))
    assert (event.kind, set(event.fields)) == ("changed", told)
    assert not watched.look(endpoint(**change))


def test_times_and_unknown_keys_are_no_change() -> None:
    watched = Watched(endpoint(updatedAt="1"))
    assert not watched.look(endpoint(updatedAt="2", somethingNew=3, log="x"))


def test_values_of_variables_are_never_shown() -> None:
    watched = Watched(endpoint())
    (event,) = watched.look(endpoint(envs=[{"key": "A", "value": "very-secret"}]))
    assert "very-secret" not in repr(event.fields)


def test_a_worker_comes_changes_and_goes_after_two_records() -> None:
    watched = Watched(endpoint())
    come = watched.look(endpoint("e1", worker(state="pending", healthy=None)))
    assert kinds(come) == ["changed", "worker_changed"]
    assert fields(come)[1] == {"state": (None, "PENDING")}
    ready = watched.look(endpoint("e1", worker()))
    assert fields(ready)[1] == {"state": ("PENDING", "RUNNING"), "healthy": (None, True)}
    assert kinds(watched.look(endpoint())) == ["changed"]
    gone = watched.look(endpoint())
    assert fields(gone) == [{"state": ("RUNNING", None), "healthy": (True, None)}]
    assert gone[0].worker_id == "w1"
    assert not watched.look(endpoint())


def test_a_worker_that_one_record_lacks_is_still_there() -> None:
    watched = Watched(endpoint("e1", worker()))
    assert kinds(watched.look(endpoint())) == ["changed"]
    assert kinds(watched.look(endpoint("e1", worker()))) == ["changed"]


def test_the_endpoint_comes_before_its_workers() -> None:
    watched = Watched(endpoint("e1", worker("a"), worker("b")))
    told = watched.look(
        endpoint(
            "e1",
            worker("a", "failed", False, error="oom"),
            worker("b", "failed", False, error="oom"),
            state={"state": "failed", "error": "oom"},
        )
    )
    assert [(event.kind, event.worker_id) for event in told] == [
        ("changed", None),
        ("worker_failed", None),
        ("worker_changed", "a"),
        ("worker_changed", "b"),
        ("worker_failed", "a"),
        ("worker_failed", "b"),
    ]


@pytest.mark.case("SV-66")
def test_another_class_is_a_change_and_another_text_is_nothing() -> None:
    watched = Watched(endpoint("e1", worker(state="failed", healthy=False, error="oom")))
    other_text = endpoint("e1", worker(state="failed", healthy=False, error="killed", message="9"))
    assert not watched.look(other_text)
    other_class = endpoint("e1", worker(state="failed", healthy=False, error="quota"))
    (event,) = watched.look(other_class)
    assert (event.kind, dict(event.fields)) == ("worker_changed", {"failure_class": ("crash", "resource")})


@pytest.mark.case("SV-66")
@pytest.mark.parametrize(("looks", "failed"), [(2, 0), (3, 1), (5, 1)])
def test_unhealthy_needs_three_looks_in_a_row(looks: int, failed: int) -> None:
    episodes = FailureEpisodes()
    changes = [episodes.feed(endpoint("e1", worker(healthy=False)), NOW) for _ in range(looks)]
    found = [change for step in changes for change in step]
    assert [change.failure.failure_class for change in found] == [FailureClass.UNHEALTHY] * failed


@pytest.mark.case("SV-66")
def test_failover_is_no_failure() -> None:
    episodes = FailureEpisodes()
    assert not episodes.feed(endpoint("e1", worker(healthy=False, message="Failover done")), NOW)


def test_only_readiness_ends_a_failure() -> None:
    episodes = FailureEpisodes()
    episodes.feed(endpoint("e1", worker(state="failed", error="oom")), NOW)
    assert not episodes.feed(endpoint("e1", worker(state="pending", healthy=None)), NOW)
    assert [found.failure_class for found in episodes.open] == [FailureClass.CRASH]
    (change,) = episodes.feed(endpoint("e1", worker()), NOW)
    assert change.kind == "recovered"
    assert not episodes.open


def test_a_failure_lasts_from_its_first_look_to_its_last_and_shows_no_token() -> None:
    episodes = FailureEpisodes()
    failed = worker(state="failed", error="pull", message="at https://user:pw@r.io/x?token=abc")
    for minute in range(3):
        episodes.feed(endpoint("e1", failed), NOW + timedelta(minutes=minute))
    (failure,) = episodes.open
    assert (failure.first_seen, failure.last_seen) == (NOW, NOW + timedelta(minutes=2))
    assert "pw" not in failure.message
    assert "abc" not in failure.message


@pytest.mark.case("SV-62")
def test_two_complete_lists_must_lack_an_endpoint() -> None:
    watched = Watched(endpoint("a"), endpoint("b"))
    watched.look(endpoint("b"))
    assert watched.suspects() == []
    watched.look(endpoint("b"))
    assert watched.suspects() == ["a"]
    assert kinds(watched.diff.confirm("a", None, NOW)) == ["gone"]
    assert not watched.look(endpoint("b"))
    assert watched.suspects() == []


def test_only_lists_in_a_row_count() -> None:
    watched = Watched(endpoint("a"), endpoint("b"))
    for _ in range(3):
        watched.look(endpoint("b"))
        assert watched.suspects() == []
        watched.look(endpoint("a"), endpoint("b"))
    watched.look(endpoint("b"), complete=False)
    watched.look(endpoint("b"), odd=(None,))
    watched.look(endpoint("b"), odd=("a",))
    watched.look(endpoint("b"))
    assert watched.suspects() == []


@pytest.mark.case("SV-62")
@pytest.mark.parametrize(("all_of_them", "lost", "lists"), [(60, 40, 3), (60, 30, 2), (3, 2, 3), (2, 2, 2)])
def test_a_third_list_is_wanted_if_more_than_half_is_missing(all_of_them: int, lost: int, lists: int) -> None:
    everything = [endpoint(f"e{number}") for number in range(all_of_them)]
    watched = Watched(*everything)
    for _ in range(lists - 1):
        watched.look(*everything[lost:])
        assert watched.suspects() == []
    watched.look(*everything[lost:])
    assert len(watched.suspects()) == min(lost, 10)


def test_who_answers_is_there_and_who_was_listed_meanwhile_is_not_gone() -> None:
    watched = Watched(endpoint("a"), endpoint("b"))
    for _ in range(2):
        watched.look(endpoint("b"))
    assert not watched.diff.confirm("a", endpoint("a"), NOW)
    watched.look(endpoint("b"))
    watched.look(endpoint("b"))
    watched.look(endpoint("a"), endpoint("b"))
    assert not watched.diff.confirm("a", None, NOW)
    assert not watched.look(endpoint("a"), endpoint("b"))


def test_a_newcomer_is_told_of_what_is_there_with_its_failures() -> None:
    watched = Watched(endpoint("a", worker(state="failed", error="oom")), endpoint("b"))
    told = watched.diff.present(NOW)
    assert [(event.kind, event.endpoint_id, event.sequence) for event in told] == [
        ("appeared", "a", 1),
        ("worker_failed", "a", 2),
        ("appeared", "b", 1),
    ]
    assert all(event.initial for event in told)


@pytest.mark.case("SV-63")
def test_changes_of_one_thing_merge_and_nothing_else_does() -> None:
    watched = Watched(endpoint("a", worker()), endpoint("b"))
    events: list[EndpointEvent] = []
    for size in range(1, 5):
        events += watched.look(endpoint("a", worker(healthy=size % 2 == 0), rootfsSize=size), endpoint("b"))
    events += watched.look(endpoint("a", worker(state="failed", error="oom"), rootfsSize=5), endpoint("b"))
    merged = list(merge_endpoint_changes(events))
    assert kinds(merged) == ["changed", "worker_changed", "worker_failed"]
    assert merged[0].fields["rootfs_size"] == (None, 5)
    assert (merged[0].missed, merged[1].missed) == (4, 4)
    assert merged[1].fields["state"] == ("RUNNING", "FAILED")


def test_a_filter_follows_by_id_what_it_once_let_through() -> None:
    passing = WatchFilter({"name of a"}).passing
    watched = Watched(endpoint("a"), endpoint("b"))
    assert [event.endpoint_id for event in passing(watched.diff.present(NOW))] == ["a"]
    assert not list(passing(watched.look(endpoint("a"), endpoint("b", rootfsSize=3))))


@pytest.mark.parametrize(("limit", "pause"), [(100, 1.2), (10, 12.0), (None, 0.0)])
def test_half_of_the_rate_is_left_for_others(limit: int | None, pause: float) -> None:
    assert page_pause(limit) == pytest.approx(pause)


@pytest.mark.case("SV-61")
def test_ticks_back_off_up_to_a_minute() -> None:
    ticks = WatchTicks()
    ticks.looked(0.0, 1.0)
    assert ticks.due([30, 10]) == 10
    pauses = []
    for _ in range(5):
        ticks.failed(0.0, 1.0, wait=0.0, at=NOW)
        pauses.append(ticks.due([10]))
    assert pauses == [20, 40, 60, 60, 60]
    ticks.failed(0.0, 1.0, wait=100.0, at=NOW)
    assert ticks.due([10]) == 100
    ticks.looked(0.0, 1.1)
    assert ticks.due([10]) == pytest.approx(11)


_STATES = st.sampled_from(["running", "pending", "failed", "stopped"])
_WORKERS = st.lists(
    st.builds(worker, st.sampled_from("xyz"), _STATES, st.sampled_from([True, False, None])),
    max_size=3,
    unique_by=lambda found: found["id"],
)
_ENDPOINTS = st.lists(
    st.builds(
        lambda identity, workers, size: endpoint(identity, *workers, rootfsSize=size),
        st.sampled_from("abcde"),
        _WORKERS,
        st.integers(1, 3),
    ),
    max_size=5,
    unique_by=lambda found: found.id,
)


@given(st.lists(st.tuples(_ENDPOINTS, st.booleans()), min_size=1, max_size=15))
def test_whatever_happens_the_story_of_each_endpoint_makes_sense(
    lists: list[tuple[list[Endpoint], bool]],
) -> None:
    watched = Watched()
    known: dict[str, int] = {}
    failing: set[tuple[str, str | None]] = set()
    for listed, complete in lists:
        events = watched.look(*listed, complete=complete)
        for suspect in watched.suspects():
            assert suspect not in {one.id for one in listed}
            events += watched.diff.confirm(suspect, None, NOW)
        for event in events:
            key = (event.endpoint_id, event.worker_id)
            if event.kind == "appeared":
                assert event.endpoint_id not in known
                known[event.endpoint_id] = 0
            assert event.sequence > known[event.endpoint_id]
            known[event.endpoint_id] = event.sequence
            if event.kind == "worker_failed":
                assert key not in failing
                failing.add(key)
            if event.kind == "worker_recovered":
                failing.remove(key)
            if event.kind == "worker_changed" and event.fields.get("state", (0, 0))[1] is None:
                failing.discard(key)
            if event.kind == "gone":
                del known[event.endpoint_id]
                failing = {one for one in failing if one[0] != event.endpoint_id}
        assert {one.id for one in listed} <= set(known)
    for _ in range(3):
        watched.look(*lists[-1][0], complete=False)
    assert not watched.look(*lists[-1][0], complete=False)
