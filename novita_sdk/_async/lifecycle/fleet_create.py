"""Several instances created together: enough of them, or none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from novita_sdk._async.lifecycle.fan_out import fan_out
from novita_sdk._async.lifecycle.rental_ending import AsyncRentalEnding
from novita_sdk._concurrency.aio import Event, Lock
from novita_sdk._concurrency.aio_bodies import to_the_end
from novita_sdk._core import operations
from novita_sdk._core.lifecycle.fleet_policy import FleetTerms, longest_rollback
from novita_sdk.errors import (
    CleanupError,
    DuplicateCreateError,
    FleetCreateError,
    NovitaError,
    OutcomeUnknownError,
    ValidationError,
)
from novita_sdk.models.fleet import FleetReport
from novita_sdk.models.results import CreatedInstance

if TYPE_CHECKING:
    from novita_sdk._async.lifecycle.instances import AsyncInstances
    from novita_sdk._async.services import AsyncServices

AsyncCreateOne = Callable[[str, str | None], Awaitable[CreatedInstance]]
"""Creates one instance, under an operation id and with a name."""


class AsyncFleetCreate:
    """One `create_many`.

    Args:
        gpu_instances: The instances.
        services: The client's services.
        terms: What is wanted.
        create: Creates one of them.
    """

    def __init__(
        self,
        gpu_instances: AsyncInstances,
        services: AsyncServices,
        terms: FleetTerms,
        create: AsyncCreateOne,
    ) -> None:
        self._gpu_instances = gpu_instances
        self._services = services
        self._terms = terms
        self._create = create
        self._lock = Lock()
        self._stopped = False
        self._under_way: dict[int, Event] = {}
        self._created: dict[int, CreatedInstance] = {}
        self._failed: dict[int, NovitaError] = {}
        self._unknown: dict[int, OutcomeUnknownError] = {}
        self._duplicates: dict[int, tuple[str, ...]] = {}
        self._rolled_back: list[str] = []
        self._left_over: dict[str, NovitaError] = {}  # what could not be deleted

    async def run(self) -> FleetReport:
        """Create them.

        Raises:
            FleetCreateError: There are not enough of them.
        """
        calls = [partial(self._one, index) for index in range(self._terms.count)]
        try:
            await fan_out(self._services.clock, calls, self._terms.at_a_time)
            await self._settle()
        except BaseException as interruption:
            with self._lock:
                self._stopped = True
            await self._take_back()
            interruption.add_note(f"create_many {self._terms.operation_id}: {self._report()}")
            raise
        if self._enough():
            return self._report()
        first = next(iter(self._failed.values()), None)
        if isinstance(first, ValidationError) and not (self._created or self._unknown or self._duplicates):
            raise first
        try:
            await self._take_back()
        except BaseException as interruption:
            interruption.add_note(f"create_many {self._terms.operation_id}: {self._report()}")
            raise
        report = self._report()
        message = f"{report}; {self._terms.needed} were needed"
        raise FleetCreateError(message, operation_id=self._terms.operation_id, report=report) from first

    async def _one(self, index: int) -> None:
        with self._lock:  # what is not under way when it is stopped never will be
            if self._stopped:
                return
            over = self._under_way[index] = Event()
        try:
            identity, name = self._terms.operation_id_of(index), self._terms.name_of(index)
            self._created[index] = await self._create(identity, name)
        except OutcomeUnknownError as error:
            self._unknown[index] = error
        except DuplicateCreateError as error:
            self._duplicates[index] = error.ids
        except NovitaError as error:
            self._failed[index] = error
            self._stopped = self._stopped or self._terms.must_stop(len(self._failed), error)
        finally:
            over.set()

    async def _settle(self) -> None:
        """Look again for what nobody knows of, if the decision depends on it."""
        for index in sorted(self._unknown) if not self._enough() else ():
            identity = self._terms.operation_id_of(index)
            error = self._unknown[index]
            if error._traceless:  # noqa: SLF001 - the shell's half of it
                continue
            try:
                found = await self._gpu_instances.reconcile(identity, sent_at=error.sent_at)
            except OutcomeUnknownError:
                continue
            except DuplicateCreateError as several:
                self._duplicates[index] = several.ids
            else:
                if found is None:
                    self._failed[index] = self._unknown[index]
                else:
                    made = CreatedInstance(id=found.id, operation_id=identity, adopted=True)
                    self._created[index] = made
            del self._unknown[index]

    def _enough(self) -> bool:
        return len(self._created) >= self._terms.needed

    async def _take_back(self) -> None:
        """Delete what was made, and nothing else, unless it is to be kept; an interruption has to wait for it."""
        if self._terms.on_failure == "keep":
            return
        clock = self._services.clock
        seconds = longest_rollback(len(self._created))
        ends_at = clock.monotonic() + seconds

        async def delete_all() -> None:
            await self._delete_known(ends_at)  # first: a create that hangs must not use up its time
            for over in list(self._under_way.values()):  # a thread cannot be cancelled: it is waited for
                await clock.wait_async(over, max(0.0, ends_at - clock.monotonic()))
            await self._delete_known(ends_at)

        try:
            await to_the_end(delete_all, clock, seconds)
        finally:
            for made in self._remaining():
                message = f"{made.id} was not deleted in time: it may still be running, and billing"
                self._left_over[made.id] = CleanupError(message, resource_id=made.id, action="delete")

    def _remaining(self) -> list[CreatedInstance]:
        """Return what was made and is not known to be deleted, or to be left over."""
        done = {*self._rolled_back, *self._left_over}
        return [made for _, made in sorted(self._created.items()) if made.id not in done]

    async def _delete_known(self, ends_at: float) -> None:
        deletes = [partial(self._delete, made, ends_at) for made in self._remaining()]
        await fan_out(self._services.clock, deletes, self._terms.at_a_time)

    async def _delete(self, made: CreatedInstance, ends_at: float) -> None:
        ending = AsyncRentalEnding(
            self._gpu_instances,
            self._services,
            instance_id=made.id,
            on_exit="delete",
            timeout=max(1.0, ends_at - self._services.clock.monotonic()),
            operation_id=self._terms.operation_id,
        )
        try:
            await ending.finish()
        except CleanupError as error:
            self._left_over[made.id] = error
            return
        self._rolled_back.append(made.id)
        if made.operation_id is not None:  # else the same call would return what is no more
            await self._services.intents.discard(operations.CREATE_INSTANCE.name, made.operation_id, made.id)

    def _report(self) -> FleetReport:
        unfinished = (index for index, over in list(self._under_way.items()) if not over.is_set())
        return FleetReport(
            operation_id=self._terms.operation_id,
            requested=self._terms.count,
            created=tuple(made for _, made in sorted(self._created.items())),
            failed=tuple(sorted(self._failed.items(), key=lambda failure: failure[0])),
            unknown=tuple(
                self._terms.operation_id_of(index) for index in sorted({*self._unknown, *unfinished})
            ),
            duplicates=tuple(one for _, ids in sorted(self._duplicates.items()) for one in ids),
            rolled_back=tuple(self._rolled_back),
            rollback_failed=tuple(self._left_over.items()),
        )
