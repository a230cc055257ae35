# Generated from tests/aio/test_explained_errors.py by tools/unasync.py; edit the source.
"""Foreign errors and interruptions of an unsafe call: unchanged, but with a note of what may have been made."""

from __future__ import annotations

import pytest

from novita_sdk._core.http import Request, Response
from novita_sdk._sync.middleware import CallNext
from novita_sdk.testing import VirtualClock
from tests.sync.remote import Interruption, InTurn, Late, Remote, client_of, routed
from tests.sync.rentals import MARK, Rentals, rent


@pytest.mark.case("RT-17")
def test_a_foreign_error_after_the_answer_tells_the_instances_id(clock: VirtualClock) -> None:
    def stumble(request: Request, call_next: CallNext) -> Response:
        call_next(request)
        raise KeyError("x")

    remote = Remote(clock, {"id": "i-1"})
    with pytest.raises(KeyError) as caught:
        rent(client_of(remote, attempt_middleware=[stumble]))
    assert len(remote.seen) == 1
    mark = remote.seen[0].json["envs"][0]["value"]
    note = f"create_instance was sent with {MARK}={mark}; it was carried out: i-1"
    assert caught.value.__notes__ == [note]


def test_a_foreign_error_without_an_answer_says_that_nothing_is_known(clock: VirtualClock) -> None:
    def stumble(request: Request, call_next: CallNext) -> Response:
        assert (call_next(request)).status == 500
        raise KeyError("x")

    remote = Remote(clock, 500)
    with pytest.raises(KeyError) as caught:
        rent(client_of(remote, attempt_middleware=[stumble]))
    assert caught.value.__notes__[0].endswith("whether it was carried out is not known")
    assert len(remote.seen) == 1


def test_a_foreign_error_before_the_sending_is_passed_on_as_it_is(clock: VirtualClock) -> None:
    def stumble(_request: Request, _call_next: CallNext) -> Response:
        raise KeyError("x")

    remote = Remote(clock, {"id": "i-1"})
    with pytest.raises(KeyError) as caught:
        rent(client_of(remote, attempt_middleware=[stumble]))
    assert not hasattr(caught.value, "__notes__")
    assert not remote.seen


def test_a_foreign_error_of_an_unlisted_write_is_explained_too(clock: VirtualClock) -> None:
    def stumble(request: Request, call_next: CallNext) -> Response:
        call_next(request)
        raise KeyError("x")

    remote = Remote(clock, {"id": "i-1"})
    with pytest.raises(KeyError) as caught:
        client_of(remote, attempt_middleware=[stumble]).request("POST", "/x")
    assert caught.value.__notes__[0].startswith("request was sent with operation id ")


def test_a_create_interrupted_in_flight_is_looked_for(clock: VirtualClock) -> None:
    rentals = Rentals(clock, Late(1, Interruption()))
    client = client_of(rentals.remote)
    with pytest.raises(Interruption) as caught:
        rent(client)
    assert caught.value.__notes__[0].endswith("it was carried out: i-1")
    assert rentals.remote.times == [0, 1.5]
    breaker = client.stats().families["public"].breaker
    assert breaker is not None
    assert breaker.failures == 0


def test_an_interrupted_create_is_looked_for_for_five_seconds(clock: VirtualClock) -> None:
    rentals = Rentals(clock, Interruption(), makes=0)
    with pytest.raises(Interruption) as caught:
        rent(client_of(rentals.remote))
    assert clock.monotonic() == 1005
    assert caught.value.__notes__[0].endswith("whether it was carried out is not known")


def test_an_interruption_of_the_search_itself_is_explained(clock: VirtualClock) -> None:
    listed = InTurn(Interruption(), {"instances": []})
    remote = Remote(clock, routed(create=500, instances=listed))
    with pytest.raises(Interruption) as caught:
        rent(client_of(remote))
    assert len(caught.value.__notes__) == 1
    assert len(remote.posts) == 1


def test_a_second_interruption_ends_the_search(clock: VirtualClock) -> None:
    second = Interruption()
    remote = Remote(clock, routed(create=Interruption(), instances=second))
    with pytest.raises(Interruption) as caught:
        rent(client_of(remote))
    assert caught.value is second
    assert isinstance(second.__context__, Interruption)
    assert second.__context__.__notes__[0].endswith("whether it was carried out is not known")


def test_an_interruption_names_all_duplicates_and_stays_an_interruption(clock: VirtualClock) -> None:
    rentals = Rentals(clock, Interruption(), makes=2)
    with pytest.raises(Interruption) as caught:
        rent(client_of(rentals.remote))
    assert caught.value.__notes__[0].endswith("it was carried out more than once: i-1, i-2")


def test_an_error_in_the_search_does_not_replace_the_interruption(clock: VirtualClock) -> None:
    def stumble(request: Request, call_next: CallNext) -> Response:
        if request.operation == "list_instances":
            raise KeyError("x")
        return call_next(request)

    remote = Remote(clock, Interruption())
    with pytest.raises(Interruption) as caught:
        rent(client_of(remote, attempt_middleware=[stumble]))
    assert caught.value.__notes__[0].endswith("looking for it failed with KeyError")


def test_an_interrupted_unlisted_write_is_not_looked_for(clock: VirtualClock) -> None:
    remote = Remote(clock, Interruption())
    with pytest.raises(Interruption) as caught:
        client_of(remote).request("POST", "/x")
    assert len(remote.seen) == 1
    assert caught.value.__notes__[0].endswith("whether it was carried out is not known")
