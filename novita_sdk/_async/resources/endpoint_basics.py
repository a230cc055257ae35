"""Serverless endpoints: read, find, change and delete them."""

from __future__ import annotations

from typing import TypeAlias, Unpack, cast

import attrs

from novita_sdk._async.caller import AsyncCaller
from novita_sdk._async.pager import AsyncPager
from novita_sdk._async.resources.resource import AsyncResource
from novita_sdk._async.serverless.directory import AsyncEndpointDirectory
from novita_sdk._async.serverless.updater import AsyncEndpointUpdater, OnConflict, UpdateTerms
from novita_sdk._async.services import AsyncServices
from novita_sdk._core import operations
from novita_sdk._core.paging import DEFAULT_PAGE_SIZE
from novita_sdk._core.requests.plain import body_values
from novita_sdk._core.serverless.known_endpoints import ID, NAME, Wanted, wanted_endpoint
from novita_sdk._core.serverless.update_arguments import UpdateArguments, update_changes
from novita_sdk._core.wire import check_id, problem
from novita_sdk.errors import NotFoundError, ValidationError
from novita_sdk.models.endpoint import Endpoint, EndpointLimits
from novita_sdk.models.endpoint_status import EndpointStatus
from novita_sdk.models.json_types import JSON
from novita_sdk.models.results import EndpointRef
from novita_sdk.options import CallOptions, ServerlessOptions

EndpointArgument: TypeAlias = str | int | Endpoint | EndpointRef
"""A text that is a name or an id, or the endpoint itself."""


class AsyncEndpointBasics(AsyncResource):
    """Serverless endpoints. Wherever one is meant, its name or id, an `Endpoint` or an `EndpointRef` may be given.

    Args:
        caller: Makes the calls.
        services: What the resources of a client share.
        serverless: How endpoints are spoken to.
    """

    def __init__(self, caller: AsyncCaller, services: AsyncServices, serverless: ServerlessOptions) -> None:
        super().__init__(caller, services)
        self._serverless = serverless

    async def limits(self, *, options: CallOptions | None = None) -> EndpointLimits:
        """Read between what bounds endpoints may be set. Operation `get_endpoint_limits`.

        Args:
            options: What this call does differently.
        """
        found = await self._caller.single(operations.GET_ENDPOINT_LIMITS, options=options)
        return cast("EndpointLimits", found)

    def list(
        self, *, page_size: int = DEFAULT_PAGE_SIZE, options: CallOptions | None = None
    ) -> AsyncPager[Endpoint]:
        """List endpoints with their workers. Operation `list_endpoints`.

        Args:
            page_size: Items asked for at a time, 1-100.
            options: What these calls do differently.

        Returns:
            A pager; nothing is sent before it is iterated.
        """
        return self._pager(operations.LIST_ENDPOINTS, {}, page_size, options)

    async def get(self, endpoint_id: str | int, *, options: CallOptions | None = None) -> Endpoint:
        """Read one endpoint. Operation `get_endpoint`.

        Args:
            endpoint_id: Its id; `find` also takes a name.
            options: What this call does differently.

        Raises:
            NotFoundError: There is no such endpoint.
        """
        query: dict[str, JSON] = {"id": check_id("endpoint_id", endpoint_id)}
        found = await self._caller.single(operations.GET_ENDPOINT, query=query, options=options)
        return cast("Endpoint", found)

    async def find(
        self,
        endpoint: EndpointArgument | None = None,
        *,
        id: str | int | None = None,  # noqa: A002 - the field's name
        name: str | None = None,
        options: CallOptions | None = None,
    ) -> Endpoint:
        """Find an endpoint by its name or id. Operations `list_endpoints`, `get_endpoint`.

        What a complete list showed is remembered for five minutes; a name that proves wrong is looked up once more.

        Args:
            endpoint: A text that is a name or an id; a text that is one endpoint's name and another's id is
                ambiguous.
            id: Its id, instead.
            name: Its name, instead; letter case counts.
            options: What these calls do differently.

        Raises:
            NotFoundError: There is none; `searched_by` tells how it was looked for.
            AmbiguousNameError: Several are meant; `ids` are theirs.
        """
        wanted = wanted_endpoint(endpoint, id, name)
        return await self._directory.find(wanted, options)

    async def status(
        self,
        endpoint: EndpointArgument | None = None,
        *,
        id: str | int | None = None,  # noqa: A002 - the field's name
        name: str | None = None,
        options: CallOptions | None = None,
    ) -> EndpointStatus:
        """Count the workers of an endpoint and say how it is doing. Operation `get_endpoint`.

        Args:
            endpoint: The endpoint.
            id: Its id, instead.
            name: Its name, instead.
            options: What these calls do differently.

        Raises:
            NotFoundError: There is none.
            AmbiguousNameError: Several are meant.
        """
        return (await self.find(endpoint, id=id, name=name, options=options)).status()

    async def update(
        self,
        endpoint: EndpointArgument,
        *,
        if_unchanged: Endpoint | None = None,
        on_conflict: OnConflict = "error",
        verify: bool = True,
        options: CallOptions | None = None,
        **changes: Unpack[UpdateArguments],
    ) -> Endpoint:
        """Change settings of an endpoint; everything else stays as it is. Operation `update_endpoint`.

        The service replaces the whole record. So it is read, the changes are laid over it, it is sent back with
        every key it had, and read again. Two updates of one client take turns, and so do those of several
        processes that share a state store. What cannot be seen is a client without our lease that writes between
        our reading and our writing: within that one round trip its change is lost.

        Args:
            endpoint: The endpoint.
            if_unchanged: Write only if the record is still this one.
            on_conflict: If somebody else changed the same setting meanwhile: raise, or `"overwrite"` it.
            verify: Whether the record is read back.
            options: What these calls do differently.
            **changes: `image`, `registry_auth` (id or name of a stored login), `command`, `replicas` (both
                bounds), `min_replicas`, `max_replicas`, `task_timeout`, `idle_timeout`, `request_timeout`,
                `max_concurrent`, `gpu_count`, `cuda_version`, `policy`, `port`, `health` (a path or an
                `EndpointHealthCheck`), `envs` (the whole environment), `envs_merge` (add, change, None removes),
                `name`, `cluster_id`, `volume_mounts`, `product_id`, `rootfs_size`. None clears `command`,
                `registry_auth`, `cuda_version`, `volume_mounts`, `envs` and `cluster_id`.

        Returns:
            The record after the update.

        Raises:
            ValidationError: Arguments are wrong, or nothing was given to change.
            NotFoundError: There is no such endpoint.
            ConcurrentUpdateError: Somebody else changed the same settings; nothing of theirs was overwritten.
            EndpointBusyError: Somebody else held the lease for too long.
            UpdateNotAppliedError: The service accepted the change and never showed it.
            OutcomeUnknownError: Nothing tells whether it was carried out.
        """
        if on_conflict not in {"error", "overwrite"}:
            message = 'must be "error" or "overwrite"'
            raise ValidationError(problems=(problem("on_conflict", on_conflict, message),))
        wanted = wanted_endpoint(endpoint, None, None)
        checked = update_changes(changes)
        if checked.registry_auth is not None:
            login = await self._login_id(checked.registry_auth, options)
            checked = attrs.evolve(checked, settings={**checked.settings, "registry_auth": login})

        async def act(ref: EndpointRef) -> Endpoint:
            terms = UpdateTerms(
                changes=checked.over,
                named=ref.name if wanted.by & NAME and ref.name == wanted.text else None,
                if_unchanged=if_unchanged,
                overwrite=on_conflict == "overwrite",
                verify=verify,
            )
            return await self._updater.update(ref.id, terms, options)

        return await self._directory.acting(wanted, act)

    async def delete(
        self,
        endpoint: EndpointArgument | None = None,
        *,
        id: str | int | None = None,  # noqa: A002 - the field's name
        name: str | None = None,
        missing_ok: bool = False,
        wait: bool = False,
        options: CallOptions | None = None,
    ) -> None:
        """Delete an endpoint with all its workers. Operation `delete_endpoint`.

        A name is always looked up afresh.

        Args:
            endpoint: The endpoint.
            id: Its id, instead.
            name: Its name, instead.
            missing_ok: Whether it is fine if there is none.
            wait: Whether to wait until it is gone, for at most half an hour.
            options: What these calls do differently.

        Raises:
            NotFoundError: There is none.
            AmbiguousNameError: Several are meant; none was deleted.
            WaitTimeoutError: It was still there after half an hour.
        """
        wanted = wanted_endpoint(endpoint, id, name)
        try:
            deleted = await self._directory.acting(wanted, lambda ref: self._delete(ref, options), fresh=True)
        except NotFoundError:
            if not missing_ok:
                raise
            return
        if wait:
            from novita_sdk._async.serverless.endpoint_waits import (  # noqa: PLC0415 - only where it is used
                wait_for_endpoint,
            )
            from novita_sdk._core.serverless.wait_targets import EndpointWaitPlan  # noqa: PLC0415 - the same

            await wait_for_endpoint(self._services, deleted, EndpointWaitPlan(target="deleted"))

    async def drain_worker(
        self, worker_id: str | int, *, drain: bool = True, options: CallOptions | None = None
    ) -> None:
        """Let a worker take no more work, or let it take work again. Operation `drain_worker`.

        The route is not documented; one client is known to use it.

        Args:
            worker_id: The worker.
            drain: True to drain it, False to take that back.
            options: What this call does differently.

        Raises:
            NotFoundError: There is no such worker.
        """
        body = body_values(operations.DRAIN_WORKER, {"workerID": worker_id, "drain": drain})
        await self._caller.write(operations.DRAIN_WORKER, body, options)

    # ------------------------------------------------------------------------------------- parts

    @property
    def _directory(self) -> AsyncEndpointDirectory:
        return self._services.endpoint_directory

    @property
    def _updater(self) -> AsyncEndpointUpdater:
        return AsyncEndpointUpdater(
            self._caller,
            self._services.clock,
            self._directory,
            self._services.endpoint_locks,
            self._serverless,
        )

    async def _delete(self, ref: EndpointRef, options: CallOptions | None) -> Wanted:
        async with self._services.endpoint_locks.of(ref.id) as turn:
            await turn.confirm()
            body: dict[str, JSON] = {"name": ref.id, "id": ref.id}
            await self._caller.write(operations.DELETE_ENDPOINT, body, options)
            self._directory.forget(ref.id)
        return Wanted(ref.id, ID)

    async def _login_id(self, login: str, options: CallOptions | None) -> str:
        from novita_sdk._async.resources.registry_auths import AsyncRegistryAuths  # noqa: PLC0415 - seldom needed

        found = await AsyncRegistryAuths(self._caller, self._services).resolve(login, options=options)
        return found.id
