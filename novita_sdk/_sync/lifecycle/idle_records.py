# Generated from novita_sdk/_async/lifecycle/idle_records.py by tools/unasync.py; edit the source.
"""What is stored about the use of instances: the last use, the ready mark, the run."""

from __future__ import annotations

import logging
from typing import Any, Final

from novita_sdk._core.lifecycle.idleness import NO_MARKS, Marks, SignMarks
from novita_sdk._core.lifecycle.record_keys import key_part
from novita_sdk._core.lifecycle.stop_records import STOP_PREFIX, StopRecord, stop_record
from novita_sdk._core.log_records import log
from novita_sdk._core.stores.answers import Entry, Lease
from novita_sdk._sync.stores.protocol import StateStore
from novita_sdk.errors import StateStoreError, VersionConflictError
from novita_sdk.models.json_types import JSON

_LOGGER = logging.getLogger("novita_sdk.lifecycle")

_USE, _READY, _RUN, _SIGNS = "use:", "ready:", "run:", "signs:"
_KEPT_FOR: Final = 30 * 86_400.0  # seconds
_PAGE: Final = 1000
_OF_RUN: Final = ("first_seen", "was_down", "warned_at", "warned_run")


def note_ready(store: StateStore, instance_id: str, at: float) -> None:
    """Note that an instance can be used since `at`, in seconds since 1970; a failing store is logged.

    Args:
        store: The store, in the view of the account.
        instance_id: The instance.
        at: When it was seen ready.
    """
    try:
        store.put_max(_READY + key_part(instance_id), "ready_at", at, ttl=_KEPT_FOR)
    except StateStoreError as error:  # without the mark an idle instance is stopped later, not earlier
        log(
            _LOGGER,
            logging.WARNING,
            "it was not noted that %(resource_id)s is ready: %(error)s",
            resource_id=instance_id,
            error=type(error).__name__,
        )


class IdleRecords:
    """The records behind AutoStop. Whoever uses an instance may write the first two, from any process.

    Args:
        store: The store, in the view of the account.
    """

    def __init__(self, store: StateStore) -> None:
        self._store = store

    def touch(self, instance_id: str, at: float) -> float:
        """Note a use, in seconds since 1970; an earlier one never moves the last back. Return the last."""
        return self._store.put_max(_USE + key_part(instance_id), "last_used", at, ttl=_KEPT_FOR)

    def use_version(self, instance_id: str) -> int:
        """Return the version of the last use; 0 if there is none."""
        entry = self._store.get(_USE + key_part(instance_id))
        return 0 if entry is None else entry.version

    def load(self) -> dict[str, Marks]:
        """Return all marks, by the part of their keys that stands for the instance."""
        fields: dict[str, dict[str, Any]] = {}
        for entry in self._all(_USE):
            marks = fields.setdefault(entry.key.removeprefix(_USE), {})
            marks.update(last_used=entry.value.get("last_used"), use_version=entry.version)
        for entry in self._all(_READY):
            marks = fields.setdefault(entry.key.removeprefix(_READY), {})
            marks.update(ready_at=entry.value.get("ready_at"), ready_version=entry.version)
        for entry in self._all(_RUN):
            run = {name: entry.value.get(name) for name in _OF_RUN}
            fields.setdefault(entry.key.removeprefix(_RUN), {}).update(run)
        for entry in self._all(_SIGNS):
            signs = SignMarks(
                run=entry.value["run"],
                used=entry.value["used"],
                unknown=entry.value["unknown"],
                told=frozenset(entry.value["told"]),
            )
            fields.setdefault(entry.key.removeprefix(_SIGNS), {}).update(signs=signs)
        return {part: Marks(**values) for part, values in fields.items()}

    def stops(self) -> dict[str, tuple[StopRecord, int]]:
        """Return the records of stops with their versions, by their keys."""
        entries = self._all(STOP_PREFIX)
        return {entry.key: (stop_record(entry.value), entry.version) for entry in entries}

    def remember_run(
        self,
        instance_id: str,
        *,
        first_seen: float | None = None,
        was_down: bool = False,
        warned_at: float | None = None,
        warned_run: int | None = None,
        fence: Lease | None,
    ) -> None:
        """Write what is known of a run."""
        record: dict[str, JSON] = {
            "v": 1,
            "first_seen": first_seen,
            "was_down": was_down,
            "warned_at": warned_at,
            "warned_run": warned_run,
        }
        self._store.put(_RUN + key_part(instance_id), record, ttl=_KEPT_FOR, fence=fence)

    def remember_signs(self, instance_id: str, signs: SignMarks, *, fence: Lease | None) -> None:
        """Write what signs of use said, for other processes and for the next one."""
        record: dict[str, JSON] = {
            "v": 1,
            "run": signs.run,
            "used": signs.used,
            "unknown": dict(signs.unknown),
            "told": sorted(signs.told),
        }
        self._store.put(_SIGNS + key_part(instance_id), record, ttl=_KEPT_FOR, fence=fence)

    def end_run(self, part: str, marks: Marks, *, start_unknown: bool, fence: Lease | None) -> None:
        """Forget a run that ended. A use that was written meanwhile stays.

        Args:
            part: What stands for the instance in keys.
            marks: What was stored about the run.
            start_unknown: Whether the service does not tell when runs begin: then it is remembered that it ended.
            fence: The lease.
        """
        for prefix, version in ((_USE, marks.use_version), (_READY, marks.ready_version)):
            if version:
                self._delete(prefix + part, version)
        if marks.signs is not None:
            self._store.delete(_SIGNS + part, fence=fence)
        ended = Marks(was_down=start_unknown)
        left = Marks(
            first_seen=marks.first_seen,
            was_down=marks.was_down,
            warned_at=marks.warned_at,
            warned_run=marks.warned_run,
        )
        if left == ended:
            return
        if start_unknown:
            self.remember_run(part, was_down=True, fence=fence)
        elif left != NO_MARKS:
            self._store.delete(_RUN + part, fence=fence)

    def claim_stop(
        self, record: StopRecord, version: int | None, *, ttl: float, fence: Lease | None
    ) -> int | None:
        """Write a stop before it is sent; of several hosts one may send it.

        Args:
            record: The stop.
            version: Version of the record that it replaces; None if there is none.
            ttl: Seconds it is kept.
            fence: The lease.

        Returns:
            The version of the record, or None if another host was faster.

        Raises:
            StaleFenceError: The lease went to another host.
        """
        if version is None:
            if not self._store.put_if_absent(record.key, record.to_json(), ttl=ttl, fence=fence):
                return None
            entry = self._store.get(record.key)
            return None if entry is None else entry.version
        return self.write_stop(record, version, ttl=ttl, fence=fence)

    def write_stop(
        self, record: StopRecord, version: int, *, ttl: float, fence: Lease | None = None
    ) -> int | None:
        """Write what became of a stop; None if another host has written since."""
        try:
            return self._store.put(record.key, record.to_json(), ttl=ttl, if_version=version, fence=fence)
        except VersionConflictError:
            return None

    def forget_stop(self, key: str, version: int) -> bool:
        """Delete the record of a stop; False if another host has written or deleted it since."""
        return self._delete(key, version)

    def _delete(self, key: str, version: int) -> bool:
        try:
            return self._store.delete(key, if_version=version)
        except VersionConflictError:
            return False

    def _all(self, prefix: str) -> list[Entry]:
        found: list[Entry] = []
        cursor: str | None = None
        while True:
            page = self._store.scan(prefix, cursor=cursor, limit=_PAGE)
            found += page.items
            cursor = page.cursor
            if cursor is None:
                return found
