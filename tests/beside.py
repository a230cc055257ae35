"""What runs beside the program: threads and, on an event loop, tasks."""

from __future__ import annotations

import threading

import anyio
import sniffio


def count_beside() -> int:
    """Count threads, and tasks if an event loop runs in this one."""
    threads = threading.active_count()
    try:
        sniffio.current_async_library()
    except sniffio.AsyncLibraryNotFoundError:
        return threads
    return threads + len(anyio.get_running_tasks())
