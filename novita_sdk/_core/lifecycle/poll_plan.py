"""How the polls of all waits of a client are made together: one list, or a few requests for one instance each."""

from __future__ import annotations

from typing import Final

from novita_sdk._core.lifecycle.poll_schedule import SHORTEST_PAUSE
from novita_sdk._core.paging import DEFAULT_PAGE_SIZE

_AT_LEAST_FOR_A_LIST: Final = 2


class PollPlan:
    """What is known of a list, and when it may be read again.

    Args:
        page_pause: Seconds to leave between two lists for each page of the first.
    """

    def __init__(self, page_pause: float = SHORTEST_PAUSE) -> None:
        self._page_pause = page_pause
        self._expected_pages = 1
        self._next_list_at = float("-inf")

    @property
    def next_list_at(self) -> float:
        """Monotonic time before which no further list may be read."""
        return self._next_list_at

    def prefers_list(self, waiters: int) -> bool:
        """Tell whether one list serves so many waiters more cheaply than asking for each instance.

        Args:
            waiters: How many instances are waited for.
        """
        return waiters >= max(_AT_LEAST_FOR_A_LIST, self._expected_pages)

    def list_begins(self, now: float) -> None:
        """Note that a list is being read."""
        self._next_list_at = now + SHORTEST_PAUSE

    def page_read(self, began: float, pages: int, total: int | None) -> None:
        """Note one more page of the list.

        Args:
            began: Monotonic time at which the list was begun.
            pages: Pages read so far.
            total: How many instances there are, if the service told.
        """
        self._next_list_at = began + max(SHORTEST_PAUSE, self._page_pause * pages)
        self._expected_pages = pages if total is None else max(1, -(-total // DEFAULT_PAGE_SIZE))

    def asked(self) -> None:
        """Note a request for one resource that belongs to the list read last."""
        self._next_list_at += self._page_pause
