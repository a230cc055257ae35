# Generated from novita_sdk/_async/lifecycle/create_and_wait.py by tools/unasync.py; edit the source.
"""Create an instance, then wait for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from novita_sdk._core.lifecycle.poll_schedule import SHORTEST_PAUSE
from novita_sdk._core.lifecycle.wait_plan import WaitPlan
from novita_sdk._core.timeline import TimelineRecord
from novita_sdk._core.waiting import Progress
from novita_sdk._core.webhooks.notify import Notify
from novita_sdk._sync.lifecycle.action_events import ActionEvents
from novita_sdk._sync.lifecycle.startup_events import ACCEPTED, REQUESTED, StartupEvents
from novita_sdk._sync.lifecycle.waits import InstanceWait, WaitContext
from novita_sdk._sync.services import Services
from novita_sdk.errors import NovitaError
from novita_sdk.models.instance import Instance
from novita_sdk.models.results import CreatedInstance

_ACTION: Final = "create"


class CreateAndWait:
    """A create that lasts until the instance runs, or can be used.

    Args:
        services: What the client's parts share.
        plan: What is waited for.
        notify: Where the events go.
        on_progress: Told while it waits.
    """

    def __init__(
        self,
        services: Services,
        plan: WaitPlan,
        *,
        notify: Notify,
        on_progress: Callable[[Progress], object] | None,
    ) -> None:
        self._services = services
        self._plan = plan
        self._events = ActionEvents(services, _ACTION, notify)
        self._on_progress = on_progress
        self._began = services.clock.monotonic()
        self._timeline = TimelineRecord()

    def run(self, create: Callable[[], CreatedInstance]) -> Instance:
        """Create and wait.

        Args:
            create: Creates the instance.
        """
        clock = self._services.clock
        self._timeline.note(REQUESTED, clock.time())
        created = create()
        self._timeline.note(ACCEPTED, clock.time())
        events = None
        if created.operation_id is not None:
            operation = self._events.operation(created.operation_id)
            events = StartupEvents(operation, clock, self._timeline)
        context = WaitContext(
            began=self._began,
            operation_id=created.operation_id,
            first_poll=clock.monotonic() + SHORTEST_PAUSE,
            timeline=self._timeline,
            events=events,
            hourly=None if created.choice is None else created.choice.hourly,
        )
        wait = InstanceWait(self._services, created.id, self._plan, context, self._on_progress)
        try:
            found = wait.run()
        except NovitaError as error:
            if events is not None:
                events.failed(created.id, str(error), wait.failed_phase(error), wait.check)
            raise
        assert found is not None  # noqa: S101 - what runs is there
        return found
