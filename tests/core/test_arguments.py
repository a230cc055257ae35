"""Arguments become wire values, and everything wrong with them is told at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novita_sdk._core import operations
from novita_sdk._core.arguments import Draft, argument_name, check_fields, nothing_to_change
from novita_sdk._core.operations import Field
from novita_sdk._core.requests.plain import body_values, query_values
from novita_sdk.errors import ValidationError
from novita_sdk.models.enums import BillingMode, InstanceStatus, JobState
from novita_sdk.models.secret import Secret
from novita_sdk.models.unset import UNSET

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def fields_of(error: ValidationError) -> list[str]:
    return [problem.field for problem in error.problems]


def query(name: str, /, **values: object) -> dict[str, Any]:
    return query_values(operations.ALL[name], values)


def body(name: str, /, **values: object) -> dict[str, Any]:
    return body_values(operations.ALL[name], values)


# ------------------------------------------------------------ names


@pytest.mark.parametrize(
    ("wire", "python"),
    [
        ("imageUrl", "image_url"),
        ("minRootFSSize", "min_root_fs_size"),
        ("gpuNum", "gpu_num"),
        ("Id", "id"),
        ("ownerID", "owner_id"),
        ("isMyCommunity", "is_my_community"),
        ("name", "name"),
    ],
)
def test_arguments_are_named_in_snake_case(wire: str, python: str) -> None:
    assert argument_name(wire) == python


def test_no_two_fields_of_an_operation_have_one_python_name() -> None:
    for row in operations.ALL.values():
        for fields in (row.query, row.body or (), *(shape for _, shape in row.variants)):
            names = [argument_name(field.name) for field in fields]
            assert len(names) == len(set(names)), row.name


# ------------------------------------------------------------ the check


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        (Field(name="x", type="str"), ["", "a"], [1, None, True, ["a"], {}]),
        (Field(name="x", type="int"), [0, -1], ["1", 1.0, True, None, 2**63]),
        (Field(name="x", type="bool"), [True, False], [0, 1, "true", None]),
        (Field(name="x", type="time"), [0, 1713162260, "1713162260"], ["", "soon", 1.5, True, "1" * 20]),
        (Field(name="x", type="duration"), [60], ["60", 1.5, True]),
        (Field(name="x", type="int_or_str"), [1, "1", "-1"], ["", "1.0", " 1", "\u0661", 1.5]),
        (Field(name="x", type="array"), [[], ["a"], ("a",)], ["a", {}, None, 1]),
        (Field(name="x", type="object"), [{}, {"y": 1}], [[], "a", None]),
        (Field(name="x", type="int", min=1, max=8), [1, 8], [0, 9]),
        (Field(name="x", type="int_or_str", min=10), [10, "10"], [9, "9"]),
        (Field(name="x", type="str", min_length=1, max_length=3), ["a", "abc"], ["", "abcd"]),
        (Field(name="x", type="array", min_items=1, max_items=2), [[1], [1, 2]], [[], [1, 2, 3]]),
        (Field(name="x", type="str", enum=("a", "b")), ["a", "b"], ["c", "A", ""]),
        (Field(name="x", type="str", enum=("a",), open=True), ["a", "warp"], [1]),
        (Field(name="x", type="str", const="gpu"), ["gpu"], ["cpu", ""]),
        (Field(name="x", type="int", forbidden=(2222,)), [2221], [2222]),
        (
            Field(name="x", type="str", pattern=r"^\d{4}-\d{2}$"),
            ["2024-04"],
            ["2024-4", "2024-04\n", "\u0662024-04"],
        ),
    ],
)
def test_a_field_accepts_what_it_says_and_nothing_else(field: Field, good: list[Any], bad: list[Any]) -> None:
    assert [value for value in good if check_fields([field], {"x": value})] == []
    assert [value for value in bad if not check_fields([field], {"x": value})] == []


def test_a_missing_value_matters_only_if_it_is_required() -> None:
    fields = [Field(name="needed", type="str", required=True), Field(name="wanted", type="str")]
    assert [problem.field for problem in check_fields(fields, {})] == ["needed"]


def test_problems_lead_into_objects_and_lists() -> None:
    told = check_fields(
        operations.EDIT_INSTANCE.body or (),
        {"instanceId": "i", "ports": [{"port": 80, "type": "http"}, {"port": 2222}, "x"]},
        name=str,
    )
    assert [(problem.field, problem.message) for problem in told] == [
        ("ports[1].port", "must not be one of 2222, 2223, 2224"),
        ("ports[1].type", "is required"),
        ("ports[2]", "must be an object"),
    ]


def test_the_simulators_names_are_those_of_the_wire() -> None:
    fields, wrong = operations.CREATE_INSTANCE.body_fields({}), {"imageUrl": 1}
    assert "image_url" in [problem.field for problem in check_fields(fields, wrong)]
    assert "imageUrl" in [problem.field for problem in check_fields(fields, wrong, name=str)]


def test_a_secret_value_is_not_shown_by_the_check() -> None:
    wrong = {"envs": [{"key": "A", "value": "s3cr3t" * 1000}], "command": "s3cr3t" * 1000, "imageAuth": 5}
    told = check_fields(operations.CREATE_INSTANCE.body_fields({"kind": "gpu"}), wrong)
    assert {"envs[0].value", "command", "image_auth"} <= {problem.field for problem in told}
    assert "s3cr3t" not in str(told)


# ------------------------------------------------------------ Python values


def test_a_query_comes_in_table_order_without_what_was_left_out() -> None:
    values = query("list_jobs", endTime=NOON, type="saveImage", state=None, creators=UNSET, jobId=7)
    assert list(values.items()) == [("jobId", "7"), ("type", "saveImage"), ("endTime", 1772366400)]


@pytest.mark.parametrize("given", [InstanceStatus.RUNNING, "running"])
def test_an_enum_or_its_text_may_be_given(given: str) -> None:
    assert query("list_instances", status=given) == {"status": "running"}


def test_a_word_the_service_may_learn_is_sent_where_the_list_of_words_is_open() -> None:
    assert query("list_instances", status=InstanceStatus("warp")) == {"status": "warp"}
    assert query("list_jobs", state=JobState.PULLING) == {"state": "pulling"}


@pytest.mark.parametrize("spelling", ["on_demand", "onDemand", BillingMode.ON_DEMAND])
def test_pay_as_you_go_has_two_spellings(spelling: str) -> None:
    assert query("list_gpu_products", billingMethod=spelling) == {"billingMethod": "onDemand"}


@pytest.mark.parametrize("interval", [60, 60.0, timedelta(minutes=1)])
def test_a_duration_is_seconds_or_a_timedelta(interval: object) -> None:
    assert query("get_instance_metrics", instanceId="i", interval=interval) == {
        "instanceId": "i",
        "interval": 60,
    }


@pytest.mark.parametrize(
    "interval", [0.5, timedelta(milliseconds=15500), float("nan"), float("inf"), "60", True, 14]
)
def test_a_duration_the_api_cannot_say_is_refused(interval: object) -> None:
    with pytest.raises(ValidationError) as caught:
        query("get_instance_metrics", instanceId="i", interval=interval)
    assert fields_of(caught.value) == ["interval"]


@pytest.mark.parametrize("moment", [datetime(2026, 3, 1), 1772366400, "2026-03-01", NOON.date()])  # noqa: DTZ001
def test_a_time_without_zone_is_refused(moment: object) -> None:
    with pytest.raises(ValidationError) as caught:
        query("list_jobs", startTime=moment)
    assert fields_of(caught.value) == ["start_time"]


class ArrayInteger:
    """An integer of an array library: no `int`, but usable as an index."""

    def __index__(self) -> int:
        return 2


def test_an_integer_of_an_array_library_is_a_whole_number() -> None:
    values = query("list_gpu_products", gpuNum=ArrayInteger())
    assert values == {"gpuNum": 2}
    assert type(values["gpuNum"]) is int


@pytest.mark.parametrize("wrong", [True, 1.0, "1", [1]])
def test_what_only_looks_like_a_whole_number_is_refused(wrong: object) -> None:
    with pytest.raises(ValidationError) as caught:
        query("list_gpu_products", gpuNum=wrong)
    assert fields_of(caught.value) == ["gpu_num"]


@pytest.mark.parametrize("wrong", [1, "true", "yes"])
def test_a_switch_is_true_or_false(wrong: object) -> None:
    with pytest.raises(ValidationError) as caught:
        query("list_templates", isMyCommunity=wrong)
    assert fields_of(caught.value) == ["is_my_community"]


def test_an_unknown_wire_name_is_a_mistake_of_the_sdk() -> None:
    with pytest.raises(KeyError):
        query("list_instances", pageNumber=1)


def test_page_parameters_are_the_pagers_business() -> None:
    assert query("list_transactions", serialNumber="t") == {"serialNumber": "t"}
    with pytest.raises(KeyError):
        query("list_transactions", pageNo=1)


@pytest.mark.parametrize(("channel", "own"), [("private", True), ("official", False), ("community", False)])
def test_the_channel_of_templates_decides_whether_they_are_ones_own(channel: str, own: bool) -> None:
    assert query("list_templates", channel=channel) == {"channel": channel, "isMyCommunity": own}


def test_no_channel_of_templates_says_nothing_about_whose_they_are() -> None:
    assert query("list_templates", name="ubuntu") == {"name": "ubuntu"}
    assert query("list_templates", channel="private", isMyCommunity=False)["isMyCommunity"] is False


@given(st.integers(0, 31 * 86_400))
def test_a_window_in_order_is_accepted(length: int) -> None:
    window = query(
        "list_api_key_bills", cycleType="Day", startTime=NOON, endTime=NOON + timedelta(seconds=length)
    )
    assert window["endTime"] - window["startTime"] == length


def test_an_empty_word_is_no_word() -> None:
    with pytest.raises(ValidationError) as caught:
        query("list_jobs", state="")
    assert fields_of(caught.value) == ["state"]


def test_everything_wrong_with_a_query_is_told_at_once() -> None:
    with pytest.raises(ValidationError) as caught:
        query("list_usage_bills", cycleType="Decade", startTime=1, ownerId="..", productName=5)
    assert sorted(fields_of(caught.value)) == [
        "cycle_type",
        "owner_id",
        "product_category",
        "product_name",
        "start_time",
    ]


# ------------------------------------------------------------ plain bodies


def test_a_plain_body_is_its_arguments() -> None:
    assert body("renew_instance", instanceId="i", month=3) == {"instanceId": "i", "month": 3}
    assert body("set_auto_renew", instanceIds=["a", 2], autoRenew=False, autoRenewMonth=1) == {
        "instanceIds": ["a", "2"],
        "autoRenew": False,
        "autoRenewMonth": 1,
    }


def test_a_password_may_be_a_secret_and_is_sent_in_clear() -> None:
    values = body("save_repository_auth", name="n", username="u", password=Secret("p"))
    assert values == {"name": "n", "username": "u", "password": "p"}


def test_a_secret_where_no_secret_belongs_is_refused_unseen() -> None:
    with pytest.raises(ValidationError) as caught:
        body("save_repository_auth", name=Secret("s3cr3t"), username="u", password="s3cr3t" * 200)
    assert fields_of(caught.value) == ["name", "password"]
    assert "s3cr3t" not in str(caught.value) + caught.value.explain() + repr(caught.value)


@pytest.mark.parametrize("ids", ["abc", None, {"a": 1}, {"a"}, []])
def test_a_list_of_ids_is_a_list(ids: object) -> None:
    with pytest.raises(ValidationError) as caught:
        body("delete_image_prewarms", ids=ids)
    assert fields_of(caught.value) == ["ids"]


def test_each_odd_id_of_a_list_is_told_with_its_place() -> None:
    with pytest.raises(ValidationError) as caught:
        body("delete_image_prewarms", ids=["a", "", "b", ".."])
    assert fields_of(caught.value) == ["ids[1]", "ids[3]"]


def test_an_argument_may_have_a_name_of_its_own() -> None:
    with pytest.raises(ValidationError) as caught:
        body_values(operations.DELETE_REPOSITORY_AUTH, {"id": ""}, {"id": "registry_auth_id"})
    assert fields_of(caught.value) == ["registry_auth_id"]


@pytest.mark.parametrize("text", ["a\ud800b", "\udfff"])
def test_text_that_no_body_can_carry_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValidationError) as caught:
        body("create_network", clusterId="c", name=text)
    assert fields_of(caught.value) == ["name"]


# ------------------------------------------------------------ changes


FIELDS = (
    Field(name="note", type="str"),
    Field(name="name", type="str", min_length=1),
    Field(name="kind", type="str", enum=("a",)),
    Field(name="tags", type="array", items=Field(name="", type="str")),
    Field(name="size", type="int"),
)


def test_none_clears_what_has_an_empty_form() -> None:
    draft = Draft(FIELDS)
    draft.change("note", None)
    draft.change("tags", None)
    assert draft.finish() == {"note": "", "tags": []}


@pytest.mark.parametrize("name", ["name", "kind", "size"])
def test_none_is_refused_where_nothing_is_empty(name: str) -> None:
    draft = Draft(FIELDS)
    draft.change(name, None)
    with pytest.raises(ValidationError, match="cannot be cleared"):
        draft.finish()


def test_unset_changes_nothing() -> None:
    draft = Draft(FIELDS)
    for field in FIELDS:
        draft.change(field.name, UNSET)
    assert draft.is_empty
    assert draft.finish() == {}


def test_a_change_of_nothing_names_what_could_be_changed() -> None:
    assert str(nothing_to_change("note", "name")) == (
        "changes=UNSET: nothing to change: give at least one of note, name"
    )


def test_a_refused_argument_is_told_once_and_its_default_does_not_stand_in() -> None:
    draft = Draft(FIELDS)
    draft.put("size", 1)
    draft.put("size", "two")
    draft.refuse("size", "two", "is bad in another way")
    assert draft["size"] is None
    with pytest.raises(ValidationError) as caught:
        draft.finish()
    assert fields_of(caught.value) == ["size"]
