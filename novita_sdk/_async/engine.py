"""Everything a client and its `with_options` copies share: settings, transport, families, counters."""

from __future__ import annotations

import os
import random
import sys
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from novita_sdk._async.caller import AsyncCaller
from novita_sdk._async.family import AsyncFamily
from novita_sdk._async.layers.auth import AsyncAuthLayer
from novita_sdk._async.middleware import AsyncCallNext, AsyncMiddleware
from novita_sdk._async.services import AsyncServices
from novita_sdk._async.transport_protocol import AsyncTransport
from novita_sdk._concurrency.aio import COLOUR, Lock, SystemClock, current_owner
from novita_sdk._concurrency.clock import AsyncClock
from novita_sdk._core import operations
from novita_sdk._core.client_arguments import check_parts, checked_factory
from novita_sdk._core.config_warnings import warn_of
from novita_sdk._core.families import FAMILIES, base_urls_of, key_of, rate_limit_of, secrets_of
from novita_sdk._core.observer import Observer
from novita_sdk._core.operation_ids import operation_id_from
from novita_sdk._core.request_builder import RequestBuilder
from novita_sdk._core.results import Reader
from novita_sdk._version import __version__
from novita_sdk.errors import (
    ClientClosedError,
    ConfigurationError,
    OutcomeUnknownError,
    SettingProblem,
)
from novita_sdk.options import (
    BreakerPolicy,
    CachePolicy,
    CallOptions,
    Pool,
    RateLimit,
    RetryPolicy,
    Settings,
    Timeouts,
)

if TYPE_CHECKING:
    from novita_sdk._async.layers.cache import AsyncCache
    from novita_sdk._async.stores.protocol import AsyncStateStore
    from novita_sdk._async.webhooks.outbox import AsyncOutbox
    from novita_sdk._core.hooks import Hooks
    from novita_sdk._core.http import Request
    from novita_sdk._core.pipeline_view import Pipeline
    from novita_sdk._core.stats import ClientStats


class AsyncEngine:
    """Builds and holds the parts of one client; see `AsyncNovita` for the arguments."""

    def __init__(
        self,
        settings: Settings,
        *,
        timeouts: Timeouts,
        retry: RetryPolicy | AsyncMiddleware | None,
        rate_limits: Mapping[str, RateLimit | AsyncMiddleware | None],
        breakers: Mapping[str, BreakerPolicy | AsyncMiddleware | None],
        cache: CachePolicy | None,
        pool: Pool | None,
        middleware: Sequence[AsyncMiddleware],
        attempt_middleware: Sequence[AsyncMiddleware],
        hooks: Sequence[Hooks],
        transport: AsyncTransport | None,
        clock: AsyncClock | None,
        rng: random.Random | None,
        store: AsyncStateStore | None,
        outbox: AsyncOutbox | None,
        correlation_id_factory: Callable[[], str] | None,
        app: str | None,
        default_headers: Mapping[str, str],
    ) -> None:
        check_parts(
            COLOUR,
            retry=(RetryPolicy, retry),
            by_family={
                "rate_limits": (RateLimit, rate_limits),
                "breakers": (BreakerPolicy, breakers),
            },
            layers={"middleware": middleware, "attempt_middleware": attempt_middleware},
            called={
                "transport": (transport, "send"),
                "clock": (clock, "sleep_async"),
                "store": (store, "lease_acquire"),
                "outbox": (outbox, "enqueue"),
            },
            hooks=hooks,
        )
        warn_of(settings)
        self.settings = settings
        self.clock: AsyncClock = clock or SystemClock()
        self.transport = transport or _http_transport(pool, self.clock)
        self.secrets = secrets_of(settings)
        self.observer = Observer(
            hooks=hooks,
            lock=Lock(),
            wall=self.clock.time,
            slow_request=settings.slow_request,
            secrets=self.secrets,
        )
        self.builder = RequestBuilder(
            base_urls=base_urls_of(settings),
            timeouts=timeouts,
            user_agent=_user_agent(app),
            headers=default_headers,
            secrets=self.secrets,
        )
        reader = Reader(self.builder.redact, self.clock.time)
        self.cache = _cache(cache, settings, self.clock, self.observer)
        self._retry = retry
        self._rate_limits = rate_limits
        self._breakers = breakers
        self._middleware = tuple(middleware)
        self._attempt_middleware = tuple(attempt_middleware)
        self._rng = rng
        self._reader = reader
        self._lock = Lock()
        self._families: dict[str, AsyncFamily] = {}
        self._started_at = self.clock.time()
        self._owner: object = None
        self.closed = False
        self.caller = AsyncCaller(
            builder=self.builder,
            reader=reader,
            observer=self.observer,
            clock=self.clock,
            timeouts=timeouts,
            chain_for=self.chain_for,
            mint_correlation_id=_correlation_id
            if correlation_id_factory is None
            else checked_factory(correlation_id_factory),
            guard=self.guard,
            options=CallOptions(),
        )
        self.services = AsyncServices(
            settings,
            clock=self.clock,
            rng=rng or random.Random(),  # noqa: S311 - the swing of pauses is no secret
            caller=self.caller,
            transport=self.transport,
            store=store,
            outbox=outbox,
            mint_operation_id=self._operation_id,
            settle_again=self._settle_again,
        )

    def guard(self) -> None:
        """Refuse calls on a closed client, and from an event loop the client does not belong to."""
        if self.closed:
            raise ClientClosedError("the client is closed; make a new one")
        owner = current_owner()
        if self._owner != owner:
            if self._owner is not None:
                problem = SettingProblem(
                    "AsyncNovita", "is used from another event loop than before", "one client for each loop"
                )
                raise ConfigurationError(problems=(problem,))
            self._owner = owner

    def family(self, name: str) -> AsyncFamily:
        """Return a family, built at its first use."""
        found = self._families.get(name)
        if found is None:
            with self._lock:
                found = self._families.get(name) or self._build(name)
                self._families[name] = found
        return found

    def chain_for(self, request: Request) -> AsyncCallNext:
        """Return the pipeline that a request goes through."""
        return self.family(request.family).chain_for(request.safety)

    def pipeline(self) -> Pipeline:
        """Return the layers of the families that can be called, to look at."""
        from novita_sdk._core.pipeline_view import Pipeline  # noqa: PLC0415 - seldom looked at

        return Pipeline({name: self.family(name).description for name in self._usable()})

    def stats(self) -> ClientStats:
        """Return all counters."""
        from novita_sdk._core.stats import ClientStats  # noqa: PLC0415 - a first call needs none of it

        return ClientStats(
            families={name: self.family(name).stats() for name in self._usable()},
            cache=None if self.cache is None else self.cache.stats(),
            started_at=self._started_at,
            closed=self.closed,
        )

    async def reconcile(self, error: OutcomeUnknownError, timeout: float) -> object:  # noqa: ASYNC109
        """Look for the instance behind an error that has lost its own call.

        Raises:
            ConfigurationError: The error is about something that carries no mark.
        """
        from novita_sdk._async.lifecycle.safe_create import AsyncSafeCreate  # noqa: PLC0415 - for the rare case only
        from novita_sdk._async.settler import nothing_to_look_for  # noqa: PLC0415 - the same

        operation = operations.ALL.get(error.operation or "")
        marked = operation is not None and operation.settle is not None and operation.settle.kind == "marker"
        if operation is None or not marked or error.operation_id is None or error._traceless:  # noqa: SLF001 - the shell's half of it
            raise nothing_to_look_for(error.operation, error.operation_id)
        sent_at = None if error.sent_at is None else error.sent_at.timestamp()
        safe_create = AsyncSafeCreate(self.services, self.caller)
        return await safe_create.reconcile(operation, error.operation_id, sent_at=sent_at, timeout=timeout)

    async def _settle_again(self, request: Request, timeout: float) -> object:  # noqa: ASYNC109
        family = self.family(request.family)
        return await family.writes.settler.reconcile(request, family.attempt_chain, timeout)

    async def aclose(self) -> None:
        """Close everything, once. What goes on in the background ends first, for it may need the rest."""
        if self.closed:
            return
        self.closed = True
        try:
            await self.services.end_background()
        finally:
            await self._close_parts()

    async def _close_parts(self) -> None:
        for family in list(self._families.values()):  # a thread may be adding one
            family.close()
        await self.services.aclose()
        await self.transport.aclose()

    def _usable(self) -> list[str]:
        """Return the families there is a key for."""
        return [name for name in FAMILIES if key_of(self.settings, name) is not None]

    def _build(self, name: str) -> AsyncFamily:
        default_breaker = BreakerPolicy()
        key = key_of(self.settings, name)
        return AsyncFamily(
            name,
            clock=self.clock,
            rng=self._rng,
            observer=self.observer,
            transport=self.transport,
            auth=AsyncAuthLayer(key, self.builder.origin(name), FAMILIES[name].key_variable),
            builder=self.builder,
            reader=self._reader,
            cache=self.cache,
            mint_operation_id=self._operation_id,
            guard=self.guard,
            retry=self._retry,
            breaker=self._breakers.get(name, default_breaker),
            bucket=self._rate_limits.get(name, rate_limit_of(self.settings, name)),
            middleware=self._middleware,
            attempt_middleware=self._attempt_middleware,
        )

    def _operation_id(self) -> str:
        bits = self._rng.getrandbits(130) if self._rng is not None else int.from_bytes(os.urandom(17), "big")
        return operation_id_from(bits)


def _correlation_id() -> str:
    return f"nvt-{uuid.uuid4().hex}"


def _user_agent(app: str | None) -> str:
    python = ".".join(map(str, sys.version_info[:3]))
    return f"novita-gpu-sdk/{__version__} (python {python}; {sys.platform})" + (f" {app}" if app else "")


def _http_transport(pool: Pool | None, clock: AsyncClock) -> AsyncTransport:
    from novita_sdk._async.transport import AsyncHTTPTransport  # noqa: PLC0415 - httpx, only where it is needed

    return AsyncHTTPTransport(pool=pool, clock=clock)


def _cache(
    policy: CachePolicy | None, settings: Settings, clock: AsyncClock, observer: Observer
) -> AsyncCache | None:
    if policy is None and settings.cache_ttl is not None:
        policy = CachePolicy(ttl=settings.cache_ttl)
    if policy is None:
        return None
    from novita_sdk._async.layers.cache import AsyncCache  # noqa: PLC0415 - only where it is switched on

    ttls = {
        name: ttl
        for name, operation in operations.ALL.items()
        if (ttl := policy.ttl_of(name, operation.cache_ttl)) is not None
    }
    return AsyncCache(ttls, policy.max_entries, clock, observer)
