# Generated from novita_sdk/_async/lifecycle/instance_create.py by tools/unasync.py; edit the source.
"""Creating an instance: one body, or several candidates of which the next follows only where one is sold out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import attrs

from novita_sdk._concurrency.threads import shielded
from novita_sdk._core import operations
from novita_sdk._core.call_options import merged
from novita_sdk._core.lifecycle.create_terms import CreateTerms, asked_of
from novita_sdk._core.lifecycle.intents import MovedError
from novita_sdk._core.webhooks.notify import Notify
from novita_sdk._sync.caller import Caller
from novita_sdk._sync.lifecycle.creation_plan import PlannedCreate, planned_creates
from novita_sdk._sync.lifecycle.safe_create import Created, SafeCreate
from novita_sdk._sync.services import Services
from novita_sdk._sync.webhooks.emitter import OperationEvents
from novita_sdk.errors import CapacityError, DeadlineExceededError
from novita_sdk.models.json_types import JSON
from novita_sdk.models.results import CreatedInstance
from novita_sdk.options import CallOptions

_USUAL_BOOT: Final = timedelta(minutes=4)
_TELLING_TIME: Final = 5.0  # seconds for handing an event on, which waits for no delivery


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
        return self._make_only(PlannedCreate(body=body), self._named(terms), body, notify)

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
        asked, began = asked_of(arguments), self._services.clock.monotonic()
        total = self._caller.total_seconds(self._options, operations.CREATE_INSTANCE)
        if terms.operation_id is not None:
            events = self._services.events.operation(terms.operation_id, notify)
            earlier, operation_id = self._safe_create.resumed(
                operations.CREATE_INSTANCE, terms, self._options, asked=asked
            )
            if earlier is not None:
                return self._told(earlier, None, events, notify, terms)
            terms = attrs.evolve(terms, operation_id=operation_id)
        planned = planned_creates(self._caller, self._services, arguments, self._options)
        terms = self._named(terms)
        for plan in planned[:-1]:
            self._cut(total, began)
            another = self._services.mint_operation_id()
            going_over = attrs.evolve(terms, next_id=another)
            try:
                return self._make(plan, going_over, asked, notify)
            except CapacityError:
                self._safe_create.go_over(operations.CREATE_INSTANCE, going_over)
            except MovedError as moved:
                another = moved.next_id
            terms = attrs.evolve(terms, operation_id=another)
        self._cut(total, began)
        return self._make_only(planned[-1], terms, asked, notify)

    def _cut(self, total: float | None, began: float) -> None:
        """Leave the calls that follow what is left of the whole call's time.

        Raises:
            DeadlineExceededError: Nothing is left.
        """
        if total is not None:
            left = total - (self._services.clock.monotonic() - began)
            if left <= 0:
                raise DeadlineExceededError(
                    "no time was left for this product", phase="connect", reached_server=False
                )
            self._options = merged(self._options or CallOptions(), CallOptions(total_timeout=left))

    def _named(self, terms: CreateTerms) -> CreateTerms:
        """Return the terms with an operation id."""
        if terms.operation_id is not None:
            return terms
        return attrs.evolve(terms, operation_id=self._services.mint_operation_id())

    def _make_only(
        self, plan: PlannedCreate, terms: CreateTerms, asked: JSON, notify: Notify
    ) -> CreatedInstance:
        """Create what nothing else can stand in for, under the id that other calls with this one have come to."""
        while True:
            try:
                return self._make(plan, terms, asked, notify)
            except MovedError as moved:
                terms = attrs.evolve(terms, operation_id=moved.next_id)

    def _make(self, plan: PlannedCreate, terms: CreateTerms, asked: JSON, notify: Notify) -> CreatedInstance:
        events = self._services.events.operation(terms.operation_id or "", notify)
        created = self._safe_create.create(
            operations.CREATE_INSTANCE, plan.body, terms, self._options, asked=asked
        )
        return self._told(created, plan, events, notify, terms)

    def _told(
        self,
        created: Created,
        plan: PlannedCreate | None,
        events: OperationEvents,
        notify: Notify,
        terms: CreateTerms,
    ) -> CreatedInstance:
        """Tell whoever wants to know, and return what the caller gets."""
        self._services.own_changes.note(created.id, "create", self._services.clock.monotonic())
        if not created.resumed:
            product_id = None if plan is None else str(plan.body.get("productId") or "") or None
            try:
                with shielded(self._services.clock, _TELLING_TIME):
                    self._services.events.keep_target(created.id, notify)
                    events.send("created", created.id, product_id=product_id)
            except BaseException as interruption:
                interruption.add_note(f"{created.id} was created")
                self._safe_create.give_up(operations.CREATE_INSTANCE, created, terms, interruption)
                raise
        return CreatedInstance(
            id=created.id,
            operation_id=created.operation_id,
            adopted=created.adopted,
            choice=None if plan is None else plan.choice,
            estimated_ready_at=datetime.fromtimestamp(created.at, UTC) + _USUAL_BOOT,
        )
