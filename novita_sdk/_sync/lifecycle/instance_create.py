# Generated from novita_sdk/_async/lifecycle/instance_create.py by tools/unasync.py; edit the source.
"""Creating an instance: one body, or several candidates of which the next follows only where one is sold out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import attrs

from novita_sdk._core import operations
from novita_sdk._core.lifecycle.create_terms import CreateTerms, asked_of
from novita_sdk._core.webhooks.notify import Notify
from novita_sdk._sync.caller import Caller
from novita_sdk._sync.lifecycle.creation_plan import PlannedCreate, planned_creates
from novita_sdk._sync.lifecycle.safe_create import Created, SafeCreate
from novita_sdk._sync.services import Services
from novita_sdk.errors import CapacityError
from novita_sdk.models.json_types import JSON
from novita_sdk.models.results import CreatedInstance
from novita_sdk.options import CallOptions

_USUAL_BOOT: Final = timedelta(minutes=4)


class InstanceCreate:
    """Creates instances of one client.

    Args:
        services: The client's services.
        caller: Makes the calls.
        options: What they do differently.
    """

    def __init__(self, services: Services, caller: Caller, options: CallOptions | None) -> None:
        self._services = services
        self._caller = caller
        self._options = options
        self._safe_create = SafeCreate(services, caller)

    def of_body(self, body: dict[str, JSON], terms: CreateTerms, notify: Notify) -> CreatedInstance:
        """Create what the body says; raises as `SafeCreate.create` does."""
        created = self._safe_create.create(operations.CREATE_INSTANCE, body, terms, self._options)
        return self._told(created, PlannedCreate(body=body), notify)

    def of_arguments(
        self, arguments: Mapping[str, object], terms: CreateTerms, notify: Notify
    ) -> CreatedInstance:
        """Create the first planned instance that is not sold out, each under an operation id of its own.

        Only a provable "no stock" leads to the next one. What an earlier call with the operation id of `terms` came to
        is found out before anything is planned.

        Raises:
            CapacityError: All of them are sold out.
            NovitaError: As `planned_creates` and `SafeCreate.create`.
        """
        asked = asked_of(arguments)
        if terms.operation_id is not None:
            earlier, operation_id = self._safe_create.resumed(
                operations.CREATE_INSTANCE, terms, self._options, asked=asked
            )
            if earlier is not None:
                return self._told(earlier, None, notify)
            terms = attrs.evolve(terms, operation_id=operation_id)
        planned = planned_creates(self._caller, self._services, arguments, self._options)
        for plan in planned[:-1]:
            identity = terms.operation_id or self._services.mint_operation_id()
            terms = attrs.evolve(terms, operation_id=identity)
            try:
                return self._make(plan, terms, asked, notify)
            except CapacityError:
                another = self._services.mint_operation_id()
                self._safe_create.go_over(terms, another)
                terms = attrs.evolve(terms, operation_id=another)
        return self._make(planned[-1], terms, asked, notify)

    def _make(self, plan: PlannedCreate, terms: CreateTerms, asked: JSON, notify: Notify) -> CreatedInstance:
        created = self._safe_create.create(
            operations.CREATE_INSTANCE, plan.body, terms, self._options, asked=asked
        )
        return self._told(created, plan, notify)

    def _told(self, created: Created, plan: PlannedCreate | None, notify: Notify) -> CreatedInstance:
        """Tell whoever wants to know, and return what the caller gets."""
        ready_at = datetime.fromtimestamp(created.at, UTC) + _USUAL_BOOT
        return CreatedInstance(
            id=created.id,
            operation_id=created.operation_id,
            adopted=created.adopted,
            choice=None if plan is None else plan.choice,
            estimated_ready_at=ready_at,
        )
