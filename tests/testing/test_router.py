"""Requests are checked strictly, as the operation table says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from novita_sdk._core import operations
from novita_sdk.testing import Simulator
from novita_sdk.testing.cloud.cloud import HANDLERS
from novita_sdk.testing.router import ROUTES

BASE = "https://api.simulated.test/gpu-instance/openapi/v1"


def test_every_operation_of_the_table_is_answered() -> None:
    assert operations.ALL.keys() == HANDLERS.keys() == {operation.name for operation in ROUTES.values()}
    assert len(HANDLERS) == 65


@pytest.mark.parametrize(
    ("operation", "args", "named"),
    [
        ("list_instances", {"page_size": 3}, "page_size"),
        ("list_instances", {"pageSize": "many"}, "pageSize"),
        ("list_instances", {"pageSize": -1}, "pageSize"),
        ("list_gpu_products", {"gpuNum": 9}, "gpuNum"),
        ("get_instance", {}, "instanceId"),
        ("list_image_prewarms", {"page": 0}, "page"),
        ("stop_instance", {}, "instanceId"),
        ("stop_instance", {"instanceId": 7}, "instanceId"),
        ("stop_instance", {"instanceId": "a", "force": True}, "force"),
        ("create_instance", {"kind": "gpu", "productId": "x", "imageUrl": "y", "gpuNum": 9}, "gpuNum"),
        ("create_instance", {"kind": "cpu", "productId": "x", "imageUrl": "y", "gpuNum": 1}, "gpuNum"),
        (
            "create_instance",
            {"kind": "cpu", "productId": "x", "imageUrl": "y", "envs": [{"name": "A"}]},
            "envs[0].name",
        ),
        ("create_template", {"template": {"name": "x"}}, "template.image"),
        ("break_job", {"job_id": "x"}, "job_id"),
    ],
)
def test_unknown_missing_and_wrong_arguments_are_refused_by_name(
    call_on: Any, operation: str, args: dict[str, Any], named: str
) -> None:
    answer = call_on(Simulator(), operation, **args)
    assert (answer.status, answer.body["reason"]) == (400, "VALIDATOR_PARAM")
    assert named in answer.body["message"]


def test_empty_query_values_mean_any(call_on: Any) -> None:
    assert call_on(Simulator(), "list_jobs", state="", type="").status == 200


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'"x"'])
def test_a_body_that_is_no_json_object_is_refused(body: bytes) -> None:
    sim = Simulator()
    headers = {"Authorization": f"Bearer {sim.api_key}", "User-Agent": "tests"}
    assert sim.receive("POST", f"{BASE}/gpu/instance/stop", headers, body).status == 400


def test_a_body_that_cannot_be_read_is_none_in_the_journal() -> None:
    sim = Simulator()
    sim.receive("POST", f"{BASE}/gpu/instance/stop", {}, b"{password")
    assert sim.journal[0].body is None


def test_a_write_with_a_query_is_refused() -> None:
    sim = Simulator()
    headers = {"Authorization": f"Bearer {sim.api_key}", "User-Agent": "tests"}
    url = f"{BASE}/gpu/instance/stop?instanceId=x"
    assert b"instanceId" in sim.receive("POST", url, headers, b'{"instanceId":"x"}').body
    assert sim.journal[0].status == 400


def test_a_read_with_a_body_is_refused() -> None:
    sim = Simulator()
    headers = {"Authorization": f"Bearer {sim.api_key}", "User-Agent": "tests"}
    assert sim.receive("GET", f"{BASE}/clusters", headers, b"{}").status == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/gpu/instance/create"),
        ("POST", "/clusters"),
        ("GET", "/nothing"),
        ("DELETE", "/gpu/instance"),
    ],
)
def test_an_unknown_route_is_404(method: str, path: str) -> None:
    sim = Simulator()
    headers = {"Authorization": f"Bearer {sim.api_key}", "User-Agent": "tests"}
    assert sim.receive(method, BASE + path, headers, b"").status == 404


def test_only_the_key_of_the_family_opens_its_host(call_on: Any) -> None:
    sim = Simulator()
    assert call_on(sim, "list_clusters", key="wrong").body["reason"] == "UNAUTHORIZED"
    assert call_on(sim, "list_clusters", key=sim.internal_api_key).status == 401
    assert call_on(sim, "query_internal_jobs", key=sim.api_key).status == 401
    assert call_on(sim, "query_internal_jobs").status == 200
    assert sim.receive("GET", f"{BASE}/clusters", {"User-Agent": "tests"}, b"").status == 401


def test_the_bare_user_agent_of_the_standard_library_is_forbidden() -> None:
    sim = Simulator()
    headers = {"Authorization": f"Bearer {sim.api_key}", "User-Agent": "Python-urllib/3.11"}
    assert sim.receive("GET", f"{BASE}/clusters", headers, b"").status == 403


def test_answers_carry_server_time_and_an_id(bench: Any, call_on: Any) -> None:
    headers = call_on(bench.sim, "list_clusters").headers
    assert headers["Content-Type"] == "application/json"
    assert headers["Date"].endswith("GMT")
    assert headers["X-Request-ID"] == "sim-00000001"


def test_the_journal_keeps_what_was_sent_without_its_secrets(bench: Any) -> None:
    bench("save_repository_auth", name="hub", username="u", password="hunter2-secret")
    bench("list_instances", pageSize=5, pageNum=1)
    saved, listed = bench.sim.journal
    assert saved.body == {"name": "hub", "username": "u", "password": "[REDACTED]"}
    assert b"hunter2-secret" in saved.raw_body
    assert "hunter2-secret" not in repr(saved)
    assert bench.sim.api_key not in repr(saved.headers)
    assert (listed.method, listed.family, listed.path) == (
        "GET",
        "public",
        "/gpu-instance/openapi/v1/gpu/instances",
    )
    assert listed.query == {"pageSize": "5", "pageNum": "1"}
    assert (saved.status, listed.status, listed.number) == (204, 200, 2)
    assert (bench.sim.requests("list_instances"), bench.sim.requests(), len(bench.sim.journal)) == (1, 2, 2)
    assert bench.sim.journal.of("list_instances") == [bench.sim.journal[1]]


def test_the_journal_tells_attempts_of_one_call_apart() -> None:
    sim = Simulator()
    headers = {"User-Agent": "tests", "X-Correlation-ID": "nvt-1"}
    sim.receive("GET", f"{BASE}/clusters", headers, b"")
    sim.receive("GET", f"{BASE}/clusters", {**headers, "x-retry-count": "1"}, b"")
    assert [(entry.correlation_id, entry.retry_count) for entry in sim.journal] == [
        ("nvt-1", 0),
        ("nvt-1", 1),
    ]


def test_a_body_with_bytes_beyond_ascii_is_read_as_sent(bench: Any) -> None:
    sim = bench.sim
    headers = {"Authorization": f"Bearer {sim.api_key}", "User-Agent": "tests"}
    template = {
        "name": "prêt ✓",
        "type": "instance",
        "channel": "private",
        "image": "nginx",
        "rootfsSize": 20,
    }
    body = json.dumps({"template": template}, ensure_ascii=False).encode()
    made = json.loads(sim.receive("POST", f"{BASE}/template/create", headers, body).body)
    assert bench("get_template", templateId=made["templateId"])["template"]["name"] == "prêt ✓"
    assert sim.journal[0].raw_body == body
