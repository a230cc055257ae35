# Generated from tests/aio/lifecycle/test_watch_stock.py by tools/unasync.py; edit the source.
"""Watching what can be rented."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from novita_sdk._concurrency.threads import Event
from novita_sdk._sync.client import Novita
from novita_sdk.errors import AuthenticationError, NovitaError, ServerError, ValidationError
from novita_sdk.models import StockEvent
from novita_sdk.options import RetryPolicy
from novita_sdk.testing import VirtualClock
from tests.sync.catalogue import Catalogue, product
from tests.sync.remote import InTurn, client_of
from tests.sync.test_waiting import Steady

HERE = "CN-HK-01"


def offer(price: str = "35000", **changes: Any) -> dict[str, Any]:
    return product("p", HERE, price=price, **changes)


def sold_out(**changes: Any) -> dict[str, Any]:
    return offer(availableDeploy=False, inventoryState="none", **changes)


def watched(clock: VirtualClock, *looks: Any) -> Catalogue:
    """Products that change from look to look; the last look for ever."""
    return Catalogue(clock, InTurn(*({"data": look} if isinstance(look, list) else look for look in looks)))


def client_for(catalogue: Catalogue) -> Novita:
    return client_of(catalogue.remote, rng=Steady(), retry=RetryPolicy(max_retries=0))


def events_of(catalogue: Catalogue, count: int, **arguments: Any) -> list[StockEvent]:
    events: list[StockEvent] = []
    with client_for(catalogue).products.watch_stock(**arguments) as watch:
        for event in watch:
            events.append(event)
            if len(events) == count:
                break
    return events


def looks_at(catalogue: Catalogue) -> list[float]:
    return [seen.at for seen in catalogue.remote.seen if seen.path == "products"]


@pytest.mark.case("P-09")
def test_an_offer_that_comes_goes_and_gets_dearer(clock: VirtualClock) -> None:
    catalogue = watched(clock, [offer()], [sold_out()], [offer()], [offer("40000")])
    events = events_of(catalogue, 4, name="RTX 4090")
    told = [(event.kind, event.initial, event.previous and event.previous.raw) for event in events]
    assert told == [
        ("available", True, None),
        ("unavailable", False, 35000),
        ("available", False, None),
        ("price_changed", False, 35000),
    ]
    assert events[-1].unit_price is not None
    assert events[-1].unit_price.raw == 40000
    assert looks_at(catalogue) == [0, 60, 120, 180]


@pytest.mark.case("P-09")
def test_a_failed_look_is_told_and_says_nothing_about_the_stock(clock: VirtualClock) -> None:
    catalogue = watched(clock, [offer()], 503, [offer("40000")])
    events = events_of(catalogue, 4)
    assert [event.kind for event in events] == [
        "available",
        "poll_failed",
        "poll_recovered",
        "price_changed",
    ]
    assert isinstance(events[1].error, ServerError)
    assert (events[1].consecutive, events[2].consecutive) == (1, 0)


def test_nothing_is_told_while_nothing_changes(clock: VirtualClock) -> None:
    catalogue = watched(clock, [offer()], [offer()], [offer()], [sold_out()])
    events = events_of(catalogue, 2)
    assert [event.kind for event in events] == ["available", "unavailable"]
    assert len(looks_at(catalogue)) == 4


def test_what_vanishes_from_the_list_is_unavailable(clock: VirtualClock) -> None:
    events = events_of(watched(clock, [offer()], []), 2)
    assert events[-1].kind == "unavailable"
    assert events[-1].product is not None


def test_the_first_look_is_kept_back_on_request(clock: VirtualClock) -> None:
    events = events_of(watched(clock, [offer()], [offer("1")]), 1, replay=False)
    assert [event.kind for event in events] == ["price_changed"]


def test_every_region_that_counts_is_told_in_order(clock: VirtualClock) -> None:
    dear = product("dear", "US-CA-06", HERE, price="50000")
    events = events_of(watched(clock, [dear, offer()]), 3)
    told = [(event.product and event.product.id, event.region) for event in events]
    assert told == [("p", HERE), ("dear", HERE), ("dear", "US-CA-06")]


def test_of_one_look_what_is_gone_is_told_first(clock: VirtualClock) -> None:
    one, two = product("one", HERE), product("two", HERE)
    dearer, new = product("two", HERE, price="40000"), product("new", HERE)
    events = events_of(watched(clock, [one, two], [new, dearer]), 5)
    assert [event.kind for event in events[2:]] == ["unavailable", "price_changed", "available"]


def test_the_conditions_of_a_choice_count(clock: VirtualClock) -> None:
    catalogue = watched(clock, [offer("40000")], [offer("30000")])
    events = events_of(catalogue, 1, max_price="0.35")
    assert [(event.kind, event.initial) for event in events] == [("available", False)]


def test_failed_looks_stretch_the_pause_up_to_a_minute(clock: VirtualClock) -> None:
    catalogue = watched(clock, 500, 500, 500, [offer()])
    events = events_of(catalogue, 4, interval=20)
    assert [event.consecutive for event in events[:3]] == [1, 2, 3]
    assert looks_at(catalogue) == [0, 40, 100, 160]


def test_a_look_takes_the_poll_lane(clock: VirtualClock) -> None:
    catalogue = watched(clock, [offer()])
    events_of(catalogue, 1)
    assert catalogue.remote.seen[0].request.context.options.priority == "poll"


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_ends_the_watch(clock: VirtualClock, status: int) -> None:
    catalogue = watched(clock, [offer()], status)
    watch = client_for(catalogue).products.watch_stock()
    first = watch.__next__()
    assert first.kind == "available"
    with pytest.raises(NovitaError) as caught:
        watch.__next__()
    assert caught.value.status == status
    assert [event for event in watch] == []  # it has ended


def test_an_unknown_region_ends_the_watch(clock: VirtualClock) -> None:
    with pytest.raises(ValidationError, match="XX-YY-99"):
        events_of(watched(clock, [offer()]), 1, region="XX-YY-99")


def test_nothing_is_sent_before_somebody_waits(clock: VirtualClock) -> None:
    catalogue = watched(clock, [offer()])
    client_for(catalogue).products.watch_stock()
    assert catalogue.remote.seen == []


def test_after_the_end_nothing_comes_any_more(clock: VirtualClock) -> None:
    catalogue = watched(clock, [offer()], [sold_out()])
    with client_for(catalogue).products.watch_stock() as watch:
        pass
    assert [event for event in watch] == []
    assert catalogue.remote.seen == []


@pytest.mark.parametrize(
    "arguments",
    [
        {"interval": 0},
        {"interval": "60"},
        {"gpu_num": 0},
        {"on_event": 1},
        {"on_event": print, "stop": 1},
        {"stop": threading.Event()},
    ],
)
def test_wrong_arguments_are_told_at_once(clock: VirtualClock, arguments: dict[str, Any]) -> None:
    catalogue = watched(clock, [offer()])
    with pytest.raises(ValidationError) as caught:
        client_for(catalogue).products.watch_stock(**arguments)
    assert caught.value.problems[0].field in arguments
    assert catalogue.remote.seen == []


# ---------------------------------------------------------------------------------------- as a loop


@pytest.mark.parametrize("make", [Event, threading.Event], ids=["our own", "of threading"])
def test_a_loop_hands_on_events_until_it_is_told_to_stop(clock: VirtualClock, make: Any) -> None:
    catalogue = watched(clock, [offer()], [sold_out()], [offer()])
    stop, kinds = make(), list[str]()

    def take(event: StockEvent) -> None:
        kinds.append(event.kind)
        if len(kinds) == 2:
            stop.set()

    told = client_for(catalogue).products.watch_stock(on_event=take, stop=stop)
    assert told == 2
    assert kinds == ["available", "unavailable"]


def test_a_stop_wakes_a_sleeping_loop(clock: VirtualClock) -> None:
    catalogue = watched(clock, [offer()])
    stop = StopsAt(clock, 1010.0)
    client_for(catalogue).products.watch_stock(on_event=lambda _event: None, stop=stop)
    assert clock.monotonic() == pytest.approx(1010, abs=0.1)


class StopsAt:
    """An event of a foreign make, which happens by itself."""

    def __init__(self, clock: VirtualClock, at: float) -> None:
        self._clock = clock
        self._at = at

    def is_set(self) -> bool:
        return self._clock.monotonic() >= self._at


def test_what_the_callable_raises_ends_the_loop(clock: VirtualClock) -> None:
    def refuse(event: StockEvent) -> None:
        raise RuntimeError(event.kind)

    with pytest.raises(RuntimeError, match="available"):
        client_for(watched(clock, [offer()])).products.watch_stock(on_event=refuse)


def test_a_refused_key_ends_the_loop(clock: VirtualClock) -> None:
    with pytest.raises(AuthenticationError):
        client_for(watched(clock, 401)).products.watch_stock(on_event=print)
