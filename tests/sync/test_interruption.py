# Generated from tests/aio/test_interruption.py by tools/unasync.py; edit the source.
"""Calls interrupted from outside: nothing more is sent, and nothing is booked that did not happen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from novita_sdk._sync.client import Novita
from novita_sdk.options import CallOptions, RateLimit
from tests.sync.remote import (
    InterruptingClock,
    Interruption,
    InTurn,
    Late,
    Remote,
    client_of,
    instance,
    interrupt_at,
    lost,
    routed,
)

Call = Callable[[Novita], Any]


@pytest.fixture
def clock() -> InterruptingClock:
    return InterruptingClock()


def interrupted(clock: InterruptingClock, after: float, call: Call, client: Novita) -> None:
    """Make `call` and interrupt it `after` seconds."""
    interrupt_at.set(clock.monotonic() + after)
    with pytest.raises(Interruption):
        call(client)


def read(client: Novita) -> None:
    client.clusters.list().collect()


def stop(client: Novita) -> None:
    client.gpu_instances.stop("i-1")


def restart(client: Novita) -> None:
    client.gpu_instances.restart("i-1")


def family_of(client: Novita) -> Any:
    return client.stats().families["public"]


@pytest.mark.case("RT-15")
def test_a_call_interrupted_before_its_retry_gives_the_price_back(clock: InterruptingClock) -> None:
    remote = Remote(clock, 503)
    client = client_of(remote)
    interrupted(clock, 1.5, read, client)
    assert remote.times == [0, 1]
    assert family_of(client).budget.available == 500 - 14, "the first retry was made, the second was not"


@pytest.mark.case("RT-15")
def test_a_call_interrupted_in_flight_is_no_failure_of_the_service(clock: InterruptingClock) -> None:
    remote = Remote(clock, 500, Late(5), {"data": []})
    client = client_of(remote)
    interrupted(clock, 3, read, client)
    seen = family_of(client)
    assert (len(remote.seen), seen.breaker.failures, seen.budget.available) == (2, 1, 500 - 14)
    assert (seen.calls, seen.in_flight, dict(seen.failed)) == (1, 0, {"Interruption": 1})


def test_an_interrupted_wait_for_a_token_takes_none(clock: InterruptingClock) -> None:
    remote = Remote(clock, {"data": []})
    client = client_of(remote, rate_limits={"public": RateLimit(limit=2)})
    read(client)
    interrupted(clock, 10, read, client)
    read(client)
    assert remote.times == [0, 60]
    assert family_of(client).bucket.granted == 2


def test_an_interrupted_wait_for_the_circuit_sends_nothing(clock: InterruptingClock) -> None:
    remote = Remote(clock, 503)
    client = client_of(remote, rate_limits={"public": None}, retry=None)
    for _ in range(5):
        with pytest.raises(Exception, match="503"):
            read(client)
    patient = client.with_options(CallOptions(wait_for_circuit=True))
    interrupted(clock, 30, read, patient)
    assert len(remote.seen) == 5


def test_an_interrupted_re_read_sends_nothing_again(clock: InterruptingClock) -> None:
    remote = Remote(clock, routed(restart=lost, instance=instance()))
    interrupted(clock, 5, restart, client_of(remote))
    assert len(remote.posts) == 1


def test_an_interrupted_state_rule_pays_nothing(clock: InterruptingClock) -> None:
    invalid = (400, {"message": "invalid state change"})
    remote = Remote(clock, routed(stop=invalid, instance=instance(status="toStart")))
    client = client_of(remote)
    interrupted(clock, 5, stop, client)
    assert [seen.at for seen in remote.posts] == [0, 2]
    assert family_of(client).budget.available == 500 - 5, "for the one repeat that was made"


def test_an_interrupted_snapshot_sends_nothing(clock: InterruptingClock) -> None:
    remote = Remote(clock, routed(networks=Late(5, {"networks": []})))

    def create(client: Novita) -> None:
        client.networks.create(cluster_id="c-1", name="net")

    interrupted(clock, 3, create, client_of(remote))
    assert not remote.posts


def test_an_interruption_while_settling_is_explained(clock: InterruptingClock) -> None:
    remote = Remote(
        clock, routed(create=500, instances=InTurn(Late(9, {"instances": []}), {"instances": []}))
    )
    interrupt_at.set(clock.monotonic() + 3)
    with pytest.raises(Interruption) as caught:
        client_of(remote).gpu_instances.create(product_id="p-1", image_url="nginx")
    assert len(remote.posts) == 1
    assert "create_instance was sent with NOVITA_SDK_OPERATION_ID=" in str(caught.value.__notes__)
