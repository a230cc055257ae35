"""Checks of queues."""

from __future__ import annotations

from functools import partial

from novita_sdk._async.stores.conformance.trial import (
    AsyncStoreCheck,
    AsyncStoreTrial,
    expect,
    expect_refusal,
)
from novita_sdk._concurrency.aio import SystemClock, gather
from novita_sdk._core.stores.answers import Claim, QueueCounts
from novita_sdk._core.stores.checks import MAX_PAYLOAD_BYTES
from novita_sdk.errors import ValidationError
from novita_sdk.models.json_types import JSON


async def items_come_by_due_time_then_age(trial: AsyncStoreTrial) -> None:
    """Items are claimed in the order of their due times, equal ones in the order of enqueueing, none early."""
    for item_id, units in (("late", 20), ("first", 0), ("second", 0), ("soon", 10)):
        await trial.store.enqueue("jobs", item_id, {"v": 1}, due_in=trial.span(units))
        await trial.wait(0.1)
    expect("what is due", await _drained(trial), ["first", "second"])
    await trial.wait(25)
    expect("what is due later", await _drained(trial), ["soon", "late"])


async def a_claim_tells_all_of_its_item(trial: AsyncStoreTrial) -> None:
    """A claim carries the item as it was enqueued, and counts its attempts."""
    payload: JSON = {"v": 1, "text": "ü", "list": [1, None]}
    await trial.store.enqueue("jobs", "1", payload, group="g")
    payload["list"].append(2)
    claim = await trial.claimed()
    told = (claim.queue, claim.id, claim.payload, claim.group, claim.attempt, claim.owner)
    expect("the claim", told, ("jobs", "1", {"v": 1, "text": "ü", "list": [1, None]}, "g", 1, "anna"))


async def an_item_runs_once(trial: AsyncStoreTrial) -> None:
    """A claimed item is nobody else's, and a finished one never comes back."""
    await trial.store.enqueue("jobs", "1", {"v": 1})
    claim = await trial.claimed(units=10)
    expect("for another", await trial.store.claim("jobs", "bert"), None)
    expect("complete", await trial.store.complete(claim), wanted=True)
    expect("complete again", await trial.store.complete(claim), wanted=False)
    await trial.wait(12)
    expect("after its lease", await trial.store.claim("jobs", "bert"), None)


async def an_id_is_taken_once(trial: AsyncStoreTrial) -> None:
    """An id is refused while its item waits, is at work, is dead, or was done a short while ago."""
    answers = [await trial.store.enqueue("jobs", "1", {"v": 1, "n": n}) for n in range(2)]
    claim = await trial.claimed()
    answers.append(await trial.store.enqueue("jobs", "1", {"v": 1}))
    await trial.store.complete(claim)
    answers.append(await trial.store.enqueue("jobs", "1", {"v": 1}))
    await trial.store.enqueue("jobs", "2", {"v": 1})
    await trial.store.fail(await trial.claimed(), dead="gone")
    answers.append(await trial.store.enqueue("jobs", "2", {"v": 1}))
    expect("the answers", answers, [True, False, False, False, False])
    expect("in another queue", await trial.store.enqueue("other", "1", {"v": 1}), wanted=True)


async def a_claim_outlived_is_refused(trial: AsyncStoreTrial) -> None:
    """Once its lease ran out somebody else gets the item, and the first worker can no longer touch it."""
    await trial.store.enqueue("jobs", "1", {"v": 1})
    old = await trial.claimed(units=10)
    await trial.wait(12)
    new = await trial.claimed(owner="bert")
    expect("the attempt", new.attempt, 2)
    await _expect_refused(trial, old)
    expect("the new worker", await trial.store.complete(new), wanted=True)


async def a_claim_nobody_took_over_still_counts(trial: AsyncStoreTrial) -> None:
    """A worker that was too slow but that nobody replaced may finish, so that work is not done twice."""
    await trial.store.enqueue("jobs", "1", {"v": 1})
    claim = await trial.claimed(units=10)
    await trial.wait(12)
    expect("complete", await trial.store.complete(claim), wanted=True)


async def an_extended_claim_goes_on(trial: AsyncStoreTrial) -> None:
    """Extending counts from now on."""
    await trial.store.enqueue("jobs", "1", {"v": 1})
    claim = await trial.claimed(units=10)
    await trial.wait(7)
    expect("extend", await trial.store.extend(claim, lease=trial.span(20)), wanted=True)
    await trial.wait(10)
    expect("for another", await trial.store.claim("jobs", "bert"), None)
    await trial.wait(12)
    expect("the attempt after it ran out", (await trial.claimed(owner="bert")).attempt, 2)


async def a_failed_item_comes_back(trial: AsyncStoreTrial) -> None:
    """An item given back is due again when asked for, and no earlier."""
    await trial.store.enqueue("jobs", "1", {"v": 1})
    claim = await trial.claimed()
    expect("fail", await trial.store.fail(claim, due_in=trial.span(10)), wanted=True)
    await _expect_refused(trial, claim)
    await trial.wait(5)
    expect("too early", await trial.store.claim("jobs", "anna"), None)
    await trial.wait(7)
    expect("the attempt", (await trial.claimed()).attempt, 2)


async def a_dead_item_stays_until_asked_for(trial: AsyncStoreTrial) -> None:
    """An item given up is listed with its reason, is claimed no more, and can be requeued or purged."""
    store = trial.store
    for number in ("1", "2", "3"):
        await store.enqueue("jobs", number, {"v": 1, "n": number}, group="g")
        expect("fail", await store.fail(await trial.claimed(), dead=f"reason {number}"), wanted=True)
    expect("what can be claimed", await store.claim("jobs", "anna"), None)
    page = await store.dead("jobs", limit=2)
    rest = await store.dead("jobs", cursor=page.cursor)
    told = [
        (one.id, one.payload["n"], one.group, one.attempts, one.reason) for one in page.items + rest.items
    ]
    expect("the dead", told, [(n, n, "g", 1, f"reason {n}") for n in ("1", "2", "3")])
    expect("the last cursor", rest.cursor, None)
    expect("requeue", await store.requeue("jobs", ["2", "absent"]), 1)
    expect("requeue again", await store.requeue("jobs", ["2"]), 0)
    claim = await trial.claimed()
    expect("the requeued item", (claim.id, claim.attempt, claim.group), ("2", 1, None))
    expect("purge", await store.purge("jobs", ["1", "2"]), 1)
    expect("the dead that are left", [one.id for one in (await store.dead("jobs")).items], ["3"])
    expect("a purged id", await store.enqueue("jobs", "1", {"v": 1}), wanted=True)


async def a_new_item_knows_no_old_claim(trial: AsyncStoreTrial) -> None:
    """The claim of a purged item does not finish a later item with the same id."""
    await trial.store.enqueue("jobs", "1", {"v": 1})
    old = await trial.claimed()
    await trial.store.fail(old, dead="gone")
    await trial.store.purge("jobs", ["1"])
    await trial.store.enqueue("jobs", "1", {"v": 1})
    await trial.claimed()
    await _expect_refused(trial, old)


async def a_group_keeps_its_order(trial: AsyncStoreTrial) -> None:
    """Of a group only the oldest unfinished item is claimed, whatever delays it; others are not held up."""
    for item_id, group in (("a1", "a"), ("a2", "a"), ("b1", "b"), ("a3", "a"), ("free", None)):
        await trial.store.enqueue("jobs", item_id, {"v": 1}, group=group)
    first = await trial.claimed(units=10)
    expect("the oldest", first.id, "a1")
    expect("what else is due", await _drained(trial), ["b1", "free"])
    await trial.store.fail(first, due_in=trial.span(10))
    expect("while it waits to be tried again", await trial.store.claim("jobs", "anna"), None)
    await trial.wait(12)
    first = await trial.claimed(units=10)
    await trial.wait(12)
    first = await trial.claimed()
    expect("the oldest, also after its lease", (first.id, first.attempt), ("a1", 3))
    await trial.store.complete(first)
    second = await trial.claimed()
    expect("then the next", second.id, "a2")
    await trial.store.fail(second, dead="gone")
    expect("a dead one holds up nobody", await _drained(trial), ["a3"])
    await trial.store.enqueue("jobs", "a4", {"v": 1}, group="a")
    expect("a later one", await _drained(trial), ["a4"])


async def many_workers_share_the_items(trial: AsyncStoreTrial) -> None:
    """Many workers at once claim every item, and each item once."""
    wanted = sorted(f"item-{number}" for number in range(24))
    for item_id in wanted:
        await trial.store.enqueue("jobs", item_id, {"v": 1})

    async def work(owner: str) -> list[str]:
        done: list[str] = []
        while (claim := await trial.store.claim("jobs", owner, lease=trial.span(1000))) is not None:
            expect("complete", await trial.store.complete(claim), wanted=True)
            done.append(claim.id)
        return done

    parts = await gather(SystemClock(), [partial(work, f"w{number}") for number in range(6)])
    expect("the items", sorted(item_id for part in parts for item_id in part), wanted)


async def items_are_counted(trial: AsyncStoreTrial) -> None:
    """The counts tell waiting items, due or not and held back or not, those at work and the dead."""
    expect("of an empty queue", await trial.store.count("jobs"), QueueCounts(waiting=0, claimed=0, dead=0))
    for item_id, group in (("1", None), ("2", None), ("3", None), ("4", "g"), ("5", "g")):
        await trial.store.enqueue("jobs", item_id, {"v": 1}, group=group)
    await trial.store.enqueue("jobs", "6", {"v": 1}, due_in=trial.span(500))
    await trial.store.fail(await trial.claimed(), dead="gone")
    await trial.store.complete(await trial.claimed())
    await trial.claimed()
    counts = await trial.store.count("jobs")
    expect("the counts", (counts.waiting, counts.claimed, counts.dead), (3, 1, 1))


async def the_age_of_the_oldest_item_is_told(trial: AsyncStoreTrial) -> None:
    """Of the items that are neither done nor dead the age of the oldest is told; a requeued one is as new."""
    for item_id in ("1", "2"):
        await trial.store.enqueue("jobs", item_id, {"v": 1})
        await trial.wait(100)
    await _expect_age(trial, 200)
    await trial.store.fail(await trial.claimed(), dead="gone")
    await _expect_age(trial, 100)
    await trial.store.complete(await trial.claimed())
    expect("of dead ones only", (await trial.store.count("jobs")).oldest_age, None)
    await trial.store.requeue("jobs", ["1"])
    await _expect_age(trial, 0)


async def wrong_items_are_refused(trial: AsyncStoreTrial) -> None:
    """Wrong names, payloads, durations, reasons and cursors are refused, and the largest payload is taken."""
    store = trial.store
    payload: JSON = {"v": 1, "x": ""}
    payload["x"] = "x" * (MAX_PAYLOAD_BYTES - len('{"v":1,"x":""}'))
    expect("the largest payload", await store.enqueue("jobs", "1", payload), wanted=True)
    claim = await trial.claimed()
    expect("the largest payload comes back", claim.payload == payload, wanted=True)
    payload["x"] += "x"
    await expect_refusal("a larger one", ValidationError, lambda: store.enqueue("jobs", "2", payload))
    await expect_refusal("no queue", ValidationError, lambda: store.enqueue("", "2", {"v": 1}))
    await expect_refusal("no id", ValidationError, lambda: store.enqueue("jobs", "", {"v": 1}))
    await expect_refusal("no group", ValidationError, lambda: store.enqueue("jobs", "2", {"v": 1}, group=""))
    await expect_refusal(
        "due in the past", ValidationError, lambda: store.enqueue("jobs", "2", {"v": 1}, due_in=-1)
    )
    await expect_refusal("no lease", ValidationError, lambda: store.claim("jobs", "anna", lease=0))
    await expect_refusal("no reason", ValidationError, lambda: store.fail(claim, dead=""))
    await expect_refusal("a wrong cursor", ValidationError, lambda: store.dead("jobs", cursor="x"))
    await expect_refusal("one id", ValidationError, lambda: store.requeue("jobs", "1"))
    bare: Claim = "1"  # type: ignore[assignment]  # what callers without a type checker give
    await expect_refusal("no claim", ValidationError, lambda: store.complete(bare))
    counts = await store.count("jobs")
    expect("what there is", (counts.waiting, counts.claimed, counts.dead), (0, 1, 0))


async def _expect_age(trial: AsyncStoreTrial, units: float) -> None:
    age = (await trial.store.count("jobs")).oldest_age
    near = age is not None and -0.01 <= age / trial.unit - units < 90
    expect(f"an age of about {units} units, as {age} is one", near, wanted=True)


async def _drained(trial: AsyncStoreTrial) -> list[str]:
    """Claim and finish all that is due."""
    done: list[str] = []
    while (claim := await trial.store.claim("jobs", "anna", lease=trial.span(1000))) is not None:
        await trial.store.complete(claim)
        done.append(claim.id)
    return done


async def _expect_refused(trial: AsyncStoreTrial, old: Claim) -> None:
    expect("the old claim extends", await trial.store.extend(old), wanted=False)
    expect("the old claim fails", await trial.store.fail(old), wanted=False)
    expect("the old claim gives up", await trial.store.fail(old, dead="gone"), wanted=False)
    expect("the old claim completes", await trial.store.complete(old), wanted=False)


QUEUE_CHECKS: tuple[AsyncStoreCheck, ...] = (
    items_come_by_due_time_then_age,
    a_claim_tells_all_of_its_item,
    an_item_runs_once,
    an_id_is_taken_once,
    a_claim_outlived_is_refused,
    a_claim_nobody_took_over_still_counts,
    an_extended_claim_goes_on,
    a_failed_item_comes_back,
    a_dead_item_stays_until_asked_for,
    a_new_item_knows_no_old_claim,
    a_group_keeps_its_order,
    many_workers_share_the_items,
    items_are_counted,
    the_age_of_the_oldest_item_is_told,
    wrong_items_are_refused,
)
