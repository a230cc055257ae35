"""Rentals from the arguments of `gpu_instances.rent`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from novita_sdk._async.lifecycle.create_and_wait import AsyncCreateAndWait
from novita_sdk._async.lifecycle.rental import AsyncRental
from novita_sdk._async.lifecycle.rental_keeping import AsyncRentalKeeping
from novita_sdk._concurrency.aio import COLOUR
from novita_sdk._concurrency.aio_bodies import may_handle_signals
from novita_sdk._core.durations import Seconds
from novita_sdk._core.lifecycle.create_terms import operation_id_problems
from novita_sdk._core.lifecycle.rental_limits import checked_rental
from novita_sdk._core.lifecycle.wait_plan import CREATE_TIMEOUT, wait_plan
from novita_sdk._core.nearest import refuse_unexpected
from novita_sdk._core.requests.instances import GpuInstanceArguments
from novita_sdk._core.waiting import Progress
from novita_sdk._core.webhooks.notify import Notify, check_notify
from novita_sdk._core.wire import problem
from novita_sdk.errors import ValidationError
from novita_sdk.models.money import Money
from novita_sdk.models.results import CreatedInstance
from novita_sdk.models.unset import Unset

if TYPE_CHECKING:
    from novita_sdk._async.lifecycle.instances import AsyncInstances
    from novita_sdk._async.services import AsyncServices
    from novita_sdk._core.lifecycle.probes import Ready
    from novita_sdk._core.lifecycle.rental_records import OnExit

_USUAL_CREATE: Final = 120.0  # seconds, where a create has no end


def new_rental(
    gpu_instances: AsyncInstances,
    services: AsyncServices,
    *,
    create: Callable[..., Awaitable[CreatedInstance]],
    create_seconds: float | None,
    arguments: Mapping[str, object],
    on_exit: OnExit,
    ready: Ready | None,
    ready_timeout: float | timedelta | None,
    target_port: int | None,
    timeout: float | timedelta | Unset | None,
    on_progress: Callable[[Progress], object] | None,
    max_lifetime: Seconds | None,
    max_cost: Money | None,
    cleanup_timeout: Seconds,
    handle_sigterm: bool,
    operation_id: str | None,
    notify: Notify,
) -> AsyncRental:
    """Return a rental that has not begun; see `gpu_instances.rent`.

    Args:
        gpu_instances: The instances.
        services: The client's services.
        create: Creates the instance, under `operation_id`, with `on_cancel` and with `arguments`.
        create_seconds: How long that may take; None if it has no end.
        arguments: What it is to be like.
        on_exit: As for `rent`, like all that follow.
        ready: What must answer.
        ready_timeout: Until when.
        target_port: On which port.
        timeout: Until when the block must begin.
        on_progress: Told meanwhile.
        max_lifetime: The limit of time.
        max_cost: The limit of cost.
        cleanup_timeout: Seconds for the end.
        handle_sigterm: Whether a signal ends it.
        operation_id: Its identity.
        notify: Where its events go.
    """
    refuse_unexpected(arguments, GpuInstanceArguments.__annotations__)
    terms = checked_rental(
        on_exit=on_exit,
        max_lifetime=max_lifetime,
        max_cost=max_cost,
        cleanup_timeout=cleanup_timeout,
        create_arguments=arguments,
    )
    check_notify(notify)
    problems = list(operation_id_problems(operation_id))
    if handle_sigterm and not may_handle_signals():
        message = "works in the main thread only"
        problems.append(problem("handle_sigterm", handle_sigterm, message))
    if problems:
        raise ValidationError(problems=tuple(problems))
    identity = operation_id or services.mint_operation_id()
    settings = services.settings
    plan = wait_plan(
        "running",
        colour=COLOUR,
        ready=ready,
        ready_timeout=ready_timeout,
        target_port=target_port,
        timeout=timeout,
        default_timeout=settings.startup_timeout if "startup_timeout" in settings.given else CREATE_TIMEOUT,
    )
    return AsyncRental(
        gpu_instances,
        services,
        terms,
        operation_id=identity,
        keeping=AsyncRentalKeeping(services, identity, create_seconds=create_seconds or _USUAL_CREATE),
        create=partial(
            create,
            operation_id=identity,
            on_cancel="delete" if on_exit == "delete" else "keep",
            notify=notify,
            **arguments,
        ),
        startup=partial(AsyncCreateAndWait, services, plan, notify=notify, on_progress=on_progress),
        notify=notify,
        handle_sigterm=handle_sigterm,
    )
