# Generated from novita_sdk/_async/lifecycle/budget_guard.py by tools/unasync.py; edit the source.
"""A guard over what an account spends: it warns, and stops what it was told to stop."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import attrs

from novita_sdk._core.durations import Seconds, seconds
from novita_sdk._core.lifecycle.budget import (
    BILLS_EVERY,
    BudgetPeriod,
    BudgetReport,
    BudgetState,
    Reading,
    advanced,
    checked_terms,
    period_name,
    read_state,
    report_of,
    runway_of,
    spent_since,
    window_of,
    write_state,
)
from novita_sdk._core.lifecycle.cost import NOTHING, cost_of, moment
from novita_sdk._core.lifecycle.decisions import Decision, DecisionVerdict
from novita_sdk._core.lifecycle.selection import Include, InstanceSelection
from novita_sdk._core.lifecycle.waiting_table import status_word
from novita_sdk._core.webhooks.notify import Notify, check_notify
from novita_sdk._sync.client import Novita, services_of
from novita_sdk._sync.lifecycle.audit import AuditTrail
from novita_sdk._sync.lifecycle.cost import Prices
from novita_sdk._sync.lifecycle.held_lease import HeldLease
from novita_sdk._sync.lifecycle.loop_helper import DecidingHelper
from novita_sdk._sync.lifecycle.migration_turn import FRESH
from novita_sdk._sync.lifecycle.pass_loop import PassLoop
from novita_sdk.errors import NovitaError, StateStoreError
from novita_sdk.models.cost import Cost
from novita_sdk.models.enums import BillCycle, BillingMode, UsageBillCategory
from novita_sdk.models.instance import Instance
from novita_sdk.models.money import Money

if TYPE_CHECKING:
    from novita_sdk._sync.webhooks.emitter import OperationEvents

_LOGGER = logging.getLogger("novita_sdk.lifecycle")

_KEPT_FOR = 40 * 86_400.0  # seconds: longer than the longest period that ends


@attrs.frozen
class _Found:
    """What a pass found: the instances, their cost, and what was assumed before the first pass."""

    instances: dict[str, Instance]
    cost: Cost
    reading: Reading


class BudgetGuard(DecidingHelper[BudgetReport]):
    """Watches what the instances of an account cost, and warns, or stops some, when a budget is spent.

    Spent is the sum of all rates over time, at today's prices; between two passes the larger of both rates counts,
    also if the guard did not run in the meantime. It never stops what is not included, deletes nothing, and starts
    nothing again.

    Args:
        client: The client.
        limit: The budget, such as `Money.from_usd(100)`.
        period: `"month"` or `"day"`, in UTC, or `"total"`: from the first pass on.
        warn_at: Share of the limit at which it warns, once a period.
        stop_at: Share of the limit at which it says that the budget is spent, once a period, and stops what is
            included, the dearest first, in every pass.
        include: What it may stop: ids, globs over names, compiled patterns; None for nothing.
        exclude: What it must not stop, whatever `include` says.
        interval: Seconds between two passes of `run`.
        min_runway: Seconds for which the balance should last; if it does not, `low_balance` is told once a day. 0
            for never.
        anticipate: Whether what will be spent until the next pass counts as well.
        use_bills: Whether the bills are read, at most hourly, and count if they say more.
        dry_run: Whether it only tells: nothing is stopped, written or sent.
        notify: Where its events go; see the guide on webhooks.
        name: Tells several guards over the same store apart.
        pass_timeout: Seconds after which a pass stops nothing more.

    Raises:
        ValidationError: An argument is wrong; all problems at once.

    Example:
        ```python
        guard = BudgetGuard(client, Money.from_usd(100), include="train-*")
        report = guard.check()
        print(report)
        ```
    """

    def __init__(
        self,
        client: Novita,
        limit: Money,
        *,
        period: BudgetPeriod = "month",
        warn_at: float = 0.8,
        stop_at: float = 1.0,
        include: Include = None,
        exclude: Include = None,
        interval: Seconds = 300.0,
        min_runway: Seconds = 86_400.0,
        anticipate: bool = False,
        use_bills: bool = False,
        dry_run: bool = False,
        notify: Notify = True,
        name: str = "budget",
        pass_timeout: Seconds = 240.0,
    ) -> None:
        self._services = services_of(client)
        self._gpu_instances = client.gpu_instances
        self._prices = Prices(client.products)
        self._billing = client.billing
        terms = checked_terms(
            limit,
            period,
            warn_at,
            stop_at,
            min_runway=seconds(min_runway),
            name=name,
            include=include,
            exclude=exclude,
        )
        self._name = name
        self._selection = None if include is None else InstanceSelection(include, exclude=exclude)
        self._use_bills = use_bills
        self._dry_run = dry_run
        self._notify: Notify = check_notify(notify)
        self._lease = HeldLease(self._services, self._name)
        self._trail = AuditTrail(self._services.store, self._name, Decision)
        self._loop = PassLoop(
            "BudgetGuard",
            self._one_pass,
            interval=interval,
            pass_timeout=pass_timeout,
            clock=self._services.clock,
            rng=self._services.rng,
            lease=self._lease,
            observer=self._services.caller.observer,
            failure_of=lambda report: report.errors[0] if report.errors else None,
        )
        ahead = moment(self._loop.interval) - moment(0)
        self._terms = attrs.evolve(terms, anticipate=ahead) if anticipate else terms

    def check(self) -> BudgetReport:
        """Make one pass: see what everything costs, warn, stop.

        Returns:
            What it found and did. That a list cannot be read or an instance cannot be stopped is told in `errors`.

        Raises:
            StateStoreError: The store fails; nothing was stopped.
        """
        return self._loop.check()

    # ----------------------------------------------------------------------------------------- a pass

    def _one_pass(self) -> BudgetReport:
        if self._dry_run:
            return self._watch()
        if not self._lease.acquire():
            return attrs.evolve(self._unchanged(), skipped_pass=True)
        try:
            return self._watch()
        finally:
            self._lease.give_back()

    def _watch(self) -> BudgetReport:
        events = self._new_events()
        try:
            found = self._look()
        except NovitaError as error:
            return attrs.evolve(self._unchanged(), complete=False, errors=(error,))
        errors: list[NovitaError] = []
        state = advanced(self._state(), found.reading, self._terms.period)
        state = self._with_bills(state, errors)
        report = attrs.evolve(
            report_of(state, self._terms), unpriced=found.cost.unpriced, complete=found.cost.complete
        )
        report = self._with_balance(report, errors)
        chosen, spared = self._choice(found, exceeded=report.exceeded)
        report = attrs.evolve(
            report, dry_run=self._dry_run, to_stop=chosen, not_stopped=spared, errors=tuple(errors)
        )
        if not self._dry_run:
            self._write(self._tell(events, state, report, found))
            report = self._stop(report)
        try:
            decisions = self._decisions(report, found)
            self._trail.record(decisions, dry_run=self._dry_run, fence=self._lease.lease)
        except StateStoreError as error:  # what was stopped must be told
            report = attrs.evolve(report, errors=(*report.errors, error))
        return report

    def _look(self) -> _Found:
        pager = self._gpu_instances.list(options=FRESH)
        listed: dict[str, Instance] = {}
        for page in pager.pages():
            listed.update((instance.id, instance) for instance in page.items)
            self._lease.keep()
        instances = list(listed.values())
        offers = self._prices.of(instances, before_each=self._lease.keep)
        now = moment(self._services.clock.time())
        certain = pager.complete and not pager.problems
        cost = cost_of(instances, offers, since=None, until=now, complete=certain)
        assumed = spent_since(instances, offers, window_of(self._terms.period, now), now)
        reading = Reading(at=now, rate_per_hour=cost.rate_per_hour, since_start=assumed)
        return _Found(listed, cost, reading)

    def _state(self) -> BudgetState | None:
        entry = self._services.store.get(self._key)
        return None if entry is None else read_state(self._key, entry.value)

    def _write(self, state: BudgetState) -> None:
        ttl = None if self._terms.period == "total" else _KEPT_FOR
        self._services.store.put(self._key, write_state(state), ttl=ttl, fence=self._lease.lease)

    def _unchanged(self) -> BudgetReport:
        """Report what is remembered, where nothing new could be found out."""
        now = moment(self._services.clock.time())
        nothing = Reading(at=now, rate_per_hour=NOTHING, since_start=NOTHING)
        state = self._state() or advanced(None, nothing, self._terms.period)
        return attrs.evolve(report_of(state, self._terms), dry_run=self._dry_run)

    def _with_bills(self, state: BudgetState, errors: list[NovitaError]) -> BudgetState:
        if not self._use_bills or (state.bills_at is not None and state.at - state.bills_at < BILLS_EVERY):
            return state
        bills = self._billing.usage(
            cycle_type=BillCycle.HOUR,
            product_category=UsageBillCategory.GPU,
            start_time=state.window_start,
            end_time=state.at,
        )
        try:
            billed = [bill.amount for bill in bills.collect() if bill.amount is not None]
        except NovitaError as error:
            errors.append(error)
            return state
        return attrs.evolve(state, bills=sum(billed, NOTHING), bills_at=state.at)

    def _with_balance(self, report: BudgetReport, errors: list[NovitaError]) -> BudgetReport:
        try:
            found = self._billing.balance()
        except NovitaError as error:
            errors.append(error)
            return report
        balance = found.available_balance
        runway = None if balance is None else runway_of(balance, report.rate_per_hour)
        return attrs.evolve(report, balance=balance, runway=runway)

    def _choice(self, found: _Found, *, exceeded: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return what is to be stopped and what is not although it runs, each the dearest first."""
        if not exceeded:
            return (), ()
        known = [item.id for item in found.cost.items if item.billing != BillingMode.MONTHLY]
        # a price that nobody knows is no reason to let a machine run on
        running = [one for one in (*known, *found.cost.unpriced) if _is_running(found.instances[one])]
        chosen = tuple(one for one in running if self._may_stop(found.instances[one]))
        return chosen, tuple(one for one in running if one not in chosen)

    def _may_stop(self, instance: Instance) -> bool:
        return self._selection is not None and self._selection.verdict(instance).selected

    def _new_events(self) -> OperationEvents:
        """Prepare the events of this period; raises before anything is asked if they cannot be sent."""
        now = moment(self._services.clock.time())
        period = period_name(self._terms.period, window_of(self._terms.period, now) or now)
        return self._services.events.operation(f"{self._name}-{period}", self._notify)

    def _tell(
        self, events: OperationEvents, state: BudgetState, report: BudgetReport, found: _Found
    ) -> BudgetState:
        """Send what is to be told for the first time, and return what is to be remembered of it."""
        costly = [item.id for item in found.cost.items if item.rate_per_hour > NOTHING]
        action = "report" if self._selection is None else "stop"
        for kind, is_due in (
            ("budget_warning", report.warned and not state.warned),
            ("budget_exceeded", report.exceeded and not state.exceeded),
        ):
            if is_due:
                events.send(
                    kind,
                    None,
                    limit=report.limit,
                    spent=report.spent,
                    projected=report.projected,
                    ratio=report.fraction,
                    window_start=report.window_start,
                    instance_ids=costly,
                    action=action,
                )
        today = f"{state.at.astimezone(UTC):%Y-%m-%d}"
        low = report.runway is not None and report.runway < self._terms.min_runway
        if low and state.low_balance_on != today and report.runway is not None:
            told = {
                "balance": report.balance,
                "ratePerHour": report.rate_per_hour,
                "runwaySeconds": round(report.runway.total_seconds()),
            }
            events.send("low_balance", None, step=today, data=told)
        return attrs.evolve(
            state,
            warned=report.warned,
            exceeded=report.exceeded or state.exceeded,
            low_balance_on=today if low else state.low_balance_on,
        )

    def _stop(self, report: BudgetReport) -> BudgetReport:
        stopped, spared = list[str](), list[str]()
        errors = list(report.errors)
        lost = False
        for instance_id in report.to_stop:
            if self._loop.must_end():
                break
            try:
                lost = not self._lease.keep()
                now = None if lost else self._gpu_instances.get(instance_id, options=FRESH)
                if now is None:
                    break
                if not _is_running(now):
                    spared.append(instance_id)
                elif self._may_stop(now):
                    self._gpu_instances.stop(instance_id)
                    stopped.append(instance_id)
            except StateStoreError as error:
                errors.append(error)
                lost = True
                break
            except NovitaError as error:
                errors.append(error)
        left = (one for one in report.to_stop if one not in stopped and one not in spared)
        return attrs.evolve(
            report,
            stopped=tuple(stopped),
            not_stopped=(*report.not_stopped, *left),
            errors=tuple(errors),
            lease_lost=lost,
        )

    def _decisions(self, report: BudgetReport, found: _Found) -> Sequence[Decision]:
        now = found.reading.at
        return [
            self._decision(instance, report, now)
            for instance in found.instances.values()
            if _is_running(instance)
        ]

    def _decision(self, instance: Instance, report: BudgetReport, now: datetime) -> Decision:
        verdict: DecisionVerdict = "keep"
        reason = "not_included" if report.exceeded else "within_budget"
        if instance.id in report.to_stop:
            reason = "budget_exceeded"
            verdict = "stop" if self._dry_run or instance.id in report.stopped else "error"
            if verdict == "error" and instance.id not in report.not_stopped:
                verdict, reason = "keep", "changed"
        lease = self._lease.lease
        return Decision(
            instance_id=instance.id,
            verdict=verdict,
            reason=reason,
            at=now,
            detail=str(report),
            holder=None if lease is None else lease.owner,
            fence=None if lease is None else lease.fence,
        )

    @property
    def _key(self) -> str:
        return f"budget:{self._name}:{self._terms.period}"


def _is_running(instance: Instance) -> bool:
    return status_word(instance) == "running"
