"""What has changed between two looks at the stock."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from novita_sdk._core.lifecycle.products import Offer
from novita_sdk._core.lifecycle.stock import Stock, events_between, first_events, pause_after
from novita_sdk.models import GpuProduct, Money

NOW = datetime(2026, 1, 1, tzinfo=UTC)

KEYS = st.tuples(st.sampled_from("abc"), st.sampled_from("XY"))
STOCKS = st.dictionaries(KEYS, st.integers(1, 3)).map(
    lambda prices: {key: Offer(GpuProduct(id=key[0]), Money(price, 100_000)) for key, price in prices.items()}
)


def prices(stock: Stock) -> dict[tuple[str, str], Money]:
    return {key: offer.price for key, offer in stock.items()}


@given(STOCKS, STOCKS)
def test_events_lead_from_one_look_to_the_next(before: Stock, now: Stock) -> None:
    state = prices(before)
    for event in events_between(before, now, NOW):
        assert event.product is not None
        assert event.region is not None
        key = (event.product.id, event.region)
        assert event.previous == (state.get(key))
        if event.kind == "unavailable":
            del state[key]
        else:
            assert event.unit_price is not None
            state[key] = event.unit_price
    assert state == prices(now)


@given(STOCKS, STOCKS)
def test_what_is_gone_is_told_before_new_prices_and_those_before_what_is_new(
    before: Stock, now: Stock
) -> None:
    order = ["unavailable", "price_changed", "available"]
    told = [order.index(event.kind) for event in events_between(before, now, NOW)]
    assert told == sorted(told)


@given(STOCKS)
def test_a_look_without_change_tells_nothing(stock: Stock) -> None:
    assert events_between(stock, dict(stock), NOW) == []


@given(STOCKS)
def test_the_first_look_tells_everything_as_initial(stock: Stock) -> None:
    events = first_events(stock, NOW)
    assert len(events) == len(stock)
    assert all(event.initial and event.kind == "available" for event in events)


@given(st.floats(1, 3600), st.integers(0, 10_000))
def test_the_pause_is_never_shorter_than_asked_nor_stretched_beyond_a_minute(
    interval: float, failures: int
) -> None:
    assert interval <= pause_after(interval, failures) <= max(60, interval)
