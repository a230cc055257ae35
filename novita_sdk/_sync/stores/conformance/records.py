# Generated from novita_sdk/_async/stores/conformance/records.py by tools/unasync.py; edit the source.
"""Checks of records."""

from __future__ import annotations

import json
from functools import partial
from typing import Final

from novita_sdk._core.stores.answers import Capabilities
from novita_sdk._core.stores.checks import MAX_KEY_BYTES, MAX_VALUE_BYTES
from novita_sdk._sync.stores.conformance.trial import (
    StoreCheck,
    StoreTrial,
    expect,
    expect_refusal,
)
from novita_sdk.errors import ValidationError, VersionConflictError
from novita_sdk.models.json_types import JSON

_VALUE: Final[JSON] = json.loads(
    r"""{
        "v": 1, "text": "quote \" backslash \\ newline \n umlaut \u00fc emoji \ud83d\ude00",
        "numbers": [0, -1, 9007199254740993, 0.1, 1e300], "flags": [true, false, null],
        "deep": {"empty": {}, "list": [[], [[]]]}
    }"""
)


def a_record_is_read_back_as_written(trial: StoreTrial) -> None:
    """What is written is read back, and what was never written is absent."""
    expect("an absent record", trial.store.get("a"), None)
    version = trial.store.put("a", _VALUE)
    entry = trial.store.get("a")
    found = entry and (entry.key, entry.value, entry.version, entry.expires_at)
    expect("the record", found, ("a", _VALUE, version, None))


def a_read_value_is_a_copy(trial: StoreTrial) -> None:
    """Changing what was written or read changes no record."""
    written: JSON = {"v": 1, "list": [1]}
    trial.store.put("a", written)
    written["list"].append(2)
    (trial.value("a"))["list"].append(3)
    expect("the record", trial.value("a"), {"v": 1, "list": [1]})


def versions_grow_and_do_not_return(trial: StoreTrial) -> None:
    """The versions of a key only grow, also over deletion and expiry: an old one never fits a new record."""
    versions = [trial.store.put("a", {"v": 1}), trial.store.put("a", {"v": 1})]
    trial.store.delete("a")
    versions.append(trial.store.put("a", {"v": 1}, ttl=trial.span(2)))
    trial.wait(4)
    trial.store.put_if_absent("a", {"v": 1})
    entry = trial.store.get("a")
    versions.append(entry.version if entry else 0)
    trial.store.put_max("a", "at", 1)
    entry = trial.store.get("a")
    versions.append(entry.version if entry else 0)
    expect("the versions", versions, sorted(set(versions)))
    expect("the first version is 1 or more", versions[0] >= 1, wanted=True)


def only_the_expected_version_is_overwritten(trial: StoreTrial) -> None:
    """`if_version` lets a write through if nobody wrote in between, and else changes nothing."""
    first = trial.store.put("a", {"v": 1, "n": 1})
    second = trial.store.put("a", {"v": 1, "n": 2}, if_version=first)
    expect_refusal(
        "put over another version",
        VersionConflictError,
        lambda: trial.store.put("a", {"v": 1, "n": 3}, if_version=first),
    )
    expect_refusal(
        "delete of another version",
        VersionConflictError,
        lambda: trial.store.delete("a", if_version=first),
    )
    expect_refusal(
        "put over an absent record",
        VersionConflictError,
        lambda: trial.store.put("b", {"v": 1}, if_version=second),
    )
    expect_refusal(
        "delete of an absent record",
        VersionConflictError,
        lambda: trial.store.delete("b", if_version=second),
    )
    expect("the record", trial.value("a"), {"v": 1, "n": 2})
    expect("delete of the right version", trial.store.delete("a", if_version=second), wanted=True)


def put_if_absent_lets_one_through(trial: StoreTrial) -> None:
    """While a record lives nobody else puts it; after deletion or expiry one may again."""
    store = trial.store
    answers = [store.put_if_absent("a", {"v": 1, "n": n}, ttl=trial.span(10)) for n in range(3)]
    expect("the answers", answers, [True, False, False])
    expect("the record", trial.value("a"), {"v": 1, "n": 0})
    trial.wait(12)
    expect("after expiry", store.put_if_absent("a", {"v": 1}), wanted=True)
    store.delete("a")
    expect("after deletion", store.put_if_absent("a", {"v": 1}), wanted=True)


def a_record_ends_with_its_ttl(trial: StoreTrial) -> None:
    """A record is gone once its time is over, each write counts anew, and without `ttl` it stays."""
    for key in ("short", "renewed", "kept"):
        trial.store.put(key, {"v": 1}, ttl=trial.span(10))
    trial.wait(5)
    trial.store.put("renewed", {"v": 1}, ttl=trial.span(20))
    trial.store.put("kept", {"v": 1})
    entries = [trial.store.get(key) for key in ("short", "renewed", "kept")]
    ends = [entry and entry.expires_at for entry in entries]
    expect("ends are told", [end is not None for end in ends], [True, True, False])
    trial.wait(7)
    living = [trial.value(key) is not None for key in ("short", "renewed", "kept")]
    expect("who lives", living, [False, True, True])
    expect_refusal(
        "put over an ended record",
        VersionConflictError,
        lambda: trial.store.put("short", {"v": 1}, if_version=entries[0].version if entries[0] else 1),
    )
    expect("delete of an ended record", trial.store.delete("short"), wanted=False)


def put_max_only_raises(trial: StoreTrial) -> None:
    """`put_max` keeps the highest number and all other fields, and every call gives a new version."""
    store = trial.store
    answers = [store.put_max("a", "at", number) for number in (5, 3, 7.5)]
    expect("the answers", answers, [5, 5, 7.5])
    expect("the record it made", trial.value("a"), {"v": 1, "at": 7.5})
    version = store.put("a", {"v": 2, "at": 7.5, "note": "kept"})
    expect("a lower number", store.put_max("a", "at", 1, ttl=trial.span(10)), 7.5)
    expect("another field", store.put_max("a", "ready", -1, ttl=trial.span(10)), -1)
    expect("the record", trial.value("a"), {"v": 2, "at": 7.5, "note": "kept", "ready": -1})
    entry = store.get("a")
    expect("a new version", entry is not None and entry.version > version, wanted=True)
    trial.wait(12)
    expect("the record after its ttl", trial.value("a"), None)
    store.put("text", {"v": 1, "at": "noon"})
    expect_refusal("a field of text", ValidationError, lambda: store.put_max("text", "at", 1))


def delete_tells_whether_there_was_one(trial: StoreTrial) -> None:
    """A deleted record is gone, and deleting again finds nothing."""
    trial.store.put("a", {"v": 1})
    expect("the first delete", trial.store.delete("a"), wanted=True)
    expect("the record", trial.value("a"), None)
    expect("the second delete", trial.store.delete("a"), wanted=False)


def scan_gives_living_records_in_order(trial: StoreTrial) -> None:
    """A scan gives exactly the living records of its prefix, ordered by key, page by page."""
    for key in ("b:2", "b:1", "b", "a:1", "c:1", "b.x", "b:10"):
        trial.store.put(key, {"v": 1})
    trial.store.put("b:ended", {"v": 1}, ttl=trial.span(2))
    trial.wait(4)
    page = trial.store.scan("b:")
    expect("one page", ([entry.key for entry in page.items], page.cursor), (["b:1", "b:10", "b:2"], None))
    keys: list[str] = []
    cursor = None
    for _ in range(4):
        page = trial.store.scan(cursor=cursor, limit=2)
        keys += [entry.key for entry in page.items]
        cursor = page.cursor
    expect("all pages", keys, sorted(["a:1", "b", "b.x", "b:1", "b:10", "b:2", "c:1"]))
    expect("the last cursor", cursor, None)


def scan_keeps_its_place_while_records_change(trial: StoreTrial) -> None:
    """A record that lives during the whole scan is seen exactly once, whatever happens to others."""
    for number in range(10, 30):
        trial.store.put(f"k{number}", {"v": 1})
    page = trial.store.scan("k", limit=5)
    seen = [entry.key for entry in page.items]
    while page.cursor:
        trial.store.delete(seen[-1])
        trial.store.put(f"k0{len(seen)}", {"v": 1})
        page = trial.store.scan("k", cursor=page.cursor, limit=5)
        seen += [entry.key for entry in page.items]
    expect("the keys seen", seen, [f"k{number}" for number in range(10, 30)])


def accounts_do_not_meet(trial: StoreTrial) -> None:
    """Records, leases and queues of two accounts have nothing to do with each other."""
    one, two = trial.store.scoped("one"), trial.store.scoped("two")
    one.put("key", {"v": 1, "of": "one"})
    expect("the record of the other", two.get("key"), None)
    expect("put_if_absent of the other", two.put_if_absent("key", {"v": 1}), wanted=True)
    entry = one.get("key")
    expect("the own record", entry and (entry.key, entry.value), ("key", {"v": 1, "of": "one"}))
    expect("the own scan", [entry.key for entry in (one.scan()).items], ["key"])
    leases = [side.lease_acquire("post", who, 60) for side, who in ((one, "a"), (two, "b"))]
    expect("both leases", [lease and (lease.name, lease.fence) for lease in leases], [("post", 1)] * 2)
    expect("the own lease", leases[0] and one.lease_renew(leases[0]), wanted=True)
    one.enqueue("jobs", "1", {"v": 1})
    expect("the queue of the other", two.claim("jobs", "b"), None)
    claim = one.claim("jobs", "a")
    expect("the own queue", claim and (claim.queue, one.complete(claim)), ("jobs", True))


def closing_a_view_closes_nothing(trial: StoreTrial) -> None:
    """A view of an account may be closed; the store and other views go on."""
    view = trial.store.scoped("one")
    view.close()
    view.put("a", {"v": 1})
    trial.store.ping()


def the_store_says_what_it_is_good_for(trial: StoreTrial) -> None:
    """The store and its views tell whether they are durable and shared."""
    told = trial.store.capabilities
    expect("its kind", type(told), Capabilities)
    expect("those of a view", trial.store.scoped("one").capabilities, told)


def the_limits_are_reached(trial: StoreTrial) -> None:
    """The longest key, under the longest account, and the largest value are taken."""
    view = trial.store.scoped("a" * 64)
    key = "k" * MAX_KEY_BYTES
    value: JSON = {"v": 1, "x": ""}
    value["x"] = "x" * (MAX_VALUE_BYTES - len('{"v":1,"x":""}'))
    view.put(key, value)
    entry = view.get(key)
    expect("the largest record", entry is not None and entry.value == value, wanted=True)
    value["x"] += "x"
    expect_refusal("a larger value", ValidationError, lambda: view.put(key, value))
    expect_refusal("a longer key", ValidationError, lambda: view.get(key + "k"))


def wrong_arguments_are_refused(trial: StoreTrial) -> None:
    """Wrong keys, values and durations are refused at once, and nothing is written."""
    store = trial.store
    for key in ("", "a b", "a/b", "ü"):
        expect_refusal(f"key {key!r}", ValidationError, partial(store.put, key, {"v": 1}))
    values: list[JSON] = [
        *(None, [], {}, {"v": "1"}, {"v": 0}, {"v": True}),
        *({"v": 1, "x": x} for x in (float("nan"), float("inf"), b"bytes", {1: "x"}, (1, 2), "\ud800")),
    ]
    for value in values:
        expect_refusal("a wrong value", ValidationError, partial(store.put, "a", value))
    for ttl in (0, -1, float("nan"), float("inf")):
        expect_refusal(f"ttl {ttl!r}", ValidationError, partial(store.put, "a", {"v": 1}, ttl=ttl))
    expect_refusal("version 0", ValidationError, lambda: store.put("a", {"v": 1}, if_version=0))
    expect_refusal("limit 0", ValidationError, lambda: store.scan(limit=0))
    expect_refusal("field v", ValidationError, lambda: store.put_max("a", "v", 1))
    expect_refusal("account a:b", ValidationError, lambda: _scoped(trial, "a:b"))
    expect("all records", (store.scan()).items, ())


def _scoped(trial: StoreTrial, account: str) -> object:
    return trial.store.scoped(account)


RECORD_CHECKS: tuple[StoreCheck, ...] = (
    a_record_is_read_back_as_written,
    a_read_value_is_a_copy,
    versions_grow_and_do_not_return,
    only_the_expected_version_is_overwritten,
    put_if_absent_lets_one_through,
    a_record_ends_with_its_ttl,
    put_max_only_raises,
    delete_tells_whether_there_was_one,
    scan_gives_living_records_in_order,
    scan_keeps_its_place_while_records_change,
    accounts_do_not_meet,
    closing_a_view_closes_nothing,
    the_store_says_what_it_is_good_for,
    the_limits_are_reached,
    wrong_arguments_are_refused,
)
