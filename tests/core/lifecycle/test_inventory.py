"""The inventory: how a listing differs from what is remembered, and what becomes of what is gone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novita_sdk._core.codec import structure
from novita_sdk._core.lifecycle.inventory import InventoryRecord, compare, remembered, when_gone
from novita_sdk.models.instance import Instance

WEEK = 7 * 86_400.0


def shown(instance_id: str, status: str = "running", **wire: Any) -> Instance:
    return structure(Instance, {"id": instance_id, "name": "n", "status": status, "productName": "P", **wire})


def known(*instances: Instance, **fields: Any) -> dict[str, InventoryRecord]:
    return {
        one.id: InventoryRecord(id=one.id, shown=remembered(one), first_seen=1.0, **fields)
        for one in instances
    }


def diff(listed: list[Instance], records: dict[str, InventoryRecord], **options: Any) -> Any:
    return compare(listed, records, **{"now": 1e6, "retention": WEEK, "forget_gone": False, **options})


def test_new_changed_equal_and_absent_instances_are_told_apart() -> None:
    records = known(shown("A", "stopping"), shown("C"), shown("D"))
    found = diff([shown("A"), shown("B"), shown("D")], records)
    assert [one.id for one in found.added] == ["B"]
    assert [(record.status, one.id) for record, one in found.changed] == [("stopping", "A")]
    assert [record.id for record in found.absent] == ["C"]
    assert found.forgotten == ()


@pytest.mark.case("S-03")
def test_an_instance_without_a_product_name_is_kept() -> None:
    assert [one.id for one in diff([shown("A", "removed", productName="")], {}).added] == ["A"]


def test_secrets_are_not_remembered() -> None:
    instance = shown("A", envs=[{"key": "TOKEN", "value": "t0p"}], sshPassword="t0p", command="run --key t0p")
    assert "t0p" not in str(InventoryRecord.of(instance, 1.0).written())


def test_one_that_was_found_gone_is_not_asked_for_again_and_forgotten_in_the_end() -> None:
    young = known(shown("A"), removed_at=1e6 - WEEK)
    old = known(shown("B"), removed_at=1e6 - WEEK - 1)
    found = diff([], young | old)
    assert found.absent == ()
    assert [record.id for record in found.forgotten] == ["B"]
    assert len(diff([], young | old, forget_gone=True).forgotten) == 2


def test_one_that_comes_back_is_there_again() -> None:
    records = known(shown("A"), removed_at=5.0)
    ((record, instance),) = diff([shown("A")], records).changed
    assert record.seen(instance).removed_at is None


@pytest.mark.parametrize(
    ("status", "forget_gone", "end"),
    [
        ("running", False, "mark"),
        ("running", True, "forget"),
        ("creating", False, "forget"),
        ("toCreate", False, "forget"),
        ("toStart", False, "forget"),
        ("starting", False, "forget"),
        ("exited", False, "mark"),
    ],
)
def test_what_never_ran_is_forgotten_and_the_rest_marked(status: str, forget_gone: bool, end: str) -> None:
    (record,) = known(shown("A", status)).values()
    assert when_gone(record, forget_gone=forget_gone) == end


def test_a_record_is_read_as_it_was_written() -> None:
    record = InventoryRecord.of(shown("A"), 12.5)
    assert InventoryRecord.read(record.written()) == record


ids = st.sets(st.sampled_from("ABCDEF"))


@given(ids, ids, ids)
def test_every_instance_falls_into_one_kind_at_most(
    listed: set[str], local: set[str], gone: set[str]
) -> None:
    records = known(*map(shown, sorted(local))) | known(*map(shown, sorted(gone - local)), removed_at=1.0)
    found = diff([shown(one) for one in sorted(listed)], records)
    kinds = [
        {one.id for one in found.added},
        {one.id for _, one in found.changed},
        {record.id for record in found.absent},
        {record.id for record in found.forgotten},
    ]
    assert sum(map(len, kinds)) == len(set().union(*kinds))
    assert kinds[0] == listed - local - gone
    assert kinds[2] == local - listed
