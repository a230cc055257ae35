"""A sweeper that finishes what dead processes left behind: open creates, and lapsed rentals."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

import attrs

from novita_sdk._async.client import AsyncNovita, services_of
from novita_sdk._async.lifecycle.held_lease import AsyncHeldLease
from novita_sdk._async.lifecycle.loop_helper import AsyncLoopHelper
from novita_sdk._async.lifecycle.pass_loop import AsyncPassLoop
from novita_sdk._async.lifecycle.sweep_pass import AsyncSweepPass, OnOrphan, SweepTerms
from novita_sdk._core.durations import Seconds
from novita_sdk._core.lifecycle.sweeping import ORPHAN_ACTIONS, SweepReport
from novita_sdk._core.webhooks.notify import check_notify
from novita_sdk._core.wire import problem
from novita_sdk.errors import NovitaError, StateStoreError, ValidationError

if TYPE_CHECKING:
    from novita_sdk._core.webhooks.notify import Notify

_LOGGER: Final = logging.getLogger("novita_sdk.lifecycle")

_TEN_MINUTES: Final = 600.0
_LEASE_SECONDS: Final = 120.0  # longer than one deletion may take, its look included


class AsyncOrphanSweeper(AsyncLoopHelper[SweepReport]):
    """Looks for instances and endpoints whose create nobody finished: the process died, or the answer was lost.

    It needs a store that outlives processes, such as `AsyncSQLiteStore`, and works on creates that are two minutes old
    and whose process shows no sign of life. One complete listing serves all of them; without any, nothing is asked.
    What was made several times is only reported, and what carries a mark of no known create is only listed. By
    default it deletes nothing and ends nothing.

    Args:
        client: The client.
        on_orphan: What is done with an instance or endpoint whose create nobody finished: `"report"`, `"adopt"` (its
            create counts as done, and a call with the same operation id returns it), `"delete"`, or a function of
            the orphan and the instance or endpoint that returns one of these.
        find_foreign: Whether the instances are listed even if no create is open, for those with an unknown mark.
        finish_rentals: Whether rentals whose process died are ended as they should have been, some minutes later.
        interval: Time between two passes of `run`.
        dry_run: Whether passes only tell what they would do: nothing is deleted, written or sent.
        notify: Where its events go; see the guide on webhooks.
        pass_timeout: Time after which a pass begins nothing more.

    Raises:
        ValidationError: Arguments are wrong.

    Example:
        ```python
        sweeper = AsyncOrphanSweeper(client, on_orphan="delete", finish_rentals=True)
        report = await sweeper.check()
        print(report.deleted, report.still_unknown)
        ```
    """

    def __init__(
        self,
        client: AsyncNovita,
        *,
        on_orphan: OnOrphan = "report",
        find_foreign: bool = False,
        finish_rentals: bool = False,
        interval: Seconds = _TEN_MINUTES,
        dry_run: bool = False,
        notify: Notify = True,
        pass_timeout: Seconds = 240.0,
    ) -> None:
        if not callable(on_orphan) and on_orphan not in ORPHAN_ACTIONS:
            words = f"must be one of {', '.join(ORPHAN_ACTIONS)}, or a function that returns one"
            raise ValidationError(problems=(problem("on_orphan", on_orphan, words),))
        self._services = services_of(client)
        self._instances = client.gpu_instances
        self._endpoints = client.serverless_endpoints
        self._terms = SweepTerms(
            on_orphan=on_orphan,
            find_foreign=find_foreign,
            finish_rentals=finish_rentals,
            dry_run=dry_run is not False,
            notify=check_notify(notify),
        )
        self._lease = AsyncHeldLease(self._services, "sweeper", _LEASE_SECONDS)
        self._loop: AsyncPassLoop[SweepReport] = AsyncPassLoop(
            "OrphanSweeper",
            self._one_pass,
            interval=interval,
            pass_timeout=pass_timeout,
            clock=self._services.clock,
            rng=self._services.rng,
            lease=self._lease,
            observer=self._services.caller.observer,
            failure_of=lambda report: report.error,
        )

    async def check(self) -> SweepReport:
        """Make one pass; join the one under way if there is one.

        Fit for any job engine: it is bounded, and harmless if it is called twice, or on two machines at once.
        Operations `list_instances`, `get_instance`, `delete_instance`, `stop_instance`, and those of endpoints.

        Returns:
            What it found and did. What went wrong is told in it, also that there was no pass at all.

        Raises:
            ConfigurationError: Sending its events needs the client to be inside `async with`.
        """
        return await self._loop.check()

    # ----------------------------------------------------------------------------------------- a pass

    async def _one_pass(self) -> SweepReport:
        began = self._services.clock.monotonic()
        if not self._terms.dry_run:
            self._services.events.operation("sweeper", self._terms.notify)  # raises before the first request
        report = await self._swept()
        return attrs.evolve(
            report, dry_run=self._terms.dry_run, elapsed=self._services.clock.monotonic() - began
        )

    async def _swept(self) -> SweepReport:
        try:
            if self._terms.dry_run:
                return await self._pass(None).run()
            if not await self._lease.acquire():
                return _skipped("lease_held")
            try:
                return await self._pass(self._lease).run()
            finally:
                await self._lease.give_back()
        except StateStoreError as error:
            return _skipped("store_unavailable", error)
        except NovitaError as error:
            return SweepReport(errors=1, error=error)

    def _pass(self, lease: AsyncHeldLease | None) -> AsyncSweepPass:
        return AsyncSweepPass(
            self._instances,
            self._endpoints,
            self._services,
            self._terms,
            lease=lease,
            must_end=self._loop.must_end,
        )


def _skipped(reason: str, error: Exception | None = None) -> SweepReport:
    return SweepReport(skipped_pass=reason, errors=0 if error is None else 1, error=error)
