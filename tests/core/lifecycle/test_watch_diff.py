"""From list to list: what a watcher is told, and what a slow one is told in one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from novita_sdk._core.lifecycle.watch_diff import MOST_CONFIRMED, WatchDiff, fold_changes
from novita_sdk.models.enums import InstanceStatus
from novita_sdk.models.instance import Instance
from novita_sdk.models.instance_event import InstanceEvent

AT = datetime(2026, 1, 1, tzinfo=UTC)

worlds = st.lists(
    st.dictionaries(
        st.sampled_from(["a", "b", "c"]),
        st.tuples(st.sampled_from(["running", "exited", "pulling"]), st.sampled_from(["x", "y"])),
    ),
    min_size=1,
    max_size=8,
)


def listed(world: dict[str, tuple[str, str]]) -> dict[str, Instance]:
    return {
        key: Instance(id=key, status=InstanceStatus(status), name=name)
        for key, (status, name) in world.items()
    }


@given(worlds=worlds)
def test_who_follows_the_events_knows_the_world(worlds: Any) -> None:
    diff = WatchDiff(None, by_name=True, replay=True)
    known: dict[str, Instance] = {}
    numbers: dict[str, int] = {}
    for world in worlds:
        events = diff.feed(listed(world), (), complete=True, at=AT)
        for suspect in diff.suspects:
            events += diff.confirm(suspect, None, AT)
        for event in events:
            assert event.instance is not None
            assert event.instance_id is not None
            assert event.sequence == numbers.get(event.instance_id, 0) + 1
            numbers[event.instance_id] = event.sequence
            if event.kind == "gone":
                del known[event.instance_id]
            else:
                assert (event.kind == "appeared") == (event.instance_id not in known)
                known[event.instance_id] = event.instance
        assert known == listed(world)


def test_an_incomplete_list_makes_nobody_suspect() -> None:
    diff = WatchDiff(None, by_name=True, replay=False)
    diff.feed(listed({"a": ("running", "x")}), (), complete=True, at=AT)
    diff.feed({}, (), complete=False, at=AT)
    assert not diff.suspects


def test_an_entry_that_cannot_be_read_makes_nobody_suspect() -> None:
    diff = WatchDiff(None, by_name=True, replay=False)
    diff.feed(listed({"a": ("running", "x"), "b": ("running", "x")}), (), complete=True, at=AT)
    diff.feed({}, {"a"}, complete=True, at=AT)
    assert diff.suspects == ("b",)
    diff.feed({}, {None}, complete=True, at=AT)
    assert not diff.suspects


def test_only_a_few_are_looked_for_at_a_time() -> None:
    diff = WatchDiff(None, by_name=True, replay=False)
    diff.feed(listed({f"i-{number}": ("running", "x") for number in range(40)}), (), complete=True, at=AT)
    diff.feed({}, (), complete=True, at=AT)
    assert len(diff.suspects) == MOST_CONFIRMED


def test_names_count_only_where_they_may() -> None:
    world = listed({"a": ("running", "x"), "b": ("running", "x-nsdk-01234567")})
    assert len(WatchDiff(["x"], by_name=True, replay=True).feed(world, (), complete=True, at=AT)) == 2
    assert WatchDiff(["x"], by_name=False, replay=True).feed(world, (), complete=True, at=AT) == []


def test_an_instance_that_loses_its_name_is_still_watched() -> None:
    diff = WatchDiff(["x"], by_name=True, replay=False)
    diff.feed(listed({"a": ("running", "x")}), (), complete=True, at=AT)
    (event,) = diff.feed(listed({"a": ("running", "y")}), (), complete=True, at=AT)
    assert event.fields == {"name": ("x", "y")}


def change(number: int, old: object, new: object, key: str = "a") -> InstanceEvent:
    return InstanceEvent(kind="changed", at=AT, instance_id=key, fields={"name": (old, new)}, sequence=number)


def test_changes_that_nobody_took_become_one() -> None:
    gone = InstanceEvent(kind="gone", at=AT, instance_id="b", sequence=4)
    folded = list(
        fold_changes(
            [change(1, "u", "v"), gone, change(2, "v", "w"), change(1, 1, 2, "c"), change(3, "w", "z")]
        )
    )
    assert [(event.kind, event.instance_id, event.missed) for event in folded] == [
        ("gone", "b", 0),
        ("changed", "c", 0),
        ("changed", "a", 2),
    ]
    assert folded[-1].fields == {"name": ("u", "z")}
    assert list(fold_changes(folded)) == folded
