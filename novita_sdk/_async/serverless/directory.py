"""Finding endpoints by id or name, with a memory that mends itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple, TypeVar, cast

from novita_sdk._async.caller import AsyncCaller
from novita_sdk._async.listing import pager_of
from novita_sdk._async.pager import AsyncPager
from novita_sdk._async.serverless.shared_read import AsyncSharedRead
from novita_sdk._concurrency.clock import AsyncClock
from novita_sdk._core import operations
from novita_sdk._core.scalars import is_object
from novita_sdk._core.serverless.known_endpoints import (
    ID,
    NAME,
    KnownEndpoints,
    Wanted,
    ambiguous,
    fitting,
    no_endpoint,
    ref_of,
)
from novita_sdk.errors import NotFoundError, NovitaError, PagingError, ResponseDecodeError
from novita_sdk.models.endpoint import Endpoint
from novita_sdk.models.item_problem import ItemProblem
from novita_sdk.models.results import EndpointRef
from novita_sdk.options import CallOptions

T = TypeVar("T")


class _Listing(NamedTuple):
    """One listing of all endpoints; `failure` tells why absence from it proves nothing."""

    endpoints: list[Endpoint]
    problems: tuple[ItemProblem, ...]
    failure: NovitaError | None


class AsyncEndpointDirectory:
    """Knows which endpoint a text means. One for a client and all its copies.

    Args:
        caller: Makes the calls.
        clock: Where the time comes from.
    """

    def __init__(self, caller: AsyncCaller, clock: AsyncClock) -> None:
        self._caller = caller
        self._clock = clock
        self._known = KnownEndpoints()
        self._listing: AsyncSharedRead[_Listing] = AsyncSharedRead(self._list, clock)

    def remember_created(self, ref: EndpointRef) -> None:
        """Remember an endpoint that was made just now."""
        self._known.add_created(ref, self._clock.monotonic())

    def created_at(self, endpoint_id: str) -> float | None:
        """Return the monotonic time at which this client made an endpoint; None if it did not, or long ago."""
        return self._known.created_at(endpoint_id)

    def forget(self, endpoint_id: str) -> None:
        """Forget an endpoint that was deleted."""
        self._known.forget(endpoint_id)

    async def named(self, name: str) -> list[Endpoint]:
        """List the endpoints of a name afresh.

        Raises:
            NovitaError: A page failed, the list was not complete, or an endpoint that may bear the name is unreadable.
        """
        listing = await self._listing.get()
        if listing.failure is not None:
            raise listing.failure
        found = fitting(listing.endpoints, name, NAME)
        if not found:
            _refuse_odd(listing, name)
        return found

    async def find(self, wanted: Wanted, options: CallOptions | None = None) -> Endpoint:
        """Return the record of an endpoint.

        Raises:
            NotFoundError: There is none.
            AmbiguousNameError: Several are meant.
        """
        if wanted.by == ID:
            return await self.read(wanted.text, options)
        return await self.acting(wanted, lambda ref: self.read(ref.id, options))

    async def read(self, endpoint_id: str, options: CallOptions | None = None) -> Endpoint:
        """Read one endpoint by its id."""
        found = await self._caller.single(operations.GET_ENDPOINT, query={"id": endpoint_id}, options=options)
        endpoint = cast("Endpoint", found)
        self._known.correct(ref_of(endpoint))
        return endpoint

    async def acting(
        self, wanted: Wanted, act: Callable[[EndpointRef], Awaitable[T]], *, fresh: bool = False
    ) -> T:
        """Do something with an endpoint; if what is remembered of it proves wrong, look once and do it again.

        Args:
            wanted: The endpoint.
            act: What to do; a not-found error of it means that the endpoint does not exist.
            fresh: Whether nothing that is remembered may be used.

        Raises:
            NotFoundError: There is no such endpoint.
            AmbiguousNameError: Several are meant.
        """
        if wanted.by == ID:
            return await act(EndpointRef(id=wanted.text, app_name=wanted.app_name))
        if not fresh:
            remembered = self._known.matches(wanted.text, self._clock.monotonic(), by=wanted.by)
            if len(remembered) > 1:
                raise ambiguous(wanted.text, (ref.id for ref in remembered))
            if remembered:
                try:
                    return await act(remembered[0])
                except NotFoundError as error:
                    if error.kind not in {None, "ENDPOINT"}:  # something else is missing, such as a job
                        raise
                    self._known.forget(remembered[0].id)
        return await act(await self._looked_up(wanted))

    async def _looked_up(self, wanted: Wanted) -> EndpointRef:
        listing = await self._listing.get()
        found = fitting(listing.endpoints, wanted.text, wanted.by)
        if len(found) > 1:
            raise ambiguous(wanted.text, (one.id for one in found))
        if found:
            return ref_of(found[0])
        if listing.failure is not None:
            raise listing.failure
        _refuse_odd(listing, wanted.text)
        raise no_endpoint(wanted.text, wanted.by)

    async def _list(self) -> _Listing:
        options = CallOptions(cache="bypass")
        pager: AsyncPager[Endpoint] = pager_of(self._caller, operations.LIST_ENDPOINTS, {}, options)
        endpoints: list[Endpoint] = []
        failure: NovitaError | None = None
        try:
            async for endpoint in pager:
                endpoints.append(endpoint)  # noqa: PERF401 - what came before a failure is kept
        except NovitaError as error:
            failure = error
        problems = pager.problems or ()
        if failure is None and not pager.complete:
            failure = PagingError(
                "the list brought fewer endpoints than its total; nothing tells which ones are missing",
                operation=operations.LIST_ENDPOINTS.name,
            )
        if failure is None:
            self._known.replace(endpoints, self._clock.monotonic())
        return _Listing(endpoints, problems, failure)


def _refuse_odd(listing: _Listing, text: str) -> None:
    """Refuse to say that there is no such endpoint where one that cannot be read may be it."""
    odd = [problem for problem in listing.problems if _may_be(problem, text)]
    if odd:
        raise ResponseDecodeError(
            f"an endpoint that may be {text!r} cannot be read: {odd[0].path}: {odd[0].message}",
            path=odd[0].path,
            model="Endpoint",
            operation=operations.LIST_ENDPOINTS.name,
        )


def _may_be(problem: ItemProblem, text: str) -> bool:
    raw = problem.raw
    name = raw.get("name") if is_object(raw) else None
    return problem.id in {None, text} or name in {None, text}
