"""What the lifecycle helpers need of the instances of a client, whichever version of the API they come from."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, Literal, Protocol, overload

if TYPE_CHECKING:
    from novita_sdk._async.pager import AsyncPager
    from novita_sdk._async.services import AsyncServices
    from novita_sdk._core.lifecycle.probes import Ready
    from novita_sdk._core.operations.operation import Operation
    from novita_sdk._core.webhooks.notify import Notify
    from novita_sdk.models.instance import Instance
    from novita_sdk.models.metrics import InstanceMetrics
    from novita_sdk.models.results import ActionResult, CreatedInstance, MigrationResult
    from novita_sdk.models.unset import Unset
    from novita_sdk.options import CallOptions, Settings


class AsyncInstances(Protocol):
    """As much of the instances of a client as helpers use; `AsyncGpuInstances` documents each member.

    What begins with an underscore is for the helpers that are a part of the resource itself.
    """

    _services: AsyncServices
    _settings: Settings

    def list(
        self, *, name: str | None = None, page_size: int = ..., options: CallOptions | None = None
    ) -> AsyncPager[Instance]:
        """List instances."""
        ...

    async def get(self, instance: str | int | Instance, *, options: CallOptions | None = None) -> Instance:
        """Read one instance."""
        ...

    async def find(
        self,
        ref: str | int | Instance | None = None,
        *,
        id: str | int | None = None,  # noqa: A002 - as there
    ) -> Instance:
        """Find one instance by its id or name."""
        ...

    @property
    def create(self) -> Callable[..., Awaitable[CreatedInstance]]:
        """Create a GPU instance."""
        ...

    @property
    def create_cpu(self) -> Callable[..., Awaitable[CreatedInstance]]:
        """Create a CPU instance."""
        ...

    async def reconcile(self, operation_id: str, *, sent_at: datetime | None = None) -> Instance | None:
        """Look for what a create made whose answer was lost."""
        ...

    async def stop(
        self, instance: str | int | Instance, *, notify: Notify = True, options: CallOptions | None = None
    ) -> ActionResult:
        """Stop an instance."""
        ...

    async def delete(
        self,
        instance: str | int | Instance,
        *,
        missing_ok: bool = False,
        notify: Notify = True,
        options: CallOptions | None = None,
    ) -> ActionResult:
        """Delete an instance."""
        ...

    async def migrate(
        self, instance: str | int | Instance, *, options: CallOptions | None = None
    ) -> MigrationResult:
        """Move a reclaimed instance to another machine."""
        ...

    async def metrics(
        self,
        instance: str | int | Instance,
        *,
        start_time: datetime | None = None,
        end_time: datetime | None = None,
        interval: int | None = None,
        options: CallOptions | None = None,
    ) -> InstanceMetrics:
        """Read how busy an instance was."""
        ...

    @overload
    async def wait(
        self,
        instance: str,
        *,
        ready: Ready | None = None,
        timeout: float | Unset | None = ...,  # noqa: ASYNC109 - on the client's clock
    ) -> Instance: ...
    @overload
    async def wait(
        self,
        instance: str,
        *,
        until: Literal["gone"],
        timeout: float | Unset | None = ...,  # noqa: ASYNC109 - on the client's clock
    ) -> Instance | None: ...

    async def _act(
        self,
        operation: Operation,
        instance: str | int | Instance,
        options: CallOptions | None,
        *,
        missing_ok: bool = False,
        operation_id: str | None = None,
    ) -> ActionResult: ...

    async def _get_or_none(self, instance_id: str, options: CallOptions | None) -> Instance | None: ...
