"""What an unclear outcome is judged to be, from what the service shows afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from novita_sdk._core import operations
from novita_sdk._core.marker import MARKER_ENV, mark, operation_id_of
from novita_sdk._core.operations import Operation, Safety
from novita_sdk._core.settling import after_refusal, done, matches, remaining
from novita_sdk.models.enums import InstanceStatus

SENT = 1_700_000_000.5
LATER, EARLIER = "1700000003", "1699999990"
OPERATION_ID = "01hzy3k8r6q2v5n7m9p1c4d6f8"
INSTANCE = {"instanceId": "i-1"}

STATUSES = tuple(InstanceStatus)

# ------------------------------------------------------------ idempotent calls

DONE_STATUSES = {
    "start_instance": {"toStart", "starting", "pulling", "running"},
    "stop_instance": {"toStop", "stopping", "exited"},
    "delete_instance": {"toRemove", "removing", "removed"},
    "restart_instance": {"toRestart", "restarting", "starting", "pulling"},
}


def test_every_re_read_has_a_verdict() -> None:
    for row in operations.ALL.values():
        if row.reread is not None:
            body = {"instanceId": "i-1", "jobId": "j-1", "ids": ["a"]}
            assert done(row, body, [{"status": "other"}], SENT) in {True, False}


@pytest.mark.parametrize("name", DONE_STATUSES)
@pytest.mark.parametrize("status", [*STATUSES, "warp", ""])
def test_the_status_tells_whether_an_action_was_carried_out(name: str, status: str) -> None:
    shown = [{"id": "i-1", "status": status}]
    assert done(operations.ALL[name], INSTANCE, shown, SENT) == (status in DONE_STATUSES[name])


@pytest.mark.parametrize("name", DONE_STATUSES)
def test_an_instance_that_is_gone_was_deleted_and_nothing_else(name: str) -> None:
    assert done(operations.ALL[name], INSTANCE, [], SENT) == (name == "delete_instance")


@pytest.mark.parametrize(
    ("started", "expected"),
    [
        (LATER, True),
        (1_700_000_003, True),
        (1_700_000_003_000, True),
        ("2023-11-14T22:13:23Z", True),
        (EARLIER, False),
        ("1700000000", False),
        ("", False),
        ("-1", False),
        (None, False),
        ("soon", False),
    ],
)
def test_a_start_after_the_sending_shows_a_restart(started: object, expected: bool) -> None:
    shown = [{"status": "running", "lastStartedAt": started}]
    assert done(operations.RESTART_INSTANCE, INSTANCE, shown, SENT) == expected


@pytest.mark.parametrize("state", ["pulling", "running", "success", "fail", "break", "pending"])
@pytest.mark.parametrize("wrapped", [True, False])
def test_a_job_that_ended_needs_no_breaking(state: str, wrapped: bool) -> None:
    jobs: list[dict[str, object]] = [
        {"Id": "other", "state": {"state": "break"}},
        {"Id": "j-1", "state": {"state": state} if wrapped else state},
    ]
    expected = state in {"success", "fail", "break"}
    assert done(operations.BREAK_JOB, {"jobId": "j-1"}, jobs, SENT) == expected


def test_only_prewarms_that_still_exist_are_deleted_again() -> None:
    operation, body = operations.DELETE_IMAGE_PREWARMS, {"ids": ["a", "b", "c"]}
    shown = [{"id": "c"}, {"id": "x"}, {"id": "a"}]
    assert not done(operation, body, shown, SENT)
    assert remaining(operation, body, shown) == {"ids": ["a", "c"]}
    assert body == {"ids": ["a", "b", "c"]}


def test_prewarms_that_are_all_gone_are_deleted() -> None:
    assert done(operations.DELETE_IMAGE_PREWARMS, {"ids": ["a"]}, [{"id": "x"}], SENT)


def test_a_call_about_one_resource_is_sent_again_as_it_was() -> None:
    assert remaining(operations.START_INSTANCE, INSTANCE, [{"status": "exited"}]) is INSTANCE


# ------------------------------------------------------------ "invalid state change"


@pytest.mark.case("RT-11")
@pytest.mark.parametrize(
    ("name", "status", "verdict"),
    [
        ("start_instance", "stopping", "again"),
        ("start_instance", "exited", "again"),
        ("start_instance", "starting", "done"),
        ("start_instance", "running", "done"),
        ("start_instance", "migrating", "again"),
        ("start_instance", "pending", "again"),
        ("start_instance", "toWarp", "again"),
        ("start_instance", "removed", "refused"),
        ("start_instance", "total", "refused"),
        ("start_instance", "", "refused"),
        ("stop_instance", "running", "again"),
        ("stop_instance", "starting", "again"),
        ("stop_instance", "exited", "done"),
        ("stop_instance", "removed", "refused"),
        ("restart_instance", "running", "again"),
        ("restart_instance", "toRestart", "done"),
        ("restart_instance", "exited", "refused"),
    ],
)
def test_a_refused_state_change_is_judged_by_the_status_now(name: str, status: str, verdict: str) -> None:
    assert after_refusal(operations.ALL[name], status) == verdict


# ------------------------------------------------------------ unsafe calls


def found(operation: Operation, body: dict[str, Any], after: Any, before: Any = ()) -> list[str]:
    return matches(operation, body, before, after, SENT)


def test_every_unsafe_operation_has_a_verdict() -> None:
    body = {"instanceId": "i-1", "template": {"name": "n"}, "expandRootDisk": 1}
    for row in operations.ALL.values():
        if row.safety is Safety.UNSAFE or row.unsafe_key is not None:
            if row.settle is None:
                continue  # those are told apart in the table's own tests
            if row.settle.kind == "marker":
                assert row.settle.handle is not None
                continue
            nothing: list[list[dict[str, Any]]] = [[] for _ in row.settle.looks]
            assert found(row, body, nothing, nothing) == []


@pytest.mark.parametrize("odd", [None, "text", [None, 1, "a"], [{"key": MARKER_ENV}], {"key": MARKER_ENV}])
def test_an_instance_with_odd_envs_is_not_marked(odd: object) -> None:
    assert operation_id_of({"envs": odd}) is None


def test_a_mark_replaces_one_copied_from_elsewhere_and_leaves_the_body_alone() -> None:
    body = {"envs": [{"key": MARKER_ENV, "value": "old"}, {"key": "A", "value": "b"}], "name": "n"}
    marked = mark(body, OPERATION_ID)
    assert marked["envs"] == [{"key": "A", "value": "b"}, {"key": MARKER_ENV, "value": OPERATION_ID}]
    assert marked["name"] == "n"
    assert operation_id_of(body) == "old"


def job(identity: str, **more: object) -> dict[str, object]:
    return {"Id": identity, "type": "saveImage", "instanceId": "i-1", "createdAt": LATER, **more}


def test_a_saved_image_is_the_new_job_of_that_instance() -> None:
    body = {"instanceId": "i-1", "image": "x"}
    others = [job("a", type="instanceMigrate"), job("b", instanceId="i-2"), job("c", createdAt=EARLIER)]
    assert found(operations.SAVE_IMAGE, body, [[*others, job("d")]]) == ["d"]
    assert (
        found(operations.SAVE_IMAGE, body, [[*others, job("e", createdAt=None), job("f", createdAt="?")]])
        == []
    )
    assert found(operations.SAVE_IMAGE, body, [[job("d"), job("e")]]) == ["d", "e"]


def test_a_whole_second_just_before_the_sending_is_since_the_sending() -> None:
    assert found(operations.SAVE_IMAGE, INSTANCE, [[job("a", createdAt="1700000000")]]) == ["a"]


def test_a_template_is_the_one_of_that_name_made_since() -> None:
    body = {"template": {"name": "mine"}}
    shown = [
        {"Id": 1, "name": "mine", "createdAt": EARLIER},
        {"Id": 2, "name": "mine too", "createdAt": LATER},
        {"Id": 3, "name": "mine", "createdAt": LATER},
    ]
    assert found(operations.CREATE_TEMPLATE, body, [shown]) == ["3"]
    assert found(operations.CREATE_TEMPLATE, body, [[{"Id": 4, "name": "mine", "createTime": LATER}]]) == [
        "4"
    ]


def test_a_prewarm_is_the_one_of_that_image_and_cluster_made_since() -> None:
    body = {"imageUrl": "nginx", "clusterId": "c-1"}
    shown = [
        {"id": "a", "imageUrl": "nginx", "clusterId": "c-2", "createTime": LATER},
        {"id": "b", "imageUrl": "nginx", "clusterId": "c-1", "createTime": EARLIER},
        {"id": "c", "imageUrl": "nginx", "clusterId": "c-1", "createTime": LATER},
    ]
    assert found(operations.CREATE_IMAGE_PREWARM, body, [shown]) == ["c"]


def test_a_migration_shows_as_status_or_as_new_job() -> None:
    operation = operations.MIGRATE_INSTANCE
    moving, still = [{"status": "migrating"}], [{"status": "exited"}]
    new, old = job("m", type="instanceMigrate"), job("m", type="instanceMigrate", createdAt=EARLIER)
    assert found(operation, INSTANCE, [moving, []]) == ["i-1"]
    assert found(operation, INSTANCE, [still, [new, new]]) == ["i-1"]
    assert found(operation, INSTANCE, [still, [old, job("s")]]) == []


@pytest.mark.parametrize("status", STATUSES)
def test_an_upgrade_shows_as_resetting(status: str) -> None:
    expected = ["i-1"] if status in {"toReset", "resetting"} else []
    assert found(operations.UPGRADE_INSTANCE, INSTANCE, [[{"status": status}]]) == expected


@pytest.mark.parametrize(("mode", "expected"), [("monthly", ["i-1"]), ("onDemand", []), ("", [])])
def test_a_conversion_shows_as_billing_mode(mode: str, expected: list[str]) -> None:
    assert found(operations.CONVERT_INSTANCE_TO_MONTHLY, INSTANCE, [[{"billingMode": mode}]]) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("1700000000", "1702600000", ["i-1"]),
        ("1700000000", "1700000000", []),
        ("1702600000", "1700000000", []),
        ("-1", "1702600000", ["i-1"]),
        ("1700000000", "-1", []),
        ("1700000000", "?", []),
    ],
)
def test_a_renewal_shows_as_a_later_end(before: str, after: str, expected: list[str]) -> None:
    looks = ([[{"endTime": after}]], [[{"endTime": before}]])
    assert found(operations.RENEW_INSTANCE, INSTANCE, *looks) == expected


@pytest.mark.case("RT-12")
@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (60, 70, ["i-1"]),
        ("60", "70", ["i-1"]),
        (60, 60, []),
        (60, 65, []),
        (60, 80, []),
        (60, None, []),
        ("?", 70, []),
    ],
)
def test_an_enlarged_disk_has_grown_by_exactly_what_was_asked(
    before: object, after: object, expected: list[str]
) -> None:
    body = {"instanceId": "i-1", "expandRootDisk": 10}
    looks = ([[{"rootfsSize": after}]], [[{"rootfsSize": before}]])
    assert found(operations.EDIT_INSTANCE, body, *looks) == expected


@pytest.mark.parametrize(
    ("operation", "body", "id_key"),
    [
        (operations.CREATE_NETWORK, {"name": "n", "clusterId": "c"}, "Id"),
        (
            operations.CREATE_NETWORK_STORAGE,
            {"storageName": "n", "clusterId": "c", "storageSize": 10},
            "storageId",
        ),
        (operations.SAVE_REPOSITORY_AUTH, {"name": "n", "username": "u", "password": "p"}, "id"),
    ],
)
def test_a_diff_finds_the_one_id_that_is_new(operation: Operation, body: dict[str, Any], id_key: str) -> None:
    def item(identity: str, **more: object) -> dict[str, Any]:
        return {**body, **more, id_key: identity}

    first_key = next(iter(body))
    old, other, new = item("old"), item("other", **{first_key: "else"}), item("new")
    assert found(operation, body, [[old, other, new]], [[old]]) == ["new"]
    assert found(operation, body, [[old, other]], [[old]]) == []
    assert found(operation, body, [[old, new, item("newer")]], [[old]]) == ["new", "newer"]


def test_a_network_without_name_is_found_by_its_cluster() -> None:
    shown = [{"Id": "1", "name": "given by the service", "clusterId": "c"}]
    assert found(operations.CREATE_NETWORK, {"clusterId": "c"}, [shown], [[]]) == ["1"]
