"""Decoding as a caller meets it: tolerant where that is safe, exact about what it cannot read."""

from __future__ import annotations

import logging
import pickle
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from novita_sdk._async.client import AsyncNovita
from novita_sdk._core.codec import unstructure
from novita_sdk._core.http import Request
from novita_sdk.errors import NotFoundError, ResponseDecodeError, ValidationError
from novita_sdk.models import UNSET, InstanceStatus, Port
from novita_sdk.options import CallOptions
from novita_sdk.testing import VirtualClock
from tests.aio.remote import AsyncRemote, client_of, instance

pytestmark = pytest.mark.anyio

STRICT = CallOptions(strict=True)


async def read_instance(clock: VirtualClock, **changes: Any) -> Any:
    return await client_of(AsyncRemote(clock, instance(**changes))).gpu_instances.get("i-1")


# ------------------------------------------------------------------------------------------ values


@pytest.mark.case("DC-01")
@pytest.mark.parametrize("spelling", ["1", 1, 1.0])
async def test_a_whole_number_is_read_in_each_spelling(clock: VirtualClock, spelling: Any) -> None:
    assert (await read_instance(clock, gpuNum=spelling)).gpu_num == 1


@pytest.mark.case("DC-01")
@pytest.mark.parametrize("odd", [1.9, True, "x"])
async def test_what_is_no_whole_number_is_an_error_at_its_place(clock: VirtualClock, odd: Any) -> None:
    with pytest.raises(ResponseDecodeError) as caught:
        await read_instance(clock, gpuNum=odd)
    assert (caught.value.path, caught.value.model, caught.value.status) == ("$.gpuNum", "Instance", 200)
    assert caught.value.operation == "get_instance"


@pytest.mark.case("DC-01")
async def test_words_for_no_and_times_that_mean_none_are_understood(clock: VirtualClock) -> None:
    read = await read_instance(clock, endTime="-1", spotReclaimTime="0", createdAt="", isSpot="false")
    assert (read.end_time, read.spot_reclaim_time, read.created_at) == (None, None, None)


@pytest.mark.case("DC-01")
@pytest.mark.parametrize("spelling", ["1713162260", 1713162260000, "2024-04-15T06:24:20Z"])
async def test_an_instant_is_read_in_each_spelling(clock: VirtualClock, spelling: Any) -> None:
    read = await read_instance(clock, createdAt=spelling)
    assert read.created_at == datetime(2024, 4, 15, 6, 24, 20, tzinfo=UTC)


@pytest.mark.case("DC-02")
async def test_a_new_status_is_kept_as_its_word(clock: VirtualClock) -> None:
    status = (await read_instance(clock, status="warp")).status
    thawed = pickle.loads(pickle.dumps(status))  # noqa: S301 - our own bytes
    assert (status.known, status == "warp", thawed is status) == (False, True, True)
    assert "warp" not in {member.value for member in InstanceStatus}
    assert (await read_instance(clock, billingMode="")).billing_mode is None


@pytest.mark.case("DC-03")
async def test_prices_and_balances_count_in_their_own_units(clock: VirtualClock) -> None:
    remote = AsyncRemote(
        clock,
        {"data": [{"id": "p", "price": "35000"}]},
        {"availableBalance": "10000", "creditLimit": "3500"},
    )
    client = client_of(remote)
    price = (await client.products.list().one()).price
    balance = await client.billing.balance()
    assert (price.usd, (price * 2).usd) == (Decimal("0.35"), Decimal("0.70"))
    assert balance.available_balance.usd == 1
    assert balance.credit_limit == price


@pytest.mark.case("DC-04")
async def test_unknown_keys_are_kept_at_each_level_and_not_shown(clock: VirtualClock) -> None:
    mapping = {"port": 80, "endpoint": "h:1", "type": "http", "colour": "red"}
    read = await read_instance(clock, mood="sunny", portMappings=[mapping])
    assert read.extra == {"mood": "sunny"}
    assert read.port_mappings[0].extra == {"colour": "red"}
    written = unstructure(read)
    assert (written["mood"], written["portMappings"][0]["colour"]) == ("sunny", "red")
    assert "sunny" not in repr(read)


# ------------------------------------------------------------------------------------------ odd items


def three_of_which_the_second_is_odd(**changes: Any) -> dict[str, Any]:
    odd = instance(id="i-2", gpuNum="abc", **changes)
    return {"instances": [instance(id="i-1"), odd, instance(id="i-3")], "total": 3}


@pytest.mark.case("DC-05")
async def test_one_odd_item_is_left_out_and_told(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    remote = AsyncRemote(clock, three_of_which_the_second_is_odd())
    pager = client_of(remote).gpu_instances.list()
    [page] = [page async for page in pager.pages()]
    assert [item.id for item in page.items] == ["i-1", "i-3"]
    [problem] = page.problems
    assert (problem.index, problem.id, problem.path) == (1, "i-2", "$.instances[1].gpuNum")
    assert pager.problems == page.problems
    assert [record.levelno for record in caplog.records if record.name == "novita_sdk.decode"] == [
        logging.WARNING
    ]
    assert len(remote.seen) == 1  # what could not be read counts as seen


@pytest.mark.case("DC-05")
async def test_strict_reading_raises_for_one_odd_item(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    remote = AsyncRemote(clock, three_of_which_the_second_is_odd())
    with pytest.raises(ResponseDecodeError) as caught:
        await client_of(remote).gpu_instances.list(options=STRICT).collect()
    assert caught.value.path == "$.instances[1].gpuNum"
    assert caught.value.body is not None
    assert not [record for record in caplog.records if record.name == "novita_sdk.decode"]


@pytest.mark.case("DC-05")
async def test_settling_sees_the_marker_on_an_item_that_cannot_be_read(clock: VirtualClock) -> None:
    def listed(_request: Request) -> Any:
        return three_of_which_the_second_is_odd(envs=remote.seen[0].json["envs"])

    remote = AsyncRemote(clock, 500, listed)
    created = await client_of(remote).gpu_instances.create(product_id="p", image_url="nginx")
    assert (created.id, created.adopted) == ("i-2", True)
    assert len(remote.posts) == 1


# ------------------------------------------------------------------------------------------ envelopes

NETWORK = {"Id": "n-1", "name": "net", "state": {"state": "ready"}}


@pytest.mark.case("DC-06")
@pytest.mark.parametrize(
    "answer",
    [
        {"networks": [NETWORK]},
        {"network": [NETWORK]},
        {"networks": [{**NETWORK, "state": [{"state": "ready"}]}]},
        [NETWORK],
    ],
)
async def test_a_list_is_found_in_each_of_its_envelopes(clock: VirtualClock, answer: Any) -> None:
    [found] = await client_of(AsyncRemote(clock, answer)).networks.list().collect()
    assert (found.id, found.state.state) == ("n-1", "ready")


@pytest.mark.case("DC-06")
async def test_templates_come_under_a_singular_key(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, {"template": [{"Id": "t-1"}], "total": 1})
    assert [template.id async for template in client_of(remote).templates.list()] == ["t-1"]


@pytest.mark.case("DC-06")
async def test_null_is_an_empty_list_and_foreign_keys_are_none(clock: VirtualClock) -> None:
    client = client_of(AsyncRemote(clock, {"data": None}, {"rows": []}))
    assert await client.clusters.list().collect() == []
    with pytest.raises(ResponseDecodeError, match="data") as caught:
        await client.clusters.list().collect()
    assert caught.value.path == "$"


@pytest.mark.case("DC-06")
@pytest.mark.parametrize("answer", [{}, b"null", b"[]"])
async def test_an_empty_template_is_not_found(clock: VirtualClock, answer: Any) -> None:
    with pytest.raises(NotFoundError) as caught:
        await client_of(AsyncRemote(clock, answer)).templates.get(107672)
    assert (caught.value.code, caught.value.resource_id) == ("TEMPLATE_NOT_FOUND", "107672")


async def test_an_empty_answer_for_anything_else_cannot_be_read(clock: VirtualClock) -> None:
    with pytest.raises(ResponseDecodeError):
        await client_of(AsyncRemote(clock, {})).gpu_instances.get("i-1")


# ------------------------------------------------------------------------------------------ ports


@pytest.mark.case("DC-07")
async def test_ports_are_read_from_groups_and_written_as_each_call_wants_them(clock: VirtualClock) -> None:
    groups = [{"type": "http", "ports": [80, 8188]}, {"type": "tcp", "ports": [22]}]
    remote = AsyncRemote(clock, {"template": {"Id": "t-1", "ports": groups}}, {"id": "i-1"}, {})
    client = client_of(remote)
    template = await client.templates.get("t-1")
    assert template.ports == (Port(80, "http"), Port(8188, "http"), Port(22, "tcp"))
    await client.gpu_instances.create(product_id="p", image_url="nginx", ports=list(template.ports))
    await client.gpu_instances.edit("i-1", ports=list(template.ports))
    assert remote.seen[1].json["ports"] == "80/http, 8188/http, 22/tcp"
    assert remote.seen[2].json["ports"] == [
        {"port": 80, "type": "http"},
        {"port": 8188, "type": "http"},
        {"port": 22, "type": "tcp"},
    ]


@pytest.mark.case("DC-07")
@pytest.mark.parametrize(
    "ports",
    [["2223/tcp"], ["0/http"], ["80/udp"], [f"{8000 + number}/http" for number in range(16)], [8888]],
)
async def test_ports_that_cannot_be_are_refused_before_anything_is_sent(
    clock: VirtualClock, ports: list[Any]
) -> None:
    remote = AsyncRemote(clock, {"id": "i-1"})
    with pytest.raises(ValidationError, match="ports"):
        await client_of(remote).gpu_instances.create(product_id="p", image_url="nginx", ports=ports)
    assert not remote.seen


# ------------------------------------------------------------------------------------------ replacements

TEMPLATE = {
    "Id": "t-1",
    "name": "old",
    "readme": "about",
    "type": "instance",
    "channel": "private",
    "image": "nginx",
    "rootfsSize": "60",
    "colour": "red",
}


async def updating(clock: VirtualClock, **changes: Any) -> tuple[AsyncNovita, AsyncRemote]:
    remote = AsyncRemote(clock, {"template": TEMPLATE}, {})
    client = client_of(remote, cache_ttl=60)
    await client.templates.update("t-1", **changes)
    return client, remote


@pytest.mark.case("DC-08")
async def test_a_template_is_read_and_sent_back_whole_with_its_changes(clock: VirtualClock) -> None:
    _, remote = await updating(clock, name="x")
    assert remote.paths == ["GET template", "POST template/update"]
    assert remote.seen[1].json == {"template": {**TEMPLATE, "name": "x", "rootfsSize": 60}}
    assert len({seen.header("X-Correlation-ID") for seen in remote.seen}) == 1


@pytest.mark.case("DC-08")
async def test_none_clears_a_field_of_a_template(clock: VirtualClock) -> None:
    _, remote = await updating(clock, readme=None)
    assert remote.seen[1].json["template"]["readme"] == ""


@pytest.mark.case("DC-08")
@pytest.mark.parametrize("changes", [{}, {"name": UNSET}])
async def test_an_update_of_nothing_is_refused_before_anything_is_sent(
    clock: VirtualClock, changes: dict[str, Any]
) -> None:
    remote = AsyncRemote(clock, {"template": TEMPLATE})
    with pytest.raises(ValidationError, match="nothing to change"):
        await client_of(remote).templates.update("t-1", **changes)
    assert not remote.seen


async def test_an_update_reads_past_the_cache(clock: VirtualClock) -> None:
    """What somebody else changed meanwhile must not be written back to what it was."""
    newer = {**TEMPLATE, "readme": "newer"}
    remote = AsyncRemote(clock, {"template": TEMPLATE}, {"template": newer}, {})
    client = client_of(remote, cache_ttl=600)
    await client.templates.get("t-1")
    await client.templates.update("t-1", name="x")
    assert remote.seen[2].json["template"]["readme"] == "newer"


@pytest.mark.parametrize(("answer", "error"), [({}, NotFoundError), (b"[7]", ResponseDecodeError)])
async def test_a_template_that_cannot_be_read_is_not_written(
    clock: VirtualClock, answer: Any, error: type[Exception]
) -> None:
    remote = AsyncRemote(clock, answer)
    with pytest.raises(error):
        await client_of(remote).templates.update("t-1", name="x")
    assert remote.paths == ["GET template"]


async def test_an_upgrade_sends_what_stays_and_what_changes(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, instance(command="run", envs=[{"key": "A", "value": "1"}]), instance(), {})
    await client_of(remote).gpu_instances.upgrade("i-1", image_url="other")
    body = remote.posts[0].json
    assert (body["instanceId"], body["imageUrl"], body["command"]) == ("i-1", "other", "run")
    assert body["envs"] == [{"key": "A", "value": "1"}]
    assert len({seen.header("X-Correlation-ID") for seen in remote.seen}) == 1


async def test_an_instance_that_cannot_be_read_is_not_upgraded(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, {})
    with pytest.raises(ResponseDecodeError):
        await client_of(remote).gpu_instances.upgrade("i-1", image_url="other")
    assert len(remote.seen) == 1


# ------------------------------------------------------------------------------------------ unneeded answers


@pytest.mark.parametrize("answer", [b"", b"ok", {"state": {"odd": 1}}, b"[1, 2]"])
async def test_an_action_is_done_whatever_the_service_says_to_it(clock: VirtualClock, answer: Any) -> None:
    done = await client_of(AsyncRemote(clock, answer)).gpu_instances.stop("i-1")
    assert (done.instance_id, done.status, done.settled) == ("i-1", None, False)


async def test_a_migration_tells_what_was_answered(clock: VirtualClock) -> None:
    answer = {"message": "on its way", "newInstanceId": "i-2", "colour": "red"}
    client = client_of(AsyncRemote(clock, answer))
    result = await client.gpu_instances.migrate("i-1")
    assert (result.message, result.new_instance_id, result.extra) == ("on its way", "i-2", {"colour": "red"})
    assert result.operation_id is not None
