# Generated from novita_sdk/_async/lifecycle/stop_all.py by tools/unasync.py; edit the source.
"""Stopping everything that runs, or what is chosen of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from novita_sdk._core.lifecycle.waiting_table import status_word
from novita_sdk._sync.lifecycle.fan_out import fan_out
from novita_sdk.errors import NovitaError
from novita_sdk.models.fleet import StopAllReport, StopResult
from novita_sdk.models.instance import Instance

if TYPE_CHECKING:
    from novita_sdk._sync.lifecycle.instances import Instances
    from novita_sdk._sync.services import Services

_STOPPABLE: Final = frozenset({"running", "toStart", "starting"})


def stop_all(
    gpu_instances: Instances,
    services: Services,
    *,
    where: Callable[[Instance], bool] | None,
    dry_run: bool,
) -> StopAllReport:
    """Stop several instances; see `gpu_instances.stop_all`."""
    listed = gpu_instances.list().collect()
    chosen = [
        instance
        for instance in listed
        if status_word(instance) in _STOPPABLE and (where is None or where(instance))
    ]
    if dry_run:
        results = [StopResult(id=instance.id, success=None) for instance in chosen]
    else:
        calls = [partial(_stop, gpu_instances, instance) for instance in chosen]
        results = fan_out(services.clock, calls, services.settings.fan_out)
    return StopAllReport(results=tuple(results), dry_run=dry_run)


def _stop(gpu_instances: Instances, instance: Instance) -> StopResult:
    try:
        gpu_instances.stop(instance)
    except NovitaError as error:
        return StopResult(id=instance.id, success=False, error=error)
    return StopResult(id=instance.id, success=True)
