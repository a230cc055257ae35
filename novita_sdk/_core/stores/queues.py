"""Queues: one item to one worker at a time, in order inside a group, none lost."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import attrs

from novita_sdk._core.stores.answers import Claim, DeadItem, QueueCounts, StorePage
from novita_sdk._core.stores.checks import decode
from novita_sdk._core.stores.ledger import Item, Ledger
from novita_sdk._core.stores.moments import is_over, seconds_of, ticks

DONE_KEPT: Final = ticks(24 * 3600)
"""How long the id of an item that is done stays taken."""


def enqueue(
    ledger: Ledger, now: int, queue: str, item_id: str, payload: str, delay: int, group: str | None
) -> bool:
    """Add an item; False if there is one of this id, or was one until a day ago."""
    done = ledger.done_until(queue, item_id)
    if ledger.item(queue, item_id) is not None or (done is not None and not is_over(done, now)):
        return False
    held = group is not None and ledger.is_busy(queue, group)
    ledger.add_item(
        Item(
            queue=queue,
            id=item_id,
            payload=payload,
            group_name=group,
            state="held" if held else "waiting",
            added=now,
            due=now + delay,
        )
    )
    return True


def claim(ledger: Ledger, now: int, queue: str, owner: str, lasting: int) -> Claim | None:
    """Take the first item that is due; None if none is.

    Each claim has a token of its own, by which what a claim outlived asks for is told apart and refused.
    """
    item = ledger.first_claimable(queue, now)
    if item is None:
        return None
    item = attrs.evolve(
        item,
        state="claimed",
        attempts=item.attempts + 1,
        claims=item.claims + 1,
        owner=owner,
        expires=now + lasting,
        lasting=lasting,
    )
    ledger.change_item(item)
    return Claim(
        queue=queue,
        id=item.id,
        payload=decode(f"{queue}/{item.id}", item.payload),
        group=item.group_name,
        attempt=item.attempts,
        owner=owner,
        token=_token(item),
    )


def extend(ledger: Ledger, now: int, held: Claim, lasting: int) -> bool:
    """Prolong a claim from now on; False if the item has been claimed anew or is finished."""
    item = _claimed(ledger, held)
    if item is None:
        return False
    ledger.change_item(attrs.evolve(item, expires=now + lasting, lasting=lasting))
    return True


def complete(ledger: Ledger, now: int, held: Claim) -> bool:
    """Finish an item; False as in `extend`, and then nothing happens."""
    item = _claimed(ledger, held)
    if item is None:
        return False
    ledger.drop_item(item)
    ledger.remember_done(item.queue, item.id, now + DONE_KEPT)
    _let_next(ledger, item)
    return True


def fail(ledger: Ledger, now: int, held: Claim, delay: int, dead: str | None) -> bool:
    """Give an item back, to be due after `delay`, or up, for the reason `dead`; False as in `extend`."""
    item = _claimed(ledger, held)
    if item is None:
        return False
    if dead is None:
        ledger.change_item(attrs.evolve(item, state="waiting", due=now + delay))
    else:
        ledger.change_item(attrs.evolve(item, state="dead", reason=dead, died=now))
        _let_next(ledger, item)
    return True


def dead_items(ledger: Ledger, queue: str, after: int, limit: int) -> StorePage[DeadItem]:
    """Return items that were given up, in the order in which they were enqueued."""
    rows = ledger.dead_items(queue, after, limit + 1)
    items = tuple(
        DeadItem(
            id=row.id,
            payload=decode(f"{queue}/{row.id}", row.payload),
            group=row.group_name,
            attempts=row.attempts,
            reason=row.reason,
            died_at=seconds_of(row.died),
        )
        for row in rows[:limit]
    )
    return StorePage(items=items, cursor=str(rows[limit - 1].number) if len(rows) > limit else None)


def requeue(ledger: Ledger, now: int, queue: str, ids: Iterable[str]) -> int:
    """Make dead items due now, as if never tried and outside of any group; return how many there were."""
    found = _dead_among(ledger, queue, ids)
    for item in found:
        ledger.change_item(
            attrs.evolve(
                item, state="waiting", added=now, due=now, group_name=None, attempts=0, reason="", died=0
            )
        )
    return len(found)


def purge(ledger: Ledger, queue: str, ids: Iterable[str]) -> int:
    """Delete dead items for good; return how many there were."""
    found = _dead_among(ledger, queue, ids)
    for item in found:
        ledger.drop_item(item)
    return len(found)


def count(ledger: Ledger, now: int, queue: str) -> QueueCounts:
    """Count the items of a queue."""
    found = ledger.count_items(queue)
    numbers = {state: number for state, (number, _) in found.items()}
    oldest = min((added for state, (_, added) in found.items() if state != "dead"), default=None)
    return QueueCounts(
        waiting=numbers.get("waiting", 0) + numbers.get("held", 0),
        claimed=numbers.get("claimed", 0),
        dead=numbers.get("dead", 0),
        oldest_age=None if oldest is None else max(0.0, seconds_of(now - oldest)),
    )


def _token(item: Item) -> str:
    """The item's number tells its claims from those of a later item with the same id."""
    return f"{item.number}.{item.claims}"


def _claimed(ledger: Ledger, held: Claim) -> Item | None:
    """The item of a claim that nobody else has claimed since, also if its time is over."""
    item = ledger.item(held.queue, held.id)
    current = item is not None and item.state == "claimed" and _token(item) == held.token
    return item if current else None


def _let_next(ledger: Ledger, finished: Item) -> None:
    """Let the next of the group be claimed."""
    if finished.group_name is None:
        return
    following = ledger.first_held(finished.queue, finished.group_name)
    if following is not None:
        ledger.change_item(attrs.evolve(following, state="waiting"))


def _dead_among(ledger: Ledger, queue: str, ids: Iterable[str]) -> list[Item]:
    items = [ledger.item(queue, item_id) for item_id in ids]
    return [item for item in items if item is not None and item.state == "dead"]
