"""Utilisation of an instance over time."""

from __future__ import annotations

from datetime import datetime

from novita_sdk.models.base import Model, model


@model
class MetricPoint(Model):
    """One point of a series.

    Attributes:
        timestamp: When it was taken; presumably epoch seconds on the wire.
        value: Utilisation. Doubtful: whether percent or a fraction is not documented.
    """

    timestamp: datetime | None = None
    value: float | None = None


@model
class GpuMetricItem(Model):
    """The series of one GPU.

    Attributes:
        gpu_id: Index or id of the GPU.
        items: Its points.
    """

    gpu_id: str | None = None
    items: tuple[MetricPoint, ...] = ()


@model
class GpuMetric(Model):
    """A quantity of all GPUs of an instance.

    Attributes:
        avg: Mean over the GPUs.
        gpu_ids: One series for each.
    """

    avg: tuple[MetricPoint, ...] = ()
    gpu_ids: tuple[GpuMetricItem, ...] = ()


@model
class InstanceMetrics(Model):
    """Utilisation of one instance; it lags behind by about a minute.

    Attributes:
        cpu_utilization: CPU.
        mem_utilization: Main memory.
        root_disk_utilization: Root disk.
        gpu_utilization: GPUs.
        gpu_mem_utilization: Memory of the GPUs.
    """

    cpu_utilization: tuple[MetricPoint, ...] = ()
    mem_utilization: tuple[MetricPoint, ...] = ()
    root_disk_utilization: tuple[MetricPoint, ...] = ()
    gpu_utilization: GpuMetric | None = None
    gpu_mem_utilization: GpuMetric | None = None
