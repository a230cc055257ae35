# Generated from tests/aio/test_webhook_outbox_seeds.py by tools/unasync.py; edit the source.
"""Many random lives of an outbox: receivers that fail, workers that share the work, clocks that jump."""

from __future__ import annotations

import random
from collections import Counter, defaultdict

import pytest

from novita_sdk._concurrency.threads import gather
from novita_sdk._core.http import Request
from novita_sdk._sync.stores.memory import MemoryStore
from novita_sdk._sync.webhooks.outbox import Outbox
from novita_sdk.testing import VirtualClock
from novita_sdk.webhooks import WebhookTarget, events
from tests.sync.hooks_network import SECRET, HooksNetwork, Received
from tests.sync.remote import Late, lost, refused

TARGETS = [WebhookTarget(name, f"https://{name}.example/", SECRET) for name in ("a", "b")]
FAILURES = [500, 401, 302, (429, {}, {"retry-after": "40"}), refused, lost, Late(12)]
MESSAGES = 24
MOST_ATTEMPTS = 10


def live(seed: int) -> tuple[HooksNetwork, list[Outbox], dict[str, list[str]], list[str]]:
    """Put messages in and deliver them at random; tell what was put in, by target and instance, and what was taken."""
    rng, clock, taken = random.Random(seed), VirtualClock(), list[str]()
    patience = rng.choice([0.2, 0.5, 0.8])

    def answer(request: Request) -> object:
        if rng.random() < patience:
            taken.append(request.headers["webhook-id"])
            return 200
        return rng.choice(FAILURES)

    network, store = HooksNetwork(clock, answer), MemoryStore(clock=clock)
    workers = [
        Outbox(store, TARGETS, transport=network, clock=clock, rng=random.Random(seed)) for _ in range(2)
    ]
    put_in: dict[str, list[str]] = defaultdict(list)
    for number in range(MESSAGES):
        target, instance = rng.choice("ab"), f"i-{rng.randrange(4)}"
        event = events.stopped(instance, operation_id=f"op-{seed}-{number}")
        put_in[f"{target} {instance}"].append(rng.choice(workers).enqueue(event, target))
        if rng.random() < 0.3:
            rng.choice(workers).drain()
    for _ in range(60):
        gather(clock, [worker.drain for worker in workers])
        clock.advance(rng.choice([1, 60, 3600, 90_000]))
        if rng.random() < 0.2:
            clock.jump_wall(rng.choice([-30.0, 30.0, 3600.0]))
    return network, workers, put_in, taken


def order_of(received: list[Received], target: str, instance: str) -> list[str]:
    """In which order the messages of an instance came for the first time."""
    ids = [
        one.id for one in received if one.host == f"{target}.example" and one.json["instanceId"] == instance
    ]
    return list(dict.fromkeys(ids))


@pytest.mark.seeds
def test_every_message_is_taken_once_or_dead_and_in_order(seeds: range) -> None:
    for seed in seeds:
        network, workers, put_in, taken = live(seed)
        attempts = Counter(received.id for received in network.received)
        assert max(attempts.values()) <= MOST_ATTEMPTS, seed
        dead = {letter.message_id for letter in workers[0].dead_letters()}
        delivered = set(taken)
        everything = {message for messages in put_in.values() for message in messages}
        assert not delivered & dead, seed
        assert len(taken) == len(delivered), seed
        assert workers[0].pending() == len(everything - delivered - dead), seed
        for place, messages in put_in.items():
            came = order_of(network.received, *place.split())
            assert came == messages[: len(came)], seed
        assert all(received.verify() for received in network.received), seed
