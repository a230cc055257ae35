"""A guard over a budget while its store, its lease, its clock or its instances change under it."""

from __future__ import annotations

from typing import Any

import pytest

from novita_sdk._async.lifecycle.budget_guard import AsyncBudgetGuard
from novita_sdk.errors import StoreUnavailableError
from novita_sdk.models.money import Money
from novita_sdk.stores import AsyncMemoryStore
from novita_sdk.testing import Fault, Simulator, VirtualClock
from tests.aio.failing_store import AsyncFailingStore

pytestmark = pytest.mark.anyio

HOUR = 3600.0
DAY = 24 * HOUR
NOON = 1_790_000_000.0 - 1_790_000_000.0 % DAY + DAY / 2


class Account:
    """A simulated account on which instances for 1 USD per hour run."""

    def __init__(self) -> None:
        self.clock = VirtualClock(wall=NOON)
        self.sim = Simulator(seed=1, clock=self.clock)
        self.sim.add_product("one", "One", price=100_000, stock={"us-ca-06": None})
        self.store = AsyncFailingStore(AsyncMemoryStore(clock=self.clock))
        self.client = self.sim.async_client(rate_limits={"public": None}, store=self.store)

    async def rent(self, name: str = "job-1", product: str = "one") -> str:
        created = await self.client.gpu_instances.create(product_id=product, image_url="nginx", name=name)
        await self.client.gpu_instances.wait(created.id)
        return created.id

    def guard(self, limit: str = "1", **arguments: Any) -> AsyncBudgetGuard:
        given = {"period": "total", "include": "job-*", **arguments}
        return AsyncBudgetGuard(self.client, Money.from_usd(limit), **given)

    @property
    def stops(self) -> int:
        return self.sim.requests("stop_instance")

    def after(self, operation: str, happens: Any) -> None:
        """Have something happen when a request arrives."""

        def seen(_entry: object) -> bool:
            happens()
            return False

        self.sim.faults.add(Fault("status", operation=operation, status=500, when=seen, times=None))


@pytest.fixture
def account() -> Account:
    return Account()


async def test_stops_that_were_made_are_told_although_the_store_fails_then(account: Account) -> None:
    one, two = await account.rent("job-1"), await account.rent("job-2")
    guard = account.guard()
    await guard.check()
    await account.clock.sleep_async(HOUR)
    away = StoreUnavailableError("away")
    account.after("stop_instance", lambda: setattr(account.store, "failure", away))
    report = await guard.check()
    assert set(report.stopped) == {one, two}
    assert report.errors == (away,)


async def test_without_its_lease_it_stops_nothing_more_and_tells_what_it_stopped(account: Account) -> None:
    await account.rent("job-1")
    await account.rent("job-2")
    guard = account.guard()
    await guard.check()
    await account.clock.sleep_async(HOUR)

    def fail() -> None:
        account.clock.advance(30)
        account.store.failure = StoreUnavailableError("away")

    account.after("stop_instance", fail)
    report = await guard.check()
    assert (len(report.stopped), report.lease_lost, account.stops) == (1, True, 1)
    assert len(report.not_stopped) == 1


async def test_prices_that_come_slowly_do_not_cost_it_the_lease(account: Account) -> None:
    for number in range(6):
        account.sim.add_product(f"p-{number}", f"Card {number}", price=100_000, stock={"us-ca-06": None})
        await account.rent(f"job-{number}", f"p-{number}")
    guard = account.guard()
    await guard.check()
    await account.clock.sleep_async(HOUR)
    account.after("list_gpu_products", lambda: account.clock.advance(15))
    report = await guard.check()
    assert (len(report.stopped), report.lease_lost) == (6, False)


async def test_what_it_stops_is_looked_at_again_before(account: Account) -> None:
    exited, renamed = await account.rent("job-1"), await account.rent("job-2")
    guard = account.guard()
    await guard.check()
    await account.clock.sleep_async(HOUR)

    def change() -> None:
        account.sim.show(exited, status="exited")
        account.sim.show(renamed, name="precious")

    account.after("list_gpu_products", change)
    report = await guard.check()
    assert (report.stopped, account.stops, report.not_stopped) == ((), 0, (renamed,))
    assert report.errors == ()
    [newest, *_] = await guard.why(exited)
    assert (newest.verdict, newest.reason) == ("keep", "changed")


async def test_a_clock_that_was_far_ahead_for_a_while_does_not_stop_the_counting(account: Account) -> None:
    await account.rent()
    guard = account.guard("100", period="month", include=None)
    await guard.check()
    account.clock.jump_wall(40 * DAY)
    await guard.check()
    account.clock.jump_wall(-40 * DAY)
    before = await guard.check()
    await account.clock.sleep_async(6 * HOUR)
    after = await guard.check()
    assert after.spent - before.spent == Money.from_usd("6")
    assert after.window_start.timestamp() < NOON
    assert before.spent < Money.from_usd("1")
