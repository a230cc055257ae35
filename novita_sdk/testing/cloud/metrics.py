"""Utilisation series: deterministic, and settable for tests of whatever acts on idleness."""

from __future__ import annotations

import zlib

from novita_sdk.models.json_types import JSON
from novita_sdk.testing.cloud.lookups import living
from novita_sdk.testing.cloud.records import Instance
from novita_sdk.testing.cloud.world import Args, World

_DEFAULT_INTERVAL = 15
_DEFAULT_WINDOW = 60

_MIDDLE = {"gpu": 85.0, "gpu_memory": 60.0, "cpu": 30.0, "memory": 40.0, "disk": 20.0}
METRICS = frozenset(_MIDDLE)
"""The names under which a utilisation can be set."""


def get_instance_metrics(world: World, args: Args, now: int) -> JSON:
    """Answer get_instance_metrics; a window out of range is silently replaced by the default."""
    instance = living(world, args["instanceId"], now)
    clock = now // 1000
    end = args.get("endTime", clock)
    start = args.get("startTime", end - _DEFAULT_WINDOW)
    if end > clock or start > end - _DEFAULT_WINDOW:
        start, end = clock - _DEFAULT_WINDOW, clock
    step = args.get("interval", _DEFAULT_INTERVAL)
    newest = min(end, int(clock - world.timings.metrics_lag))
    first = -(-start // step) * step
    instants = [
        at for at in range(first, newest + 1, step) if instance.timeline.at(at * 1000).status == "running"
    ]
    instants = [at for at in instants if at * 1000 >= instance.created]
    return {
        "cpuUtilization": _series(instance, "cpu", instants),
        "memUtilization": _series(instance, "memory", instants),
        "rootDiskUtilization": _series(instance, "disk", instants),
        "gpuUtilization": _per_gpu(instance, "gpu", instants),
        "gpuMemUtilization": _per_gpu(instance, "gpu_memory", instants),
    }


def _per_gpu(instance: Instance, metric: str, instants: list[int]) -> JSON:
    count = instance.units if instance.product.kind == "gpu" else 0
    each = [_series(instance, metric, instants, str(index)) for index in range(count)]
    average = [
        {
            "timestamp": points[0]["timestamp"],
            "value": round(sum(p["value"] for p in points) / len(points), 2),
        }
        for points in zip(*each, strict=True)
    ]
    return {
        "avg": average,
        "gpuIds": [{"gpuId": str(index), "items": items} for index, items in enumerate(each)],
    }


def _series(instance: Instance, metric: str, instants: list[int], gpu: str = "") -> list[dict[str, JSON]]:
    points: list[dict[str, JSON]] = []
    for at in instants:
        value = _value(instance, metric, at, gpu)
        if value is not None:
            points.append({"timestamp": str(at), "value": value})
    return points


def _value(instance: Instance, metric: str, at: int, gpu: str) -> float | None:
    given = instance.utilisation.get(metric)
    if callable(given):
        return given(at)
    if given is not None:
        return given
    noise = zlib.crc32(f"{instance.id}:{metric}:{gpu}:{at}".encode()) % 1000 / 100 - 5
    return round(_MIDDLE[metric] + noise, 2)
