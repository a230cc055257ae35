"""What one look at the list says about a create whose answer was lost."""

from __future__ import annotations

from typing import Any

import pytest

from novita_sdk._core.lifecycle.create_looks import MOST_READS, Shown, Wanted, concluded, sort_out
from novita_sdk._core.marker import MARKER_ENV, mark, name_suffix
from novita_sdk.models.marked_name import operation_id_in, unmarked_name

OPERATION_ID = "01hzy3k8r6q2v5n7m9p1c4d6f8"
SENT = 1_700_000_000.0
SAME = {"name": "one", "productId": "p-1", "imageUrl": "nginx"}
WANTED = Wanted(operation_id=OPERATION_ID, same=SAME, since=SENT)


def shown(identity: str, operation_id: str | None = None, **changes: Any) -> Shown:
    envs = [{"key": "A", "value": "b"}]
    if operation_id is not None:
        envs.append({"key": MARKER_ENV, "value": operation_id})
    return Shown.of({"id": identity, "status": "running", "envs": envs, **SAME, **changes})


def hiding(identity: str, **changes: Any) -> Shown:
    return shown(identity, **{"envs": [], **changes})


def ids(*listed: Shown) -> tuple[str, ...]:
    return sort_out(listed, WANTED, ()).ids


def to_be_read(*listed: Shown) -> tuple[str, ...]:
    return sort_out(listed, WANTED, ()).hidden


def test_a_created_instance_is_known_by_its_mark_only() -> None:
    others = [shown("a"), shown("b", OPERATION_ID.upper()), shown("c", OPERATION_ID + "x")]
    assert ids(*others, shown("d", OPERATION_ID)) == ("d",)
    assert ids(*others) == ()


def test_a_marked_name_is_as_good_as_a_marked_environment() -> None:
    assert ids(hiding("a", name="one" + name_suffix(OPERATION_ID))) == ("a",)
    assert ids(hiding("a", name=name_suffix(OPERATION_ID) + "x")) == ()


def test_two_instances_with_one_mark_are_both_told() -> None:
    assert ids(shown("a", OPERATION_ID), shown("b", OPERATION_ID)) == ("a", "b")


@pytest.mark.parametrize("status", ["toRemove", "removing", "removed"])
def test_an_instance_on_its_way_out_counts_only_if_none_lives(status: str) -> None:
    leaving = shown("a", OPERATION_ID, status=status)
    assert ids(leaving, shown("b", OPERATION_ID)) == ("b",)
    assert ids(leaving) == ("a",)


def test_what_the_operation_made_before_and_deleted_is_not_taken_for_the_new_one() -> None:
    wanted = Wanted(operation_id=OPERATION_ID, same=SAME, since=SENT, discarded=("a",))
    assert sort_out([shown("a", OPERATION_ID, status="removing"), hiding("a")], wanted, ()).ids == ()


def test_only_what_hides_its_environment_and_could_be_the_one_is_read() -> None:
    listed = [
        shown("shows another environment"),
        hiding("another name", name="two"),
        hiding("another product", productId="p-2"),
        hiding("another image", imageUrl="redis"),
        hiding("too old", createdAt="1699999879"),
        hiding("old enough", createdAt="1699999881"),
        hiding("of unknown age", createdAt="-1"),
        Shown.of({"id": "shows nothing", "status": "running"}),
    ]
    assert set(to_be_read(*listed)) == {"old enough", "of unknown age", "shows nothing"}


def test_what_was_read_before_is_not_read_again() -> None:
    assert sort_out([hiding("a"), hiding("b")], WANTED, {"a"}).hidden == ("b",)


def test_nothing_is_read_once_the_mark_was_seen() -> None:
    assert to_be_read(hiding("a"), shown("b", OPERATION_ID)) == ()


def test_the_newest_are_read_first_and_no_more_than_a_look_may() -> None:
    listed = [hiding(f"i-{age}", createdAt=str(1_700_000_000 + age)) for age in range(MOST_READS + 1)]
    found = sort_out(listed, WANTED, ())
    assert (found.hidden[0], len(found.hidden), found.whole) == (f"i-{MOST_READS}", MOST_READS, False)


def test_what_shows_no_environment_even_when_read_is_a_candidate_and_never_adopted() -> None:
    listing = sort_out([hiding("a"), hiding("b"), hiding("c"), hiding("d")], WANTED, ())
    read = {"a": hiding("a"), "b": shown("b"), "c": None, "d": shown("d", OPERATION_ID)}
    found = concluded(listing, read, WANTED)
    assert (found.ids, found.candidates, found.others) == (("d",), ("a",), frozenset({"b"}))


def test_a_name_without_a_mark_stays_as_it_is() -> None:
    assert (unmarked_name("a-nsdk-short"), operation_id_in("a-nsdk-short")) == ("a-nsdk-short", None)
    marked = mark({"name": "a"}, OPERATION_ID, "env+name")
    assert marked["name"] == f"a-nsdk-{OPERATION_ID}"
    assert (unmarked_name(marked["name"]), operation_id_in(marked["name"])) == ("a", OPERATION_ID)
    assert mark(marked, "another-operation", "env+name")["name"] == "a-nsdk-another-operation"


def test_a_create_without_a_mark_sends_none_not_even_a_copied_one() -> None:
    copied = mark({"name": "a"}, OPERATION_ID)
    assert mark(copied, "another-operation", "none") == {"name": "a", "envs": []}
    assert mark({"name": "a"}, OPERATION_ID, "none") == {"name": "a"}
