"""How the options of a call meet those of its client."""

from __future__ import annotations

import attrs

from novita_sdk._core.deadline import Deadline
from novita_sdk._core.operations.operation import Operation
from novita_sdk.models.unset import UNSET, Unset
from novita_sdk.options import CallOptions, RetryPolicy, Timeouts

_NAMES = tuple(field.name for field in attrs.fields(CallOptions) if field.init)


def merged(base: CallOptions, options: CallOptions | None) -> CallOptions:
    """Return `base` with everything that `options` sets."""
    if options is None:
        return base
    chosen = {name: value for name in _NAMES if (value := getattr(options, name)) is not UNSET}
    return attrs.evolve(base, **chosen) if chosen else base


def retry_policy_for(policy: RetryPolicy, options: CallOptions) -> RetryPolicy:
    """Return the retry policy of one call."""
    if isinstance(options.retry, RetryPolicy):
        policy = options.retry
    if isinstance(options.max_retries, int):
        policy = attrs.evolve(policy, max_retries=options.max_retries)
    return policy


def timeouts_for(timeouts: Timeouts, options: CallOptions) -> Timeouts:
    """Return the limits of one call's attempts."""
    if isinstance(options.timeout, Unset):
        return timeouts
    kept = {name: getattr(timeouts, name) for name in ("connect", "write", "pool", "total")}
    if options.timeout is None or "attempt" in timeouts.given:
        kept["attempt"] = timeouts.attempt if "attempt" in timeouts.given else None
    return Timeouts(read=options.timeout, **kept)


def deadline_for(
    timeouts: Timeouts, options: CallOptions, operation: Operation | None, now: float
) -> Deadline:
    """Return when a call that begins `now` has to end.

    A limit given for the call counts, then one given to the client, then the operation's own, then the default.
    """
    if not isinstance(options.total_timeout, Unset):
        return Deadline.after(options.total_timeout, now)
    own = None if operation is None else operation.deadline
    if own is not None and "total" not in timeouts.given:
        return Deadline.after(own, now)
    return Deadline.after(timeouts.total, now)


def cut(timeouts: Timeouts, left: float) -> Timeouts:
    """Return limits that end no later than in `left` seconds."""
    return Timeouts(
        connect=_sooner(timeouts.connect, left),
        read=_sooner(timeouts.read, left),
        write=_sooner(timeouts.write, left),
        pool=_sooner(timeouts.pool, left),
        attempt=_sooner(timeouts.attempt, left),
        total=timeouts.total,
    )


def _sooner(limit: float | None, left: float) -> float:
    return left if limit is None else min(limit, left)
