# Generated from tests/aio/lifecycle/test_instance_watch.py by tools/unasync.py; edit the source.
"""Watching instances: what is told, when it is told, and what it costs."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from novita_sdk._concurrency.threads import Event, gather
from novita_sdk.errors import AuthenticationError, ServerError, ValidationError
from novita_sdk.models.instance_event import InstanceEvent
from novita_sdk.testing import VirtualClock
from tests.sync.lifecycle.lives import Lives, ToldEvents
from tests.sync.remote import InTurn


def take(events: Any, number: int) -> list[InstanceEvent]:
    taken: list[InstanceEvent] = []
    for event in events:
        taken.append(event)
        if len(taken) == number:
            break
    return taken


def told(events: list[InstanceEvent]) -> list[tuple[str, str | None, str | None]]:
    return [(event.kind, event.instance_id, event.previous) for event in events]


@pytest.mark.case("W-20")
def test_what_happens_elsewhere_is_told(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1=((0, "running"), (10, "exited")), i_2=((0, "running"), (40, None)))
    with lives.client().gpu_instances.watch(["i-1", "i-2"]) as events:
        taken = take(events, 4)
    assert told(taken) == [
        ("appeared", "i-1", None),
        ("appeared", "i-2", None),
        ("status_changed", "i-1", "running"),
        ("gone", "i-2", None),
    ]
    assert [event.initial for event in taken] == [True, True, False, False]
    assert [event.sequence for event in taken] == [1, 1, 2, 2]
    assert (lives.lists, lives.gets) == (3, 1)
    assert str(taken[2]) == "i-1 status_changed: exited (was running)"


@pytest.mark.case("W-20")
def test_a_failed_list_is_told_and_proves_nothing(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="running")
    shown = {"instances": [lives.shown("i-1")], "total": 1}
    lives.answers["instances"] = InTurn(shown, 500, 503, shown)
    with lives.client().gpu_instances.watch() as events:
        taken = take(events, 4)
    assert [event.kind for event in taken] == ["appeared", "poll_failed", "poll_failed", "poll_recovered"]
    assert isinstance(taken[1].error, ServerError)
    assert [event.consecutive for event in taken[1:]] == [1, 2, 2]
    assert [str(event)[:11] for event in taken[1:]] == ["poll_failed", "poll_failed", "poll_recove"]
    assert taken[1].since == taken[2].since == taken[1].at
    assert [seen.at for seen in lives.remote.seen] == [0, 30, 90, 150]


@pytest.mark.case("W-20")
def test_a_watch_tells_a_function_until_it_is_stopped(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1=((0, "running"), (70, "exited")))
    stop = Event()
    seen: list[InstanceEvent] = []

    def tell(event: InstanceEvent) -> None:
        seen.append(event)
        if event.kind == "status_changed":
            stop.set()

    lives.client().gpu_instances.watch(on_event=tell, stop=stop)
    assert [event.kind for event in seen] == ["appeared", "status_changed"]


@pytest.mark.case("W-20")
def test_a_stop_from_elsewhere_ends_the_loop_at_once(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="running")
    stop = Event()
    began = clock.monotonic()
    client = lives.client()

    def watch() -> None:
        client.gpu_instances.watch(on_event=lambda _: None, stop=stop)

    def end() -> None:
        clock.sleep(7)
        stop.set()

    gather(clock, [watch, end])
    assert clock.monotonic() - began == pytest.approx(7)


@pytest.mark.case("W-20")
def test_a_change_that_nobody_here_made_is_one_webhook(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1=((0, "running"), (10, "exited")), i_2="running")
    client = lives.client()
    sent = ToldEvents(client)
    with client.gpu_instances.watch(notify=True) as events:
        take(events, 2)
        client.gpu_instances.stop("i-2", notify=False)
        taken = take(events, 2)
    assert {event.instance_id for event in taken} == {"i-1", "i-2"}
    assert [(kind, words["previous"]) for kind, _, words in sent.told] == [("status_changed", "running")]


def test_what_others_do_after_ones_own_action_is_told_again(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="running")
    client = lives.client()
    sent = ToldEvents(client)
    with client.gpu_instances.watch(notify=True) as events:
        take(events, 1)
        client.gpu_instances.stop("i-1", notify=False)
        assert (take(events, 1))[0].previous == "running"
        lives.live("i_1", "running")
        take(events, 1)
        lives.live("i_1", "exited")
        take(events, 1)
    assert [words["status"] for _, _, words in sent.told] == ["running", "exited"]


def test_without_replay_only_what_changes_is_told(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1=((0, "running"), (10, "exited")))
    with lives.client().gpu_instances.watch(replay=False) as events:
        assert told(take(events, 1)) == [("status_changed", "i-1", "running")]


def test_changes_other_than_the_status_come_after_it(clock: VirtualClock) -> None:
    moved = {"status": "exited", "clusterId": "eu-de-01", "name": "other"}
    lives = Lives(clock, i_1=((0, "running"), (10, moved)))
    with lives.client().gpu_instances.watch() as events:
        _, first, second = take(events, 3)
    assert (first.kind, second.kind) == ("status_changed", "changed")
    assert str(second) == "i-1 changed: exited (name, cluster_id)"
    assert second.fields == {"cluster_id": ("us-ca-06", "eu-de-01"), "name": ("name of i-1", "other")}


def test_a_new_instance_appears_and_a_removed_one_never_did(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="removed", i_2=((20, "creating"),))
    with lives.client().gpu_instances.watch() as events:
        (event,) = take(events, 1)
    assert (event.kind, event.instance_id, event.initial) == ("appeared", "i-2", False)


def test_names_will_do(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="running", i_2=((0, "running"), (10, "exited")))
    with lives.client().gpu_instances.watch("name of i-2") as events:
        assert [event.instance_id for event in take(events, 2)] == ["i-2", "i-2"]


def test_what_the_list_lacks_but_is_there_is_not_gone(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1=((0, "running"), (100, "exited")), i_2="running")
    whole = lives._list

    def sometimes(query: Any) -> Any:
        answer = whole(query)
        if 20 < clock.monotonic() - 1000 < 80:
            return {"instances": answer["instances"][1:], "total": 1}
        return answer

    lives._list = sometimes  # type: ignore[method-assign]
    with lives.client().gpu_instances.watch() as events:
        taken = take(events, 3)
    assert told(taken)[2] == ("status_changed", "i-1", "running")
    assert lives.gets >= 1


def test_one_list_serves_all_watches_and_waits(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1=((0, "pulling"), (100, "running")), i_2=((0, "pulling"), (100, "running")))
    client = lives.client()

    def watch() -> Any:
        with client.gpu_instances.watch(interval=20) as events:
            return [event.instance_id for event in take(events, 4)]

    def wait(name: str) -> Any:
        return (client.gpu_instances.wait(name)).id

    found = gather(clock, [watch, watch, lambda: wait("i-1"), lambda: wait("i-2")])
    assert found[2:] == ["i-1", "i-2"]
    assert {*found[0]} == {*found[1]} == {"i-1", "i-2"}
    times = [seen.at for seen in lives.remote.seen]
    assert all(late - early >= 1.9 for early, late in pairwise(times[2:]))


def test_a_refused_key_ends_the_watch(clock: VirtualClock) -> None:
    lives = Lives(clock)
    lives.answers["instances"] = 401
    with pytest.raises(AuthenticationError):
        take(lives.client().gpu_instances.watch(), 1)


def test_who_has_left_costs_nothing_and_may_come_back(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="running")
    client = lives.client()
    with client.gpu_instances.watch() as events:
        take(events, 1)
    assert [event for event in events] == []
    assert client._engine.services.poller._listeners == []
    with client.gpu_instances.watch() as events:
        assert len(take(events, 1)) == 1


def test_what_the_function_raises_ends_the_watch(clock: VirtualClock) -> None:
    lives = Lives(clock, i_1="running")

    def broken(_event: InstanceEvent) -> None:
        raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        lives.client().gpu_instances.watch(on_event=broken)


def test_an_unreadable_entry_is_not_gone(clock: VirtualClock) -> None:
    odd = {"status": "running", "gpuNum": {"not": "a number"}}
    lives = Lives(clock, i_1=((0, "running"), (20, odd), (50, "running"), (80, "exited")))
    with lives.client().gpu_instances.watch() as events:
        assert [event.kind for event in take(events, 2)] == ["appeared", "status_changed"]


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"interval": 1}, "interval"),
        ({"interval": "5"}, "interval"),
        ({"instances": []}, "instances"),
        ({"instances": ""}, "instances"),
        ({"notify": None}, "notify"),
        ({"on_event": 3}, "on_event"),
        ({"stop": 3, "on_event": print}, "stop"),
    ],
)
def test_a_watch_that_makes_no_sense_is_refused(
    clock: VirtualClock, arguments: dict[str, Any], field: str
) -> None:
    lives = Lives(clock)
    with pytest.raises(ValidationError) as caught:
        lives.client().gpu_instances.watch(**arguments)
    assert [problem.field for problem in caught.value.problems] == [field]


def test_a_watch_whose_changes_could_not_be_told_is_refused_before_anything_is_sent(
    clock: VirtualClock,
) -> None:
    lives = Lives(clock, i_1=((0, "running"), (10, "exited")))
    with pytest.raises(ValidationError, match="nowhere"):
        lives.client().gpu_instances.watch(notify="nowhere")
    assert lives.remote.seen == []
