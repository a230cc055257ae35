# Generated from tests/aio/lifecycle/test_safe_create_seeds.py by tools/unasync.py; edit the source.
"""Many random runs with lost replies: nothing is rented twice, and nothing is lost silently."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import pytest

from novita_sdk._core.lifecycle.intents import UNSETTLED, read_intent
from novita_sdk._core.marker import MARKER_ENV
from novita_sdk._sync.stores.memory import MemoryStore
from novita_sdk.errors import DuplicateCreateError, NovitaError, OutcomeUnknownError
from novita_sdk.options import CallOptions
from novita_sdk.testing import Fault, Quirks, Simulator
from novita_sdk.testing.faults import FaultKind
from tests.sync.lifecycle.creates import rent_one
from tests.sync.remote import InterruptingClock, Interruption, interrupt_at

PRODUCT = "4090.16c96g.v2"
SPOILING: tuple[FaultKind, ...] = (
    "refuse_connection",
    "reset_before_processing",
    "reset_after_processing",
    "lost_reply",
    "read_timeout",
    "truncated_body",
    "malformed_json",
    "wrong_shape",
    "status",
    "latency",
)


def troubled(rng: Random) -> list[Fault]:
    """Faults of the creates, and of the looks for what they made."""
    kinds = rng.choices(SPOILING, k=rng.randint(1, 3))
    faults: list[Fault] = []
    for kind in kinds:
        status, seconds = rng.choice([429, 500, 503, 504]), rng.uniform(1, 40)
        processed = status != 429 and rng.random() < 0.5  # who throttles has done nothing
        after = rng.randint(0, 2)
        faults.append(
            Fault(kind, "create_instance", after=after, seconds=seconds, status=status, processed=processed)
        )
    if rng.random() < 0.4:
        looks = ("list_instances", "get_instance")
        faults.append(Fault("status", looks, status=503, times=None, probability=rng.choice([0.2, 0.6])))
    return faults


def run_of(seed: int) -> None:
    """Make some creates, some of them again, and account for every instance."""
    rng = Random(f"safe creates {seed}")
    clock = InterruptingClock()
    quirks = Quirks(
        list_delay=rng.choice([0, 1, 4, 16, 45, 200]),
        hide_envs_in_list=rng.random() < 0.3,
        hide_envs_in_get=rng.random() < 0.1,
    )
    sim = Simulator(seed, clock=clock, quirks=quirks)
    sim.faults.add(*troubled(rng))
    store = MemoryStore(clock=clock)
    accounted: set[str] = set()
    for number in range(rng.randint(1, 2)):
        operation_id = f"seed-{seed}-{number}"
        marker: Any = rng.choice(["env", "env", "env+name"])
        for _ in range(rng.randint(1, 3)):
            client = sim.client(store=store, breakers={"public": None}, rate_limits={"public": None})
            interrupt_at.set(clock.monotonic() + rng.uniform(0, 20) if rng.random() < 0.3 else None)
            try:
                created = rent_one(
                    client,
                    product_id=PRODUCT,
                    operation_id=operation_id,
                    marker=marker,
                    on_cancel=rng.choice(["keep", "delete"]),
                    options=CallOptions(timeout=10),
                )
                accounted.add(created.id)
            except (DuplicateCreateError, OutcomeUnknownError) as error:
                accounted |= {*getattr(error, "ids", ()), *getattr(error, "candidates", ())}
            except NovitaError:
                pass
            except Interruption as interruption:
                accounted |= {
                    word for note in getattr(interruption, "__notes__", ()) for word in note.split()
                }
            interrupt_at.set(None)
            clock.advance(rng.choice([0, 5, 60, 300]))
    page = client.store.scan("intent:")
    open_intents = {
        intent.operation_id
        for intent in (read_intent(entry.value, entry.key) for entry in page.items)
        if intent.state in UNSETTLED
    }
    alive: Counter[str] = Counter()
    for instance in sim.cloud.world.instances.values():
        mark = next(pair["value"] for pair in instance.envs if pair["key"] == MARKER_ENV)
        if instance.gone is None:
            alive[mark] += 1
            assert instance.id in accounted or mark in open_intents, f"seed {seed} lost {instance.id}"
    assert all(count == 1 for count in alive.values()), f"seed {seed} rented twice: {alive}"


@pytest.mark.seeds
@pytest.mark.case("C-18")
def test_whatever_is_lost_nothing_is_rented_twice_and_nothing_is_forgotten(seeds: range) -> None:
    for seed in seeds:
        run_of(seed)
