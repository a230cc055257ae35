# Generated from novita_sdk/_async/resources/instance_creation.py by tools/unasync.py; edit the source.
"""Renting instances."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Unpack, cast

from novita_sdk._core import operations
from novita_sdk._core.durations import Seconds
from novita_sdk._core.lifecycle.create_terms import (
    DEFAULT_SETTLE,
    PLANNED,
    CreateTerms,
    Journaling,
    OnCancel,
    check_terms,
    needs_plan,
    notify_problems,
    reconcile_seconds,
)
from novita_sdk._core.marker import Marker
from novita_sdk._core.nearest import refuse_unexpected
from novita_sdk._core.requests.instances import (
    GpuBodyArguments,
    GpuInstanceArguments,
    InstanceArguments,
    create_cpu_instance_body,
    create_instance_body,
)
from novita_sdk._core.webhooks.notify import Notify
from novita_sdk._sync.resources.instance_finding import InstanceFinding
from novita_sdk.errors import Problem, ValidationError
from novita_sdk.models.instance import Instance
from novita_sdk.models.json_types import JSON
from novita_sdk.models.results import CreatedInstance
from novita_sdk.options import CallOptions

if TYPE_CHECKING:
    from novita_sdk._sync.lifecycle.instance_create import InstanceCreate


class InstanceCreation(InstanceFinding):
    """Renting instances."""

    def create(
        self,
        *,
        operation_id: str | None = None,
        marker: Marker = "env",
        settle: Seconds = DEFAULT_SETTLE,
        journal: Journaling = "required",
        on_cancel: OnCancel = "keep",
        notify: Notify = True,
        options: CallOptions | None = None,
        **arguments: Unpack[GpuInstanceArguments],
    ) -> CreatedInstance:
        """Rent a GPU instance; never twice, even if the answer gets lost or the program dies.

        The API knows no idempotency key. So the instance carries a mark of its own (the environment variable
        `NOVITA_SDK_OPERATION_ID`); if nobody knows whether a request was carried out, the mark is looked for in
        the list, and the request is never repeated blindly. Before anything is sent the intent is written into
        the state store, so that the same call with the same `operation_id` goes on where a process died.
        Charging starts when the image is being pulled. Operation `create_instance`.

        Args:
            operation_id: Your own identity for this instance, 8-64 letters, digits, "_" and "-"; left out, a new
                one. A second call with it returns the instance of the first.
            marker: `"env"`; `"env+name"` for a mark at the end of the name too, which is found even where the
                service hides the environment; `"none"` for no mark, so that a lost answer stays lost.
            settle: Seconds for which a lost answer is looked for.
            journal: `"required"`: nothing is sent unless the store has a record of it. `"best_effort"` only warns.
            on_cancel: Whether an instance is kept or deleted if the call is interrupted after it was sent.
            notify: Where events of the instance go: True for the usual target, False for nowhere, or a target.
            options: What this call does differently. Its deadline is 120 s unless set.
            **arguments: Needed are a product and an image. The product is `product_id` (from `products.list()`), or
                `product`: a name or `ProductQuery`, of which up to `max_candidates` (default 3) offers are tried if
                one is sold out, or a `ProductChoice` from `products.cheapest`. The image is `image_url`, or comes
                from the `template` (an id or `Template`), over which the other arguments go: None clears, `envs`
                are merged variable by variable. Further: `region` (for a name, or beside `product_id` in place of
                `cluster_id`), `registry_auth` (id or name of a stored login, in place of `image_auth_id`; with
                `auth_mode="inline"` its user and password are sent), `name`, `gpu_num` (1-8, default 1),
                `rootfs_size` (GB, 10-6144, default 60), `billing_mode` (`"onDemand"`, `"spot"` or `"monthly"`, with
                `month`), `ports` (such as `["8888/http", "22/tcp"]`), `envs` (a mapping), `command`, `entrypoint`,
                `cluster_id`, `image_auth_id`, `image_auth`, `tools` (tool to port), `network_storages` (volume id
                to mount path), `network_id`, `min_cuda_version`, `auto_renew`, `auto_renew_month`,
                `local_storage_mount_point`.

        Returns:
            The id of the instance, which is not running yet; `adopted` if it was found by its mark.

        Raises:
            ValidationError: Arguments are wrong; all problems at once, nothing was sent. With the code
                `INVALID_TEMPLATE`: the template is.
            NotFoundError: There is no such template, registry login or product.
            OperationConflictError: The operation id was used for another request; nothing was sent.
            StateStoreError: The intent cannot be written down; nothing was sent.
            CapacityError: The product is sold out there.
            InsufficientBalanceError: The account cannot pay.
            OutcomeUnknownError: Nothing tells whether it was made; `reconcile()` looks again.
            DuplicateCreateError: Several instances carry the mark.

        Example:
            ```python
            created = client.gpu_instances.create(
                product_id=product.id, image_url="nginx", ports=["80/http"]
            )
            instance = client.gpu_instances.wait(created.id)
            ```
        """
        refuse_unexpected(arguments, GpuInstanceArguments.__annotations__)
        terms, problems = check_terms(
            operation_id=operation_id, marker=marker, settle=settle, journal=journal, on_cancel=on_cancel
        )
        problems += notify_problems(notify)
        if needs_plan(arguments):
            if problems:
                raise ValidationError(problems=tuple(problems))
            return self._creator(options).of_arguments(arguments, terms, notify)
        given = {name: value for name, value in arguments.items() if name not in PLANNED}
        said = cast("GpuBodyArguments", given)
        make_body = partial(create_instance_body, marked=marker != "none", **said)
        return self._create(make_body, terms, problems, notify, options)

    def create_cpu(
        self,
        *,
        operation_id: str | None = None,
        marker: Marker = "env",
        settle: Seconds = DEFAULT_SETTLE,
        journal: Journaling = "required",
        on_cancel: OnCancel = "keep",
        notify: Notify = True,
        options: CallOptions | None = None,
        **arguments: Unpack[InstanceArguments],
    ) -> CreatedInstance:
        """Rent a CPU instance, as safely as `create`. Operation `create_instance`.

        No CPU creation was ever seen on the live service: whether billing and disk sizes can be chosen for it is
        unknown, so they cannot be given here.

        Args:
            operation_id: As for `create`.
            marker: As for `create`.
            settle: As for `create`.
            journal: As for `create`.
            on_cancel: As for `create`.
            notify: As for `create`.
            options: What this call does differently.
            **arguments: As for `create`, without those about GPUs, root disk, billing and renewal. `product_id`
                comes from `products.list_cpu()`.

        Returns:
            The id of the instance.

        Raises:
            NovitaError: As `create`.
        """
        terms, problems = check_terms(
            operation_id=operation_id, marker=marker, settle=settle, journal=journal, on_cancel=on_cancel
        )
        problems += notify_problems(notify)
        make_body = partial(create_cpu_instance_body, marked=marker != "none", **arguments)
        return self._create(make_body, terms, problems, notify, options)

    def reconcile(
        self,
        operation_id: str,
        *,
        sent_at: datetime | None = None,
        timeout: Seconds = 30.0,
    ) -> Instance | None:
        """Look again for what a create made whose outcome is unknown, also one of another process.

        Operations `list_instances` and `get_instance`.

        Args:
            operation_id: The identity of the create, as errors, logs and the store tell it.
            sent_at: When it was sent, aware; needed where the state store has no record of it.
            timeout: Seconds to look for.

        Returns:
            The instance; None if it certainly was not made, or is gone again.

        Raises:
            ValidationError: Arguments are wrong, or nobody knows when it was sent.
            OutcomeUnknownError: Still nothing is known.
            DuplicateCreateError: Several instances carry the mark.
        """
        from novita_sdk._sync.lifecycle.safe_create import SafeCreate  # noqa: PLC0415 - only where it is used

        looked_for = reconcile_seconds(operation_id, sent_at, timeout)
        found = SafeCreate(self._services, self._caller).reconcile(
            operations.CREATE_INSTANCE,
            operation_id,
            sent_at=None if sent_at is None else sent_at.timestamp(),
            timeout=looked_for,
        )
        return cast("Instance | None", found)

    def _create(
        self,
        make_body: Callable[[], dict[str, JSON]],
        terms: CreateTerms,
        problems: list[Problem],
        notify: Notify,
        options: CallOptions | None,
    ) -> CreatedInstance:
        body: dict[str, JSON] = {}
        try:
            body = make_body()
        except ValidationError as fault:
            problems += fault.problems
        if problems:
            raise ValidationError(problems=tuple(problems))
        return self._creator(options).of_body(body, terms, notify)

    def _creator(self, options: CallOptions | None) -> InstanceCreate:
        from novita_sdk._sync.lifecycle.instance_create import (  # noqa: PLC0415 - a first read needs none of it
            InstanceCreate,
        )

        return InstanceCreate(self._services, self._caller, options)
