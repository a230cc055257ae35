"""Waits that belong to no action: whom they are for, and the wait itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from novita_sdk._async.lifecycle.finding import AsyncFinder
from novita_sdk._async.lifecycle.waits import AsyncInstanceWait, WaitContext
from novita_sdk._core.lifecycle.wait_plan import WaitPlan
from novita_sdk._core.waiting import Progress
from novita_sdk._core.wire import check_id, problem
from novita_sdk.errors import NotFoundError, ValidationError
from novita_sdk.models.instance import Instance
from novita_sdk.options import CallOptions

if TYPE_CHECKING:
    from novita_sdk._async.lifecycle.instances import AsyncInstances


class AsyncBareWaits:
    """Waits for instances of a client.

    Args:
        gpu_instances: The instances.
    """

    def __init__(self, gpu_instances: AsyncInstances) -> None:
        self._services = gpu_instances._services  # noqa: SLF001 - this is a part of the resource
        self._finder = AsyncFinder(gpu_instances)

    async def wait(
        self,
        instance: str | int | Instance | None,
        name: str | None,
        plan: WaitPlan,
        on_progress: Callable[[Progress], object] | None,
    ) -> Instance | None:
        """Wait; a text is taken for an id until the service says that there is none.

        Args:
            instance: Id or name, or the instance.
            name: Name, in place of `instance`.
            plan: What is waited for.
            on_progress: Told after each poll.
        """
        if (instance is None) == (name is None):
            message = "give either the instance or its name"
            raise ValidationError(problems=(problem("instance", instance, message),))
        began = self._services.clock.monotonic()
        if name is not None:
            options = None if plan.timeout is None else CallOptions(total_timeout=plan.timeout)
            wanted = await self._finder.id_of(name=name, options=options)
        else:
            wanted = check_id("instance", instance.id if isinstance(instance, Instance) else instance)
        may_be_name = isinstance(instance, str) and self._services.settings.name_lookup
        find = self._by_name if may_be_name else None
        context = WaitContext(began=began, find=find, seen=name is not None)
        return await AsyncInstanceWait(self._services, wanted, plan, context, on_progress).run()

    async def _by_name(self, text: str) -> Instance | None:
        """Return the instance of that name, None if there is none."""
        try:
            return await self._finder.find(name=text)
        except NotFoundError as error:
            if error.searched_by:  # what the search made itself; a bare 404 proves nothing
                return None
            raise
