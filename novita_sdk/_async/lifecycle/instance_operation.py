"""Start, restart, stop and delete until it shows: look first, send only what is needed, wait."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import attrs

from novita_sdk._async.lifecycle.action_events import AsyncActionEvents
from novita_sdk._async.lifecycle.finding import AsyncFinder
from novita_sdk._async.lifecycle.startup_events import ACCEPTED, REQUESTED, AsyncStartupEvents
from novita_sdk._async.lifecycle.waits import AsyncInstanceWait, WaitContext
from novita_sdk._core import operations
from novita_sdk._core.lifecycle.first_look import Action, FirstStep, first_step, state_in_words
from novita_sdk._core.lifecycle.instance_judge import Sent
from novita_sdk._core.lifecycle.wait_plan import WaitPlan
from novita_sdk._core.lifecycle.waiting_table import status_word
from novita_sdk._core.operations.operation import Operation
from novita_sdk._core.timeline import TimelineRecord
from novita_sdk._core.waiting import Progress
from novita_sdk._core.webhooks.notify import Notify
from novita_sdk.errors import CapacityError, InvalidStateError, NotFoundError, NovitaError
from novita_sdk.models.base import replace
from novita_sdk.models.enums import InstanceStatus
from novita_sdk.models.instance import Instance
from novita_sdk.options import CallOptions

if TYPE_CHECKING:
    from novita_sdk._async.lifecycle.instances import AsyncInstances
    from novita_sdk._async.lifecycle.starts_under_way import Start

OnStopping: TypeAlias = Literal["wait", "error"]

_PASSING_LIMIT: Final = 120.0  # seconds until an instance must have left the state that stands in the way
_CAPACITY_PAUSE: Final = 30.0  # seconds between two requests for stock

_SENT_BY: Final[Mapping[Action, Operation]] = MappingProxyType(
    {
        "start": operations.START_INSTANCE,
        "restart": operations.RESTART_INSTANCE,
        "stop": operations.STOP_INSTANCE,
        "delete": operations.DELETE_INSTANCE,
    }
)
_ENDS: Final = frozenset({"failed", "toRemove", "removing", "removed"})


@attrs.frozen(kw_only=True)
class OperationWish:
    """What the caller of an action wants.

    Attributes:
        action: The action.
        plan: What is waited for afterwards.
        notify: Where its events go.
        on_progress: Told while it waits.
        strict: Whether a start refuses every status but exited.
        on_stopping: Whether a start waits for the end of a stop that is under way.
        capacity_wait: Seconds for which it asks again if there is no stock.
    """

    action: Action
    plan: WaitPlan
    notify: Notify = True
    on_progress: Callable[[Progress], object] | None = None
    strict: bool = False
    on_stopping: OnStopping = "wait"
    capacity_wait: float = 0.0


class AsyncInstanceOperation:
    """One action that lasts until it shows.

    Args:
        gpu_instances: The instances of a client.
        wish: What is wanted.
    """

    def __init__(self, gpu_instances: AsyncInstances, wish: OperationWish) -> None:
        self._instances = gpu_instances
        self._services = gpu_instances._services  # noqa: SLF001 - this is a part of the resource
        self._clock = self._services.clock
        self._wish = wish
        self._began = self._clock.monotonic()
        self._timeline = TimelineRecord()
        self._events = AsyncActionEvents(self._services, wish.action, wish.notify)
        self._operation_id = self._services.mint_operation_id()
        self._events.operation(self._operation_id)  # what cannot be told is refused before anything is sent

    @property
    def operation_id(self) -> str:
        """The id of the operation."""
        return self._operation_id

    async def run(self, instance: str | int | Instance | None, name: str | None) -> Instance | None:
        """Do it.

        Args:
            instance: Id or name, or the instance.
            name: Name, in place of `instance`.

        Returns:
            The instance with its timeline; None if it is gone and that was wanted.
        """
        self._note(REQUESTED)
        found = await self._find(instance, name)
        if found is None:
            return None
        self._note(status_word(found))
        if self._wish.action == "start":
            return await self._start(found)
        found, sent, is_done = await self._see_to_it(found)
        if is_done:
            return replace(found, timeline=self._timeline.entries())
        return await self._follow(found, sent)

    async def _find(self, instance: str | int | Instance | None, name: str | None) -> Instance | None:
        finder = AsyncFinder(self._instances)
        try:
            return await finder.find(instance, name=name, options=self._call_options())
        except NotFoundError as error:
            if self._wish.action == "delete" and error.searched_by:
                return None
            raise

    # -------------------------------------------------------------------------------- sending

    async def _see_to_it(self, found: Instance) -> tuple[Instance, Sent | None, bool]:
        """Make sure that the action is under way.

        Returns:
            The instance as last seen, what was sent, and whether nothing is left to be done.
        """
        step = self._first_step(found)
        if step in {FirstStep.AWAIT_EXITED, FirstStep.AWAIT_RUNNING}:
            found = await self._await_passing(found, step)
            step = self._first_step(found)
        if step is not FirstStep.SEND:
            return found, None, step is FirstStep.DONE
        return found, await self._send(found), False

    def _first_step(self, found: Instance) -> FirstStep:
        status = status_word(found)
        step = first_step(self._wish.action, status)
        too_strict = self._wish.strict and step is not FirstStep.SEND
        if too_strict or step is FirstStep.REFUSE or self._refuses_stopping(step):
            raise self._refusal(found.id, status)
        return step

    def _refusal(self, instance_id: str, status: str) -> InvalidStateError:
        words = state_in_words(status)
        return InvalidStateError(
            f"{instance_id} is {words}, so it cannot be sent a {self._wish.action}",
            resource_id=instance_id,
            operation_id=self._operation_id,
            current_status=status,
            action=self._wish.action,
            reason=words,
        )

    def _refuses_stopping(self, step: FirstStep) -> bool:
        return step is FirstStep.AWAIT_EXITED and self._wish.on_stopping == "error"

    async def _await_passing(self, found: Instance, step: FirstStep) -> Instance:
        """Wait until the instance has come to rest, at most two minutes."""
        left = self._left()
        seconds = _PASSING_LIMIT if left is None else min(left, _PASSING_LIMIT)
        elapsed = self._clock.monotonic() - self._began
        plan = WaitPlan(
            target="exited" if step is FirstStep.AWAIT_EXITED else "running",
            timeout=elapsed + seconds,
            phase="stop" if step is FirstStep.AWAIT_EXITED else "startup",
            condition=_has_come_to_rest,
            terminal=_ENDS,
            poll=self._wish.plan.poll,
        )
        context = WaitContext(
            began=self._began, operation_id=self._operation_id, timeline=self._timeline, seen=True
        )
        wait = AsyncInstanceWait(self._services, found.id, plan, context, self._wish.on_progress)
        at_rest = await wait.run()
        assert at_rest is not None  # noqa: S101 - what has come to rest is there
        return at_rest

    async def _send(self, found: Instance) -> Sent:
        """Send the action; without stock again, for as long as the caller wants.

        Raises:
            NovitaError: It was refused. The instance stays as it is.
        """
        give_up_at = self._clock.monotonic() + self._wish.capacity_wait
        while True:
            try:
                await self._instances._act(  # noqa: SLF001 - this is a part of the resource
                    _SENT_BY[self._wish.action],
                    found.id,
                    self._call_options(),
                    missing_ok=self._wish.action == "delete",
                    operation_id=self._operation_id,
                )
                break
            except CapacityError as error:
                left = self._left()
                next_try = self._clock.monotonic() + _CAPACITY_PAUSE
                too_late = left is not None and left <= _CAPACITY_PAUSE
                if next_try > give_up_at or too_late:
                    await self._tell_failure(found, error)
                    raise
                with self._noted(found):
                    await self._clock.sleep_async(_CAPACITY_PAUSE)
            except NovitaError as error:
                await self._tell_failure(found, error)
                raise
        self._note(ACCEPTED)
        await self._events.accepted(found, self._operation_id)
        return Sent(
            at=self._clock.monotonic(),
            restart=self._wish.action == "restart",
            last_started_at=found.last_started_at,
        )

    def _call_options(self) -> CallOptions | None:
        """Let the request end with the operation, if that is sooner than it would."""
        left, usual = self._left(), self._services.settings.total_timeout
        if left is None or (usual is not None and usual <= left):
            return None
        return CallOptions(total_timeout=max(left, 1.0))

    # ------------------------------------------------------------------------------- joining

    async def _start(self, found: Instance) -> Instance | None:
        """Start an instance, or join the start of it that this client has under way."""
        starts = self._services.starts
        while True:
            start, leads = starts.enter(found.id, self._operation_id)
            if leads:
                return await self._lead(found, start)
            if self._wish.strict:
                raise self._refusal(found.id, InstanceStatus.STARTING.value)
            with self._noted(found):
                is_on = await starts.join(start, self._left())
            if is_on or not start.sending_is_over.is_set():
                self._operation_id = start.operation_id
                return await self._follow(found, start.sent, tells=False)

    async def _lead(self, found: Instance, start: Start) -> Instance | None:
        """Start an instance, for all who join."""
        try:
            found, start.sent, _ = await self._see_to_it(found)
            start.is_on = True
            start.sending_is_over.set()
            return await self._follow(found, start.sent)
        except NovitaError as error:
            start.failure = None if start.is_on else error
            raise
        finally:
            self._services.starts.leave(found.id, start)

    # ------------------------------------------------------------------------------ following

    async def _follow(self, found: Instance, sent: Sent | None, *, tells: bool = True) -> Instance | None:
        """Wait until it shows."""
        starts = self._wish.action in {"start", "restart"}
        events = None
        if starts and tells:
            operation = self._events.operation(self._operation_id)
            events = AsyncStartupEvents(operation, self._clock, self._timeline)
        context = WaitContext(
            began=self._began,
            operation_id=self._operation_id,
            sent=sent,
            timeline=self._timeline,
            events=events,
            seen=True,
        )
        wait = AsyncInstanceWait(self._services, found.id, self._wish.plan, context, self._wish.on_progress)
        try:
            reached = await wait.run()
        except NovitaError as error:
            if events is not None:
                await events.failed(found, str(error), wait.failed_phase(error), wait.check)
            raise
        await self._events.seen(found if reached is None else reached, self._operation_id)
        await self._events.ended(found)
        return reached

    async def _tell_failure(self, found: Instance, error: NovitaError) -> None:
        if self._wish.action in {"start", "restart"}:
            operation = self._events.operation(self._operation_id)
            events = AsyncStartupEvents(operation, self._clock, self._timeline)
            await events.failed(found, str(error), "api_call")

    def _left(self) -> float | None:
        """Seconds left of the operation."""
        if self._wish.plan.timeout is None:
            return None
        return max(0.0, self._began + self._wish.plan.timeout - self._clock.monotonic())

    @contextlib.contextmanager
    def _noted(self, found: Instance) -> Generator[None]:
        """Let an interruption say what becomes of the instance."""
        try:
            yield
        except Exception:
            raise
        except BaseException as stranger:
            seen = status_word(found)
            stranger.add_note(f"{found.id} was left as it is, and may go on costing; last seen: {seen}")
            raise

    def _note(self, step: str) -> None:
        self._timeline.note(step, self._clock.time())


def _has_come_to_rest(instance: Instance) -> bool:
    return status_word(instance) in {"running", "exited"}
