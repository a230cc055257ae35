"""What a pass of the inventory sync found and did, and what is known of each instance."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit

import attrs

from novita_sdk._core.webhooks.notify import is_url
from novita_sdk._core.webhooks.target import WebhookTarget
from novita_sdk._core.webhooks.target_record import kept_from
from novita_sdk.models.instance import Instance
from novita_sdk.models.json_types import JSON


@attrs.frozen(kw_only=True)
class SyncReport:
    """What one pass of the inventory sync found and did; in a dry run, what it would have done.

    Attributes:
        novita_instances: Instances that the service lists.
        local_instances: Instances that were remembered before.
        synchronized: Listed instances that are remembered as they are now.
        added: How many of them were new.
        changed: How many of them had changed.
        deleted: Remembered instances that were forgotten, as they are gone.
        marked_removed: Remembered instances that are gone now, and remembered as such.
        kept_after_confirm: Remembered instances that the list lacks and that exist nevertheless.
        unconfirmed: Remembered instances that the list lacks and that nobody could tell about.
        open_creates: Creates whose outcome is unknown, as the store has them.
        lapsed_rentals: Rentals whose owner is gone, likewise.
        errors: What went wrong, in words.
        elapsed: Seconds it took.
        dry_run: Whether nothing was written or told.
    """

    novita_instances: int = 0
    local_instances: int = 0
    synchronized: int = 0
    added: int = 0
    changed: int = 0
    deleted: int = 0
    marked_removed: int = 0
    kept_after_confirm: int = 0
    unconfirmed: int = 0
    open_creates: int = 0
    lapsed_rentals: int = 0
    errors: tuple[str, ...] = ()
    elapsed: float = 0.0
    dry_run: bool = False

    def __str__(self) -> str:
        return (
            f"{self.synchronized} synchronized ({self.added} new, {self.changed} changed), "
            f"{self.marked_removed} gone, {self.deleted} forgotten, {len(self.errors)} errors"
        )


@attrs.frozen(kw_only=True)
class SyncStatus:
    """How the inventory stands.

    Attributes:
        last_sync: When a pass last went without an error; None for never.
        is_locked: Whether a pass is under way, on this machine or another.
        cache_size: Instances that are remembered.
    """

    last_sync: datetime | None
    is_locked: bool
    cache_size: int


@attrs.frozen(kw_only=True)
class InventoryItem:
    """What is known of one instance, by the service and here.

    Attributes:
        id: Its id.
        instance: As the service lists it; None if it does not.
        source: Who knows it: `remote`, the service; `local`, the store; or `both`.
        last_used: When it was last used, as far as anybody told.
        operation: The operation under way that concerns it, as the key of its record: `intent:...`, `rental:...`,
            `stop:...` or `repair:...`.
        migration: What became of its last move: `sent`, `migrated` or `failed`.
        target: Where its events go, if it has a target of its own: a name or a host.
    """

    id: str
    instance: Instance | None
    source: Literal["remote", "local", "both"]
    last_used: datetime | None = None
    operation: str | None = None
    migration: str | None = None
    target: str | None = None


def shown_target(record: Mapping[str, JSON]) -> str | None:
    """Name the target that an instance keeps: by its name, or by its host if it is a bare URL.

    Args:
        record: The record of the target.
    """
    wish = kept_from(record).notify
    if isinstance(wish, WebhookTarget):
        return wish.name
    if isinstance(wish, str):
        return urlsplit(wish).hostname if is_url(wish) else wish
    return None
