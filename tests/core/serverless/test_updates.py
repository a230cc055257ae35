"""Updates and scaling: what is sent back, what is compared, who is drained first."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novita_sdk._core.codec import structure
from novita_sdk._core.serverless.draining import drain_order, excess, has_left, wanted_bounds
from novita_sdk._core.serverless.updates import (
    PLACES,
    check_bounds,
    differing,
    fingerprint,
    lacking,
    merged_envs,
    overlaid,
    setting,
    writable,
)
from novita_sdk.errors import ValidationError
from novita_sdk.models.endpoint import Endpoint, Worker
from novita_sdk.models.scaling import ReplicaBounds

MARK = {"key": "NOVITA_SDK_OPERATION_ID", "value": "op-1"}
RECORD: dict[str, Any] = {
    "id": "e1",
    "name": "one",
    "appName": "one",
    "state": {"state": "serving"},
    "url": "https://e1.novita.ai",
    "workerConfig": {
        "minNum": 1,
        "maxNum": 5,
        "freeTimeout": "300",
        "maxConcurrent": "1",
        "gpuNum": 1,
        "cudaVersion": "12.4",
    },
    "ports": [{"port": "8000"}],
    "policy": {"type": "queue", "value": "60"},
    "image": {"image": "old", "authId": "a1", "command": "run"},
    "products": [{"id": "p"}],
    "rootfsSize": 100,
    "volumeMounts": [{"type": "network", "id": "v", "mountPath": "/data"}],
    "envs": [{"key": "A", "value": "1"}, MARK],
    "workers": [{"id": "w"}],
    "healthy": {"path": "/health", "initialDelay": 30, "period": 5, "successThreshold": 2},
    "clusterID": "us-dallas-nas-2",
    "log": "somewhere",
    "createdAt": "1",
    "updatedAt": "2",
    "foo": {"bar": [1]},
}


def body(changes: dict[str, Any], record: dict[str, Any] | None = None) -> dict[str, Any]:
    return overlaid(writable(RECORD if record is None else record), changes)


@pytest.mark.case("SV-34")
def test_an_update_sends_back_all_it_has_read() -> None:
    sent = body({"image": "new"})
    assert sent["image"] == {"image": "new", "authId": "a1", "command": "run"}
    assert sent["foo"] == {"bar": [1]}
    assert sent["healthy"] == RECORD["healthy"]
    assert sent["volumeMounts"] == RECORD["volumeMounts"]
    assert sent["workerConfig"]["cudaVersion"] == "12.4"
    assert not sent.keys() & {"state", "url", "workers", "log", "createdAt", "updatedAt"}


@pytest.mark.case("SV-04")
def test_digits_become_numbers() -> None:
    sent = body({})
    assert sent["workerConfig"]["freeTimeout"] == 300
    assert sent["workerConfig"]["maxConcurrent"] == 1
    assert sent["policy"]["value"] == 60
    assert sent["ports"] == [{"port": 8000}]


def test_the_record_that_was_read_stays_as_it_is() -> None:
    before = copy.deepcopy(RECORD)
    body({"envs": [], "image": "new", "min_replicas": 2})
    assert before == RECORD


@pytest.mark.case("SV-35")
def test_a_block_the_record_lacks_is_not_invented() -> None:
    record = {key: value for key, value in RECORD.items() if key != "healthy"}
    assert "healthy" not in body({"image": "new"}, record)


def test_an_empty_cuda_version_is_not_sent() -> None:
    record = {**RECORD, "workerConfig": {**RECORD["workerConfig"], "cudaVersion": ""}}
    assert "cudaVersion" not in body({}, record)["workerConfig"]


def test_older_arrays_of_one_are_read_as_objects() -> None:
    record = {**RECORD, "workerConfig": [RECORD["workerConfig"]]}
    assert body({"min_replicas": 2}, record)["workerConfig"]["minNum"] == 2


@pytest.mark.case("SV-36")
def test_a_new_environment_keeps_the_mark() -> None:
    assert body({"envs": [{"key": "B", "value": "2"}]})["envs"] == [{"key": "B", "value": "2"}, MARK]
    assert body({"envs": None})["envs"] == [MARK]


@pytest.mark.case("SV-36")
def test_a_mark_of_another_endpoint_is_not_taken_over() -> None:
    foreign = {**MARK, "value": "op-2"}
    assert body({"envs": [foreign, {"key": "B", "value": "2"}]})["envs"] == [{"key": "B", "value": "2"}, MARK]


@pytest.mark.case("SV-36")
def test_environments_are_merged_key_by_key() -> None:
    record = {"envs": [{"key": "A", "value": "1"}, {"key": "C", "value": "3"}, MARK]}
    assert merged_envs(record, {"B": "2", "A": None}) == [
        {"key": "C", "value": "3"},
        {"key": "B", "value": "2"},
    ]


@pytest.mark.case("SV-37")
def test_bounds_the_wrong_way_round_are_refused() -> None:
    with pytest.raises(ValidationError, match="min_replicas"):
        check_bounds(body({"min_replicas": 9}))
    check_bounds(body({"min_replicas": 5}))


@pytest.mark.parametrize("name", ["command", "registry_auth", "cuda_version", "volume_mounts"])
def test_what_is_cleared_is_nothing_afterwards(name: str) -> None:
    assert setting(body({name: None}), name) in (None, "", [])


def test_unknown_keys_can_be_left_out() -> None:
    assert "foo" not in writable(RECORD, echo_unknown=False)


def test_a_variable_that_is_not_touched_goes_back_as_it_came() -> None:
    pairs = [{"key": "A", "value": "1", "origin": "x"}, {"key": "B", "value": "2", "origin": "y"}]
    merged = merged_envs({"envs": pairs}, {"B": "3", "C": "4"})
    assert merged == [pairs[0], {"key": "B", "value": "3", "origin": "y"}, {"key": "C", "value": "4"}]


def test_sizes_of_volumes_become_numbers() -> None:
    volumes = [{"type": "local", "size": "30", "mountPath": "/a"}, {"type": "network", "size": "x"}]
    assert [volume["size"] for volume in writable({"volumeMounts": volumes})["volumeMounts"]] == [30, "x"]


def test_settings_nobody_knows_are_compared_by_their_keys() -> None:
    base = writable(RECORD)
    config = {**base["workerConfig"], "burst": 2}
    other = {**base, "foo": 3, "workerConfig": config, "image": {**base["image"], "digest": "d"}}
    assert differing(base, other) == ("foo", "image.digest", "workerConfig.burst")
    assert setting(other, "workerConfig.burst") == 2
    assert setting(base, "workerConfig.burst") is None


@pytest.mark.parametrize(
    ("name", "sent", "shown", "is_missing"),
    [
        ("volume_mounts", [{"type": "local", "mountPath": "/a"}], [{"id": "", "size": 3}], False),
        ("volume_mounts", [{"type": "local", "mountPath": "/a"}], [{"mountPath": "/b"}], True),
        ("volume_mounts", [{"type": "local", "mountPath": "/a"}], [{}, {}], True),
        ("product_id", [{"id": "p"}], [{"name": "5090"}], False),
        ("port", [{"port": 80}], [{"port": 81}], True),
        ("health", {"path": "/"}, {"period": 10}, False),
    ],
)
def test_what_the_service_adds_to_a_setting_is_no_fault(
    name: str, sent: Any, shown: Any, is_missing: bool
) -> None:
    wanted = overlaid(writable(RECORD), {name: sent})
    shown = [{**sent[0], **added} for added in shown] if isinstance(sent, list) else {**sent, **shown}
    found = overlaid(wanted, {name: shown})
    assert lacking(found, wanted, [name]) == ((name,) if is_missing else ())


def test_differences_are_named() -> None:
    base = writable(RECORD)
    other = overlaid(base, {"image": "new", "max_replicas": 8}) | {"foo": 2}
    assert differing(base, other) == ("image", "max_replicas", "foo")
    assert differing(base, other, ["image"]) == ("image",)
    assert differing(base, base) == ()


def test_the_order_of_the_environment_makes_no_difference() -> None:
    one = {"envs": [{"key": "A", "value": "1"}, {"key": "B", "value": "2"}]}
    other = {"envs": [{"key": "B", "value": "2"}, {"key": "A", "value": "1"}]}
    assert differing(one, other) == ()


@given(st.sampled_from([name for name in PLACES if name != "envs"]), st.integers())
def test_a_change_shows_in_exactly_its_setting(name: str, value: int) -> None:
    base = writable(RECORD)
    changed = overlaid(base, {name: value})
    assert differing(base, changed) in {(name,), ()}
    assert setting(changed, name) == value
    assert differing(base, changed, set(PLACES) - {name, "image", "command", "registry_auth"}) == ()


def test_a_fingerprint_is_of_what_can_be_written() -> None:
    assert fingerprint(RECORD) == fingerprint({**RECORD, "state": {"state": "updating"}, "workers": []})
    assert fingerprint(RECORD) != fingerprint({**RECORD, "rootfsSize": 50})


# ------------------------------------------------------------------------------------- scaling


def worker(identity: str, state: str = "running", healthy: bool | None = True) -> dict[str, Any]:
    return {"id": identity, "state": {"state": state}, "healthy": healthy}


@pytest.mark.parametrize(
    ("asked", "bounds"),
    [
        ((5, None, None), (5, 5)),
        ((None, None, 3), (1, 3)),
        ((None, 0, None), (0, 5)),
        ((None, 2, 3), (2, 3)),
    ],
)
@pytest.mark.case("SV-50")
def test_what_is_not_said_stays(
    asked: tuple[int | None, int | None, int | None], bounds: tuple[int, int]
) -> None:
    assert wanted_bounds(ReplicaBounds(1, 5), *asked) == bounds


@pytest.mark.case("SV-47")
def test_those_are_drained_first_that_are_missed_least() -> None:
    endpoint = structure(
        Endpoint,
        {
            "id": "e",
            "workers": [
                worker("busy"),
                worker("idle"),
                worker("sick", healthy=False),
                worker("new", "pending"),
                worker("dead", "failed"),
            ],
        },
    )

    def busy(one: Worker) -> bool:
        return one.id == "busy"

    assert [one.id for one in drain_order(endpoint.workers, busy)] == ["new", "sick", "idle", "busy"]
    assert excess(endpoint, 2) == 2
    assert excess(endpoint, 9) == 0
    assert has_left(endpoint, "gone")
    assert not has_left(endpoint, "busy")
