"""How the simulated cloud behaves: how long things take, how much it allows, and its oddities."""

from __future__ import annotations

from random import Random
from typing import TypeAlias

import attrs

Seconds: TypeAlias = float | tuple[float, float]
"""A number of seconds, or the least and the most of a draw."""


@attrs.frozen(kw_only=True)
class Timings:
    """How long each step takes, in seconds: a number, or the least and the most of a seeded draw.

    Attributes:
        to_create: From the accepted create to `creating`.
        creating: From `creating` to `pulling`, where charging starts.
        pulling: The image pull.
        prewarmed_pulling: The pull of an image that a prewarm task has brought to the cluster.
        to_start: From the accepted start to `starting`.
        starting: From `starting` to `running`.
        to_stop: From the accepted stop to `stopping`.
        stopping: From `stopping` to `exited`.
        to_restart: From the accepted restart to `restarting`.
        restarting: From `restarting` to `running`.
        to_reset: From the accepted upgrade to `resetting`.
        resetting: From `resetting` to `pulling`.
        to_remove: From the accepted delete to `removing`.
        removing: From `removing` to `removed`.
        removed: How long a removed instance can still be read.
        migrating: The whole move to another node.
        spot_lifetime: Mean time of a running spot instance until it is reclaimed; None means never.
        spot_notice: From the notice to the reclaim.
        spot_reclaiming: From the reclaim to `exited`.
        job_pulling: Preparation of a saveImage job.
        job_running: Its work.
        prewarm_pending: From the accepted prewarm to its work.
        prewarm_running: Its work.
        network_creating: From the accepted network to `ready`.
        endpoint_creating: From the accepted endpoint until it may serve.
        endpoint_removing: From the accepted delete until it is gone.
        worker_pending: From the order of a worker to `creating`.
        worker_creating: From `creating` to `running`.
        worker_ready: From `running` until its health check says yes.
        worker_leaving: From the end of its last job until a worker is gone.
        queue_job: How long a queued job works.
        serving: From `running` until what listens on its ports answers.
        metrics_lag: Age of the newest point of a metrics series.
        bill_lag: Age of the newest row of a usage bill.
    """

    to_create: Seconds = (1, 3)
    creating: Seconds = (3, 15)
    pulling: Seconds = (15, 90)
    prewarmed_pulling: Seconds = (1, 4)
    to_start: Seconds = (1, 2)
    starting: Seconds = (5, 30)
    to_stop: Seconds = (1, 2)
    stopping: Seconds = (3, 15)
    to_restart: Seconds = (1, 2)
    restarting: Seconds = (5, 20)
    to_reset: Seconds = (1, 2)
    resetting: Seconds = (5, 20)
    to_remove: Seconds = (1, 2)
    removing: Seconds = (3, 10)
    removed: Seconds = (60, 60)
    migrating: Seconds = (60, 300)
    spot_lifetime: float | None = None
    spot_notice: Seconds = (30, 120)
    spot_reclaiming: Seconds = (5, 20)
    job_pulling: Seconds = (2, 10)
    job_running: Seconds = (30, 180)
    prewarm_pending: Seconds = (1, 5)
    prewarm_running: Seconds = (20, 120)
    network_creating: Seconds = (2, 10)
    endpoint_creating: Seconds = (2, 5)
    endpoint_removing: Seconds = (2, 8)
    worker_pending: Seconds = (1, 5)
    worker_creating: Seconds = (15, 60)
    worker_ready: Seconds = (1, 5)
    worker_leaving: Seconds = (2, 6)
    queue_job: Seconds = (2, 20)
    serving: Seconds = (2, 8)
    metrics_lag: float = 60
    bill_lag: float = 3600

    def __attrs_post_init__(self) -> None:
        for field in attrs.fields(type(self)):
            low, high = self._span(field.name)
            if not 0 <= low <= high:
                msg = f"{field.name}={(low, high)}: give seconds, or (least, most) with 0 <= least <= most"
                raise ValueError(msg)

    def draw(self, step: str, rng: Random) -> int:
        """Return how many milliseconds `step` takes this time."""
        low, high = self._span(step)
        return round(rng.uniform(low, high) * 1000)

    def _span(self, step: str) -> tuple[float, float]:
        value: Seconds | None = getattr(self, step)
        if isinstance(value, tuple):
            return value
        return (value or 0.0, value or 0.0)


@attrs.frozen(kw_only=True)
class Limits:
    """What the account may have at once.

    Attributes:
        instances: Living instances; None means no limit.
        networks: VPC networks.
        prewarms: Prewarm tasks.
        prewarm_image_gb: Largest image of a prewarm task, in GB.
        storage_gb: Size of one shared volume, in GB.
        ports: Ports of one instance, tool ports included.
    """

    instances: int | None = None
    networks: int = 10
    prewarms: int = 10
    prewarm_image_gb: int = 50
    storage_gb: int = 10240
    ports: int = 15


@attrs.frozen(kw_only=True)
class Quirks:
    """Oddities a client must live with; by default the spellings of the running service and nothing worse.

    Attributes:
        list_delay: Seconds until a list shows a new resource.
        list_lag: Seconds by which the statuses in the list of instances are out of date.
        get_delay: Seconds until a new instance can be read by its id.
        hide_envs_in_list: Leave `envs` out of the list of instances.
        hide_envs_in_get: Leave `envs` out of a single instance.
        hide_prices: Leave the price fields out of instances.
        default_page_size: Rows of a page if the request names no size.
        page_cap: Most rows of a page, whatever the request asks for; None means no cap.
        zero_based_pages: Page 0 is the first one; otherwise 0 and 1 both are.
        ignore_page: Answer page one, whatever page is asked for.
        page_overlap: Rows that each page repeats from the one before it.
        omit_total: Leave `total` out of paged lists wherever the contract allows it.
        wrong_total: Send this `total` instead of the right one.
        empty_list_is_not_found: Answer a list of no instances with 400 RESOURCE_NOT_FOUND.
        not_found_status: The HTTP status of not-found answers.
        ignore_unknown_names: Ignore unknown names in query and body, as the running service does, instead of
            refusing them.
        documented_spellings: Answer as the reference pages say, where the running service differs.
    """

    list_delay: float = 0
    list_lag: float = 0
    get_delay: float = 0
    hide_envs_in_list: bool = False
    hide_envs_in_get: bool = False
    hide_prices: bool = False
    default_page_size: int = 10
    page_cap: int | None = 100
    zero_based_pages: bool = False
    ignore_page: bool = False
    page_overlap: int = 0
    omit_total: bool = False
    wrong_total: int | None = None
    empty_list_is_not_found: bool = False
    not_found_status: int = 400
    ignore_unknown_names: bool = False
    documented_spellings: bool = False
