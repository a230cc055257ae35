"""Where the running service differs from its reference pages: both ways of it are understood.

The answers here are composed: put together from what was seen of the service, not recorded from it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from novita_sdk._core.http import Request
from novita_sdk.errors import OutcomeUnknownError
from novita_sdk.testing import VirtualClock
from tests.aio.remote import AsyncRemote, client_of, instance

pytestmark = pytest.mark.anyio

PRODUCT = {"id": "4090.16c96g.v2", "name": "RTX 4090 24GB"}
NETWORK = {"Id": "1", "name": "lan", "clusterId": "5", "Addresses": [{"Id": "i-1", "Ip": "10.0.0.2"}]}


def query_of(request: Request) -> str:
    return request.url.partition("?")[2]


def service(clock: VirtualClock, **answers: Any) -> AsyncRemote:
    """A service that answers by operation; a list of answers is given one by one, the last for ever."""

    def step(request: Request) -> Any:
        answer = answers[request.operation]
        if isinstance(answer, list):
            return answer.pop(0) if len(answer) > 1 else answer[0]
        return answer

    return AsyncRemote(clock, step)


# --------------------------------------------------------------------------------------- products


@pytest.mark.parametrize("price", ["35000", 35000], ids=["live", "documented"])
@pytest.mark.parametrize("spot", ["17500", 17500])
async def test_prices_of_products_come_as_text_or_numbers(
    clock: VirtualClock, price: object, spot: object
) -> None:
    remote = service(clock, list_gpu_products={"data": [PRODUCT | {"price": price, "spotPrice": spot}]})
    product = await client_of(remote).products.list().one()
    assert product.price is not None
    assert product.spot_price is not None
    assert (product.price.usd, product.spot_price.usd) == (Decimal("0.35"), Decimal("0.175"))


@pytest.mark.parametrize(
    "regions", [["US-CA-06 (California)", "EU-GB-01"], ["us-ca-06"], []], ids=["live", "before 2025", "none"]
)
async def test_regions_of_products_come_as_display_names_or_codes(
    clock: VirtualClock, regions: list[str]
) -> None:
    remote = service(clock, list_gpu_products={"data": [PRODUCT | {"regions": regions}]})
    assert (await client_of(remote).products.list().one()).regions == tuple(regions)


@pytest.mark.parametrize("wrapped", [True, False], ids=["live", "documented"])
async def test_cpu_products_come_wrapped_or_bare(clock: VirtualClock, wrapped: bool) -> None:
    item = {"id": "cpu.4c8g", "name": "CPU", "cpuNum": 4, "memorySize": 8, "price": "10000"}
    remote = service(clock, list_cpu_products={"data": [item]} if wrapped else item)
    product = await client_of(remote).products.list_cpu().one()
    assert (product.id, product.cpu_num) == ("cpu.4c8g", 4)


# --------------------------------------------------------------------------------------- networks


@pytest.mark.parametrize("key", ["networks", "network"], ids=["live", "documented"])
async def test_networks_come_under_either_key(clock: VirtualClock, key: str) -> None:
    remote = service(clock, list_networks={key: [NETWORK], "total": 1})
    network = await client_of(remote).networks.list().one()
    assert network.addresses[0].ip == "10.0.0.2"


@pytest.mark.parametrize("total", ["1", 1], ids=["documented", "live"])
async def test_the_number_of_networks_comes_as_text_or_number(clock: VirtualClock, total: object) -> None:
    pager = client_of(service(clock, list_networks={"networks": [NETWORK], "total": total})).networks.list()
    await pager.collect()
    assert pager.total == 1


@pytest.mark.parametrize("state", [{"state": "ready"}, [{"state": "ready"}]], ids=["live", "documented"])
@pytest.mark.parametrize("listed", [False, True], ids=["live", "documented"])
async def test_a_network_and_its_state_come_as_objects_or_arrays_of_one(
    clock: VirtualClock, state: object, listed: bool
) -> None:
    network = NETWORK | {"state": state}
    remote = service(clock, get_network={"network": [network] if listed else network})
    found = await client_of(remote).networks.get("1")
    assert found.state is not None
    assert found.state.state == "ready"


@pytest.mark.parametrize("answer", [{}, b"", {"message": ""}], ids=["live", "empty", "with a message"])
async def test_a_new_network_is_found_by_its_name_where_the_answer_holds_no_id(
    clock: VirtualClock, answer: object
) -> None:
    nothing: dict[str, Any] = {"networks": [], "total": 0}
    lists = [nothing, nothing, nothing, {"networks": [NETWORK], "total": 1}]
    remote = service(clock, create_network=answer, list_networks=lists)
    assert await client_of(remote).networks.create(cluster_id="5", name="lan") == "1"
    assert len(remote.posts) == 1
    assert remote.times[-1] < 10


@pytest.mark.parametrize("answer", [{"network": NETWORK}, {"network": [NETWORK]}, NETWORK])
async def test_a_new_network_is_taken_from_the_answer_that_the_documentation_promises(
    clock: VirtualClock, answer: object
) -> None:
    remote = service(clock, create_network=answer, list_networks={"networks": [], "total": 0})
    assert await client_of(remote).networks.create(cluster_id="5", name="lan") == "1"


# ---------------------------------------------------------------------------------------- storages


@pytest.mark.parametrize(
    "answer",
    [{"storageId": "s-1", "storageName": "data"}, b'"s-1"', b"s-1"],
    ids=["live", "documented", "plain text"],
)
async def test_a_new_storage_is_named_by_an_object_or_a_text(clock: VirtualClock, answer: object) -> None:
    remote = service(clock, create_network_storage=answer, list_network_storages={"data": [], "total": 0})
    created = await client_of(remote).network_storages.create(
        cluster_id="5", storage_name="data", storage_size=10
    )
    assert created == "s-1"


async def test_the_new_size_of_a_storage_is_sent_as_the_service_takes_it(clock: VirtualClock) -> None:
    remote = service(clock, update_network_storage={})
    await client_of(remote).network_storages.update("s-1", storage_name="data", storage_size=20)
    assert remote.seen[0].json == {"storageId": "s-1", "storageName": "data", "storageSize": 20}


# ---------------------------------------------------------------------------------- registry logins

AUTH = {"id": "a-1", "name": "hub", "username": "u", "password": "p"}


@pytest.mark.parametrize("answer", [(204, b""), (200, {}), (200, b"")], ids=["live", "documented", "empty"])
async def test_a_new_registry_login_is_found_in_the_list(
    clock: VirtualClock, answer: tuple[int, Any]
) -> None:
    lists = [{"data": [AUTH | {"id": "a-0"}]}, {"data": [AUTH | {"id": "a-0"}, AUTH]}]
    remote = service(clock, save_repository_auth=answer, list_repository_auths=lists)
    created = await client_of(remote).registry_auths.create(name="hub", username="u", password="p")
    assert created == "a-1"
    assert len(remote.posts) == 1


@pytest.mark.parametrize("answer", [(204, b""), (200, {})], ids=["live", "documented"])
async def test_a_registry_login_is_deleted_with_or_without_a_body(
    clock: VirtualClock, answer: tuple[int, Any]
) -> None:
    remote = service(clock, delete_repository_auth=answer)
    await client_of(remote).registry_auths.delete("a-1")
    assert remote.seen[0].json == {"id": "a-1"}


# --------------------------------------------------------------------------------------- instances


@pytest.mark.parametrize("action", ["start", "stop", "restart", "delete"])
@pytest.mark.parametrize("answer", [b'{"instanceId":"i-1","state":"toStart"}', b"{}", b""])
async def test_an_action_tells_the_state_if_the_service_does(
    clock: VirtualClock, action: str, answer: bytes
) -> None:
    client = client_of(service(clock, **{f"{action}_instance": answer}))
    result = await getattr(client.gpu_instances, action)("i-1")
    assert result.instance_id == "i-1"
    assert result.status == (json.loads(answer or b"{}").get("state"))


async def read_both_ways(clock: VirtualClock, shown: Mapping[str, Any]) -> list[Any]:
    """Read an instance from the list and by its id."""
    row = instance(**shown)
    remote = service(clock, list_instances={"instances": [row], "total": 1}, get_instance=row)
    client = client_of(remote)
    pager = client.gpu_instances.list()
    found = [await pager.one(), await client.gpu_instances.get("i-1")]
    assert pager.problems == ()
    return found


@pytest.mark.parametrize("endpoint", [{"endpoint": "https://i-1-80.example.test"}, {}])
async def test_the_endpoint_of_a_port_may_be_there(clock: VirtualClock, endpoint: dict[str, str]) -> None:
    mapping = {"port": 80, "type": "http"} | endpoint
    for found in await read_both_ways(clock, {"portMappings": [mapping]}):
        assert found.port_mappings[0].endpoint == endpoint.get("endpoint")


@pytest.mark.parametrize("size", ["10", 10], ids=["list", "detail"])
async def test_the_size_of_a_volume_comes_as_text_or_number(clock: VirtualClock, size: object) -> None:
    volume = {"type": "network", "size": size, "id": "s-1", "mountPath": "/data"}
    for found in await read_both_ways(clock, {"volumeMounts": [volume]}):
        assert found.volume_mounts[0].size == 10


TIMES = ("createdAt", "lastStartedAt", "lastStoppedAt")


@pytest.mark.parametrize("value", ["1713162260", 1713162260])
async def test_the_times_of_an_instance_may_be_there(clock: VirtualClock, value: object) -> None:
    moment = datetime.fromtimestamp(1713162260, UTC)
    for found in await read_both_ways(clock, dict.fromkeys(TIMES, value)):
        assert (found.created_at, found.last_started_at, found.last_stopped_at) == (moment,) * 3
        assert found.extra == {}
    for found in await read_both_ways(clock, {}):
        assert (found.created_at, found.last_started_at, found.last_stopped_at) == (None,) * 3


@pytest.mark.parametrize("status", ["pending", "somethingNew"])
async def test_a_status_that_is_not_documented_is_kept(clock: VirtualClock, status: str) -> None:
    for found in await read_both_ways(clock, {"status": status}):
        assert found.status == status


async def test_an_empty_billing_mode_or_spot_status_is_none(clock: VirtualClock) -> None:
    for found in await read_both_ways(clock, {"billingMode": "", "spotStatus": ""}):
        assert (found.billing_mode, found.spot_status) == (None, None)


# --------------------------------------------------------------------------------------- templates


async def test_templates_are_listed_without_the_parameters_that_the_documentation_requires(
    clock: VirtualClock,
) -> None:
    remote = service(clock, list_templates={"template": [{"Id": 107672, "name": "n"}], "total": 1})
    template = await client_of(remote).templates.list().one()
    assert template.id == "107672"
    assert "channel" not in query_of(remote.seen[0].request)
    assert "isMyCommunity" not in query_of(remote.seen[0].request)


@pytest.mark.parametrize(
    "tools",
    [[{"name": "Jupyter", "describe": "d", "port": 8888, "type": "http"}], ["Jupyter"]],
    ids=["live", "once"],
)
async def test_tools_of_a_template_come_as_objects_or_texts(clock: VirtualClock, tools: list[Any]) -> None:
    remote = service(clock, get_template={"template": {"Id": "1", "name": "n", "tools": tools}})
    assert (await client_of(remote).templates.get("1")).tools[0].name == "Jupyter"


# ---------------------------------------------------------------------------------------- prewarms

TASK = {"id": "p-1", "imageUrl": "nginx", "clusterId": "5", "state": "Pending"}


async def test_a_prewarm_that_was_made_in_spite_of_status_500_is_adopted(clock: VirtualClock) -> None:
    task = TASK | {"createTime": str(int(clock.time()) + 1)}
    remote = service(
        clock,
        create_image_prewarm=(500, {"code": 500, "reason": "UNKNOWN"}),
        list_image_prewarms={"data": [task], "total": 1},
    )
    assert await client_of(remote).image_prewarms.create(image_url="nginx", cluster_id="5") == "p-1"
    assert len(remote.posts) == 1


async def test_a_prewarm_that_fails_with_status_500_is_not_sent_again(clock: VirtualClock) -> None:
    remote = service(
        clock,
        create_image_prewarm=(500, {"code": 500, "reason": "UNKNOWN"}),
        list_image_prewarms={"data": [], "total": 0},
    )
    with pytest.raises(OutcomeUnknownError):
        await client_of(remote).image_prewarms.create(image_url="nginx", cluster_id="5")
    assert len(remote.posts) == 1
