# Generated from novita_sdk/_async/lifecycle/succession.py by tools/unasync.py; edit the source.
"""What the store remembers of an instance goes over to the copy that took its place."""

from __future__ import annotations

import logging
from typing import Final

from novita_sdk._core.lifecycle.record_keys import key_part
from novita_sdk._core.log_records import log
from novita_sdk._sync.services import Services
from novita_sdk.errors import StateStoreError

SUCCESSOR_PREFIX: Final = "successor:"
"""What the keys of the records begin with that name the copy of an instance; its id follows."""

_LOGGER = logging.getLogger("novita_sdk.lifecycle")

_KEPT_FOR: Final = 30 * 86_400.0  # seconds
_MOVED: Final = ("target:", "use:", "audit:autostop:")


def carry_over(services: Services, old: str, new: str) -> None:
    """Hand on the target, last use and AutoStop decisions of an instance, before it is deleted and they are forgotten.

    A store that fails here is logged: it must not keep the copy from taking its place.

    Args:
        services: What the client shares.
        old: The instance that was copied.
        new: The copy.
    """
    store = services.store
    try:
        for prefix in _MOVED:
            entry = store.get(prefix + key_part(old))
            if entry is not None:
                left = (
                    None if entry.expires_at is None else max(1.0, entry.expires_at - services.clock.time())
                )
                store.put_if_absent(prefix + key_part(new), entry.value, ttl=left)
    except StateStoreError as error:
        _complain(old, new, error)


def name_successor(services: Services, old: str, new: str) -> None:
    """Remember for 30 days which copy took the place of an instance.

    Args:
        services: What the client shares.
        old: The instance that is gone.
        new: The copy.
    """
    try:
        services.store.put(SUCCESSOR_PREFIX + key_part(old), {"v": 1, "id": new}, ttl=_KEPT_FOR)
    except StateStoreError as error:
        _complain(old, new, error)


def _complain(old: str, new: str, error: StateStoreError) -> None:
    log(
        _LOGGER,
        logging.WARNING,
        "what is remembered of %(old)s did not go over to %(new)s: %(error)s",
        old=old,
        new=new,
        error=str(error),
    )
