"""What became of a call whose answer was lost: verdicts over what the service shows afterwards.

Everything here looks at decoded JSON as it came, so that an item with an unreadable field still counts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

import attrs

from novita_sdk._core.operations.operation import Operation
from novita_sdk._core.scalars import Unreadable, is_empty, read_int, read_time
from novita_sdk.models.job import ENDED_STATES
from novita_sdk.models.json_types import JSON

Body: TypeAlias = Mapping[str, JSON]
Items: TypeAlias = Sequence[Mapping[str, JSON]]
"""The items of a list, or the one object of a single answer; none for "not found"."""


@attrs.frozen
class Sight:
    """What a look saw.

    Attributes:
        items: The items of a list, or the one object; none if it does not exist.
        complete: Whether the list was read to its end, so that absence means something.
    """

    items: Items
    complete: bool


CLOCK_SLACK: Final = 2.0
"""Seconds by which a creation time may lie before the sending: `Date` headers and times are whole seconds."""

_GONE: Final = frozenset({"toRemove", "removing", "removed"})
_COMING_UP: Final = frozenset({"starting", "pulling"})
_PERMITTING: Final[Mapping[str, str]] = MappingProxyType(
    {"start_instance": "exited", "stop_instance": "running", "restart_instance": "running"}
)
_THERE: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "start_instance": _COMING_UP | {"toStart", "running"},
        "stop_instance": frozenset({"toStop", "stopping", "exited"}),
        "restart_instance": _COMING_UP | {"toRestart", "restarting"},
    }
)
"""Statuses of an instance that is where the operation leads, or on the way."""


@attrs.frozen(kw_only=True)
class _Evidence:
    """What is known about a call with an unclear outcome."""

    body: Body
    sent_at: float
    after: Sequence[Items]
    before: Sequence[Items] = ()


def _text(item: Mapping[str, JSON], key: str) -> str:
    value: object = item.get(key)
    return str(value) if isinstance(value, str | int) else ""


def _job_state(job: Mapping[str, JSON]) -> str:
    """A job's state: the word itself, or an object with the word inside."""
    state: object = job.get("state")
    return _text(job["state"], "state") if isinstance(state, Mapping) else _text(job, "state")


def _time(item: Mapping[str, JSON], *keys: str) -> datetime | None:
    for key in keys:
        value = item.get(key)
        try:
            if not is_empty(value):
                return read_time(value)
        except Unreadable:  # an unreadable time proves nothing
            continue
    return None


def _shows(evidence: _Evidence, key: str, words: Collection[str]) -> bool:
    """Whether the instance that was read has one of the words under `key`."""
    return any(_text(item, key) in words for item in evidence.after[0])


# ------------------------------------------------------------ idempotent calls: is it done already?


def _started(evidence: _Evidence) -> bool:
    return _shows(evidence, "status", _THERE["start_instance"])


def _stopped(evidence: _Evidence) -> bool:
    return _shows(evidence, "status", _THERE["stop_instance"])


def _restarted(evidence: _Evidence) -> bool:
    starts = [_time(item, "lastStartedAt") for item in evidence.after[0]]
    started_since = any(start is not None and start.timestamp() > evidence.sent_at for start in starts)
    return started_since or _shows(evidence, "status", _THERE["restart_instance"])


def _deleted(evidence: _Evidence) -> bool:
    return not evidence.after[0] or _shows(evidence, "status", _GONE)


def _job_ended(evidence: _Evidence) -> bool:
    wanted = evidence.body["jobId"]
    return any(_text(job, "Id") == wanted and _job_state(job) in ENDED_STATES for job in evidence.after[0])


def _none_remain(evidence: _Evidence) -> bool:
    return not _still_listed(evidence.body["ids"], evidence.after[0])


_DONE: Final[Mapping[str, Callable[[_Evidence], bool]]] = MappingProxyType(
    {
        "start_instance": _started,
        "stop_instance": _stopped,
        "restart_instance": _restarted,
        "delete_instance": _deleted,
        "break_job": _job_ended,
        "delete_image_prewarms": _none_remain,
    }
)


def done(operation: Operation, body: Body, items: Items, sent_at: float) -> bool:
    """Whether the re-read of an IDEMPOTENT operation shows that nothing is left to send.

    Args:
        operation: An operation with a `reread`.
        body: The body that was sent.
        items: What `operation.reread.look` shows.
        sent_at: Unix time of the first sending, by the server's clock.
    """
    return _DONE[operation.name](_Evidence(body=body, sent_at=sent_at, after=(items,)))


def _still_listed(ids: Sequence[str], items: Items) -> list[str]:
    present = {_text(item, "id") for item in items}
    return [identity for identity in ids if identity in present]


def remaining(operation: Operation, body: Body, items: Items) -> Body:
    """Return the body to send again after a re-read that was not `done`.

    Args:
        operation: An operation with a `reread`.
        body: The body that was sent.
        items: What the look shows, over all pages.

    Returns:
        `body`; of several resources named in it only those that still exist.
    """
    key = operation.reread.remaining if operation.reread is not None else None
    return body if key is None else {**body, key: _still_listed(body[key], items)}


def has_state_rule(operation: Operation | None) -> bool:
    """Whether "invalid state change" is followed up; of every other operation it is an error like any other."""
    return operation is not None and operation.name in _PERMITTING


def after_refusal(operation: Operation, status: str) -> Literal["done", "again", "refused"]:
    """Judge "invalid state change" by the status read two seconds later.

    Args:
        operation: start_instance, stop_instance or restart_instance.
        status: The instance's status now.

    Returns:
        `done` if it is there or on the way; `again` if the status permits the action or is a passing one;
        else `refused`.
    """
    if status in _THERE[operation.name]:
        return "done"
    if status == _PERMITTING[operation.name]:
        return "again"
    heading_somewhere = status.startswith("to") and status[2:3].isupper()
    passing = heading_somewhere or status == "pending" or (status.endswith("ing") and status != "running")
    return "again" if passing else "refused"


# ------------------------------------------------------------ unsafe calls: what shows the effect?


def _made_since(evidence: _Evidence, id_key: str, items: Items, wanted: Mapping[str, str]) -> list[str]:
    """Ids of items with the wanted texts that were made since the sending."""
    ids: list[str] = []
    for item in items:
        made = _time(item, "createdAt", "createTime")
        if made is not None and made.timestamp() + CLOCK_SLACK >= evidence.sent_at:
            ids += [_text(item, id_key)] * all(_text(item, key) == text for key, text in wanted.items())
    return ids


def _job_since(evidence: _Evidence, jobs: Items, job_type: str) -> list[str]:
    wanted = {"type": job_type, "instanceId": _text(evidence.body, "instanceId")}
    return _made_since(evidence, "Id", jobs, wanted)


def _saved_image(evidence: _Evidence) -> list[str]:
    return _job_since(evidence, evidence.after[0], "saveImage")


def _created_template(evidence: _Evidence) -> list[str]:
    wanted = {"name": _text(evidence.body["template"], "name")}
    return _made_since(evidence, "Id", evidence.after[0], wanted)


def _created_prewarm(evidence: _Evidence) -> list[str]:
    wanted = {key: _text(evidence.body, key) for key in ("imageUrl", "clusterId")}
    return _made_since(evidence, "id", evidence.after[0], wanted)


def _the_instance(evidence: _Evidence, *, acted_on: bool) -> list[str]:
    return [evidence.body["instanceId"]] if acted_on else []


def _migrated(evidence: _Evidence) -> list[str]:
    moving = _shows(evidence, "status", {"migrating"})
    return _the_instance(
        evidence, acted_on=moving or bool(_job_since(evidence, evidence.after[1], "instanceMigrate"))
    )


def _upgraded(evidence: _Evidence) -> list[str]:
    return _the_instance(evidence, acted_on=_shows(evidence, "status", {"toReset", "resetting"}))


def _became_monthly(evidence: _Evidence) -> list[str]:
    return _the_instance(evidence, acted_on=_shows(evidence, "billingMode", {"monthly"}))


def _renewed(evidence: _Evidence) -> list[str]:
    ends = [_time(item, "endTime") for item in (*evidence.before[0], *evidence.after[0])]
    prolonged = len(ends) == 2 and ends[1] is not None and (ends[0] is None or ends[1] > ends[0])
    return _the_instance(evidence, acted_on=prolonged)


def _grown(evidence: _Evidence) -> list[str]:
    try:
        sizes = [read_int(item.get("rootfsSize")) for item in (*evidence.before[0], *evidence.after[0])]
    except Unreadable:  # an unreadable size proves nothing
        return []
    grown = len(sizes) == 2 and sizes[1] - sizes[0] == evidence.body["expandRootDisk"]
    return _the_instance(evidence, acted_on=grown)


def _new(id_key: str, *same: str) -> Callable[[_Evidence], list[str]]:
    """Make a verdict that returns ids not seen before, of items equal to the body in the keys `same`."""

    def verdict(evidence: _Evidence) -> list[str]:
        known = {_text(item, id_key) for item in evidence.before[0]}
        wanted = {key: _text(evidence.body, key) for key in same if key in evidence.body}
        return [
            _text(item, id_key)
            for item in evidence.after[0]
            if _text(item, id_key) not in known
            and all(_text(item, key) == text for key, text in wanted.items())
        ]

    return verdict


_MATCHES: Final[Mapping[str, Callable[[_Evidence], list[str]]]] = MappingProxyType(
    {
        "save_image": _saved_image,
        "create_template": _created_template,
        "create_image_prewarm": _created_prewarm,
        "migrate_instance": _migrated,
        "upgrade_instance": _upgraded,
        "convert_instance_to_monthly": _became_monthly,
        "renew_instance": _renewed,
        "edit_instance": _grown,
        "create_network": _new("Id", "name", "clusterId"),
        "create_network_storage": _new("storageId", "storageName", "clusterId"),
        "save_repository_auth": _new("id", "name", "username"),
    }
)


def matches(
    operation: Operation, body: Body, before: Sequence[Items], after: Sequence[Items], sent_at: float
) -> list[str]:
    """Return the ids that show the effect of an UNSAFE call which leaves no mark.

    One means that it was carried out and is adopted, none that it cannot be seen (yet), several that nobody
    can tell which one it is.

    Args:
        operation: An operation with a `settle` of the kind `state` or `diff`.
        body: The body that was sent.
        before: What each of `operation.settle.looks` showed before the sending; empty unless `settle.before`.
        after: What each of them shows now.
        sent_at: Unix time of the sending, by the server's clock.

    Returns:
        Ids of the created resources or jobs; for a change of an existing instance its own id.
    """
    return _MATCHES[operation.name](_Evidence(body=body, sent_at=sent_at, after=after, before=before))
