"""The table of types: what each accepts, what gives its default, what is an error."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novita_sdk._core.codec import DecodeFailure, structure
from novita_sdk._core.decoding import decoder, find_fault
from novita_sdk.models import (
    UNSET,
    BillingMode,
    EnvVar,
    GpuProduct,
    Instance,
    InstanceStatus,
    Job,
    MetricPoint,
    Model,
    Money,
    MonthlyInvoice,
    Network,
    NetworkStateName,
    NodeInfo,
    PortMapping,
    PortType,
    Secret,
    SubscriptionBill,
    Template,
    TemplateTool,
    UsageBill,
)
from tests.core.wire_objects import MODELS, objects

INSTANT = datetime(2024, 4, 15, 6, 24, 20, tzinfo=UTC)
LEFT_OUT = object()


def read(model: type[Model], key: str, value: Any) -> Any:
    """Read an object with one key and give the field it sets."""
    raw = {"id": "i-1", "Id": "i-1"} | ({} if value is LEFT_OUT else {key: value})
    known = next(name for name in dir(model) if name.replace("_", "").lower() == key.lower())
    return getattr(structure(model, raw), known)


ACCEPTED = [
    (Instance, "gpuNum", 1, 1),
    (Instance, "gpuNum", "1", 1),
    (Instance, "gpuNum", " -12 ", -12),
    (Instance, "gpuNum", "100000", 100_000),
    (Instance, "gpuNum", Decimal("1.0"), 1),
    (Instance, "gpuNum", 1.0, 1),
    (GpuProduct, "canBuy", True, True),
    (GpuProduct, "canBuy", "false", False),
    (GpuProduct, "canBuy", "TRUE", True),
    (GpuProduct, "canBuy", 0, False),
    (GpuProduct, "canBuy", "1", True),
    (Instance, "templateId", "107672", "107672"),
    (Instance, "templateId", 107672, "107672"),
    (Instance, "name", "", ""),
    (NodeInfo, "maxRootfsSize", 30, Decimal(30)),
    (NodeInfo, "maxRootfsSize", "30", Decimal(30)),
    (NodeInfo, "maxRootfsSize", Decimal("30.5"), Decimal("30.5")),
    (NodeInfo, "maxRootfsSize", "-3.05e1", Decimal("-30.5")),
    (NodeInfo, "maxRootfsSize", 0.5, Decimal("0.5")),
    (MetricPoint, "value", Decimal("3.2"), 3.2),
    (MetricPoint, "value", 40, 40.0),
    (MetricPoint, "value", "11.5", 11.5),
    (Instance, "endTime", 1713162260, INSTANT),
    (Instance, "endTime", "1713162260", INSTANT),
    (Instance, "endTime", 1713162260000, INSTANT),
    (Instance, "endTime", "1713162260000", INSTANT),
    (Instance, "endTime", Decimal("1713162260.5"), INSTANT.replace(microsecond=500_000)),
    (Instance, "endTime", "2024-04-15T06:24:20Z", INSTANT),
    (Instance, "endTime", "2024-04-15T08:24:20.000000000+02:00", INSTANT),
    (Instance, "endTime", "2024-04-15 06:24:20", INSTANT),
    (Instance, "endTime", 99_999_999_999, datetime(5138, 11, 16, 9, 46, 39, tzinfo=UTC)),
    (Instance, "status", "running", InstanceStatus.RUNNING),
    (Instance, "billingMode", "onDemand", BillingMode.ON_DEMAND),
    (Instance, "password", "p", Secret("p")),
    (Instance, "instancePrice", "35000", Money(35000, 100_000)),
    (GpuProduct, "regions", ["a", 5], ("a", "5")),
    (Instance, "gpuIds", [0, "1"], (0, 1)),
    (Instance, "envs", {"key": "A", "value": "1"}, (EnvVar(key="A", value="1"),)),
    (Job, "envs", ["A=b=c", {"key": "D"}], (EnvVar(key="A", value="b=c"), EnvVar(key="D"))),
    (Template, "tools", ["Jupyter"], (TemplateTool(name="Jupyter"),)),
    (Instance, "node", {"maxRootfsSize": 1}, (NodeInfo(max_rootfs_size=Decimal(1)),)),
]
DEFAULTS = [
    (Instance, "gpuNum", None),
    (GpuProduct, "canBuy", None),
    (NodeInfo, "maxRootfsSize", None),
    (MetricPoint, "value", None),
    (Instance, "endTime", None),
    (Instance, "billingMode", None),
    (Instance, "instancePrice", None),
    (PortMapping, "type", PortType.TCP),
]
REFUSED = [
    (
        Instance,
        "gpuNum",
        [Decimal("1.9"), True, "x", "1.0", "1_0", "+1", "٣", [], {}, "9" * 5000, Decimal("1e400")],
    ),
    (GpuProduct, "canBuy", [2, "yes", " true", Decimal(1), [], {}]),
    (Instance, "templateId", [True, Decimal("1.5"), [], {}]),
    (NodeInfo, "maxRootfsSize", ["x", True, "NaN", [], "Infinity", "1,5", Decimal("1e999999999")]),
    (MetricPoint, "value", ["x", False, {}, "inf"]),
    (
        Instance,
        "endTime",
        ["soon", True, [], 10**18, "2024-13-01T00:00:00Z", "2024-04-15", "0001-01-01T00:00:00+10:00"],
    ),
    (Instance, "status", [1, True, [], {}]),
    (Instance, "password", [True, [], {}]),
    (Instance, "instancePrice", ["0.35", True, []]),
    (GpuProduct, "regions", ["x", 1, {}, [None], [True]]),
    (Instance, "envs", ["x", 1, [None], [[{"key": "A"}]]]),
    (Instance, "ssh", []),
    (Instance, "network", ["x", 1, [{}, {}], [[]]]),
    (Instance, "id", [None, True, []]),
]


@pytest.mark.parametrize(("model", "key", "value", "expected"), ACCEPTED)
def test_every_accepted_spelling_gives_the_value(
    model: type[Model], key: str, value: Any, expected: Any
) -> None:
    found = read(model, key, value)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize("value", ["", None, LEFT_OUT], ids=["empty", "null", "missing"])
@pytest.mark.parametrize(("model", "key", "default"), DEFAULTS)
def test_what_is_left_out_gives_the_default(model: type[Model], key: str, value: Any, default: Any) -> None:
    assert read(model, key, value) is default


@pytest.mark.parametrize("value", ["-1", "0", 0, -5, "-12", Decimal("-0.5")])
def test_a_time_of_zero_or_less_is_no_time(value: Any) -> None:
    assert read(Instance, "spotReclaimTime", value) is None


@pytest.mark.parametrize("value", [None, LEFT_OUT, []])
def test_an_absent_list_is_empty(value: Any) -> None:
    assert read(Instance, "portMappings", value) == ()


@pytest.mark.parametrize("value", [None, LEFT_OUT, []])
def test_an_absent_object_is_none(value: Any) -> None:
    assert read(Instance, "network", value) is None


@pytest.mark.parametrize(("model", "key", "value"), [(m, k, v) for m, k, values in REFUSED for v in values])
def test_everything_else_is_an_error_at_its_place(model: type[Model], key: str, value: Any) -> None:
    with pytest.raises(DecodeFailure) as caught:
        structure(model, {"id": "i-1", "Id": "i-1", key: value})
    assert caught.value.path.startswith(f"$.{key}")
    assert caught.value.model == model.__name__


def test_a_missing_id_is_an_error() -> None:
    with pytest.raises(DecodeFailure, match=r"\$\.Id: is missing"):
        structure(Job, {"id": "j-1"})


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        ({"id": 1, "portMappings": [{"port": 1}, {"port": "x"}]}, "$.portMappings[1].port"),
        ({"id": 1, "envs": {"key": []}}, "$.envs.key"),
        ({"id": 1, "network": [{"ip": []}]}, "$.network[0].ip"),
        ({"id": 1, "gpuIds": [1, "x"]}, "$.gpuIds[1]"),
        ([], "$"),
        ("x", "$"),
        (None, "$"),
    ],
)
def test_the_path_leads_into_nested_values(raw: Any, path: str) -> None:
    with pytest.raises(DecodeFailure) as caught:
        structure(Instance, raw)
    assert caught.value.path == path


def test_an_error_in_a_text_field_does_not_tell_its_value() -> None:
    with pytest.raises(DecodeFailure) as caught:
        structure(Instance, {"id": "i", "password": Decimal("12345.5")})
    assert "12345" not in str(caught.value)


@pytest.mark.parametrize("state", [{"state": "ready"}, [{"state": "ready"}]])
def test_the_state_of_a_network_is_read_as_object_and_as_array(state: Any) -> None:
    found = structure(Network, {"Id": "1", "state": state}).state
    assert found is not None
    assert found.state is NetworkStateName.READY


def test_ports_of_a_template_keep_their_order() -> None:
    groups = [{"type": "http", "ports": [80, "8188"]}, {"type": "tcp", "ports": [22]}, {"ports": [9]}]
    found = structure(Template, {"Id": 1, "ports": groups})
    assert list(map(str, found.ports)) == ["80/http", "8188/http", "22/tcp", "9/tcp"]


def test_an_unknown_word_stays_readable() -> None:
    status = structure(Instance, {"id": 1, "status": "warp"}).status
    assert status is InstanceStatus("warp")
    assert not status.known


def test_the_exact_amount_of_a_bill_wins_over_the_rounded_one() -> None:
    bill = structure(UsageBill, {"amount": "0", "amountDecimal": "0.000012", "payAmount": "84000"})
    assert bill.amount == Money.from_usd("0.000012")
    assert bill.pay_amount == Money.from_usd("8.4")
    assert bill.voucher_amount is None


def test_the_exact_amounts_of_a_statement_win_too() -> None:
    raw = {
        "totalAmount": "84000",
        "totalAmountDecimal": "8.40001",
        "cashPayAmount": 5,
        "voucherPayAmountDecimal": "",
    }
    invoice = structure(MonthlyInvoice, raw)
    assert invoice.total_amount == Money.from_usd("8.40001")
    assert invoice.cash_pay_amount == Money(5, 10_000)
    assert invoice.voucher_pay_amount is None


@pytest.mark.parametrize(
    ("raw", "price"),
    [
        ({"basePrice0": "35000", "pricePrecision": "10"}, Decimal("0.35")),
        ({"basePrice0": "35000", "pricePrecision": "0"}, None),
        ({"basePrice0": "35000"}, None),
        ({"pricePrecision": 10}, None),
    ],
)
def test_a_unit_price_is_divided_by_units_and_precision(raw: dict[str, Any], price: Decimal | None) -> None:
    second = {key.replace("0", "1"): value for key, value in raw.items()}
    single = {key.replace("0", ""): value for key, value in raw.items()}
    assert structure(UsageBill, raw).unit_price_0 == price
    assert structure(UsageBill, second).unit_price_1 == price
    assert structure(SubscriptionBill, single).unit_price == price


@given(st.sampled_from(MODELS).flatmap(lambda model: st.tuples(st.just(model), objects(model, spoiled=True))))
def test_fast_and_detailed_reading_agree_on_any_json(case: tuple[type[Model], Any]) -> None:
    model, raw = case
    try:
        decoder(model)(raw)
        fast = True
    except Exception:  # noqa: BLE001  # whatever the generated statements raise
        fast = False
    assert fast is (find_fault(model, raw, "$") is None)


@given(
    st.sampled_from(MODELS), st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.integers())
)
def test_what_is_no_object_is_refused_unless_a_text_form_exists(model: type[Model], raw: Any) -> None:
    if isinstance(raw, str) and hasattr(model, "from_text"):
        assert type(structure(model, raw)) is model
    else:
        with pytest.raises(DecodeFailure, match=r"^\$: expected an object"):
            structure(model, raw)


def test_no_field_is_left_unset() -> None:
    for model in MODELS:
        found = structure(model, {"id": "1", "Id": "1", "storageId": "1"})
        assert UNSET not in [getattr(found, attribute.name, UNSET) for attribute in attrs.fields(model)]
