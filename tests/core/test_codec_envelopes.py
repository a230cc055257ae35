"""Finding the object or the list in an answer, and surviving odd items."""

from __future__ import annotations

import gc
import json
import tracemalloc
from typing import Any

import pytest

from novita_sdk._core.codec import DecodeFailure, EmptyAnswer, decode_json, read_list, read_single
from novita_sdk.models import Balance, CpuProduct, Instance, Network, Template, UsageBill

NETWORK = {"Id": "n-1"}
TEMPLATE = {"Id": "t-1", "name": "ubuntu"}


@pytest.mark.parametrize(
    "payload", [TEMPLATE, {"template": TEMPLATE}, {"template": [TEMPLATE]}, {"data": TEMPLATE}, [TEMPLATE]]
)
def test_a_single_object_is_found_bare_and_under_its_keys(payload: Any) -> None:
    assert read_single(Template, payload, ["template"]).name == "ubuntu"


def test_an_instance_is_found_under_its_tolerated_key() -> None:
    assert read_single(Instance, {"instance": {"id": "i"}}).id == "i"


def test_an_object_with_a_key_that_looks_like_an_envelope_is_still_the_object() -> None:
    assert read_single(Instance, {"id": "i", "data": {"id": "other"}}).id == "i"


@pytest.mark.parametrize("payload", [{}, None, [], {"template": {}}, {"template": None}, {"template": []}])
def test_an_empty_answer_is_told_apart(payload: Any) -> None:
    with pytest.raises(EmptyAnswer):
        read_single(Template, payload, ["template"])


@pytest.mark.parametrize("payload", [{"rows": []}, {"rows": {"availableBalance": "1"}}])
def test_an_object_nowhere_found_names_the_keys_sought(payload: Any) -> None:
    with pytest.raises(DecodeFailure, match=r"^\$: .*wallet or data or instance.*rows"):
        read_single(Balance, payload, ["wallet"])


@pytest.mark.parametrize("payload", [3, "x", True, [TEMPLATE, TEMPLATE]])
def test_anything_else_is_no_single_object(payload: Any) -> None:
    with pytest.raises(DecodeFailure, match=r"^\$: expected an object"):
        read_single(Template, payload, ["template"])


def test_an_error_in_a_wrapped_object_has_the_whole_path() -> None:
    with pytest.raises(DecodeFailure) as caught:
        read_single(Template, {"template": {"Id": "1", "rootfsSize": "x"}}, ["template"])
    assert caught.value.path == "$.template.rootfsSize"


@pytest.mark.parametrize(
    "payload",
    [
        {"networks": [NETWORK]},
        {"network": [NETWORK]},
        {"network": NETWORK},
        {"networks": None, "network": [NETWORK]},
        [NETWORK],
        NETWORK,
    ],
)
def test_a_list_is_found_bare_and_under_its_keys(payload: Any) -> None:
    assert [item.id for item in read_list(Network, payload, ["networks", "network"]).items] == ["n-1"]


@pytest.mark.parametrize(
    "payload",
    [None, {}, [], {"data": None}, {"data": []}, {"data": {}}, {"total": 0}, {"total": "0", "pageNum": 1}],
)
def test_an_empty_list_is_empty(payload: Any) -> None:
    reading = read_list(CpuProduct, payload, ["data"])
    assert (reading.items, reading.problems) == ([], [])


@pytest.mark.parametrize("payload", [{"rows": []}, {"rows": [{"id": 1}], "total": 0}, {"total": 3}])
def test_a_list_nowhere_found_names_the_keys_sought(payload: Any) -> None:
    with pytest.raises(DecodeFailure, match=r"^\$: expected networks or network"):
        read_list(Network, payload, ["networks", "network"])


@pytest.mark.parametrize(("payload", "path"), [("x", "$"), (1, "$"), ({"data": "x"}, "$.data")])
def test_anything_else_is_no_list(payload: Any, path: str) -> None:
    with pytest.raises(DecodeFailure, match="expected an array") as caught:
        read_list(CpuProduct, payload, ["data"])
    assert caught.value.path == path


@pytest.mark.parametrize(("total", "expected"), [(2, 2), ("2", 2), ("", None), (None, None)])
def test_the_total_is_read_as_number_or_text(total: Any, expected: int | None) -> None:
    assert read_list(Network, {"networks": [], "total": total}, ["networks"]).total == expected


def test_a_total_that_is_no_number_is_an_error() -> None:
    with pytest.raises(DecodeFailure, match=r"\$\.total"):
        read_list(Network, {"networks": [], "total": "many"}, ["networks"])


def test_one_odd_item_takes_nothing_else_down() -> None:
    odd = {"id": "i-2", "gpuNum": "abc", "name": "marked"}
    payload = {"instances": [{"id": "i-1"}, odd, {"id": "i-3"}], "total": 3}
    reading = read_list(Instance, payload, ["instances"])
    assert [item.id for item in reading.items] == ["i-1", "i-3"]
    [problem] = reading.problems
    assert (problem.index, problem.id, problem.path) == (1, "i-2", "$.instances[1].gpuNum")
    assert "abc" in problem.message
    assert problem.raw is odd


@pytest.mark.parametrize(
    ("item", "found"),
    [({"name": "x"}, None), ("x", None), (None, None), ({"id": 7, "name": []}, "7"), ({"id": True}, None)],
)
def test_a_problem_carries_the_id_if_that_can_be_read(item: Any, found: str | None) -> None:
    [problem] = read_list(Instance, [item], ["instances"]).problems
    assert problem.id == found
    assert problem.path.startswith("$[0]")


def test_records_without_an_id_have_problems_too() -> None:
    [problem] = read_list(UsageBill, {"bills": [{"amount": "x"}]}, ["bills"]).problems
    assert (problem.id, problem.path) == (None, "$.bills[0].amount")


def test_a_problem_does_not_show_the_raw_item() -> None:
    [problem] = read_list(Instance, [{"id": "i", "password": "p4ss", "gpuNum": "x"}], []).problems
    assert "p4ss" not in repr(problem)


def test_reading_a_list_needs_little_more_memory_than_its_json() -> None:
    ports = [
        {"port": port, "type": "http", "endpoint": f"https://{port}.example.test"} for port in (80, 81, 82)
    ]
    items = [
        {"id": f"i-{n}", "name": f"n-{n}", "status": "running", "gpuNum": "1", "portMappings": ports}
        for n in range(2000)
    ]
    body = json.dumps({"instances": items}).encode()
    gc.collect()
    tracemalloc.start()
    try:
        payload = decode_json(body)
        decoded = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        reading = read_list(Instance, payload, ["instances"])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(reading.items) == 2000
    assert peak <= 1.5 * decoded
