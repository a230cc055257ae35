# Generated from novita_sdk/_async/resources/instance_fleets.py by tools/unasync.py; edit the source.
"""Several instances, or rented ones: rent, create many, stop all, cost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, cast

from novita_sdk._sync.resources.instance_waits import InstanceWaits
from novita_sdk.models.cost import Cost
from novita_sdk.models.fleet import StopAllReport
from novita_sdk.models.instance import Instance

if TYPE_CHECKING:
    from novita_sdk._core.lifecycle.named_instances import References
    from novita_sdk._sync.resources.gpu_instances import GpuInstances


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
            cast("GpuInstances", self),
            Prices(Products(self._caller, self._services)),
            self._services.clock,
            instances=instances,
            since=since,
            until=until,
        )

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

        return stop_all(cast("GpuInstances", self), self._services, where=where, dry_run=dry_run)
