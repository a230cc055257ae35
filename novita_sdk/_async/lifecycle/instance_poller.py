"""The poller of instances, which reports each status that means nothing here once."""

from __future__ import annotations

import logging
from collections.abc import Callable

from novita_sdk._async.caller import AsyncCaller
from novita_sdk._async.shared_poller import AsyncSharedPoller
from novita_sdk._async.waiting import Poll
from novita_sdk._concurrency.clock import AsyncClock
from novita_sdk._core import operations
from novita_sdk._core.lifecycle.poll_plan import PollPlan
from novita_sdk._core.lifecycle.waiting_table import KNOWN_WORDS, status_word
from novita_sdk._core.log_records import log
from novita_sdk.models.instance import Instance

_LOGGER = logging.getLogger("novita_sdk.lifecycle")


class AsyncInstancePoller(AsyncSharedPoller[Instance]):
    """Serves everybody who waits for instances.

    Args:
        caller: Makes the calls.
        clock: What the waiters sleep on.
    """

    def __init__(self, caller: AsyncCaller, clock: AsyncClock) -> None:
        super().__init__(
            caller,
            clock,
            listing=operations.LIST_INSTANCES,
            getting=operations.GET_INSTANCE,
            id_key="instanceId",
            plan=PollPlan(),
        )
        self._odd_words: set[str] = set()

    async def look(
        self, resource_id: str, poll: Poll, doubt: Callable[[Instance], bool] | None = None
    ) -> Instance | None:
        """Return the next sight of an instance; see `AsyncSharedPoller.look`."""
        found = await super().look(resource_id, poll, doubt)
        if found is not None:
            self._report_odd_word(found)
        return found

    def _report_odd_word(self, instance: Instance) -> None:
        word = status_word(instance)
        with self._lock:
            is_new = word not in KNOWN_WORDS and word not in self._odd_words
            self._odd_words.add(word)
        if is_new:
            log(
                _LOGGER,
                logging.WARNING,
                "the status %(status)s of %(instance_id)s is not known here; it counts as something under way",
                status=word,
                instance_id=instance.id,
            )
