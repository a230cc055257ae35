# Generated from novita_sdk/_async/progress_teller.py by tools/unasync.py; edit the source.
"""Tells the caller of a wait how it goes, and lets nothing that goes wrong there reach the wait."""

from __future__ import annotations

import logging
from collections.abc import Callable

from novita_sdk._concurrency.threads import completed
from novita_sdk._core.log_records import log
from novita_sdk._core.waiting import Progress

_HOOKS = logging.getLogger("novita_sdk.hooks")


class ProgressTeller:
    """Calls `on_progress`.

    Args:
        on_progress: What the caller gave, or None.
    """

    def __init__(self, on_progress: Callable[[Progress], object] | None) -> None:
        self._on_progress = on_progress
        self._complained = False  # whether a failing `on_progress` was reported

    def tell(self, progress: Progress) -> None:
        """Tell, and report the first exception that comes of it."""
        if self._on_progress is None:
            return
        try:
            completed(self._on_progress(progress))
        except Exception as error:  # noqa: BLE001 - who watches a wait must not change it; it is reported
            if not self._complained:
                self._complained = True
                log(
                    _HOOKS,
                    logging.WARNING,
                    "on_progress raised %(error)s while waiting for %(resource_id)s; it is not reported again",
                    error=type(error).__name__,
                    resource_id=progress.resource_id,
                )
