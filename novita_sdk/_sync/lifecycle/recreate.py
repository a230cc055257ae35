# Generated from novita_sdk/_async/lifecycle/recreate.py by tools/unasync.py; edit the source.
"""Making an instance anew: a copy of it, which is waited for, and which may then take its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Literal

import attrs

from novita_sdk._core.lifecycle.copies import CopyPlan, copy_name, copy_problems, merged, plan_copy
from novita_sdk._core.lifecycle.intents import PREFIX as INTENT_PREFIX
from novita_sdk._core.lifecycle.intents import read_intent
from novita_sdk._core.lifecycle.offers import cheapest_like, is_on_offer
from novita_sdk._sync.lifecycle.succession import carry_over, name_successor
from novita_sdk._sync.resources.products import Products
from novita_sdk._sync.services import Services
from novita_sdk.errors import (
    APIStatusError,
    CapacityError,
    CleanupError,
    InvalidStateError,
    NotFoundError,
    NovitaError,
    ValidationError,
)
from novita_sdk.models.enums import InstanceStatus
from novita_sdk.models.instance import Instance
from novita_sdk.models.recreated import RecreatedInstance
from novita_sdk.models.results import CreatedInstance
from novita_sdk.options import CallOptions

if TYPE_CHECKING:
    from novita_sdk._core.lifecycle.probes import Ready
    from novita_sdk._core.webhooks.notify import Notify
    from novita_sdk._sync.lifecycle.instances import Instances

LEAVING: Final = frozenset({InstanceStatus.TO_REMOVE, InstanceStatus.REMOVING, InstanceStatus.REMOVED})
"""Statuses of an instance that was deleted."""

_DELETE_PAUSES: Final = (0.0, 10.0, 20.0)  # seconds before each try
_DELETE: Final = CallOptions(total_timeout=30.0)  # a try, repeats included
_GONE_SECONDS: Final = 60.0
_RETRYABLE: Final = frozenset({408, 429})


@attrs.frozen(kw_only=True)
class Removal:
    """What became of a delete.

    Attributes:
        outcome: `gone`: it was seen gone. `refused`: it certainly still exists. `unknown`: nobody knows.
        error: The last error; None if there was none.
    """

    outcome: Literal["gone", "refused", "unknown"]
    error: NovitaError | None = None

    @property
    def words(self) -> str:
        """The outcome, with the error if there is one."""
        told = "not confirmed" if self.outcome == "unknown" else self.outcome
        return told if self.error is None else f"{told} ({self.error})"


@attrs.frozen(kw_only=True)
class RecreateRequest:
    """What the caller of `recreate` asked for, checked.

    Attributes:
        operation_id: The operation that creates the copy.
        delete_original: Whether the original is deleted once the copy is there.
        name: Name of the copy; None for the next number.
        timeout: Seconds until the copy must be there; None for no limit.
        ready: What must answer in the copy; None for nothing.
        allow_substitute: Whether another product of the same name may stand in.
        notify: Who is told.
    """

    operation_id: str
    delete_original: bool
    name: str | None
    timeout: float | None
    ready: Ready | None
    allow_substitute: bool
    notify: Notify


class Recreation:
    """The steps by which a copy takes the place of an instance.

    Args:
        instances: The client's instances.
        services: What the client shares.
    """

    def __init__(self, instances: Instances, services: Services) -> None:
        self._instances = instances
        self._products = Products(services.caller, services)
        self._services = services

    def plan(self, original: Instance, name: str | None = None) -> CopyPlan:
        """Work out how an instance is copied; reads only.

        Args:
            original: The instance, as it was read alone.
            name: Name of the copy, if it is not to be numbered.

        Raises:
            ValidationError: It cannot be copied; `problems` tells why.
        """
        whole = original
        if copy_problems(original) or not original.envs:
            whole = merged(original, self._listed(original.id))
        problems = copy_problems(whole)
        if problems:
            raise ValidationError(problems=problems, resource_id=original.id)
        return plan_copy(whole, name or copy_name(whole.base_name or whole.id))

    def offered(self, plan: CopyPlan, operation_id: str, *, allow_substitute: bool = False) -> CopyPlan:
        """Make sure that the product is on offer where the original stands; reads only.

        A create that was begun before is not questioned: its copy may be the one that took the last machine.

        Args:
            plan: How the copy would be created.
            operation_id: The operation that would create it.
            allow_substitute: Whether another product of the same name may stand in for it.

        Returns:
            The plan, with the product that is on offer, or that was chosen before.

        Raises:
            CapacityError: There is none.
        """
        begun = self._services.store.get(f"{INTENT_PREFIX}{operation_id}")
        if begun is not None:
            chosen = read_intent(begun.value, begun.key).about.get("productId")
            return plan if chosen is None else plan.changed(product_id=chosen)
        cluster = str(plan.arguments["cluster_id"])
        if plan.cpu:
            machines = self._products.list_cpu(cluster_id=cluster).collect()
            if any(found.id == plan.product_id and found.available_deploy is not False for found in machines):
                return plan
        else:
            billing = str(plan.arguments["billing_mode"])
            gpu_num = int(str(plan.arguments["gpu_num"]))
            pager = self._products.list(cluster_id=cluster, gpu_num=gpu_num, billing_method=billing)
            products = pager.collect()
            wanted = next((found for found in products if found.id == plan.product_id), None)
            if wanted is not None and is_on_offer(wanted, billing):
                return plan
            if allow_substitute:
                substitute = cheapest_like(plan.product_name, products, billing)
                if substitute is not None:
                    return plan.changed(product_id=substitute.id)
        raise CapacityError(
            f"product {plan.product_id} is not on offer in cluster {cluster}, so {plan.original} cannot be copied",
            code="NO_AVAILABLE_PRODUCTS",
            resource_id=plan.original,
        )

    def create(self, plan: CopyPlan, operation_id: str, notify: Notify = True) -> CreatedInstance:
        """Create the copy; the same operation id never creates a second one.

        Raises:
            NovitaError: As `create`. The original was left as it is.
        """
        create: Callable[..., CreatedInstance]
        create = self._instances.create_cpu if plan.cpu else self._instances.create
        try:
            return create(**plan.arguments, operation_id=operation_id, notify=notify)
        except BaseException as error:
            error.add_note(f"a copy of {plan.original} was to be created; {plan.original} was left as it is")
            raise

    def remove(self, instance_id: str, may_go_on: Callable[[], bool] | None = None) -> Removal:
        """Delete an instance and see it gone: three tries over half a minute, never an exception of the API.

        Args:
            instance_id: The instance.
            may_go_on: Tells before each further try whether it may be made; None if nothing can forbid it.

        Raises:
            StateStoreError: As `may_go_on`.
        """
        refusal: NovitaError | None = None
        for pause in _DELETE_PAUSES:
            if pause:
                self._services.clock.sleep(pause)
                if may_go_on is not None and not may_go_on():
                    return Removal(outcome="unknown", error=refusal)
            try:
                self._instances.delete(instance_id, missing_ok=True, options=_DELETE)
            except NovitaError as error:
                refusal = error
            else:
                return self._seen_gone(instance_id)
        return Removal(outcome="refused" if is_refusal(refusal) else "unknown", error=refusal)

    def _seen_gone(self, instance_id: str) -> Removal:
        try:
            self._instances.wait(instance_id, until="gone", timeout=_GONE_SECONDS)
        except NovitaError as error:
            return Removal(outcome="unknown", error=error)
        return Removal(outcome="gone")

    def _listed(self, instance_id: str) -> Instance | None:
        for found in self._instances.list():
            if found.id == instance_id:
                return found
        return None


def recreate(
    instances: Instances,
    services: Services,
    reference: str | int | Instance,
    wanted: RecreateRequest,
) -> RecreatedInstance:
    """Create a copy of an instance, wait for it, and delete the original if that is wanted.

    Args:
        instances: The client's instances.
        services: What the client shares.
        reference: Id or name of the instance, or itself.
        wanted: What the caller asked for.
    """
    recreation = Recreation(instances, services)
    events = services.events.operation(wanted.operation_id, wanted.notify)
    original = instances.find(reference)
    if original.id != str(reference):  # found by its name, in the list, which shows less
        original = instances.get(original.id)
    plan = recreation.plan(original, wanted.name)
    plan = recreation.offered(plan, wanted.operation_id, allow_substitute=wanted.allow_substitute)
    events.send("repair_started", original)
    try:
        created = recreation.create(plan, wanted.operation_id, wanted.notify)
        copy = _waited_for(instances, original, created, wanted)
        if wanted.delete_original:
            carry_over(services, original.id, copy.id)
            _delete(recreation, instances, original, copy, wanted.operation_id)
            name_successor(services, original.id, copy.id)
    except NovitaError as error:
        events.send("repair_failed", original, error=str(error))
        raise
    events.send("repair_completed", copy, data={"original": original.id})
    return RecreatedInstance(
        instance=copy,
        original_id=original.id,
        original_deleted=wanted.delete_original,
        operation_id=wanted.operation_id,
        adopted=created.adopted,
    )


def _waited_for(
    instances: Instances, original: Instance, created: CreatedInstance, wanted: RecreateRequest
) -> Instance:
    try:
        return instances.wait(created.id, ready=wanted.ready, timeout=wanted.timeout)
    except BaseException as error:
        error.add_note(f"{created.id} is the copy of {original.id}; both were left as they are")
        raise


def _delete(
    recreation: Recreation,
    instances: Instances,
    original: Instance,
    copy: Instance,
    operation_id: str,
) -> None:
    try:
        now = read_or_none(instances, original.id)
    except NovitaError as error:
        error.add_note(f"{copy.id} is the copy of {original.id}, which was not deleted; both are charged")
        raise
    if now is None:
        return
    if now.status == InstanceStatus.RUNNING != original.status:
        raise InvalidStateError(
            f"{original.id} runs again, so it was not deleted; {copy.id} is its copy, and both are charged",
            current_status=str(now.status),
            action="delete",
            resource_id=original.id,
            operation_id=operation_id,
        )
    removal = recreation.remove(original.id)
    if removal.outcome != "gone":
        raise CleanupError(
            f"{copy.id} is the copy of {original.id}, whose delete was {removal.words}; both may be charged",
            action="delete",
            resource_id=original.id,
            operation_id=operation_id,
        ) from removal.error


def read_or_none(instances: Instances, instance_id: str) -> Instance | None:
    """Read an instance; None if there certainly is none (any longer)."""
    try:
        return instances.find(id=instance_id)
    except NotFoundError as error:
        if error.searched_by:
            return None
        raise  # a bare 404 of something in between proves nothing


def is_refusal(error: NovitaError | None) -> bool:
    """Tell whether the service said no, so that nothing happened."""
    if not isinstance(error, APIStatusError) or error.status is None:
        return False
    return 400 <= error.status < 500 and error.status not in _RETRYABLE
