"""Processes that share one SQLite store file in ways a test's own process must not try. Prints JSON.

python sharing.py creators PATH COUNT    that many processes make the file at the same moment
python sharing.py fork PATH              a process forks while the file is open
"""

from __future__ import annotations

import json
import os
import sys
import time

from novita_sdk.stores import SQLiteStore


def creators(path: str, count: str) -> object:
    """Return how many of the processes failed, and how many records there are."""
    start = time.monotonic() + 0.05
    children = []
    for number in range(int(count)):
        child = os.fork()
        if child == 0:
            while time.monotonic() < start:
                pass
            try:
                with SQLiteStore(path) as store:
                    store.put(f"record-{number}", {"v": 1})
            except BaseException as error:  # noqa: BLE001 - nothing may leave this process
                os.write(sys.stderr.fileno(), f"{error!r} {error.__cause__!r}\n".encode())
                os._exit(1)
            os._exit(0)
        children.append(child)
    failed = sum(os.waitpid(child, 0)[1] != 0 for child in children)
    with SQLiteStore(path) as store:
        return {"failed": failed, "records": len(store.scan().items)}


def fork(path: str) -> object:
    """Return what parent and child each see of the other's writes, and the connections each has."""
    store = SQLiteStore(path)
    store.put("before", {"v": 1})
    file = store._engine._file
    of_parent = [id(connection) for pool in file._pools.values() for connection in pool.idle]
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        seen = store.get("before") is not None
        store.put("of-child", {"v": 1})
        of_child = [id(connection) for connection in file._pools[os.getpid()].idle]
        store.close()
        os.write(writing, json.dumps([seen, of_child]).encode())
        os._exit(0)
    os.waitpid(child, 0)
    seen_by_child, of_child = json.loads(os.read(reading, 65_536))
    store.put("after", {"v": 1})
    keys = [entry.key for entry in store.scan().items]
    store.close()
    return {
        "seen_by_child": seen_by_child,
        "carried_over": sorted(set(of_parent) & set(of_child)),
        "keys": keys,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps({"creators": creators, "fork": fork}[sys.argv[1]](*sys.argv[2:])))
