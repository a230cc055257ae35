# Generated from tests/aio/test_settling.py by tools/unasync.py; edit the source.
"""Unsafe calls whose answer is lost: looked for, adopted or reported as unknown, and never sent again."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from novita_sdk._concurrency.threads import gather
from novita_sdk._core.http import Request, Response
from novita_sdk._sync.client import Novita
from novita_sdk._sync.middleware import CallNext
from novita_sdk.errors import (
    APIStatusError,
    AuthenticationError,
    CapacityError,
    CircuitOpenError,
    ClientClosedError,
    ConfigurationError,
    DeadlineExceededError,
    DuplicateCreateError,
    NotFoundError,
    OutcomeUnknownError,
    RateLimitError,
    ResponseDecodeError,
    ServerError,
)
from novita_sdk.models.instance import Instance
from novita_sdk.models.results import CreatedInstance
from novita_sdk.options import CallOptions
from novita_sdk.testing import VirtualClock
from tests.sync.remote import (
    Interruption,
    InTurn,
    Late,
    Remote,
    client_of,
    instance,
    lost,
    refused,
    reset,
    routed,
)

MARK = "NOVITA_SDK_OPERATION_ID"


class Rentals:
    """A remote side that rents: it answers creates as told and lists what it made.

    Args:
        answer: The step that answers a create.
        makes: How many instances one create makes.
        shown_after: Seconds, from the making of the clock, before which the list hides them.
    """

    def __init__(self, clock: VirtualClock, answer: Any, makes: int = 1, shown_after: float = 0.0) -> None:
        self.remote = Remote(clock, routed(create=self.create, instances=self.list, instance=self.get))
        self.made: list[dict[str, Any]] = []
        self._clock = clock
        self._answer = answer
        self._makes = makes
        self._shown_at = clock.monotonic() + shown_after

    def create(self, request: Request) -> Any:
        envs = self.remote.posts[-1].json["envs"]
        for _ in range(self._makes):
            self.made.append(instance(id=f"i-{len(self.made) + 1}", envs=envs))
        return self._answer

    def list(self, _request: Request) -> Any:
        shown = self.made if self._clock.monotonic() >= self._shown_at else []
        return {"instances": [instance(id="other"), *shown], "total": len(shown) + 1}

    def get(self, request: Request) -> Any:
        wanted = request.url.rpartition("=")[2]
        found = [made for made in self.made if made["id"] == wanted]
        return found[0] if found else (404, {"reason": "INSTANCE_NOT_FOUND"})


def rent(client: Novita, **options: Any) -> CreatedInstance:
    return client.gpu_instances.create(product_id="p-1", image_url="nginx", options=CallOptions(**options))


# ------------------------------------------------------------------------------------------ creates


@pytest.mark.case("RT-06")
def test_a_create_that_never_left_is_sent_again_with_the_same_bytes(clock: VirtualClock) -> None:
    remote = Remote(clock, refused, refused, {"id": "i-1"})
    created = rent(client_of(remote))
    assert (created.id, created.adopted, remote.times) == ("i-1", False, [0, 1, 3])
    assert len({seen.request.body for seen in remote.seen}) == 1
    assert remote.seen[0].json["envs"] == [{"key": MARK, "value": created.operation_id}]


@pytest.mark.case("RT-06")
def test_a_throttled_create_is_sent_again(clock: VirtualClock) -> None:
    remote = Remote(clock, 429, {"id": "i-1"})
    assert (rent(client_of(remote))).id == "i-1"
    assert remote.times == [0, 1]


UNCLEAR = [
    pytest.param(500, id="500"),
    pytest.param(504, id="504"),
    pytest.param(408, id="408"),
    pytest.param((500, {"reason": "INSUFFICIENT_RESOURCE"}), id="500 with a refusing reason"),
    pytest.param(lost, id="read timeout"),
    pytest.param(reset, id="truncated body"),
    pytest.param(OSError("cable cut"), id="foreign transport"),
    pytest.param({}, id="200 without an id"),
    pytest.param(b"{'id'", id="200 with broken JSON"),
    pytest.param((200, {"code": 500, "message": "busy"}), id="500 in a 200"),
]


@pytest.mark.case("RT-07")
@pytest.mark.case("RT-08")
@pytest.mark.parametrize("answer", UNCLEAR)
def test_a_lost_answer_never_rents_twice(clock: VirtualClock, answer: Any) -> None:
    rentals = Rentals(clock, answer)
    created = rent(client_of(rentals.remote))
    assert (created.id, created.adopted, len(rentals.made)) == ("i-1", True, 1)
    assert rentals.remote.times == [0, 0.5]


@pytest.mark.case("RT-07")
@pytest.mark.parametrize("answer", UNCLEAR)
def test_a_create_that_made_nothing_stays_unknown_after_thirty_seconds(
    clock: VirtualClock, answer: Any
) -> None:
    rentals = Rentals(clock, answer, makes=0)
    with pytest.raises(OutcomeUnknownError) as caught:
        rent(client_of(rentals.remote))
    error = caught.value
    assert (error.elapsed, error.verified, error.sends) == (30, True, 1)
    assert error.looks == len(rentals.remote.gets) == 10
    assert len(rentals.remote.posts) == 1
    assert error.operation_id == rentals.remote.posts[0].json["envs"][0]["value"]


@pytest.mark.case("RT-07")
def test_two_instances_with_one_mark_are_both_named_and_left_alone(clock: VirtualClock) -> None:
    rentals = Rentals(clock, 500, makes=2)
    with pytest.raises(DuplicateCreateError) as caught:
        rent(client_of(rentals.remote))
    assert (caught.value.ids, caught.value.resource_id) == (("i-1", "i-2"), "i-1")
    assert (caught.value.operation, caught.value.operation_id is None) == ("create_instance", False)
    assert len(rentals.remote.posts) == 1


@pytest.mark.case("RT-08")
def test_a_refused_create_is_not_looked_for(clock: VirtualClock) -> None:
    remote = Remote(clock, (400, {"reason": "INSUFFICIENT_RESOURCE"}))
    with pytest.raises(CapacityError):
        rent(client_of(remote))
    assert remote.paths == ["POST gpu/instance/create"]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param((400, {"code": "INSUFFICIENT_RESOURCE"}), CapacityError, id="400"),
        pytest.param(
            (200, {"code": 400, "reason": "INSUFFICIENT_RESOURCE"}), CapacityError, id="400 in a 200"
        ),
        pytest.param((200, {"code": 401, "message": "who?"}), AuthenticationError, id="401 in a 200"),
        pytest.param((500, {"reason": "WALLET_NOT_FOUND"}), NotFoundError, id="no wallet"),
        pytest.param(501, ServerError, id="501"),
        pytest.param(401, AuthenticationError, id="wrong key"),
    ],
)
def test_a_clear_no_to_a_create_is_raised_at_once(
    clock: VirtualClock, answer: Any, error: type[APIStatusError]
) -> None:
    remote = Remote(clock, answer)
    with pytest.raises(error):
        rent(client_of(remote))
    assert remote.times == [0]


def test_an_instance_listed_late_is_adopted_when_it_shows(clock: VirtualClock) -> None:
    rentals = Rentals(clock, 500, shown_after=12)
    assert (rent(client_of(rentals.remote))).adopted
    assert clock.monotonic() - 1000 <= 12 + 5


def test_a_settled_create_is_counted_as_settled(clock: VirtualClock) -> None:
    rentals = Rentals(clock, refused)
    rentals.remote.script = [refused, *rentals.remote.script]
    rentals._answer = 500
    client = client_of(rentals.remote)
    rent(client)
    budget = client.stats().families["public"].budget
    assert budget is not None
    assert budget.available == 500 - 14, "what was read back earns nothing"


@pytest.mark.parametrize(
    "look",
    [
        pytest.param(503, id="error"),
        pytest.param({"rows": []}, id="unknown envelope"),
        pytest.param(b"<html>", id="no JSON"),
        pytest.param((404, b"<html>"), id="not found by a proxy"),
        pytest.param((404, {"reason": "TEMPLATE_NOT_FOUND"}), id="something else is missing"),
    ],
)
def test_a_failed_look_proves_nothing(clock: VirtualClock, look: Any) -> None:
    remote = Remote(clock, routed(create=500, instances=look))
    with pytest.raises(OutcomeUnknownError) as caught:
        rent(client_of(remote, breakers={"public": None}))
    assert (caught.value.verified, caught.value.looks) == (False, 0)


def test_an_account_answered_not_found_has_no_instances(clock: VirtualClock) -> None:
    remote = Remote(clock, routed(create=500, instances=(400, {"reason": "RESOURCE_NOT_FOUND"})))
    with pytest.raises(OutcomeUnknownError) as caught:
        rent(client_of(remote))
    assert (caught.value.verified, caught.value.looks) == (True, 10)


def test_a_later_page_that_is_not_found_proves_nothing(clock: VirtualClock) -> None:
    first = {"instances": [instance()], "total": 3}

    def listed(request: Request) -> Any:
        return first if "pageNum=1" in request.url else (400, {"reason": "RESOURCE_NOT_FOUND"})

    remote = Remote(clock, routed(create=500, instances=listed))
    with pytest.raises(OutcomeUnknownError) as caught:
        rent(client_of(remote))
    assert (caught.value.verified, caught.value.looks) == (False, 0)


def test_an_incomplete_list_proves_nothing(clock: VirtualClock) -> None:
    remote = Remote(clock, routed(create=500, instances={"instances": [instance()], "total": 3}))
    with pytest.raises(OutcomeUnknownError) as caught:
        rent(client_of(remote, rate_limits={"public": None}))
    assert (caught.value.verified, caught.value.looks) == (False, 0)


def test_items_that_are_no_objects_do_not_stop_the_search(clock: VirtualClock) -> None:
    marked: list[Any] = []

    def listed(_request: Request) -> Any:
        return {"instances": [None, 7, *marked]}

    remote = Remote(clock, routed(create=500, instances=listed))
    client = client_of(remote)

    def appear() -> None:
        clock.sleep(1)
        marked.append({"id": "i-9", "gpuNum": "abc", "envs": remote.posts[0].json["envs"]})

    def create() -> None:
        assert (rent(client)).id == "i-9"

    gather(clock, [create, appear])


def test_the_calls_deadline_cuts_the_settling_window(clock: VirtualClock) -> None:
    rentals = Rentals(clock, 500, makes=0)
    with pytest.raises(OutcomeUnknownError) as caught:
        rent(client_of(rentals.remote), total_timeout=10)
    assert (caught.value.elapsed, caught.value.verified) == (10, False)


def test_an_attempt_cut_by_the_deadline_leaves_no_time_to_look(clock: VirtualClock) -> None:
    remote = Remote(clock, Late(10, lost))
    with pytest.raises(OutcomeUnknownError) as caught:
        rent(client_of(remote), total_timeout=10)
    assert (caught.value.looks, caught.value.verified, len(remote.seen)) == (0, False, 1)
    assert isinstance(caught.value.__cause__, DeadlineExceededError)


def test_sends_counts_only_what_may_have_arrived(clock: VirtualClock) -> None:
    rentals = Rentals(clock, 500, makes=0)
    rentals.remote.script = [refused, *rentals.remote.script]
    began = clock.time()
    with pytest.raises(OutcomeUnknownError) as caught:
        rent(client_of(rentals.remote))
    assert caught.value.sends == 1
    assert caught.value.sent_at is not None
    assert caught.value.sent_at.timestamp() == pytest.approx(began + 1), "the refused one does not count"


def test_looks_are_made_as_the_call_was_and_take_tokens(clock: VirtualClock) -> None:
    rentals = Rentals(clock, 500)
    client = client_of(rentals.remote)
    rent(client, correlation_id="job-7", headers={"X-Team": "vision"}, timeout=7)
    seen = rentals.remote.seen
    assert len(seen) == 2
    assert {look.header("X-Correlation-ID") for look in seen} == {"job-7"}
    assert {look.header("X-Team") for look in seen} == {"vision"}
    assert {look.request.timeouts.read for look in seen} == {7}
    bucket = client.stats().families["public"].bucket
    assert bucket is not None
    assert bucket.granted == 2


# ----------------------------------------------------------------------------------- looking again


def unknown_create(clock: VirtualClock, rentals: Rentals, client: Novita) -> OutcomeUnknownError:
    with pytest.raises(OutcomeUnknownError) as caught:
        rent(client)
    return caught.value


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


# ---------------------------------------------------------------------------------- closed clients


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


# ------------------------------------------------------------------ interrupted, and foreign errors


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


# ------------------------------------------------------------------------- what is never sent again


@pytest.mark.parametrize("place", ["retry", "middleware"])
def test_a_layer_that_repeats_everything_does_not_rent_twice(clock: VirtualClock, place: str) -> None:
    def stubborn(request: Request, call_next: CallNext) -> Response:
        try:
            return call_next(request)
        except OutcomeUnknownError:
            return call_next(request)

    rentals = Rentals(clock, 500, shown_after=40)
    layer: Any = stubborn if place == "retry" else [stubborn]
    created = rent(client_of(rentals.remote, **{place: layer}))
    assert (created.id, created.adopted, len(rentals.remote.posts)) == ("i-1", True, 1)


def test_a_layer_that_repeats_a_success_gets_the_same_answer(clock: VirtualClock) -> None:
    def twice(request: Request, call_next: CallNext) -> Response:
        call_next(request)
        return call_next(request)

    remote = Remote(clock, {"id": "i-1"}, {"id": "i-2"})
    assert (rent(client_of(remote, middleware=[twice]))).id == "i-1"
    assert len(remote.seen) == 1


def test_a_stand_in_for_the_retries_may_repeat_what_was_clearly_refused(clock: VirtualClock) -> None:
    def twice(request: Request, call_next: CallNext) -> Response:
        call_next(request)
        return call_next(request)

    remote = Remote(clock, (200, {"code": 429, "message": "slow down"}), {"id": "i-2"})
    assert (rent(client_of(remote, retry=twice))).id == "i-2"
    assert len(remote.posts) == 2


def test_a_create_behind_an_open_circuit_is_not_sent(clock: VirtualClock) -> None:
    remote = Remote(clock, 503)
    client = client_of(remote, retry=None)
    for _ in range(5):
        with pytest.raises(ServerError):
            client.clusters.list().collect()
    with pytest.raises(CircuitOpenError):
        rent(client)
    assert not remote.posts


def test_a_throttled_create_that_never_gets_through_says_so(clock: VirtualClock) -> None:
    remote = Remote(clock, 429)
    with pytest.raises(RateLimitError) as caught:
        rent(client_of(remote))
    assert (len(remote.posts), caught.value.retry_stopped) == (4, "attempts")
