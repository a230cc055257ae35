"""Watching the stock of products: one product request a tick, made while the watcher waits."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from novita_sdk._async.lifecycle.product_choice import AsyncProductChooser, check
from novita_sdk._async.lifecycle.watching import AsyncSubscription, check_watch
from novita_sdk._core.call_options import merged
from novita_sdk._core.durations import Seconds, seconds
from novita_sdk._core.lifecycle.stock import Stock, events_between, first_events, pause_after, stock_of
from novita_sdk._core.narrowing import is_number
from novita_sdk._core.wire import problem
from novita_sdk.errors import (
    AuthenticationError,
    ClientClosedError,
    NovitaError,
    PermissionDeniedError,
    ValidationError,
)
from novita_sdk.models.product_choice import ProductQuery, StockEvent
from novita_sdk.options import CallOptions

if TYPE_CHECKING:
    from novita_sdk._async.caller import AsyncCaller
    from novita_sdk._async.services import AsyncServices
    from novita_sdk._core.lifecycle.regions import Region

# no later look would go better
_FATAL = (AuthenticationError, PermissionDeniedError, ValidationError, ClientClosedError)
_SWING = 0.1
_SHORTEST_INTERVAL = 1.0


def watch_stock(
    caller: AsyncCaller,
    services: AsyncServices,
    query: ProductQuery,
    *,
    interval: Seconds,
    replay: bool,
    on_event: object,
    stop: object,
    options: CallOptions | None,
) -> AsyncSubscription[StockEvent]:
    """Begin to watch; see `products.watch_stock`."""
    check(query)
    check_watch(on_event, stop)
    pause = seconds(interval)
    if not is_number(pause) or pause < _SHORTEST_INTERVAL:
        message = f"must be at least {_SHORTEST_INTERVAL:g} seconds, or a timedelta"
        raise ValidationError(problems=(problem("interval", interval, message),))
    watch = AsyncStockWatch(caller, services, query, interval=pause, replay=replay, options=options)
    return AsyncSubscription(services.clock, watch.more)


class AsyncStockWatch:
    """Looks at the stock and tells what has changed.

    Args:
        caller: Makes the calls.
        services: What the client shares.
        query: What is watched; it was checked.
        interval: Seconds between two looks, swinging by 10 %.
        replay: Whether what is there at the first look is told.
        options: What the calls do differently.
    """

    def __init__(
        self,
        caller: AsyncCaller,
        services: AsyncServices,
        query: ProductQuery,
        *,
        interval: float,
        replay: bool,
        options: CallOptions | None,
    ) -> None:
        polling = merged(CallOptions(priority="poll", cache="bypass"), options)
        self._chooser = AsyncProductChooser(caller, services, polling)
        self._clock = services.clock
        self._rng = services.rng
        self._query = query
        self._interval = interval
        self._replay = replay
        self._regions: tuple[Region, ...] | None = None
        self._stock: Stock | None = None
        self._due = self._clock.monotonic()
        self._failures = 0

    async def more(self, subscription: AsyncSubscription[StockEvent]) -> None:
        """Wait until a look is due, and make it.

        Raises:
            AuthenticationError: The key is refused.
            PermissionDeniedError: The key may not do this.
            ValidationError: A region that was asked for is unknown.
        """
        await subscription.pause(self._due - self._clock.monotonic())
        if subscription.over:
            return
        began = self._clock.monotonic()
        try:
            stock = await self._look()
        except _FATAL:
            raise
        except NovitaError as error:
            self._failures += 1
            subscription.put([self._poll_event(error)])
            wanted = error.retry_after or 0.0
        else:
            if self._failures:
                self._failures = 0
                subscription.put([self._poll_event(None)])
            subscription.put(self._told(stock))
            self._stock, wanted = stock, 0.0
        swing = self._rng.uniform(1 - _SWING, 1 + _SWING)
        self._due = began + max(pause_after(self._interval, self._failures) * swing, wanted)

    async def _look(self) -> Stock:
        products, _ = await self._chooser.listed(self._query)
        if self._regions is None:
            self._regions = await self._chooser.regions(self._query, products)
        return stock_of(products, self._regions, self._query)

    def _told(self, stock: Stock) -> list[StockEvent]:
        if self._stock is not None:
            return events_between(self._stock, stock, self._now())
        return first_events(stock, self._now()) if self._replay else []

    def _poll_event(self, error: NovitaError | None) -> StockEvent:
        return StockEvent(
            kind="poll_recovered" if error is None else "poll_failed",
            at=self._now(),
            error=error,
            consecutive=self._failures,
        )

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.time(), UTC)
