"""Several instances created together: enough of them, or none."""

from __future__ import annotations

from typing import Any

import pytest

from novita_sdk._async.client import AsyncNovita
from novita_sdk.errors import (
    AuthenticationError,
    CapacityError,
    CleanupError,
    FleetCreateError,
    ServerError,
    ValidationError,
)
from novita_sdk.models.fleet import FleetReport
from novita_sdk.testing import Fault, Simulator

pytestmark = pytest.mark.anyio

PRODUCT = "4090.16c96g.v2"
SOLD_OUT = {"code": 400, "reason": "INSUFFICIENT_RESOURCE", "message": "none left"}


def renting(simulator: Simulator, **settings: Any) -> AsyncNovita:
    return simulator.async_client(rate_limits={"public": None}, **settings)


def wanted(**changes: Any) -> dict[str, Any]:
    return {"product_id": PRODUCT, "image_url": "nginx", "name": "job", **changes}


def refuse(simulator: Simulator, *names: str, **answer: Any) -> None:
    """Refuse to create the instances of these names."""
    for name in names:
        simulator.faults.add(
            Fault(
                "status",
                operation="create_instance",
                when=lambda entry, name=name: entry.body["name"] == name,
                **{"status": 400, "body": SOLD_OUT, "times": None, **answer},
            )
        )


def living(simulator: Simulator) -> list[str]:
    """The names of all instances that cost money."""
    now = round(simulator.server_time() * 1000)
    found = simulator.cloud.world.instances.values()
    gone = {"toRemove", "removing", "removed"}
    return sorted(one.name for one in found if one.timeline.at(now).status not in gone)


async def missed(client: AsyncNovita, count: int, **arguments: Any) -> FleetReport:
    with pytest.raises(FleetCreateError) as caught:
        await client.gpu_instances.create_many(count, **wanted(**arguments))
    report = caught.value.report
    assert isinstance(report, FleetReport)
    assert caught.value.operation_id == report.operation_id
    return report


async def test_all_of_them_are_created() -> None:
    simulator = Simulator(seed=1)
    async with renting(simulator) as client:
        fleet = await client.gpu_instances.create_many(3, **wanted())
    assert living(simulator) == ["job-0", "job-1", "job-2"]
    assert len(fleet) == 3
    assert [made.operation_id for made in fleet] == [f"{fleet.operation_id}-{index}" for index in range(3)]
    assert str(fleet) == "3 of 3 created"


async def test_the_index_stands_where_the_name_wants_it() -> None:
    simulator = Simulator(seed=1)
    async with renting(simulator) as client:
        await client.gpu_instances.create_many(2, **wanted(name="part-{index}-of-2"))
    assert living(simulator) == ["part-0-of-2", "part-1-of-2"]


@pytest.mark.case("R-05")
async def test_all_or_nothing_takes_back_exactly_what_it_made() -> None:
    simulator = Simulator(seed=1)
    async with renting(simulator) as client:
        await client.gpu_instances.create(**wanted(name="job-0"))  # somebody else's, of the same name
        refuse(simulator, "job-2")
        report = await missed(client, 4, max_concurrency=1)
    assert living(simulator) == ["job-0"]
    assert [made.operation_id for made in report.created] == [
        f"{report.operation_id}-0",
        f"{report.operation_id}-1",
    ]
    assert set(report.rolled_back) == {made.id for made in report.created}
    assert [(index, type(error)) for index, error in report.failed] == [(2, CapacityError)]
    assert (list(report), len(report), report.rollback_failed) == ([], 0, ())
    assert simulator.requests("create_instance") == 4  # the fourth of the fleet was never begun


@pytest.mark.case("R-05")
async def test_enough_of_them_are_kept() -> None:
    simulator = Simulator(seed=1)
    async with renting(simulator) as client:
        refuse(simulator, "job-1")
        fleet = await client.gpu_instances.create_many(4, policy="at_least", minimum=3, **wanted())
    assert living(simulator) == ["job-0", "job-2", "job-3"]
    assert (len(fleet), [index for index, _ in fleet.failed]) == (3, [1])


async def test_a_fleet_that_was_taken_back_is_made_anew_by_the_same_call() -> None:
    simulator = Simulator(seed=1)
    async with renting(simulator) as client:
        refuse(simulator, "job-1", times=1)
        report = await missed(client, 2, operation_id="fleet-of-two")
        fleet = await client.gpu_instances.create_many(2, operation_id="fleet-of-two", **wanted())
    assert living(simulator) == ["job-0", "job-1"]
    assert not {made.id for made in fleet} & set(report.rolled_back), "what is deleted is no fleet"


async def test_it_stops_once_enough_cannot_be_reached() -> None:
    simulator = Simulator(seed=1)
    async with renting(simulator) as client:
        refuse(simulator, "job-1", "job-2")
        report = await missed(client, 8, policy="at_least", minimum=7, max_concurrency=1)
    assert simulator.requests("create_instance") == 3
    assert [index for index, _ in report.failed] == [1, 2]
    assert living(simulator) == []


async def test_too_few_can_be_kept() -> None:
    simulator = Simulator(seed=1)
    async with renting(simulator) as client:
        refuse(simulator, "job-1")
        report = await missed(client, 2, on_failure="keep")
    assert living(simulator) == ["job-0"]
    assert len(report) == 1


async def test_a_refused_key_ends_everything_at_once() -> None:
    simulator = Simulator(seed=1)
    async with renting(simulator, api_key="wrong-key-0123456789") as client:
        report = await missed(client, 9, policy="at_least", minimum=1, max_concurrency=1)
    assert simulator.requests("create_instance") == 1
    assert isinstance(report.failed[0][1], AuthenticationError)


async def test_wrong_arguments_are_told_as_such() -> None:
    simulator = Simulator(seed=1)
    async with renting(simulator) as client:
        with pytest.raises(ValidationError, match="gpu_num"):
            await client.gpu_instances.create_many(3, **wanted(gpu_num=99))
    assert simulator.requests() == 0


async def test_what_nobody_knows_of_is_looked_for_before_it_is_decided() -> None:
    simulator = Simulator(seed=1)
    async with renting(simulator, breakers={"public": None}) as client:
        lost = Fault("lost_reply", operation="create_instance", times=1, after=1)
        blind = Fault("status", operation="list_instances", status=500, times=3)
        simulator.faults.add(lost, blind)
        fleet = await client.gpu_instances.create_many(2, max_concurrency=1, **wanted(settle=2))
    assert simulator.requests("create_instance") == 2
    assert living(simulator) == ["job-0", "job-1"]
    assert [made.adopted for made in fleet] == [False, True]


async def test_what_cannot_be_taken_back_is_told() -> None:
    simulator = Simulator(seed=1)
    async with renting(simulator, breakers={"public": None}) as client:
        refuse(simulator, "job-1")
        simulator.faults.add(Fault("status", operation="delete_instance", status=500, times=None))
        report = await missed(client, 2, max_concurrency=1)
    [(left, error)] = report.rollback_failed
    assert (left, report.rolled_back) == (report.created[0].id, ())
    assert isinstance(error, CleanupError)
    assert isinstance(error.__cause__, ServerError)


async def test_the_same_operation_makes_none_a_second_time() -> None:
    simulator = Simulator(seed=1)
    async with renting(simulator) as client:
        first = await client.gpu_instances.create_many(2, operation_id="nightly-01", **wanted())
        again = await client.gpu_instances.create_many(2, operation_id="nightly-01", **wanted())
    assert first.ids == again.ids
    assert simulator.requests("create_instance") == 2


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"count": 0}, "count"),
        ({"count": True}, "count"),
        ({"policy": "most"}, "policy"),
        ({"minimum": 2}, "minimum"),
        ({"policy": "at_least"}, "minimum"),
        ({"policy": "at_least", "minimum": 4}, "minimum"),
        ({"max_concurrency": 0}, "max_concurrency"),
        ({"on_failure": "retry"}, "on_failure"),
        ({"name": ""}, "name"),
        ({"operation_id": "x" * 64}, "operation_id"),
    ],
)
async def test_wrong_terms_are_refused(changes: dict[str, Any], named: str) -> None:
    simulator = Simulator(seed=1)
    async with renting(simulator) as client:
        with pytest.raises(ValidationError, match=named):
            await client.gpu_instances.create_many(**{"count": 3, **wanted(**changes)})
    assert simulator.requests() == 0
