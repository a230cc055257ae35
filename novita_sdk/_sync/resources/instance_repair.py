# Generated from novita_sdk/_async/resources/instance_repair.py by tools/unasync.py; edit the source.
"""Making an instance anew when its own cannot be saved."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from novita_sdk._concurrency.threads import COLOUR
from novita_sdk._sync.resources.instance_fleets import InstanceFleets
from novita_sdk.models.instance import Instance
from novita_sdk.models.recreated import RecreatedInstance

if TYPE_CHECKING:
    from novita_sdk._core.lifecycle.probes import Ready
    from novita_sdk._core.webhooks.notify import Notify
    from novita_sdk._sync.lifecycle.instances import Instances


class InstanceRepair(InstanceFleets):
    """Repairing instances."""

    def recreate(
        self,
        instance: str | int | Instance,
        *,
        delete_original: bool = False,
        name: str | None = None,
        operation_id: str | None = None,
        timeout: float | timedelta | None = 1800.0,
        ready: Ready | None = None,
        allow_substitute: bool = False,
        notify: Notify = True,
    ) -> RecreatedInstance:
        """Make a copy of an instance, wait until it runs, and only then delete the original, if that is wanted.

        **System disk and local disks are not copied**; network volumes are mounted again. The copy is created with
        what the service shows of the original: product, GPUs, root disk, image and its stored login, ports,
        environment, command, entry point, network volumes, network, cluster and way of charging. If anything goes
        wrong both stay as they are, and the error names both. Operations `create_instance` and `delete_instance`.

        Args:
            instance: Id or name of the original, or itself.
            delete_original: Whether the original is deleted once the copy runs, and waited for until it is gone.
            name: Name of the copy; `train` becomes `train-r1`, and that `train-r2`, if left out.
            operation_id: Your own identity for the copy, as for `create`: a second call with it goes on with the copy
                of the first.
            timeout: Seconds until the copy must be there; None for no limit.
            ready: What must answer in the copy: `"auto"`, probes, or None for nothing.
            allow_substitute: Whether another product of the same name may stand in for one that is sold out.
            notify: Where events of the copy go, and those of the repair.

        Returns:
            The copy, and what became of the original.

        Raises:
            ValidationError: Arguments are wrong, or the instance cannot be copied: `problems` tells why.
            CapacityError: The product is not on offer in that cluster.
            WaitTimeoutError: The copy is not there in time.
            WaitFailedError: The copy cannot come up.
            InvalidStateError: The original has come back by itself, and was not deleted.
            CleanupError: The original could not be deleted.
            NovitaError: As `find` and `create`.
        """
        from novita_sdk._core.lifecycle.copies import check_recreate  # noqa: PLC0415 - the same
        from novita_sdk._core.lifecycle.probes import check_ready  # noqa: PLC0415 - the same
        from novita_sdk._core.operation_ids import operation_id_from  # noqa: PLC0415 - the same
        from novita_sdk._sync.lifecycle.recreate import RecreateRequest, recreate  # noqa: PLC0415 - only where used

        if ready is not None:
            check_ready(ready, COLOUR)
        seconds = check_recreate(name=name, operation_id=operation_id, timeout=timeout)
        wanted = RecreateRequest(
            operation_id=operation_id or operation_id_from(int.from_bytes(os.urandom(17))),
            delete_original=delete_original,
            name=name,
            timeout=seconds,
            ready=ready,
            allow_substitute=allow_substitute,
            notify=notify,
        )
        return recreate(cast("Instances", self), self._services, instance, wanted)
