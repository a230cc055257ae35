"""Whatever is done at whatever time, the cloud stays consistent: states, stock and money."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from novita_sdk.testing import Cloud, Timings
from novita_sdk.testing.cloud.lifecycle import ACTIONS
from novita_sdk.testing.cloud.storages import charges
from novita_sdk.testing.cloud.world import Failure
from novita_sdk.testing.simulator import _seeded

FOLLOWERS: dict[str, set[str]] = {
    "toCreate": {"creating"},
    "creating": {"pulling"},
    "pulling": {"running"},
    "running": {"toStop", "toRestart", "toReset", "migrating", "exited"},
    "toStop": {"stopping"},
    "stopping": {"exited"},
    "exited": {"toStart", "toReset", "migrating"},
    "toStart": {"starting"},
    "starting": {"running"},
    "toRestart": {"restarting"},
    "restarting": {"running"},
    "toReset": {"resetting"},
    "resetting": {"pulling"},
    "migrating": {"running", "exited"},
    "toRemove": {"removing"},
    "removing": {"removed"},
    "removed": set(),
}
LEAVING = {"toRemove", "removing", "removed"}

GPU = {"productId": "4090.16c96g.v2", "imageUrl": "nginx", "kind": "gpu", "gpuNum": 2, "rootfsSize": 60}
UPGRADE = {
    "imageUrl": "redis", "envs": [], "command": "", "entrypoint": "", "save": True,
    "networkVolume": {"volumeMounts": []},
}  # fmt: skip
BODIES: dict[str, Callable[[str], dict[str, Any]]] = {
    "upgrade_instance": lambda one: {"instanceId": one, **UPGRADE},
    "edit_instance": lambda one: {"instanceId": one, "expandRootDisk": 5},
    "convert_instance_to_monthly": lambda one: {"instanceId": one, "month": 1},
    "renew_instance": lambda one: {"instanceId": one, "month": 1},
    "set_auto_renew": lambda one: {"instanceIds": [one], "autoRenew": True, "autoRenewMonth": 1},
    "set_auto_migrate": lambda one: {
        "instanceId": one,
        "autoMigrateOpen": True,
        "autoMigrateSystemDisk": False,
    },
    "save_image": lambda one: {"instanceId": one, "image": "docker.simulated.test/x:1"},
}
ACTING = [f"{name}_instance" for name in ACTIONS if name not in {"create", "save"}]
WHAT = ["create", "spot", "spot", "monthly", "storage", "break_job", *ACTING, *BODIES]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(WHAT),
        st.integers(0, 5),
        st.one_of(st.floats(0, 60), st.floats(0, 40 * 86_400)),
    ),
    min_size=25,
    max_size=60,
)


def play(cloud: Cloud, steps: list[tuple[str, int, float]]) -> float:
    """Do random things and return the time at the end."""
    now = 1_700_000_000.0
    for what, which, pause in steps:
        now += pause
        ids = list(cloud.world.instances)
        jobs = list(cloud.world.jobs)
        if what == "storage":
            args = {"clusterId": "us-ca-06", "storageName": "s", "storageSize": 10 + which}
            cloud.answer("create_network_storage", args, now)
            for storage_id in list(cloud.world.storages)[:which]:
                cloud.answer("delete_network_storage", {"storageId": storage_id}, now + pause / 2)
        elif what in {"create", "spot", "monthly"}:
            modes: dict[str, dict[str, Any]] = {"spot": {"billingMode": "spot"}, "monthly": {"month": 1}}
            cloud.answer("create_instance", {**GPU, **modes.get(what, {})}, now)
        elif what == "break_job":
            if jobs:
                cloud.answer(what, {"jobId": jobs[which % len(jobs)]}, now)
        elif ids:
            instance_id = ids[which % len(ids)]
            body = BODIES.get(what, lambda one: {"instanceId": one})(instance_id)
            cloud.answer(what, body, now)
    return now


def new_cloud(seed: int) -> Cloud:
    timings = Timings(spot_lifetime=2000)
    cloud = Cloud(_seeded(seed, "cloud"), 1_700_000_000.0, timings=timings)
    if seed % 3 == 0:
        cloud.world.failures["instanceMigrate"].extend([Failure("NODE_STATUS", "gone")] * 3)
    return cloud


@settings(max_examples=150, deadline=None)
@given(STEPS, st.integers(0, 1000), st.floats(0, 90 * 86_400))
def test_every_status_follows_from_the_one_before(
    steps: list[tuple[str, int, float]], seed: int, later: float
) -> None:
    cloud = new_cloud(seed)
    end = cloud.at(play(cloud, steps) + later)
    for instance in cloud.world.instances.values():
        words = [part.status for part in instance.timeline.history(end)]
        for before, after in pairwise(words):
            legal = after in FOLLOWERS[before] or after == before
            assert legal or (after == "toRemove" and before not in LEAVING), words
            assert after != "exited" or before != "pulling" or instance.billing == "monthly", words


@settings(max_examples=150, deadline=None)
@given(STEPS, st.integers(0, 1000), st.floats(0, 90 * 86_400))
def test_the_account_equals_the_sum_of_all_charges_to_the_unit(
    steps: list[tuple[str, int, float]], seed: int, later: float
) -> None:
    cloud = new_cloud(seed)
    end = cloud.at(play(cloud, steps) + later)
    world = cloud.world
    parts = [one.timeline.charges(end) for one in world.instances.values()]
    parts += [iter(charges(one, end)) for one in (*world.storages.values(), *world.retired_storages)]
    used = sum((part.end - part.start) * part.rate for each in parts for part in each)
    bought = sum(purchase.price for purchase in world.account.purchases) * 3600
    assert world.account.spent(end) == used + bought


@settings(max_examples=150, deadline=None)
@given(STEPS, st.integers(0, 1000), st.floats(0, 90 * 86_400))
def test_stock_in_use_equals_what_living_instances_hold(
    steps: list[tuple[str, int, float]], seed: int, later: float
) -> None:
    cloud = new_cloud(seed)
    end = cloud.at(play(cloud, steps) + later)
    product = cloud.world.products[str(GPU["productId"])]
    for cluster_id, stock in product.stock.items():
        held = sum(
            one.timeline.at(end).held
            for one in cloud.world.instances.values()
            if one.cluster.id == cluster_id and one.product is product
        )
        assert stock.used.level(end) == held
        assert stock.free(end) >= 0


def test_random_play_reaches_every_step_of_the_table() -> None:
    rng, reached = _seeded(1, "play"), set()
    for seed in range(150):
        steps = [(rng.choice(WHAT), rng.randrange(6), rng.choice([1, 10, 100, 3000])) for _ in range(60)]
        cloud = new_cloud(seed)
        end = cloud.at(play(cloud, steps) + 100_000)
        for instance in cloud.world.instances.values():
            words = [part.status for part in instance.timeline.history(end)]
            reached.update(pairwise(words))
    wanted = {(before, after) for before, followers in FOLLOWERS.items() for after in followers}
    assert wanted <= reached
    assert {status for action in ACTIONS.values() for status, _ in action.steps} <= FOLLOWERS.keys()
