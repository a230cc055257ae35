"""What runs beside the program: threads and, on an event loop, tasks."""

from __future__ import annotations

import threading

import anyio
import sniffio


def beside() -> set[object]:
    """Return the threads that run, and the tasks if an event loop runs in this one."""
    threads: set[object] = set(threading.enumerate())
    try:
        sniffio.current_async_library()
    except sniffio.AsyncLibraryNotFoundError:
        return threads
    return threads | {("task", task.id) for task in anyio.get_running_tasks()}
