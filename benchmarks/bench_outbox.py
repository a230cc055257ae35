"""The outbox on a file: messages a second with four processes, and what ten kills do to four thousand messages."""

from __future__ import annotations

import random
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from measure import report

from novita_sdk.stores import MemoryStore
from novita_sdk.webhooks import WebhookReceiver, WebhookVerifier
from tests.outbox_load import SECRET, Receiver, Workers, event, outbox_on

MESSAGES = 4000
PROCESSES = 4
KILLS = 10
LEASE = 60  # seconds
COPIES_OF_A_KILL = 4
HELD_UP = 16  # of each message in hand, three later ones of its instance wait until its lease has run out


def throughput(folder: str) -> float:
    """Return messages a second, from the first one that arrives to the last."""
    path = Path(folder, "throughput.db")
    with Receiver() as receiver:
        with outbox_on(path, receiver.port) as outbox:
            for number in range(MESSAGES):
                outbox.enqueue(event(number), "local")
        with Workers(PROCESSES, path, receiver.port) as workers:
            workers.until(lambda: bool(receiver.messages))
            first, began = len(receiver.messages), time.perf_counter()
            workers.until(lambda: len(receiver.messages) >= MESSAGES)
            return (MESSAGES - first) / (time.perf_counter() - began)


def kills(folder: str) -> tuple[int, int, int]:
    """Kill workers at random; return how many messages were lost, sent twice, and handled twice."""
    path, rng = Path(folder, "kills.db"), random.Random()
    with Receiver() as receiver:
        with outbox_on(path, receiver.port) as outbox:
            sent = {outbox.enqueue(event(number), "local") for number in range(MESSAGES)}
        with Workers(PROCESSES, path, receiver.port) as workers:
            for share in sorted(rng.sample(range(1, MESSAGES * 9 // 10), KILLS)):
                workers.until(partial(receiver.has, share))
                workers.kill(rng.randrange(PROCESSES))
            workers.until(lambda: len(set(receiver.ids)) >= MESSAGES - KILLS * HELD_UP)
        with outbox_on(path, receiver.port, LEASE + 1) as outbox:
            outbox.drain()  # what the dead had in hand
    handled: list[object] = []
    judge = WebhookReceiver(WebhookVerifier(SECRET), handled.append, store=MemoryStore())
    for headers, body in receiver.messages:
        judge.handle("POST", "/", headers, [body])
    return len(sent - set(receiver.ids)), len(receiver.ids) - len(set(receiver.ids)), len(handled) - MESSAGES


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        rate = throughput(folder)
        lost, copies, twice = kills(folder)
    of = f"of {MESSAGES}"
    report(
        f"outbox, {PROCESSES} processes: messages a second",
        f"{rate:.0f}/s",
        "-",
        rate,
        500,
        more_is_better=True,
    )
    report(f"outbox, {KILLS} kills: messages lost", str(lost), of, lost, 0)
    report(f"outbox, {KILLS} kills: copies per kill", str(copies), of, copies / KILLS, COPIES_OF_A_KILL)
    report(f"outbox, {KILLS} kills: handled twice by the receiver", str(twice), of, twice, 0)


if __name__ == "__main__":
    main()
