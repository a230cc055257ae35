# Generated from novita_sdk/_async/health.py by tools/unasync.py; edit the source.
"""Probing every family side by side."""

from __future__ import annotations

from novita_sdk._concurrency.threads import gather
from novita_sdk._core import operations
from novita_sdk._core.families import FAMILIES, key_of
from novita_sdk._core.health import FamilyHealth, Health, judge, overall
from novita_sdk._core.operations.operation import Operation
from novita_sdk._sync.engine import Engine
from novita_sdk.models.json_types import JSON
from novita_sdk.options import CallOptions

# what is asked of each family; the gateway has no operation that asks nothing of an endpoint
_PROBES: dict[str, tuple[Operation, dict[str, JSON]]] = {
    "public": (operations.LIST_CLUSTERS, {}),
    "internal": (operations.QUERY_INTERNAL_JOBS, {"pageNum": 1, "pageSize": 1}),
}


class HealthCheck:
    """One look at all families.

    Args:
        engine: The client's parts.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def run(self, *, probe: bool, seconds: float) -> Health:
        """Ask all families at once.

        Args:
            probe: Whether to send anything.
            seconds: Time in which all answers are in.
        """
        names = list(FAMILIES)
        calls = [lambda name=name: self._look(name, probe=probe, seconds=seconds) for name in names]
        found = gather(self._engine.clock, calls)
        return overall(dict(zip(names, found, strict=True)))

    def _look(self, name: str, *, probe: bool, seconds: float) -> FamilyHealth:
        if key_of(self._engine.settings, name) is None:
            return FamilyHealth(status="not_configured")
        family = self._engine.family(name)
        asked = _PROBES.get(name) if probe else None
        latency: float | None = None
        error: Exception | None = None
        if asked is not None:
            began = self._engine.clock.monotonic()
            options = CallOptions(max_retries=0, total_timeout=seconds, cache="bypass")
            try:
                self._engine.caller.raw(asked[0], query=asked[1], options=options)
                latency = self._engine.clock.monotonic() - began
            except Exception as caught:  # noqa: BLE001 - it is what the report is about
                error = caught
        return judge(
            tally=self._engine.observer.snapshot(name),
            stats=family.stats(),
            latency=latency,
            error=error,
            probed=asked is not None,
        )
