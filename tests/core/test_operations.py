"""The operation table: safety classes, and what each class needs besides."""

from __future__ import annotations

import pytest

from novita_sdk import models
from novita_sdk._core import operations
from novita_sdk._core.operations import Look, Operation, Safety
from novita_sdk._core.safety import safety_of, safety_of_request
from novita_sdk.errors import ValidationError

IDEMPOTENT = {
    "start_instance",
    "stop_instance",
    "delete_instance",
    "restart_instance",
    "edit_instance",
    "set_auto_renew",
    "set_auto_migrate",
    "update_template",
    "update_image_prewarm",
    "update_network",
    "update_network_storage",
    "delete_template",
    "delete_image",
    "delete_repository_auth",
    "delete_network",
    "delete_network_storage",
    "delete_image_prewarms",
    "break_job",
    "delete_endpoint",
    "drain_worker",
    "async_cancel",
}
UNSAFE = {
    "create_instance": "marker",
    "save_image": "state",
    "renew_instance": "state",
    "convert_instance_to_monthly": "state",
    "migrate_instance": "state",
    "upgrade_instance": "state",
    "create_template": "state",
    "create_image_prewarm": "state",
    "create_network": "diff",
    "create_network_storage": "diff",
    "save_repository_auth": "diff",
    "create_endpoint": "marker",
    "update_endpoint": None,  # the update itself reads back what became of it
    "async_run": None,  # nothing shows which jobs there are
    "async_purge_queue": None,  # the same
}
CACHED = {
    "list_clusters": 300,
    "list_gpu_products": 30,
    "list_cpu_products": 30,
    "get_template": 600,
    "list_templates": 60,
    "get_image_prewarm_quota": 60,
    "list_jobs": 10,
    "query_internal_jobs": 10,
}

ROWS = [pytest.param(operation, id=name) for name, operation in operations.ALL.items()]


def test_every_operation_has_its_safety_class() -> None:
    reads = {name for name, row in operations.ALL.items() if row.safety is Safety.READ}
    assert {name for name, row in operations.ALL.items() if row.safety is Safety.IDEMPOTENT} == IDEMPOTENT
    assert {name for name, row in operations.ALL.items() if row.safety is Safety.UNSAFE} == UNSAFE.keys()
    assert (len(reads), len(IDEMPOTENT), len(UNSAFE)) == (29, 21, 15)


def test_every_operation_has_a_constant_of_its_name() -> None:
    for name, row in operations.ALL.items():
        assert getattr(operations, name.upper()) is row
        assert name.upper() in operations.__all__


@pytest.mark.parametrize("row", ROWS)
def test_an_unsafe_operation_says_how_it_is_settled(row: Operation) -> None:
    if row.safety is Safety.UNSAFE and UNSAFE[row.name] is None:
        assert row.settle is None
    elif row.safety is Safety.UNSAFE:
        assert row.settle is not None
        assert row.settle.kind == UNSAFE[row.name]
        assert row.settle.window == (30 if row.settle.kind == "marker" else 10)
        assert row.settle.before or row.settle.kind != "diff"
    elif row.settle is not None:
        assert row.unsafe_key is not None


@pytest.mark.parametrize("row", ROWS)
def test_only_an_idempotent_operation_is_re_read_or_done_when_gone(row: Operation) -> None:
    if row.reread is not None or row.gone_is_done:
        assert row.safety is Safety.IDEMPOTENT
    assert row.gone_is_done == row.name.startswith("delete_")


@pytest.mark.parametrize("row", ROWS)
def test_a_look_reads_something_with_what_the_sent_body_holds(row: Operation) -> None:
    looks: list[Look] = [
        *(row.settle.looks if row.settle else ()),
        *([row.reread.look] if row.reread else ()),
    ]
    for look in looks:
        asked = operations.ALL[look.operation]
        assert asked.safety is Safety.READ
        parameters = {field.name for field in asked.query}
        assert parameters >= {key for key, _ in (*look.query, *look.fixed)}
        assert {field.name for field in row.body or ()} >= {source for _, source in look.query}


def test_a_look_takes_its_query_from_the_sent_body() -> None:
    look = Look(
        operation="list_jobs", query=(("jobId", "jobId"), ("type", "kind")), fixed=(("state", "fail"),)
    )
    assert look.query_for({"jobId": "j-1", "other": 2}) == {"state": "fail", "jobId": "j-1"}


@pytest.mark.parametrize("row", ROWS)
def test_only_slowly_changing_reads_are_cached_and_every_write_clears_the_cache(row: Operation) -> None:
    assert row.cache_ttl == CACHED.get(row.name)
    assert row.clears_cache == (row.safety is not Safety.READ)


@pytest.mark.parametrize("row", ROWS)
def test_what_makes_something_has_120_seconds(row: Operation) -> None:
    assert row.deadline == (120 if row.creates or row.name == "async_run" else None)


@pytest.mark.parametrize("row", ROWS)
def test_the_family_follows_from_the_base(row: Operation) -> None:
    assert row.family == {"internal": "internal", "gateway": "gateway"}.get(row.base, "public")
    assert (row.family == "internal") == (row.name == "query_internal_jobs")
    assert (row.family == "gateway") == row.name.startswith("async_")


@pytest.mark.parametrize("row", ROWS)
def test_every_answer_is_read_into_a_public_model(row: Operation) -> None:
    assert row.result.model is None or hasattr(models, row.result.model)
    assert (row.result.shape == "list") == (row.name.startswith("list_") or row.name == "query_internal_jobs")


# ------------------------------------------------------------ safety of one call


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"instanceId": "i", "ports": []}, Safety.IDEMPOTENT),
        ({"instanceId": "i", "expandRootDisk": 10}, Safety.UNSAFE),
        ({"instanceId": "i", "ports": [], "expandRootDisk": 10}, Safety.UNSAFE),
        ({"instanceId": "i", "ports": [], "expandRootDisk": 0}, Safety.IDEMPOTENT),
    ],
)
def test_an_edit_that_enlarges_the_disk_must_not_happen_twice(
    body: dict[str, object], expected: Safety
) -> None:
    assert safety_of(operations.EDIT_INSTANCE, body) is expected


def test_the_body_matters_for_no_other_operation() -> None:
    assert safety_of(operations.STOP_INSTANCE, {"instanceId": "i", "expandRootDisk": 10}) is Safety.IDEMPOTENT
    assert safety_of(operations.GET_INSTANCE, None) is Safety.READ


@pytest.mark.parametrize(
    ("method", "vouched", "expected"),
    [
        ("GET", None, Safety.READ),
        ("head", None, Safety.READ),
        ("POST", None, Safety.UNSAFE),
        ("DELETE", None, Safety.UNSAFE),
        ("POST", "read", Safety.READ),
        ("POST", "idempotent", Safety.IDEMPOTENT),
        ("GET", "unsafe", Safety.UNSAFE),
    ],
)
def test_an_unlisted_call_is_unsafe_unless_it_reads_or_someone_vouches(
    method: str, vouched: str | None, expected: Safety
) -> None:
    assert safety_of_request(method, vouched) is expected


def test_an_unknown_safety_word_is_refused() -> None:
    with pytest.raises(ValidationError) as caught:
        safety_of_request("POST", "harmless")
    assert caught.value.problems[0].field == "safety"
