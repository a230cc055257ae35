"""Deployments: planned without a request, made once, and never twice."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Final, Literal, cast

from novita_sdk._async.caller import AsyncCaller
from novita_sdk._async.lifecycle.safe_create import AsyncSafeCreate
from novita_sdk._async.services import AsyncServices
from novita_sdk._core import operations
from novita_sdk._core.lifecycle.create_terms import CreateTerms
from novita_sdk._core.log_records import log
from novita_sdk._core.serverless.deployment import with_numbers_as_text
from novita_sdk._core.serverless.endpoint_plan import EndpointPlan
from novita_sdk._core.serverless.known_endpoints import ambiguous
from novita_sdk._core.serverless.limit_check import LIMITS_KEPT, check_limits
from novita_sdk.errors import (
    APIStatusError,
    EndpointExistsError,
    LocalRejectionError,
    NovitaError,
    OutcomeUnknownError,
    TransportError,
)
from novita_sdk.models.endpoint import Endpoint, EndpointLimits
from novita_sdk.models.results import EndpointRef
from novita_sdk.options import CallOptions, ServerlessOptions

IfExists = Literal["error", "adopt", "update", "create"]
IF_EXISTS: Final = ("error", "adopt", "update", "create")

_LOG: Final = logging.getLogger("novita_sdk.serverless")


class AsyncDeployer:
    """Makes endpoints.

    Args:
        services: The client's services.
        caller: Makes the calls.
        serverless: How numbers are spelled.
    """

    def __init__(self, services: AsyncServices, caller: AsyncCaller, serverless: ServerlessOptions) -> None:
        self._services = services
        self._caller = caller
        self._serverless = serverless

    def plan(self, endpoint: Mapping[str, object], operation_id: str | None) -> EndpointPlan:
        """Return what would be sent.

        Args:
            endpoint: What is sent under `endpoint`, without the mark.
            operation_id: The caller's own identity for it; None for a new one.
        """
        spelled = with_numbers_as_text(endpoint) if self._serverless.numbers == "text" else dict(endpoint)
        return EndpointPlan(spelled, operation_id or self._services.mint_operation_id())

    async def adopted(self, found: list[Endpoint], name: str) -> EndpointRef:
        """Return the one endpoint that bears the name already."""
        if len(found) > 1:
            raise ambiguous(name, (endpoint.id for endpoint in found))
        one = found[0]
        return EndpointRef(
            id=one.id, name=one.name, app_name=one.app_name, operation_id=one.operation_id, adopted=True
        )

    async def check(self, plan: EndpointPlan, options: CallOptions | None) -> None:
        """Hold a plan against the limits of the account; without them nothing is checked.

        Raises:
            ValidationError: Values are out of their limits.
        """
        limits = await self._limits(options)
        if limits is not None:
            check_limits(plan.endpoint, limits)

    def tell_warnings(self, plan: EndpointPlan) -> None:
        """Log what a plan leaves out."""
        for feature, alternative in plan.warnings:
            log(
                _LOG,
                logging.WARNING,
                "endpoint %(endpoint)s is deployed without %(feature)s; instead: %(alternative)s",
                endpoint=plan.name,
                feature=feature,
                alternative=alternative,
            )

    async def send(self, plan: EndpointPlan, terms: CreateTerms, options: CallOptions | None) -> EndpointRef:
        """Make the endpoint of a plan.

        Raises:
            ValidationError: The plan was sent before.
            AppNameTakenError: Another endpoint has the name in its URL.
            OutcomeUnknownError: Nothing tells whether it was made.
        """
        plan.claim()
        safe_create = AsyncSafeCreate(self._services, self._caller)
        try:
            created = await safe_create.create(
                operations.CREATE_ENDPOINT, {"endpoint": dict(plan.endpoint)}, terms, options
            )
        except OutcomeUnknownError as error:
            error.add_context(resource_id=plan.name)
            raise
        except (APIStatusError, LocalRejectionError):
            plan.sent = False  # it was refused: the plan may be tried again
            raise
        except TransportError as error:
            plan.sent = error.reached_server is not False
            raise
        app_name = cast("str | None", plan.endpoint.get("appName"))
        ref = EndpointRef(
            id=created.id,
            name=plan.name,
            app_name=app_name,
            operation_id=created.operation_id,
            adopted=created.adopted,
        )
        self._services.endpoint_directory.remember_created(ref)
        return ref

    async def _limits(self, options: CallOptions | None) -> EndpointLimits | None:
        kept = self._services.endpoint_limits
        now = self._services.clock.monotonic()
        if kept.value is None or now - kept.at >= LIMITS_KEPT:
            try:
                found = await self._caller.single(operations.GET_ENDPOINT_LIMITS, options=options)
            except NovitaError as error:
                log(
                    _LOG,
                    logging.WARNING,
                    "the limits of endpoints cannot be read (%(error)s); nothing is checked against them",
                    error=type(error).__name__,
                )
                return None
            kept.value, kept.at = cast("EndpointLimits", found), now
        return kept.value


def already_there(name: str, found: list[Endpoint]) -> EndpointExistsError:
    """Return the error for a name that is in use."""
    ids = tuple(endpoint.id for endpoint in found)
    return EndpointExistsError(
        f"{len(ids)} endpoint(s) {name!r} exist already: {', '.join(ids)}", ids=ids, resource_id=ids[0]
    )
