"""Calling the applications behind serverless endpoints."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from novita_sdk._async.resources.endpoint_basics import EndpointArgument
from novita_sdk._async.resources.endpoint_watching import AsyncEndpointWatching
from novita_sdk._core.serverless.known_endpoints import wanted_endpoint
from novita_sdk.errors import NovitaError
from novita_sdk.models.endpoint import Endpoint
from novita_sdk.models.invocation import InvokeResponse
from novita_sdk.models.json_types import JSON
from novita_sdk.models.results import EndpointRef
from novita_sdk.models.unset import UNSET, Unset

if TYPE_CHECKING:
    from novita_sdk._core.serverless.invocation import Invocation, Target

_MAX_BYTES = 32 * 1024 * 1024
_LEAST_WAIT = 0.001  # seconds; a wait of none would be a wrong argument


class AsyncEndpointCalls(AsyncEndpointWatching):
    """Calling endpoints."""

    async def invoke(
        self,
        endpoint: EndpointArgument,
        path: str = "/",
        *,
        method: str = "POST",
        json: JSON | Unset = UNSET,
        content: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, object] | None = None,
        timeout: float | timedelta | None = None,  # noqa: ASYNC109 - on the client's clock
        retries: int = 0,
        raise_for_status: bool = True,
        wait_ready: bool = False,
        trust_url: bool = False,
        max_bytes: int = _MAX_BYTES,
    ) -> InvokeResponse:
        """Send a request to the application behind an endpoint. Nothing is wrapped around it.

        It passes neither the rate limit nor the breaker of the API, nor the client's middleware. The address is
        asked for once (operation `get_endpoint`) and remembered for five minutes, unless something goes wrong
        there. Redirects are not followed.

        Args:
            endpoint: The endpoint; an `Endpoint` with an address is called there at once.
            path: The path of the application, from `/` on.
            method: The HTTP method.
            json: What is sent as JSON.
            content: What is sent as it is, instead.
            headers: Further headers; the key is the client's own.
            params: The query.
            timeout: Seconds for everything, the waiting included. None gives it the endpoint's request timeout and
                30 seconds.
            retries: How many repeats are allowed after a failed connection, 408, 429, 502, 503 or 504, 0-10.
                Whoever allows them says that a second request does no harm.
            raise_for_status: Whether a status of 400 or more is an exception.
            wait_ready: Whether to wait first until the endpoint serves, as `wait` does.
            trust_url: Whether the key may be sent to the endpoint's address although that is no https host under
                novita.ai.
            max_bytes: How much of an answer is read.

        Returns:
            The answer.

        Raises:
            ValidationError: Arguments are wrong, or the key may not be sent to that address.
            NotFoundError: There is no such endpoint.
            EndpointNotReadyError: It has no address yet.
            EndpointInvokeError: The application answered with an error; `status` and the start of its `body` tell.
            TransportError: It did not answer.
            ResponseDecodeError: The answer is larger than `max_bytes`.
            WaitTimeoutError: It was waited for, and does not serve yet.
            EndpointFailedError: It was waited for, and will never serve.
        """
        from novita_sdk._async.serverless.invoker import AsyncInvoker  # noqa: PLC0415 - a first call needs none of it
        from novita_sdk._core.serverless.invocation import invocation  # noqa: PLC0415 - the same

        call = invocation(
            path,
            method=method,
            json=json,
            content=content,
            headers=headers,
            params=params,
            timeout=timeout,
            retries=retries,
            max_bytes=max_bytes,
        )
        services, targets = self._services, self._services.endpoint_targets
        began = services.clock.monotonic()
        target = await (self._serving(endpoint, call, began) if wait_ready else self._target(endpoint))
        try:
            return await AsyncInvoker(services).send(
                target, call, began=began, trusted=trust_url, raise_for_status=raise_for_status
            )
        except NovitaError:
            targets.forget(target.endpoint_id)
            raise

    async def _serving(self, endpoint: EndpointArgument, call: Invocation, began: float) -> Target:
        """Return where an endpoint is reached, once it serves."""
        from novita_sdk._core.serverless.invocation import seconds_for, target_of  # noqa: PLC0415 - the same

        record = await self._directory.find(wanted_endpoint(endpoint, None, None))
        over = began + seconds_for(call, record)
        left = max(_LEAST_WAIT, over - self._services.clock.monotonic())
        return target_of(await self.wait(record, "serving", timeout=left))

    async def _target(self, endpoint: EndpointArgument) -> Target:
        """Return where an endpoint is reached."""
        from novita_sdk._core.serverless.invocation import target_of  # noqa: PLC0415 - the same

        targets, now = self._services.endpoint_targets, self._services.clock.monotonic
        if isinstance(endpoint, Endpoint) and endpoint.url:
            return target_of(endpoint)

        async def known(ref: EndpointRef) -> Target:
            found = targets.find(ref.id, now())
            if found is None:
                found = target_of(await self._directory.read(ref.id))
                targets.add(found, now())
            return found

        return await self._directory.acting(wanted_endpoint(endpoint, None, None), known)
