"""Runs processes that use one SQLite store, and kills them at random moments. Prints what came of it as JSON.

    python killing.py writers PATH KILLS SEED           a process that writes is killed again and again
    python killing.py workers PATH KILLS SEED ITEMS     four processes share a queue, some of them are killed

The processes are forked, which is fast and safe here, where nothing has threads.
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

from novita_sdk.stores import SQLiteStore

WORKERS = 4
OUTLIVED = b"outlived\n"  # a worker that was not killed but slower than its lease: somebody repeats its item
LEASE = 2.0  # seconds after which the item of a killed worker is claimed anew


def forked(work: Callable[[], None]) -> int:
    """Start a process and return its id."""
    process_id = os.fork()
    if process_id == 0:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - nothing may leave this process
            os.write(sys.stderr.fileno(), f"{error!r} {error.__cause__!r}\n".encode())
            os._exit(1)
        os._exit(0)
    return process_id


def write(path: str, turn: int, pipe: int) -> None:
    """Write for ever, and tell of each write once it was accepted."""
    store = SQLiteStore(path)
    for number in count():
        key = f"{turn}-{number}"
        store.put(f"record-{key}", {"v": 1, "key": key})
        os.write(pipe, f"record-{key}\n".encode())
        if store.enqueue("jobs", f"item-{key}", {"v": 1, "key": key}, group=f"group-{number % 3}"):
            os.write(pipe, f"item-{key}\n".encode())
        lease = store.lease_acquire(f"lease-{key}", "owner", 1000)
        if lease is not None and store.put_if_absent(f"once-{key}", {"v": 1}, fence=lease):
            os.write(pipe, f"lease-{key}\nonce-{key}\n".encode())


def told_until(pipe: int, deadline: float) -> Iterator[bytes]:
    """Read what a process tells until the deadline or its end."""
    while (left := deadline - time.monotonic()) > 0:
        if select.select([pipe], [], [], left)[0]:
            yield os.read(pipe, 65_536)


def kill_writers(path: str, kills: int, rng: random.Random) -> dict[str, object]:
    """Kill a writer `kills` times; return how many accepted writes there were and which are lost."""
    accepted: set[str] = set()
    for turn in range(kills):
        reading, writing = os.pipe()
        writer = forked(lambda turn=turn, pipe=writing: write(path, turn, pipe))
        os.close(writing)
        told = b"".join(told_until(reading, time.monotonic() + rng.uniform(0, 0.06)))
        os.kill(writer, signal.SIGKILL)
        os.waitpid(writer, 0)
        while rest := os.read(reading, 65_536):
            told += rest
        os.close(reading)
        accepted.update(told.decode().splitlines())
    with SQLiteStore(path) as store:
        found = {entry.key for entry in everything(store)}
        while claim := store.claim("jobs", "reader"):
            found.add(claim.id)
            store.complete(claim)
        for name in (name for name in accepted if name.startswith("lease-")):
            if store.lease_acquire(name, "another", 1) is None:
                found.add(name)
    return {"accepted": len(accepted), "lost": sorted(accepted - found)}


def everything(store: SQLiteStore) -> Iterator[object]:
    """Walk over all records."""
    cursor = None
    while True:
        page = store.scan(cursor=cursor)
        yield from page.items
        if page.cursor is None:
            return
        cursor = page.cursor


def work(path: str, log: Path, ids: range) -> None:
    """Enqueue a share of the items, then help to deliver all of them. Delivering is writing a line."""
    store = SQLiteStore(path)
    progress = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    owner = f"worker-{os.getpid()}"
    for number in ids:
        store.enqueue("jobs", str(number), {"v": 1, "n": number}, group=f"group-{number % 50}")
        os.write(progress, f"+{number}\n".encode())
    while (left := store.count("jobs")).waiting or left.claimed:
        while claim := store.claim("jobs", owner, lease=LEASE):
            os.write(progress, f"{claim.id}\n".encode())
            if not store.complete(claim):
                os.write(progress, OUTLIVED)
        time.sleep(0.02)


def kill_workers(path: str, kills: int, rng: random.Random, items: int) -> dict[str, object]:
    """Kill a worker `kills` times, and let another take its place."""
    log = Path(f"{path}.log")
    log.touch()
    shares = [range(first, items, WORKERS) for first in range(WORKERS)]
    running = {forked(lambda share=share: work(path, log, share)): share for share in shares}
    whole = sum(2 * len(f"{number}\n") + 1 for number in range(items))
    moments = sorted(rng.uniform(0, 0.9 * whole) for _ in range(kills))  # sizes of the log
    killed = 0
    while running:
        ended, status = os.waitpid(-1, os.WNOHANG)
        if status:
            return {"failed": status}
        running.pop(ended, None)
        if running and killed < kills and log.stat().st_size >= moments[killed]:
            victim = rng.choice(sorted(running))
            os.kill(victim, signal.SIGKILL)
            os.waitpid(victim, 0)
            share = running.pop(victim)
            running[forked(lambda share=share: work(path, log, share))] = share
            killed += 1
        time.sleep(0.001)
    times = Counter(line for line in log.read_text(encoding="ascii").split() if not line.startswith("+"))
    outlived = times.pop(OUTLIVED.decode().strip(), 0)
    return {
        "killed": killed,
        "delivered": len(times),
        "lost": sorted({str(number) for number in range(items)} - times.keys()),
        "more_than_once": sum(times.values()) - len(times) - outlived,
    }


def main(what: str, path: str, *figures: str) -> None:
    """Run as a command."""
    kills, seed, *items = (int(figure) for figure in figures)
    rng = random.Random(seed)
    result = kill_writers(path, kills, rng) if what == "writers" else kill_workers(path, kills, rng, items[0])
    sys.stdout.write(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
