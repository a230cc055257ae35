"""The `with` block of a rental: it begins with a create and ends what that has made."""

from __future__ import annotations

import logging
import os
from collections.abc import Awaitable, Callable
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from novita_sdk._async.lifecycle.cost import AsyncPrices
from novita_sdk._async.lifecycle.rental_ending import AsyncRentalEnding
from novita_sdk._async.lifecycle.rental_keeping import AsyncRentalKeeping
from novita_sdk._async.resources.products import AsyncProducts
from novita_sdk._concurrency.aio import Event, Lock, shielded
from novita_sdk._concurrency.aio_bodies import TERMINATED, BodyScope, Termination, to_the_end
from novita_sdk._core.lifecycle.cost import charge, rate_of
from novita_sdk._core.lifecycle.rental_limits import (
    LimitName,
    RentalTerms,
    ends_after,
    next_look,
    reached_limit,
    warns_after,
)
from novita_sdk._core.lifecycle.rental_records import ENDED, RENEW_EVERY, RentalRecord
from novita_sdk._core.log_records import log
from novita_sdk.errors import (
    CleanupError,
    LifecycleError,
    NovitaError,
    RentalExpiredError,
    StateStoreError,
)
from novita_sdk.models.instance import Instance
from novita_sdk.models.money import Money

if TYPE_CHECKING:
    from novita_sdk._async.lifecycle.background import AsyncScheduledWork
    from novita_sdk._async.lifecycle.create_and_wait import AsyncCreateAndWait
    from novita_sdk._async.lifecycle.instances import AsyncInstances
    from novita_sdk._async.services import AsyncServices
    from novita_sdk._async.webhooks.emitter import AsyncOperationEvents
    from novita_sdk._core.webhooks.notify import Notify
    from novita_sdk.models.results import CreatedInstance

_LOGGER: Final = logging.getLogger("novita_sdk.lifecycle")

_SHIELD_MARGIN: Final = 5.0  # seconds that the cleanup may take longer than it allows itself


class AsyncRentalBlock:
    """A block, in which an instance exists, and what happens to it meanwhile.

    Args:
        gpu_instances: The instances.
        services: The client's services.
        terms: What was agreed on.
        operation_id: The identity of the rental.
        keeping: Keeps it known to other processes.
        create: Creates the instance.
        startup: Makes what creates it and waits for it.
        notify: Where the events go.
        handle_sigterm: Whether SIGTERM ends the block.
    """

    def __init__(
        self,
        gpu_instances: AsyncInstances,
        services: AsyncServices,
        terms: RentalTerms,
        *,
        operation_id: str,
        keeping: AsyncRentalKeeping,
        create: Callable[[], Awaitable[CreatedInstance]],
        startup: Callable[[], AsyncCreateAndWait],
        notify: Notify,
        handle_sigterm: bool,
    ) -> None:
        self._gpu_instances = gpu_instances
        self._services = services
        self._clock = services.clock
        self._terms = terms
        self._operation_id = operation_id
        self._create = create
        self._startup = startup
        self._notify: Notify = notify
        self._keeping = keeping
        self._body = BodyScope()
        self._termination = Termination(services.background, self._be_terminated) if handle_sigterm else None
        self._terminated = False
        self._events: AsyncOperationEvents | None = None
        self._pid = 0  # of the process that entered the block
        self._earlier: RentalRecord | None = None  # of a process that died
        self._created: CreatedInstance | None = None
        self._instance: Instance | None = None
        self._rate: Money | None = None
        self._began = self._began_wall = 0.0
        self._ended: float | None = None
        self._forgotten = False
        self._expired: LimitName | None = None
        self._warned = False
        self._renewed = 0.0
        self._work: AsyncScheduledWork | None = None
        self._ending: AsyncRentalEnding | None = None
        self._lock = Lock()
        self._leaving = False
        self._step: Event | None = None  # set while the worker looks after the rental

    # --------------------------------------------------------------------------------- the with block

    async def __aenter__(self) -> Self:
        if self._pid:
            raise LifecycleError("a rental is used once: call rent() again", operation_id=self._operation_id)
        self._services.worker.require_open()
        self._events = self._services.events.operation(self._operation_id, self._notify)
        self._earlier = await self._keeping.claim()
        self._pid = os.getpid()
        self._body.enter()
        try:
            if self._earlier is None:  # known before it costs: a death right after the create is no secret
                await self._keeping.announce(self._record(""))
            self._instance = await self._startup().run(self._rent)
            await self._find_rate(self._instance)
        except BaseException as error:
            left = self._leave(error)
            if self._created is not None:
                await self._end(left)
            elif not isinstance(error, GeneratorExit):  # a generator may not wait any more
                with shielded(self._clock, _SHIELD_MARGIN):
                    await self._keeping.let_go(forget=self._earlier is None)
            raise
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        left = self._leave(exc)
        await self._end(left)
        if left is not None and left is not exc:
            raise left
        return left is None

    def _leave(self, error: BaseException | None) -> BaseException | None:
        """Leave the stretch that the worker can cancel; return what of an exception is not that cancellation."""
        try:
            own = self._body.leave(
                None if error is None else type(error), error, getattr(error, "__traceback__", None)
            )
        except BaseException as rest:  # noqa: BLE001 - of a group only a part was that; it is raised after the end
            return rest
        return None if own else error

    async def _rent(self) -> CreatedInstance:
        """Create the instance; from here on somebody has to end it."""
        created = self._created = await self._create()  # at once: nothing may come in between
        self._began, self._began_wall = self._clock.monotonic(), self._clock.time()
        if self._earlier is not None and self._earlier.instance_id == created.id:
            age = max(0.0, self._began_wall - self._earlier.started_at)
            self._began, self._began_wall = self._began - age, self._began_wall - age
        self._rate = None if created.choice is None else created.choice.hourly
        if self._termination is not None:
            self._termination.watch()
        await self._keeping.open(self._record(created.id))
        self._work = self._services.worker.schedule(self._next_look(), self._look_after, rental=True)
        return created

    def _record(self, instance_id: str) -> RentalRecord:
        now, cost = self._clock.time(), self._terms.max_cost
        return RentalRecord(
            operation_id=self._operation_id,
            instance_id=instance_id,
            on_exit=self._terms.on_exit,
            started_at=self._began_wall or now,
            renewed_at=now,
            max_lifetime=self._terms.max_lifetime,
            max_cost=None if cost is None else str(cost.usd),
        )

    async def _find_rate(self, instance: Instance) -> None:
        """Find out what the instance costs, where no choice of a product has told that."""
        if self._rate is not None:
            return
        try:
            offers = await AsyncPrices(AsyncProducts(self._services.caller, self._services)).of([instance])
            self._rate = rate_of(instance, offers)
        except NovitaError as error:
            self._complain(
                f"has a price that could not be found out ({type(error).__name__})", logging.WARNING
            )
        if self._rate is None and self._terms.max_cost is not None:
            message = f"max_cost cannot be kept to: nobody knows what {instance.id} costs"
            raise LifecycleError(message, resource_id=instance.id, operation_id=self._operation_id)

    @property
    def _rented(self) -> CreatedInstance:
        if self._created is None:
            raise LifecycleError(
                "the rental has not begun: use it in a `with` block", operation_id=self._operation_id
            )
        return self._created

    def _cost(self) -> Money | None:
        return None if self._rate is None else charge(self._rate, timedelta(seconds=self._elapsed()))

    def _elapsed(self) -> float:
        return (self._clock.monotonic() if self._ended is None else self._ended) - self._began

    # ------------------------------------------------------------------------- what the worker does

    def _next_look(self) -> float:
        moments = (warns_after(self._terms, self._rate), ends_after(self._terms, self._rate))
        return self._began + next_look(self._elapsed(), *moments)

    async def _look_after(self) -> float | None:
        with self._lock:
            if self._leaving:
                return None
            step = self._step = Event()
        try:
            return await self._look()
        finally:
            self._step = None
            step.set()

    async def _look(self) -> float | None:
        if self._expired is None:
            self._expired = reached_limit(self._terms, self._rate, self._elapsed())
        if self._expired is not None:
            return None if self._body.end() else await self._end_step()
        await self._warn()
        await self._renew()
        return self._next_look()

    async def _warn(self) -> None:
        after = warns_after(self._terms, self._rate)
        if self._warned or after is None or self._elapsed() < after:
            return
        self._warned = True
        await self._tell("rent_expiring")

    async def _renew(self) -> None:
        if self._elapsed() - self._renewed < RENEW_EVERY:
            return
        self._renewed = self._elapsed()
        try:
            if not await self._keeping.renew():
                self._complain("is being ended by another process, which took this one for dead")
        except StateStoreError as error:
            self._complain(f"could not be renewed in the store ({type(error).__name__}); it is tried again")

    async def _end_step(self) -> float | None:
        """Do the next step of the end where the body cannot be ended."""
        try:
            pause = await self._the_end().step()
        except CleanupError as error:
            self._complain(f"has reached a limit, but {error.message}")
            self._ending = None  # it is tried anew when the body is left
            return None
        if pause is None:
            await self._be_over()
            return None
        return self._clock.monotonic() + pause

    def _the_end(self) -> AsyncRentalEnding:
        if self._ending is None:
            self._ending = AsyncRentalEnding(
                self._gpu_instances,
                self._services,
                instance_id=self._rented.id,
                on_exit=self._terms.on_exit,
                timeout=self._terms.cleanup_timeout,
                operation_id=self._operation_id,
            )
        return self._ending

    # --------------------------------------------------------------------------------------- the end

    async def _end(self, error: BaseException | None) -> None:
        """End the rental; what is raised here stands for the end of the block.

        Args:
            error: What ended the block; None for nothing, or for an end that this rental brought about.
        """
        if os.getpid() != self._pid:
            return  # a forked child: the instance is its parent's
        try:
            failure = await self._clean_up()
        finally:
            if self._termination is not None:
                await self._termination.end()
        expiry = None if self._expired is None else self._expiry(self._expired)
        if error is not None:
            if failure is None:
                error.add_note(f"the rental of {self._rented.id} has ended: {ENDED[self._terms.on_exit]}")
            for other in (failure, expiry):
                if other is not None:
                    error.add_note(f"{type(other).__name__}: {other.message}")
        elif failure is not None:
            raise failure from expiry
        elif self._terminated:
            raise SystemExit(TERMINATED)
        elif expiry is not None:
            raise expiry

    async def _clean_up(self) -> CleanupError | None:
        """Do what was agreed on; one interrupt is held back until it is done, a second one ends it."""
        outcomes: list[CleanupError | None] = []

        async def finish() -> None:
            outcomes.append(await self._finish())

        try:
            await to_the_end(finish, self._clock, self._terms.cleanup_timeout + _SHIELD_MARGIN)
        except BaseException as interrupt:
            if not outcomes:
                message = "was left by a second interrupt: it may still be running, and billing"
                self._complain(message, logging.CRITICAL)
            failure = outcomes[0] if outcomes else self._unfinished()
            if failure is not None:
                interrupt.add_note(f"CleanupError: {failure.message}")
            raise
        return outcomes[0] if outcomes else self._unfinished()

    def _unfinished(self) -> CleanupError:
        return CleanupError(
            f"the {self._terms.on_exit} of {self._rented.id} was not finished in time",
            resource_id=self._rented.id,
            operation_id=self._operation_id,
            action=self._terms.on_exit,
        )

    async def _finish(self) -> CleanupError | None:
        with self._lock:
            self._leaving = True
            step = self._step
        if self._work is not None:
            self._work.cancel()
        if step is not None:
            await self._clock.wait_async(step, None)
        try:
            if self._terms.on_exit != "keep":
                await self._the_end().finish()
        except CleanupError as failure:
            return failure
        await self._be_over()
        return None

    async def _be_over(self) -> None:
        """Tell that it has ended, and forget it."""
        if self._forgotten:
            return
        self._ended = self._clock.monotonic() if self._ended is None else self._ended
        await self._tell("rent_ended")
        try:
            await self._keeping.close()
        except StateStoreError as error:
            self._complain(f"is over, but its record could not be deleted ({type(error).__name__})")
        self._forgotten = True

    def _expiry(self, limit: LimitName) -> RentalExpiredError:
        value = self._terms.max_lifetime if limit == "max_lifetime" else self._terms.max_cost
        cost = self._cost()
        unit = "" if cost is None else f", at a cost of {cost.usd:.4f} USD"
        return RentalExpiredError(
            f"the rental of {self._rented.id} has reached its {limit} of {_shown(value)}{unit}",
            resource_id=self._rented.id,
            operation_id=self._operation_id,
            limit=limit,
            value=value,
            cost=cost,
        )

    def _be_terminated(self) -> None:
        self._terminated = True
        self._body.end()

    async def _tell(self, kind: str) -> None:
        if self._events is not None:
            await self._events.send(kind, self._instance or self._rented.id, elapsed=self._elapsed())

    def _complain(self, what: str, level: int = logging.ERROR) -> None:
        log(
            _LOGGER,
            level,
            "the rental of %(resource_id)s %(what)s",
            resource_id=self._rented.id,
            what=what,
            operation_id=self._operation_id,
        )


def _shown(value: float | Money | None) -> str:
    return f"{value:g} s" if isinstance(value, int | float) else str(value)
