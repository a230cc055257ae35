# Generated from novita_sdk/_async/resources/instance_fleets.py by tools/unasync.py; edit the source.
"""Several instances, or rented ones: rent, create many, stop all, cost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Unpack, cast

from novita_sdk._core import operations
from novita_sdk._core.durations import Seconds
from novita_sdk._core.lifecycle.create_terms import DEFAULT_SETTLE, Journaling
from novita_sdk._core.marker import Marker
from novita_sdk._core.nearest import refuse_unexpected
from novita_sdk._core.requests.instances import GpuInstanceArguments
from novita_sdk._core.waiting import Progress
from novita_sdk._core.webhooks.notify import Notify
from novita_sdk._sync.resources.instance_waits import InstanceWaits
from novita_sdk.models.instance import Instance
from novita_sdk.models.money import Money
from novita_sdk.models.results import CreatedInstance
from novita_sdk.models.unset import UNSET, Unset
from novita_sdk.options import CallOptions

if TYPE_CHECKING:
    from novita_sdk._core.lifecycle.fleet_policy import FleetPolicy, OnFailure
    from novita_sdk._core.lifecycle.named_instances import References
    from novita_sdk._core.lifecycle.probes import Ready
    from novita_sdk._core.lifecycle.rental_records import OnExit
    from novita_sdk._sync.lifecycle.instances import Instances
    from novita_sdk._sync.lifecycle.rental import Rental
    from novita_sdk.models.cost import Cost
    from novita_sdk.models.fleet import FleetReport, StopAllReport


class InstanceFleets(InstanceWaits):
    """Rentals, fleets, and what they cost."""

    def cost(
        self,
        instances: References = None,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Cost:
        """Estimate what instances cost, at today's prices. Nothing is stored; bills decide.

        Needs one listing of the instances, and one request for prices for each product name and way of charging.

        Args:
            instances: One instance or several, each by id, name or as an `Instance`; None for all.
            since: From when on, aware; left out, each one's last start (or stop, if it is stopped). No time before
                an instance was created is counted.
            until: Until when, aware; left out, now.

        Returns:
            The rate per hour and the amount, together and one by one, and what is not known.

        Raises:
            NotFoundError: One of them does not exist.
            AmbiguousNameError: Several bear a name.
        """
        from novita_sdk._sync.lifecycle.cost import Prices, cost_now  # noqa: PLC0415 - only where it is used
        from novita_sdk._sync.resources.products import Products  # noqa: PLC0415 - the same

        return cost_now(
            cast("Instances", self),
            Prices(Products(self._caller, self._services)),
            self._services,
            instances=instances,
            since=since,
            until=until,
        )

    def rent(
        self,
        *,
        on_exit: OnExit = "delete",
        ready: Ready | None = None,
        ready_timeout: float | timedelta | None = 300.0,
        target_port: int | None = None,
        timeout: float | timedelta | Unset | None = UNSET,
        on_progress: Callable[[Progress], object] | None = None,
        max_lifetime: Seconds | None = None,
        max_cost: Money | None = None,
        cleanup_timeout: Seconds = 60.0,
        handle_sigterm: bool = False,
        operation_id: str | None = None,
        marker: Marker = "env",
        settle: Seconds = DEFAULT_SETTLE,
        journal: Journaling = "required",
        notify: Notify = True,
        options: CallOptions | None = None,
        **arguments: Unpack[GpuInstanceArguments],
    ) -> Rental:
        """Rent an instance for the length of an `with` block. Operations of `create_and_wait` and `delete`.

        At the beginning of the block the instance is created and waited for. At its end, also by an exception, a
        cancellation or a failed wait, it is deleted, which is tried up to five times and then seen to have happened.
        Nothing but what this call created is ever touched. If the program dies, the store still knows of the
        rental, and an `OrphanSweeper` can end it.

        Args:
            on_exit: `"delete"`, `"stop"` or `"keep"`.
            ready: What must answer before the block begins, as for `wait`; left out, running is enough.
            ready_timeout: Seconds from running until it must answer; None for no limit of its own.
            target_port: The only port of the container that must answer.
            timeout: Seconds until the block must begin, as for `create_and_wait`.
            on_progress: Called with a `Progress` after each poll.
            max_lifetime: Seconds, or a timedelta, from the acceptance of the create on after which the rental ends:
                the asynchronous client cancels the block; the synchronous one cannot, but ends the instance.
            max_cost: The most that the instance may cost, without its disks; it ends a minute of price before that.
                Needs `product=`, whose price is known.
            cleanup_timeout: Seconds that the end may take.
            handle_sigterm: Whether SIGTERM ends the block like an exception. Main thread only.
            operation_id: As for `create`.
            marker: As for `create`.
            settle: As for `create`.
            journal: As for `create`.
            notify: Where the webhook events go.
            options: What the request that creates does differently.
            **arguments: As for `create`.

        Returns:
            The rental, to be used in `with`; nothing happens before that.

        Raises:
            ValidationError: An argument is wrong, or promises what cannot be kept; nothing was sent.
            CleanupError: In leaving the block: the instance could not be ended, and may still be billing.
            RentalExpiredError: In leaving the block: a limit was reached.
            NovitaError: In entering the block: as `create_and_wait`.

        Example:
            ```python
            with client.gpu_instances.rent(
                product="RTX 4090", image_url="nginx", ports=["80/http"], max_lifetime=3600
            ) as rental:
                print(rental.instance.port_mappings, rental.cost_so_far)
            ```
        """
        from novita_sdk._sync.lifecycle.renting import new_rental  # noqa: PLC0415 - only where it is used

        return new_rental(
            cast("Instances", self),
            self._services,
            on_exit=on_exit,
            ready=ready,
            ready_timeout=ready_timeout,
            target_port=target_port,
            timeout=timeout,
            on_progress=on_progress,
            max_lifetime=max_lifetime,
            max_cost=max_cost,
            cleanup_timeout=cleanup_timeout,
            handle_sigterm=handle_sigterm,
            operation_id=operation_id,
            notify=notify,
            create=partial(self.create, marker=marker, settle=settle, journal=journal, options=options),
            create_seconds=self._caller.total_seconds(options, operations.CREATE_INSTANCE),
            arguments=arguments,
        )

    def create_many(
        self,
        count: int,
        *,
        policy: FleetPolicy = "all",
        minimum: int | None = None,
        max_concurrency: int = 4,
        on_failure: OnFailure = "rollback",
        operation_id: str | None = None,
        marker: Marker = "env",
        settle: Seconds = DEFAULT_SETTLE,
        journal: Journaling = "required",
        notify: Notify = True,
        options: CallOptions | None = None,
        **arguments: Unpack[GpuInstanceArguments],
    ) -> FleetReport:
        """Rent several instances: enough of them, or none. Operations of `create`, and `delete_instance`.

        If there are not enough, exactly those that this call has made are deleted again, also if it is interrupted.
        The same call with the same `operation_id` makes none a second time.

        Args:
            count: How many, 1-1000.
            policy: `"all"`: all of them, or none; no further one is begun after the first failure. `"at_least"`: at
                least `minimum`; it goes on as long as that can be reached. A refused key or request, and an empty
                account, end both.
            minimum: How many are enough with `"at_least"`; more than that are kept.
            max_concurrency: How many creates are under way at once.
            on_failure: Whether too few are deleted (`"rollback"`) or kept.
            operation_id: Your own identity for all of them, as for `create`; each create has it with `-0`, `-1`...
            marker: As for `create`.
            settle: As for `create`.
            journal: As for `create`.
            notify: Where the webhook events go.
            options: What the creates do differently.
            **arguments: As for `create`, for all of them alike; but each gets `-0`, `-1`... at the end of its
                `name`, or in place of `{index}` in it.

        Returns:
            The fleet: iterate it for the instances, which are not running yet.

        Raises:
            ValidationError: Arguments are wrong; nothing was sent.
            FleetCreateError: There are not enough; `report` tells what became of each.
        """
        from novita_sdk._core.lifecycle.fleet_policy import checked_fleet  # noqa: PLC0415 - the same
        from novita_sdk._sync.lifecycle.fleet_create import FleetCreate  # noqa: PLC0415 - only where it is used

        refuse_unexpected(arguments, GpuInstanceArguments.__annotations__)
        terms = checked_fleet(
            count=count,
            policy=policy,
            minimum=minimum,
            max_concurrency=max_concurrency,
            name=arguments.get("name"),
            on_failure=on_failure,
            operation_id=operation_id or self._services.mint_operation_id(),
        )

        def create(identity: str, name: str | None) -> CreatedInstance:
            named: GpuInstanceArguments = {**arguments, "name": UNSET if name is None else name}
            return self.create(
                operation_id=identity,
                marker=marker,
                settle=settle,
                journal=journal,
                on_cancel="delete" if on_failure == "rollback" else "keep",
                notify=notify,
                options=options,
                **named,
            )

        instances = cast("Instances", self)
        return FleetCreate(instances, self._services, terms, create).run()

    def stop_all(
        self, where: Callable[[Instance], bool] | None = None, *, dry_run: bool = False
    ) -> StopAllReport:
        """Stop everything that runs or is starting, a few at a time. Operations `list_instances`, `stop_instance`.

        How many are stopped at a time is `fan_out` of the settings. None is waited for.

        Args:
            where: Chooses among them, such as `lambda instance: instance.name.startswith("job-")`; None for all.
            dry_run: Whether it is only told which ones they are.

        Returns:
            What became of each of them; it does not raise because one of them could not be stopped.

        Raises:
            NovitaError: The list could not be read; nothing was stopped.
        """
        from novita_sdk._sync.lifecycle.stop_all import stop_all  # noqa: PLC0415 - only where it is used

        return stop_all(cast("Instances", self), self._services, where=where, dry_run=dry_run)
