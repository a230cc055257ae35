"""What two creates with one operation id must have in common, where the service is asked before a body is built."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from novita_sdk._core.lifecycle.create_terms import asked_of, needs_plan
from novita_sdk.models.enums import BillingMode
from novita_sdk.models.product import GpuProduct
from novita_sdk.models.product_choice import ProductQuery
from novita_sdk.models.secret import Secret
from novita_sdk.models.unset import UNSET


def cheap(product: GpuProduct) -> bool:
    return product.id != ""


def test_arguments_become_json_that_tells_different_wishes_apart() -> None:
    query = ProductQuery("RTX 4090", max_price=Decimal("0.5"), where=cheap, billing=BillingMode.SPOT)
    arguments: dict[str, Any] = {
        "product": query,
        "envs": {"A": Secret("s3cret"), "B": None},
        "ports": ["80/http", 22],
        "name": UNSET,
        "gpu_num": 2,
    }
    asked = json.loads(json.dumps(asked_of(arguments)))
    assert asked["product"]["where"] == "cheap"
    assert (asked["product"]["max_price"], asked["product"]["billing"]) == ("0.5", "spot")
    assert (asked["envs"], asked["ports"]) == ({"A": "s3cret", "B": None}, ["80/http", 22])
    assert "name" not in asked
    assert asked_of({**arguments, "gpu_num": 3}) != asked_of(arguments)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"product_id": "p", "image_url": "a", "envs": {"A": "b"}}, False),
        ({"product_id": "p", "image_url": "a", "template": None, "region": UNSET}, False),
        ({"product": "RTX 4090"}, True),
        ({"template": 7}, True),
        ({"product_id": "p", "registry_auth": "robot"}, True),
        ({"product_id": "p", "envs": {"A": None}}, True),
    ],
)
def test_only_some_arguments_need_a_look_at_the_service(arguments: dict[str, Any], expected: bool) -> None:
    assert needs_plan(arguments) is expected
