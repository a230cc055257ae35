"""The client: one object from which everything is reached."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Never, Self, Unpack, cast

from novita_sdk._async.caller import AsyncCaller
from novita_sdk._async.client_resources import AsyncClientResources
from novita_sdk._async.engine import AsyncEngine
from novita_sdk._async.middleware import AsyncMiddleware
from novita_sdk._async.services import AsyncServices
from novita_sdk._async.transport_protocol import AsyncTransport
from novita_sdk._concurrency.clock import AsyncClock
from novita_sdk._core.call_options import merged
from novita_sdk._core.client_arguments import checked_arguments, checked_timeouts
from novita_sdk._core.families import FAMILIES, with_gateway
from novita_sdk._core.safety import safety_of_request
from novita_sdk._core.settings import build_settings
from novita_sdk._core.settings_arguments import SettingsArguments
from novita_sdk._core.wire import check_method, check_path, problem
from novita_sdk.errors import ClientClosedError, OutcomeUnknownError, ValidationError
from novita_sdk.models.json_types import JSON
from novita_sdk.models.unset import UNSET, Unset
from novita_sdk.options import (
    BreakerPolicy,
    CachePolicy,
    CallOptions,
    Pool,
    RateLimit,
    RetryPolicy,
    ServerlessOptions,
    Settings,
    Timeouts,
)

if TYPE_CHECKING:
    from novita_sdk._async.layers.cache import AsyncCache
    from novita_sdk._async.stores.protocol import AsyncStateStore
    from novita_sdk._async.webhooks.outbox import AsyncOutbox
    from novita_sdk._core.health import Health
    from novita_sdk._core.hooks import Hooks
    from novita_sdk._core.pipeline_view import Pipeline
    from novita_sdk._core.stats import ClientStats

_HEALTH_TIMEOUT = 5.0  # seconds


class AsyncNovita(AsyncClientResources):
    """The Novita.ai GPU cloud.

    Everything is given by keyword. Without arguments five environment variables are read: `NOVITA_API_KEY`,
    `NOVITA_API_BASE_URL`, `NOVITA_INTERNAL_API_KEY`, `NOVITA_INTERNAL_API_BASE_URL`, `NOVITA_WEBHOOK_SECRET`; for all
    others use `settings=Settings.from_env()`. Nothing is sent before the first call. Use it in `async with`, or call
    `aclose()` at the end.

    Args:
        settings: A `Settings` object; the environment is not read then.
        timeouts: `Timeouts`, or one number: seconds between two pieces of an answer.
        retry: A `RetryPolicy`, a middleware of your own in its place, or None for no retries.
        rate_limits: By family (`public`, `internal`, `gateway`): a `RateLimit`, a middleware, or None for none.
        breakers: By family: a `BreakerPolicy`, a middleware, or None for none.
        cache: A `CachePolicy` switches the cache on.
        pool: How many connections.
        serverless: How numbers of serverless endpoints are sent.
        middleware: Your layers around each call, the first outermost.
        attempt_middleware: Your layers around each attempt.
        hooks: `Hooks` that are told what happens.
        transport: What does the I/O instead of HTTP, such as a simulator's.
        clock: Where the time comes from.
        rng: Where jitter and operation ids come from; seed it for reproducible runs.
        store: A state store for what must outlive a call; it stays open when the client is closed. Left out: a file
            if the settings have a `state_path`, else the memory of the process.
        outbox: An outbox that keeps webhooks until they are delivered; it stays open when the client is closed.
        correlation_id_factory: Returns the id of a new call.
        app: Your application, such as `"trainer/1.4"`, for the User-Agent.
        default_headers: Headers of every request.
        **arguments: Every field of `Settings`, such as `api_key` or `request_timeout`; not what `retry` or `timeouts`
            set already.

    Raises:
        ConfigurationError: Something is set up wrongly; all problems at once, no request was sent.

    Example:
        ```python
        async with AsyncNovita() as client:
            async for product in client.products.list(product_name="4090"):
                print(product.name, product.price)
        ```
    """

    def __init__(
        self,
        *,
        settings: Settings | None = None,
        timeouts: Timeouts | float | Unset = UNSET,
        retry: RetryPolicy | AsyncMiddleware | Unset | None = UNSET,
        rate_limits: Mapping[str, RateLimit | AsyncMiddleware | None] | None = None,
        breakers: Mapping[str, BreakerPolicy | AsyncMiddleware | None] | None = None,
        cache: CachePolicy | None = None,
        pool: Pool | None = None,
        serverless: ServerlessOptions | None = None,
        middleware: Sequence[AsyncMiddleware] = (),
        attempt_middleware: Sequence[AsyncMiddleware] = (),
        hooks: Sequence[Hooks] = (),
        transport: AsyncTransport | None = None,
        clock: AsyncClock | None = None,
        rng: random.Random | None = None,
        store: AsyncStateStore | None = None,
        outbox: AsyncOutbox | None = None,
        correlation_id_factory: Callable[[], str] | None = None,
        app: str | None = None,
        default_headers: Mapping[str, str] | None = None,
        **arguments: Unpack[SettingsArguments],
    ) -> None:
        overrides = checked_arguments(
            type(self).__name__,
            arguments,
            app=app,
            default_headers=default_headers,
            parts={
                "settings": (settings, Settings),
                "cache": (cache, CachePolicy),
                "pool": (pool, Pool),
                "serverless": (serverless, ServerlessOptions),
            },
            retry=retry,
            timeouts=timeouts,
        )
        self._serverless = serverless or ServerlessOptions()
        found = with_gateway(build_settings(overrides, settings, None), self._serverless)
        self._owns = True
        self._engine = AsyncEngine(
            found,
            timeouts=checked_timeouts(timeouts, found),
            retry=RetryPolicy(max_retries=found.max_retries) if isinstance(retry, Unset) else retry,
            rate_limits=rate_limits or {},
            breakers=breakers or {},
            cache=cache,
            pool=pool,
            middleware=middleware,
            attempt_middleware=attempt_middleware,
            hooks=hooks,
            transport=transport,
            clock=clock,
            rng=rng,
            store=store,
            outbox=outbox,
            correlation_id_factory=correlation_id_factory,
            app=app,
            default_headers=default_headers or {},
        )
        self._bind(self._engine.caller)

    def _bind(self, caller: AsyncCaller) -> None:
        self._caller = caller

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self._engine.settings

    @property
    def pipeline(self) -> Pipeline:
        """The layers every call passes, with their figures; `print()` it."""
        return self._engine.pipeline()

    @property
    def cache(self) -> AsyncCache | None:
        """The cache, for `cache.clear(operation=None)`; None if it is switched off."""
        return self._engine.cache

    @property
    def store(self) -> AsyncStateStore:
        """The state store, in the view that belongs to the client's account."""
        return self._engine.services.store

    def with_options(self, options: CallOptions) -> AsyncNovita:
        """Return a client that does some things differently and shares everything else with this one.

        Args:
            options: What it does differently.

        Returns:
            A client over the same connections, buckets, breakers, budgets and cache. Closing it closes nothing.
        """
        copy = object.__new__(type(self))
        copy._engine = self._engine
        copy._serverless = self._serverless
        copy._owns = False
        copy._bind(self._caller.with_options(merged(self._caller.options, options)))
        return copy

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        json: JSON = None,
        family: str = "public",
        safety: str | None = None,
        options: CallOptions | None = None,
    ) -> dict[str, JSON]:
        """Call an operation that the SDK does not list, through the same pipeline.

        Nothing is known of it, so nothing is read back or settled.

        Args:
            method: HTTP method.
            path: Path below the family's base URL, such as `"/gpu-instance/openapi/v1/clusters"`.
            query: Query parameters; None and UNSET are left out.
            json: The body.
            family: `public`, `internal` or `gateway`.
            safety: `"read"`, `"idempotent"` or `"unsafe"`; left out, GET and HEAD are reads and all else is unsafe.
            options: What this call does differently.

        Returns:
            The decoded object; a bare array under `data`, `{}` for an empty answer.

        Raises:
            ValidationError: The path names a host or a query, or an argument is wrong.
            OutcomeUnknownError: An unsafe call was sent and nobody knows what came of it.
        """
        verb = check_method(method)
        if family not in FAMILIES:
            message = f"must be one of {', '.join(FAMILIES)}"
            raise ValidationError(problems=(problem("family", family, message),))
        payload = await self._caller.unlisted(
            verb,
            check_path(path),
            family,
            safety_of_request(verb, safety),
            query=query,
            body=json,
            options=options,
        )
        return cast("dict[str, JSON]", payload) if isinstance(payload, dict) else {"data": payload}

    async def health(self, *, probe: bool = True, timeout: float | timedelta = _HEALTH_TIMEOUT) -> Health:  # noqa: ASYNC109
        """Tell how the services are. Never raises but on cancellation.

        Args:
            probe: Whether to ask: one cheap read per host, one attempt. Off: judged by past calls, no I/O.
            timeout: Seconds in which all answers are in.

        Returns:
            The state of each family, and the worst of them.

        Raises:
            ClientClosedError: The client is closed.
        """
        if self._engine.closed:
            raise ClientClosedError("the client is closed; make a new one")
        from novita_sdk._async.health import AsyncHealthCheck  # noqa: PLC0415 - a first call needs none of it
        from novita_sdk._core.waiting import wait_timeout  # noqa: PLC0415 - the same

        seconds = wait_timeout(timeout, _HEALTH_TIMEOUT) or _HEALTH_TIMEOUT
        return await AsyncHealthCheck(self._engine).run(probe=probe, seconds=seconds)

    def stats(self) -> ClientStats:
        """Return all counters of the client. No I/O."""
        return self._engine.stats()

    async def aclose(self) -> None:
        """Close the connections; queued and later calls raise `ClientClosedError`. May be called twice."""
        if self._owns:
            await self._engine.aclose()

    async def __aenter__(self) -> Self:
        if self._owns:
            await self._engine.services.background.open()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._owns:
            try:
                await self.aclose()
            finally:
                await self._engine.services.background.close()

    def __repr__(self) -> str:
        state = "closed" if self._engine.closed else "open"
        return f"<AsyncNovita at {self._engine.settings.base_url}, {state}>"

    def __reduce__(self) -> Never:
        raise TypeError(
            "a client holds connections and can be neither pickled nor copied: make one in each process, "
            "or a variant with with_options()"
        )

    async def _reconcile_outcome(self, error: OutcomeUnknownError, timeout: float) -> object:  # noqa: ASYNC109
        """Look for what the call behind a pickled error made."""
        return await self._engine.reconcile(error, timeout)


def services_of(client: AsyncNovita) -> AsyncServices:
    """Return what the lifecycle helpers of a client share with its resources.

    Raises:
        TypeError: It is no such client, for instance one of the other colour.
    """
    given = cast("object", client)  # it may be anything where nobody checks types
    if not isinstance(given, AsyncNovita):
        raise TypeError(f"client: must be of the class {AsyncNovita.__name__}, not {type(given).__name__}")
    return client._engine.services  # noqa: SLF001 - the helpers are a part of the package, not of the public face
