# Generated from tests/aio/test_reconcile.py by tools/unasync.py; edit the source.
"""Lost creates looked for again: by the error's own client, by another one, and by a closed one."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from novita_sdk._concurrency.threads import gather
from novita_sdk.errors import (
    ClientClosedError,
    ConfigurationError,
    DuplicateCreateError,
    OutcomeUnknownError,
    ResponseDecodeError,
)
from novita_sdk.models.instance import Instance
from novita_sdk.testing import VirtualClock
from tests.sync.remote import Remote, client_of, lost, routed
from tests.sync.rentals import Rentals, rent, unknown_create


def test_a_bound_error_finds_the_instance_later(clock: VirtualClock) -> None:
    rentals = Rentals(clock, 500, shown_after=40)
    error = unknown_create(clock, rentals, client_of(rentals.remote))
    clock.advance(15)
    found: Any = error.reconcile()
    assert isinstance(found, Instance)
    assert found.id == "i-1"
    assert len(rentals.remote.posts) == 1


def test_reconcile_is_none_once_a_whole_window_showed_nothing(clock: VirtualClock) -> None:
    rentals = Rentals(clock, 500, makes=0)
    error = unknown_create(clock, rentals, client_of(rentals.remote))
    before = clock.monotonic()
    assert error.reconcile(timeout=20) is None
    assert clock.monotonic() - before == pytest.approx(20)


def test_reconcile_raises_again_while_it_cannot_look(clock: VirtualClock) -> None:
    rentals = Rentals(clock, 500, makes=0)
    error = unknown_create(clock, rentals, client_of(rentals.remote, breakers={"public": None}))
    rentals.remote.script = [503]
    with pytest.raises(OutcomeUnknownError) as caught:
        error.reconcile()
    again = caught.value
    assert (again.verified, again.looks) == (False, 0)
    known = ("operation", "method", "family", "correlation_id", "operation_id", "sent_at", "sends")
    assert [getattr(again, name) for name in known] == [getattr(error, name) for name in known]
    rentals.remote.script = [{"instances": []}]
    assert again.reconcile() is None, "what was raised by looking again can look again itself"


def test_reconcile_names_all_duplicates(clock: VirtualClock) -> None:
    rentals = Rentals(clock, 500, makes=2, shown_after=40)
    error = unknown_create(clock, rentals, client_of(rentals.remote))
    with pytest.raises(DuplicateCreateError) as caught:
        error.reconcile()
    assert caught.value.ids == ("i-1", "i-2")


def test_reconcile_is_none_if_the_instance_is_gone_again(clock: VirtualClock) -> None:
    rentals = Rentals(clock, 500, shown_after=40)
    error = unknown_create(clock, rentals, client_of(rentals.remote))
    listed = {"instances": rentals.made}
    rentals.remote.script = [routed(instances=listed, instance=(404, {"reason": "INSTANCE_NOT_FOUND"}))]
    assert error.reconcile() is None


def test_reconcile_says_what_it_cannot_read(clock: VirtualClock) -> None:
    rentals = Rentals(clock, 500, shown_after=40)
    error = unknown_create(clock, rentals, client_of(rentals.remote))
    odd = {**rentals.made[0], "gpuNum": "abc"}
    rentals.remote.script = [routed(instances={"instances": [odd]}, instance=odd)]
    with pytest.raises(ResponseDecodeError) as caught:
        error.reconcile()
    assert (caught.value.path, caught.value.model) == ("$.gpuNum", "Instance")


@pytest.mark.parametrize(
    "lose_client",
    [
        pytest.param(lambda error: pickle.loads(pickle.dumps(error)), id="pickled"),  # noqa: S301 - our own
        pytest.param(copy.copy, id="copied"),
    ],
)
def test_an_error_that_lost_its_client_needs_another(
    clock: VirtualClock, lose_client: Callable[[OutcomeUnknownError], OutcomeUnknownError]
) -> None:
    rentals = Rentals(clock, 500, shown_after=40)
    error = lose_client(unknown_create(clock, rentals, client_of(rentals.remote)))
    with pytest.raises(ConfigurationError, match="client"):
        error.reconcile()
    clock.advance(15)
    found: Any = error.reconcile(client_of(rentals.remote))
    assert found.id == "i-1"


def test_a_pickled_error_of_something_without_a_mark_cannot_be_reconciled(clock: VirtualClock) -> None:
    client = client_of(Remote(clock, lost))
    with pytest.raises(OutcomeUnknownError) as caught:
        client.request("POST", "/x")
    with pytest.raises(ConfigurationError, match="leaves no mark"):
        caught.value.reconcile(client)
    with pytest.raises(ConfigurationError, match="leaves no mark"):
        caught.value.reconcile()


def test_closing_the_client_ends_the_search_with_an_unknown_outcome(clock: VirtualClock) -> None:
    rentals = Rentals(clock, 500, makes=0)
    client = client_of(rentals.remote)

    def create() -> None:
        with pytest.raises(OutcomeUnknownError) as caught:
            rent(client)
        assert isinstance(caught.value.__cause__, ClientClosedError)
        assert caught.value.elapsed == pytest.approx(12, abs=5)

    def close() -> None:
        clock.sleep(12)
        client.close()

    gather(clock, [create, close])


def test_an_error_of_a_closed_client_asks_for_an_open_one(clock: VirtualClock) -> None:
    rentals = Rentals(clock, 500, makes=0)
    client = client_of(rentals.remote)
    error = unknown_create(clock, rentals, client)
    client.close()
    with pytest.raises(ClientClosedError):
        error.reconcile()
    with pytest.raises(ClientClosedError):
        error.reconcile(client)
    assert error.reconcile(client_of(rentals.remote)) is None
