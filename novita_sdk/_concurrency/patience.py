"""How long a caller waits for locks of somebody else's, told to whoever has to wait, in whatever thread."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Generator
from contextvars import ContextVar
from typing import Final

_until: Final[ContextVar[float]] = ContextVar("novita_sdk_patience", default=math.inf)


@contextlib.contextmanager
def patient_for(seconds: float) -> Generator[None]:
    """Wait for locks until `seconds` of real time have passed, and not longer."""
    token = _until.set(min(_until.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _until.reset(token)


def patience_ends() -> float:
    """Tell until when the caller waits, in seconds of `time.monotonic`."""
    return _until.get()
