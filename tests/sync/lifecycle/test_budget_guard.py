# Generated from tests/aio/lifecycle/test_budget_guard.py by tools/unasync.py; edit the source.
"""A guard over what an account spends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from novita_sdk._concurrency.threads import Event
from novita_sdk._sync.client import Novita, services_of
from novita_sdk._sync.lifecycle.budget_guard import BudgetGuard
from novita_sdk.errors import ServerError, StateStoreError, ValidationError
from novita_sdk.models.money import Money
from novita_sdk.testing import Fault, Simulator, VirtualClock

HOUR = 3600.0
NOON = 1_790_000_000.0 - 1_790_000_000.0 % 86_400 + 43_200  # of some day in the middle of a month


def usd(amount: str) -> Money:
    return Money.from_usd(amount)


class Told:
    """Stands in for where the events of operations go."""

    def __init__(self, clock: VirtualClock) -> None:
        self.kinds: list[str] = []
        self.times: list[float] = []
        self.operations: set[str] = set()
        self.words: list[dict[str, Any]] = []
        self._clock = clock
        self._began = clock.monotonic()

    def operation(self, operation_id: str, _notify: object) -> Told:
        self.operations.add(operation_id)
        return self

    def send(self, kind: str, _instance: object, **words: Any) -> None:
        self.kinds.append(kind)
        self.times.append(self._clock.monotonic() - self._began)
        self.words.append(words)

    def hours(self, kind: str) -> list[float]:
        """When events of a kind were told, in hours."""
        return [at / HOUR for at, one in zip(self.times, self.kinds, strict=True) if one == kind]


class Account:
    """A simulated account with a client, on which one instance for 1 USD per hour runs."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **settings: Any) -> None:
        self.clock = VirtualClock(wall=NOON)
        self.simulator = Simulator(seed=1, clock=self.clock)
        self.simulator.add_product("one", "One", price=100_000, stock={"us-ca-06": None})
        self.client: Novita = self.simulator.client(rate_limits={"public": None}, **settings)
        self.told = Told(self.clock)
        monkeypatch.setattr(services_of(self.client).events, "operation", self.told.operation)

    def rent(self, name: str = "job-1", product: str = "one", **arguments: Any) -> str:
        created = self.client.gpu_instances.create(
            product_id=product, image_url="nginx", name=name, **arguments
        )
        self.client.gpu_instances.wait(created.id)
        return created.id

    def guard(self, limit: str = "10", **arguments: Any) -> BudgetGuard:
        return BudgetGuard(self.client, usd(limit), **{"period": "total", **arguments})

    def watch(self, guard: BudgetGuard, hours: float) -> None:
        """Let the guard make a pass every five minutes."""
        for _ in range(round(hours * 12)):
            guard.check()
            self.clock.sleep(300)


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Account:
    return Account(monkeypatch)


@pytest.mark.case("B-01")
def test_it_warns_once_and_stops_once_the_budget_is_spent(account: Account) -> None:
    included = account.rent("job-1")
    account.simulator.show(account.rent("other"), instancePrice="0", productName="x", productId="x")
    guard = account.guard(include="job-*")
    account.told._began = account.clock.monotonic()
    account.watch(guard, 12)
    assert account.told.kinds.count("budget_warning") == 1
    assert account.told.hours("budget_warning") == [pytest.approx(8, abs=0.1)]
    assert account.told.hours("budget_exceeded") == [pytest.approx(10, abs=0.1)]
    stopped = [entry for entry in account.simulator.journal if entry.operation == "stop_instance"]
    assert [entry.body["instanceId"] for entry in stopped] == [included]
    report = guard.check()
    assert (report.complete, report.exceeded, report.warned) == (False, True, True)
    assert len(report.unpriced) == 1
    assert report.not_stopped == report.unpriced


@pytest.mark.case("B-02")
def test_time_in_which_nobody_watched_is_paid_for_as_well(account: Account) -> None:
    account.rent()
    before = account.guard("100").check()
    account.clock.sleep(6 * HOUR)
    after = account.guard("100").check()
    assert after.spent - before.spent == usd("6")


@pytest.mark.case("B-02")
def test_without_consent_nothing_is_stopped(account: Account) -> None:
    running = account.rent()
    account.watch(account.guard("1"), 3)
    report = account.guard("1").check()
    assert account.simulator.requests("stop_instance") == 0
    assert account.told.kinds.count("budget_exceeded") == 1
    assert (report.stopped, report.not_stopped) == ((), (running,))
    assert account.told.words[-1]["action"] == "report"


def test_between_two_looks_the_larger_rate_counts(account: Account) -> None:
    guard = account.guard("100")
    one = account.rent()
    before = guard.check()
    account.clock.sleep(2 * HOUR)
    account.client.gpu_instances.stop(one)
    account.client.gpu_instances.wait(one, until="exited")
    after = guard.check()
    assert usd("2") < after.spent - before.spent < usd("2.1")
    assert after.rate_per_hour < usd("0.1")


def test_the_dearest_is_stopped_first(account: Account) -> None:
    cheap, dear = account.rent("job-1"), account.rent("job-2", gpu_num=4)
    guard = account.guard("1", include="job-*")
    guard.check()
    account.clock.sleep(HOUR)
    report = guard.check()
    assert report.stopped == (dear, cheap)
    assert report.not_stopped == ()
    [newest, *_] = guard.why(dear)
    assert (newest.verdict, newest.reason) == ("stop", "budget_exceeded")


def test_one_that_cannot_be_stopped_does_not_save_the_others(account: Account) -> None:
    cheap, dear = account.rent("job-1"), account.rent("job-2", gpu_num=4)
    refused = Fault(
        "status",
        operation="stop_instance",
        when=lambda entry: entry.body["instanceId"] == dear,
        status=400,
        body={"reason": "VALIDATOR_PARAM", "message": "no"},
        times=None,
    )
    account.simulator.faults.add(refused)
    guard = account.guard("1", include="job-*")
    guard.check()
    account.clock.sleep(HOUR)
    report = guard.check()
    assert (report.stopped, report.not_stopped) == ((cheap,), (dear,))
    assert len(report.errors) == 1


def test_a_new_month_begins_anew(account: Account) -> None:
    account.rent()
    guard = account.guard("1000", period="month")
    guard.check()
    account.clock.sleep(40 * 86_400)
    report = guard.check()
    hours = (account.clock.time() - report.window_start.timestamp()) / HOUR
    assert float(report.spent.usd) == pytest.approx(hours, abs=0.1)
    assert account.told.operations >= {"budget-2026-09", "budget-2026-10"}


def test_what_runs_when_it_first_looks_is_assumed_to_have_run_since_its_start(account: Account) -> None:
    account.rent()
    account.clock.sleep(3 * HOUR)
    month, total = account.guard(period="month").check(), account.guard().check()
    assert float(month.spent.usd) == pytest.approx(3, abs=0.1)
    assert total.spent == usd("0")


def test_a_low_balance_is_told_once_a_day(account: Account) -> None:
    account.rent()
    account.simulator.set_balance(60 * 10_000)
    guard = account.guard("1000", min_runway=timedelta(hours=50))
    account.watch(guard, 30)
    assert account.told.hours("low_balance") == [pytest.approx(10, abs=0.2), pytest.approx(12, abs=0.2)]
    report = guard.check()
    assert report.runway is not None
    assert report.runway < timedelta(hours=50)


def test_a_dry_run_reads_and_does_nothing_else(account: Account) -> None:
    account.rent("job-1")
    guard = account.guard("1", include="job-*")
    guard.check()
    account.clock.sleep(2 * HOUR)
    before = account.client.store.scan()
    report = account.guard("1", include="job-*", dry_run=True).check()
    after = account.client.store.scan()
    assert after == before
    assert account.simulator.requests("stop_instance") == 0
    assert not [kind for kind in account.told.kinds if kind.startswith("budget")]
    assert (len(report.to_stop), report.stopped, report.dry_run) == (1, (), True)


def test_while_another_guard_is_at_work_nothing_is_asked(account: Account) -> None:
    before = account.guard().check()
    assert account.client.store.lease_acquire("budget", "another-host", 600) is not None
    requests = account.simulator.requests()
    report = account.guard().check()
    assert (report.skipped_pass, report.spent, account.simulator.requests()) == (True, before.spent, requests)


def test_a_list_that_cannot_be_read_changes_nothing(account: Account) -> None:
    account.rent()
    guard = account.guard()
    before = guard.check()
    account.clock.sleep(HOUR)
    account.simulator.faults.add(Fault("status", operation="list_instances", status=500, times=4))
    failed = guard.check()
    assert [type(error) for error in failed.errors] == [ServerError]
    assert (failed.spent, failed.complete) == (before.spent, False)
    assert guard.stats().failed == 1
    after = guard.check()
    assert after.spent - before.spent >= usd("1")


def test_looking_ahead_stops_before_the_limit(account: Account) -> None:
    account.rent("job-1")
    guard = account.guard("1", include="job-*", anticipate=True, interval=HOUR / 2)
    guard.check()
    account.clock.sleep(HOUR / 2)
    report = guard.check()
    assert report.exceeded
    assert report.spent < usd("1")
    assert len(report.stopped) == 1


def test_bills_count_if_they_say_more(account: Account) -> None:
    account.rent()
    guard = account.guard("100", use_bills=True)
    account.watch(guard, 3)
    assert account.simulator.requests("list_usage_bills") == 3


def test_it_runs_until_it_is_told_to_stop(account: Account) -> None:
    guard = account.guard(interval=600)
    stop = Event()
    stop.set()
    stats = guard.run(stop)
    assert stats.passes == 0
    assert guard.health().healthy


def test_a_record_that_cannot_be_read_is_left_as_it_is(account: Account) -> None:
    account.client.store.put("budget:budget:total", {"v": 1, "spent": "much"})
    with pytest.raises(StateStoreError, match="left as it is"):
        account.guard().check()
    entry = account.client.store.get("budget:budget:total")
    assert entry is not None
    assert entry.value["spent"] == "much"


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"limit": usd("0")}, "limit"),
        ({"limit": 100}, "limit"),
        ({"period": "year"}, "period"),
        ({"warn_at": 0}, "warn_at"),
        ({"stop_at": 1.5}, "stop_at"),
        ({"min_runway": -1}, "min_runway"),
        ({"interval": 0}, "interval"),
        ({"notify": 5}, "notify"),
        ({"name": "a b"}, "name"),
        ({"exclude": "job-*"}, "exclude"),
    ],
)
def test_wrong_arguments_are_refused(account: Account, changes: dict[str, Any], named: str) -> None:
    arguments = {"limit": usd("1"), **changes}
    with pytest.raises(ValidationError, match=named):
        BudgetGuard(account.client, **arguments)
