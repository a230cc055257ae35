# Generated from tests/aio/test_settling_by_state.py by tools/unasync.py; edit the source.
"""Unsafe calls that leave no mark: their effect is looked for in what the service shows before and after."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from novita_sdk._core.http import Request
from novita_sdk._sync.client import Novita
from novita_sdk.errors import DuplicateCreateError, OutcomeUnknownError, ServerError
from novita_sdk.options import CallOptions
from novita_sdk.testing import VirtualClock
from tests.sync.remote import InTurn, Late, Remote, client_of, instance, lost, refused, routed

Call = Callable[[Novita], Any]


def grow(client: Novita) -> None:
    client.gpu_instances.edit("i-1", expand_root_disk=10)


def prolong(client: Novita) -> None:
    client.gpu_instances.renew("i-1", month=1)


def convert(client: Novita) -> None:
    client.gpu_instances.convert_to_monthly("i-1", month=1)


def migrate(client: Novita) -> None:
    assert (client.gpu_instances.migrate("i-1")).settled


def save_image(client: Novita) -> None:
    assert client.gpu_instances.save_image("i-1", image="registry.example.com/a:v1") == "j-2"


def create_network(client: Novita) -> None:
    assert client.networks.create(cluster_id="c-1", name="net") == "n-2"


def create_storage(client: Novita) -> None:
    created = client.network_storages.create(cluster_id="c-1", storage_name="disk", storage_size=10)
    assert created == "s-2"


def create_login(client: Novita) -> None:
    created = client.registry_auths.create(name="hub", username="me", password="secret")
    assert created == "r-2"


def jobs(*found: dict[str, Any]) -> dict[str, Any]:
    return {"jobs": list(found), "total": len(found)}


def networks(*found: dict[str, Any]) -> dict[str, Any]:
    return {"networks": list(found), "total": len(found)}


def storages(*found: dict[str, Any]) -> dict[str, Any]:
    return {"data": list(found), "total": len(found)}


def job(identity: str, created_at: float, kind: str = "saveImage") -> dict[str, Any]:
    made = str(int(created_at))
    state = {"state": "running"}
    return {"Id": identity, "type": kind, "instanceId": "i-1", "createdAt": made, "state": state}


NOW = 1_790_000_000.0
OLD_NETWORK = {"Id": "n-1", "name": "net", "clusterId": "c-1"}
NEW_NETWORK = {"Id": "n-2", "name": "net", "clusterId": "c-1"}
OLD_STORAGE = {"storageId": "s-1", "storageName": "disk", "clusterId": "c-1"}
NEW_STORAGE = {"storageId": "s-2", "storageName": "disk", "clusterId": "c-1"}
OLD_LOGIN = {"id": "r-1", "name": "hub", "username": "me"}
NEW_LOGIN = {"id": "r-2", "name": "hub", "username": "me"}

EFFECTS = [
    pytest.param(
        grow,
        {"edit": lost, "instance": InTurn(instance(rootfsSize=60), instance(rootfsSize=70))},
        id="edit_instance",
        marks=pytest.mark.case("RT-12"),
    ),
    pytest.param(
        prolong,
        {
            "renewInstance": lost,
            "instance": InTurn(instance(endTime="1790000000"), instance(endTime="1792592000")),
        },
        id="renew_instance",
    ),
    pytest.param(
        convert,
        {"transToMonthlyInstance": lost, "instance": instance(billingMode="monthly")},
        id="convert_instance_to_monthly",
    ),
    pytest.param(
        migrate,
        {"migrate": lost, "instance": instance(status="migrating"), "jobs": jobs()},
        id="migrate_instance by its status",
    ),
    pytest.param(
        migrate,
        {"migrate": lost, "instance": instance(), "jobs": jobs(job("j-1", NOW + 1, "instanceMigrate"))},
        id="migrate_instance by its job",
    ),
    pytest.param(
        save_image, {"image": lost, "jobs": jobs(job("j-1", NOW - 60), job("j-2", NOW + 1))}, id="save_image"
    ),
    pytest.param(
        create_network,
        {
            "create": 500,
            "networks": InTurn(networks(OLD_NETWORK), networks(OLD_NETWORK, NEW_NETWORK)),
        },
        id="create_network",
    ),
    pytest.param(
        create_storage,
        {"create": {}, "list": InTurn(storages(OLD_STORAGE), storages(OLD_STORAGE, NEW_STORAGE))},
        id="create_network_storage",
    ),
    pytest.param(
        create_login,
        {"save": b"", "auths": InTurn({"data": [OLD_LOGIN]}, {"data": [OLD_LOGIN, NEW_LOGIN]})},
        id="save_repository_auth",
    ),
]


@pytest.mark.parametrize(("call", "steps"), EFFECTS)
def test_what_took_effect_is_a_success_though_its_answer_was_lost(
    clock: VirtualClock, call: Call, steps: dict[str, Any]
) -> None:
    remote = Remote(clock, routed(**steps))
    call(client_of(remote))
    assert len(remote.posts) == 1


NO_EFFECTS = [
    pytest.param(
        grow, {"edit": lost, "instance": instance(rootfsSize=60)}, id="edit", marks=pytest.mark.case("RT-12")
    ),
    pytest.param(prolong, {"renewInstance": lost, "instance": instance(endTime="1790000000")}, id="renew"),
    pytest.param(convert, {"transToMonthlyInstance": lost, "instance": instance()}, id="convert"),
    pytest.param(migrate, {"migrate": lost, "instance": instance(), "jobs": jobs()}, id="migrate"),
    pytest.param(save_image, {"image": lost, "jobs": jobs(job("j-1", NOW - 60))}, id="save_image"),
    pytest.param(create_network, {"create": 500, "networks": networks(OLD_NETWORK)}, id="network"),
]


@pytest.mark.parametrize(("call", "steps"), NO_EFFECTS)
def test_what_shows_no_effect_is_unknown_after_ten_seconds(
    clock: VirtualClock, call: Call, steps: dict[str, Any]
) -> None:
    remote = Remote(clock, routed(**steps))
    with pytest.raises(OutcomeUnknownError) as caught:
        call(client_of(remote))
    assert (caught.value.elapsed, caught.value.verified, len(remote.posts)) == (10, True, 1)


def test_an_instance_that_is_gone_shows_no_effect(clock: VirtualClock) -> None:
    gone = (404, {"reason": "INSTANCE_NOT_FOUND"})
    remote = Remote(clock, routed(transToMonthlyInstance=lost, instance=gone))
    with pytest.raises(OutcomeUnknownError):
        convert(client_of(remote))


def test_of_two_new_resources_none_is_adopted(clock: VirtualClock) -> None:
    third = {**NEW_NETWORK, "Id": "n-3"}
    listed = InTurn(networks(), networks(NEW_NETWORK, third))
    remote = Remote(clock, routed(create=500, networks=listed))
    with pytest.raises(DuplicateCreateError) as caught:
        create_network(client_of(remote))
    assert caught.value.ids == ("n-2", "n-3")


def test_without_a_whole_list_from_before_nothing_counts_as_new(clock: VirtualClock) -> None:
    before = {"networks": [], "total": 5}
    listed = InTurn(before, before, networks(OLD_NETWORK))
    remote = Remote(clock, routed(create=500, networks=listed))
    with pytest.raises(OutcomeUnknownError) as caught:
        create_network(client_of(remote))
    assert (caught.value.verified, caught.value.looks) == (False, 0)


def test_nothing_is_sent_if_the_state_before_cannot_be_read(clock: VirtualClock) -> None:
    remote = Remote(clock, routed(networks=503))
    with pytest.raises(ServerError) as caught:
        create_network(client_of(remote))
    assert not remote.posts
    assert len(remote.gets) == 4, "the look before the first sending is an ordinary read"
    assert caught.value.operation == "create_network"


def test_a_second_pass_of_a_middleware_keeps_the_first_ones_snapshot(clock: VirtualClock) -> None:
    def stubborn(request: Request, call_next: Any) -> Any:
        try:
            return call_next(request)
        except OutcomeUnknownError:
            return call_next(request)

    listed = InTurn(*[networks(OLD_NETWORK)] * 7, networks(OLD_NETWORK, NEW_NETWORK))
    remote = Remote(clock, routed(create=500, networks=listed))
    create_network(client_of(remote, middleware=[stubborn]))
    assert len(remote.posts) == 1


def test_only_what_was_made_since_the_sending_counts(clock: VirtualClock) -> None:
    """The call waits a minute for its token; a job that someone else began meanwhile is not its own."""

    def listed(_request: Request) -> Any:
        return jobs(job("j-1", NOW + 30), job("j-2", clock.time()))

    remote = Remote(clock, (429, {}, {"Retry-After": "60"}), routed(image=lost, jobs=listed))
    client = client_of(remote)
    with pytest.raises(Exception, match="429"):
        client.clusters.list(options=CallOptions(max_retries=0)).collect()
    save_image(client)
    assert [seen.at for seen in remote.posts] == [60]


def test_a_refused_connection_does_not_count_as_the_sending(clock: VirtualClock) -> None:
    def listed(_request: Request) -> Any:
        return jobs(job("j-1", NOW - 30), job("j-2", clock.time()))

    image = InTurn(Late(60, refused), lost)
    remote = Remote(clock, routed(image=image, jobs=listed))
    save_image(client_of(remote))
    assert len(remote.posts) == 2


@pytest.mark.parametrize("ahead", [3600, -3600])
def test_creation_times_are_compared_by_the_services_clock(clock: VirtualClock, ahead: float) -> None:
    def listed(_request: Request) -> Any:
        there = clock.time() + ahead
        found = jobs(job("j-1", there - 600), job("j-2", there))
        return 200, found, {"Date": http_date(there)}

    remote = Remote(clock, routed(image=lost, jobs=listed))
    save_image(client_of(remote))


@pytest.mark.parametrize("date", ["yesterday", "Mon, 31 Feb 2023 10:00:00 GMT"])
def test_an_unreadable_date_leaves_our_own_clock(clock: VirtualClock, date: str) -> None:
    listed = (200, jobs(job("j-1", NOW - 60), job("j-2", NOW)), {"Date": date})
    remote = Remote(clock, routed(image=lost, jobs=listed))
    save_image(client_of(remote))


def http_date(seconds: float) -> str:
    from email.utils import formatdate

    return formatdate(seconds, usegmt=True)
