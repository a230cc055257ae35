"""The frozen settings of a client and of a call: policies, timeouts, `CallOptions`, `Settings`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, cast

import attrs

from novita_sdk._core.durations import Seconds, optional_seconds, seconds
from novita_sdk._core.given import KnowsWhatWasGiven
from novita_sdk._core.header_rules import CORRELATION_ID, CORRELATION_ID_FORM, check_headers
from novita_sdk._core.narrowing import is_mapping
from novita_sdk._core.rules import (
    BOOLEAN,
    POSITIVE,
    POSITIVE_OR_NONE,
    Rule,
    check_policy,
    number,
    one_of,
    whole,
)
from novita_sdk._core.settings import Settings
from novita_sdk.errors import Problem, ValidationError
from novita_sdk.models.unset import UNSET, Unset

__all__ = [
    "BreakerPolicy",
    "CachePolicy",
    "CallOptions",
    "Pool",
    "RateLimit",
    "RetryPolicy",
    "ServerlessOptions",
    "Settings",
    "Timeouts",
]

_MOST_RETRIES = 10
_SHORTEST_ATTEMPT_LIMIT = 60.0


def _unset_or_seconds(value: Seconds | Unset | None) -> float | Unset | None:
    return value if isinstance(value, Unset) else optional_seconds(value)


def _timeout(value: Seconds | Unset | None) -> float | None:
    """Like `_unset_or_seconds`; UNSET is replaced by the default once the object is made."""
    return cast("float | None", _unset_or_seconds(value))


@attrs.frozen(kw_only=True)
class RetryPolicy:
    """When and how often a failed call is sent again.

    Args:
        max_retries: Retries after the first try.
        factor: Seconds of the first delay's ceiling.
        base: By what the ceiling grows from retry to retry.
        max_delay: Highest ceiling in seconds.
        jitter: "full" draws each delay between 0 and its ceiling, "none" uses the ceiling; a function
            gets the ceiling in seconds and returns the delay.
        max_retry_after: Longest pause in seconds that a server may ask for; a longer one ends the call.
        budget: Units a family can spend on retries before its calls succeed again.
        transient_cost: Units a retry costs after a failure.
        throttled_cost: Units a retry costs after the server asked for fewer requests.

    Raises:
        ConfigurationError: A value is wrong.
    """

    max_retries: int = 3
    factor: float = attrs.field(default=1.0, converter=seconds)
    base: float = 2.0
    max_delay: float = attrs.field(default=30.0, converter=seconds)
    jitter: Literal["full", "none"] | Callable[[float], float] = "full"
    max_retry_after: float = attrs.field(default=60.0, converter=seconds)
    budget: int = 500
    transient_cost: int = 14
    throttled_cost: int = 5

    def __attrs_post_init__(self) -> None:
        check_policy(
            self,
            max_retries=whole(0),
            factor=POSITIVE,
            base=number(1),
            max_delay=POSITIVE,
            jitter=(
                lambda value: value in ("full", "none") or callable(value),
                "'full', 'none' or a function",
            ),
            max_retry_after=number(0),
            budget=whole(0),
            transient_cost=whole(0),
            throttled_cost=whole(0),
        )


@attrs.frozen(kw_only=True)
class BreakerPolicy:
    """When a family that keeps failing is left alone for a while.

    Args:
        failure_threshold: Failures in a row that open the breaker.
        open_for: Seconds during which nothing is sent.
        success_threshold: Successful probes in a row that close it again.
        probe_grace: Seconds added to the attempt's own limit before a probe counts as lost.

    Raises:
        ConfigurationError: A value is wrong.
    """

    failure_threshold: int = 5
    open_for: float = attrs.field(default=60.0, converter=seconds)
    success_threshold: int = 3
    probe_grace: float = attrs.field(default=5.0, converter=seconds)

    def __attrs_post_init__(self) -> None:
        check_policy(
            self,
            failure_threshold=whole(1),
            open_for=POSITIVE,
            success_threshold=whole(1),
            probe_grace=number(0),
        )


@attrs.frozen
class RateLimit:
    """How many requests a family may get.

    Args:
        limit: Most requests in any 60 seconds.
        burst: Requests that may go at once after a quiet time; None means a fifth of the limit, at most 10.

    Raises:
        ConfigurationError: A value is wrong.
    """

    limit: int = 100
    burst: int | None = None

    def __attrs_post_init__(self) -> None:
        check_policy(self, limit=whole(2, 10000))
        if self.burst is not None:
            check_policy(self, burst=whole(1, self.limit - 1))


TIMEOUT_SETTINGS = {"connect": "connect_timeout", "read": "request_timeout", "total": "total_timeout"}


@attrs.frozen(kw_only=True)
class Timeouts(KnowsWhatWasGiven):
    """The limits of an attempt and of a call in seconds; None means no limit.

    What is left out, or UNSET, comes from the client's settings as far as these have it.

    Args:
        connect: Making the connection.
        read: Between two pieces of the answer.
        write: Between two pieces of the request.
        pool: Waiting for a free connection.
        attempt: One attempt as a whole; left out: 60, or twice `read` if that is more.
        total: The call with all its attempts, queues and pauses.

    Raises:
        ConfigurationError: A value is wrong.
    """

    connect: float | None = attrs.field(default=5.0, converter=_timeout)
    read: float | None = attrs.field(default=30.0, converter=_timeout)
    write: float | None = attrs.field(default=30.0, converter=_timeout)
    pool: float | None = attrs.field(default=10.0, converter=_timeout)
    attempt: float | None = attrs.field(default=None, converter=_timeout)
    total: float | None = attrs.field(default=180.0, converter=_timeout)
    given: frozenset[str] = attrs.field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        names = ("connect", "read", "write", "pool", "attempt", "total")
        for name in names:
            if isinstance(getattr(self, name), Unset):
                object.__setattr__(self, name, getattr(attrs.fields(Timeouts), name).default)
        check_policy(self, **dict.fromkeys(names, POSITIVE_OR_NONE))
        if "attempt" not in self.given and self.read is not None:
            object.__setattr__(self, "attempt", max(_SHORTEST_ATTEMPT_LIMIT, 2 * self.read))

    def completed(self, settings: Settings) -> Timeouts:
        """Fill in from the settings whatever was not given.

        Args:
            settings: The client's settings.

        Returns:
            Timeouts to work with.
        """
        pairs = TIMEOUT_SETTINGS.items()
        chosen = {name: getattr(settings, field) for name, field in pairs if field in settings.given}
        return Timeouts(**{**chosen, **{name: getattr(self, name) for name in self.given}})


@attrs.frozen(kw_only=True)
class Pool:
    """How many connections a client holds.

    Args:
        max_connections: Most connections, and so most requests under way, at a time.
        max_keepalive: Most idle connections kept.
        keepalive: Seconds an idle connection is kept.

    Raises:
        ConfigurationError: A value is wrong.
    """

    max_connections: int = 100
    max_keepalive: int = 20
    keepalive: float = attrs.field(default=15.0, converter=seconds)

    def __attrs_post_init__(self) -> None:
        check_policy(self, max_connections=whole(1), max_keepalive=whole(0), keepalive=number(0))


def _ttls(value: Mapping[str, Seconds]) -> dict[str, float]:
    return {name: seconds(ttl) for name, ttl in value.items()}


@attrs.frozen(kw_only=True)
class CachePolicy:
    """Which answers are remembered, and for how long.

    Args:
        ttl: Seconds for every operation that may be cached; None means each one's own figure.
        ttls: Seconds by operation name, such as `{"get_template": 60}`; they win over `ttl`.
        max_entries: Most answers kept; the least recently used goes first.

    Raises:
        ConfigurationError: A value is wrong, or an operation may not be cached.
    """

    ttl: float | None = attrs.field(default=None, converter=optional_seconds)
    ttls: Mapping[str, float] = attrs.field(factory=dict[str, float], converter=_ttls)
    max_entries: int = 200

    def __attrs_post_init__(self) -> None:
        check_policy(
            self,
            ttl=POSITIVE_OR_NONE,
            ttls=(_are_cacheable, "operations that may be cached, each with seconds above 0"),
            max_entries=whole(1),
        )

    def ttl_of(self, operation: str, own: float | None) -> float | None:
        """Tell how long an operation's answer is remembered.

        Args:
            operation: Name of the operation.
            own: Its own figure in seconds; None if it may not be cached.

        Returns:
            Seconds, or None for not at all.
        """
        return None if own is None else self.ttls.get(operation, own if self.ttl is None else self.ttl)


def _are_cacheable(ttls: object) -> bool:
    from novita_sdk._core.operations import ALL  # noqa: PLC0415 - large, and needed for this check only

    cacheable = {name for name, operation in ALL.items() if operation.cache_ttl is not None}
    return is_mapping(ttls) and ttls.keys() <= cacheable and all(map(POSITIVE[0], ttls.values()))


@attrs.frozen(kw_only=True)
class ServerlessOptions:
    """How serverless endpoints are spoken to.

    Args:
        numbers: Whether the numbers that the service itself shows as text are sent as JSON numbers or as text.
        echo_unknown: Whether an update sends back keys of a record that this release does not know.
        gateway: `current`, or `legacy` for the older gateway, its paths and methods.

    Raises:
        ConfigurationError: A value is wrong.
    """

    numbers: Literal["number", "text"] = "number"
    echo_unknown: bool = True
    gateway: Literal["current", "legacy"] = "current"

    def __attrs_post_init__(self) -> None:
        check_policy(
            self,
            numbers=one_of("number", "text"),
            echo_unknown=BOOLEAN,
            gateway=one_of("current", "legacy"),
        )


# --------------------------------------------------------------------------------- call options


def _show_names(headers: Mapping[str, str] | Unset) -> str:
    return repr(headers if isinstance(headers, Unset) else dict.fromkeys(headers, "[REDACTED]"))


def _are_tags(value: object) -> bool:
    return is_mapping(value) and all(isinstance(text, str) for pair in value.items() for text in pair)


def _frozen_copy(value: Mapping[str, str] | Unset) -> Mapping[str, str] | Unset:
    return dict(value) if isinstance(value, Mapping) else value


_CALL_RULES: Mapping[str, Rule] = {
    "timeout": POSITIVE_OR_NONE,
    "total_timeout": POSITIVE_OR_NONE,
    "max_retries": whole(0, _MOST_RETRIES),
    "retry": (lambda value: isinstance(value, RetryPolicy), "a RetryPolicy"),
    "correlation_id": (
        lambda value: isinstance(value, str) and CORRELATION_ID.fullmatch(value) is not None,
        CORRELATION_ID_FORM,
    ),
    "cache": one_of("use", "bypass", "refresh"),
    "priority": one_of("user", "poll"),
    "wait_for_circuit": BOOLEAN,
    "strict": BOOLEAN,
    "tags": (_are_tags, "a mapping of texts to texts"),
}


@attrs.frozen(kw_only=True)
class CallOptions:
    """What one call does differently from its client; whatever is UNSET stays the client's.

    Args:
        timeout: Seconds between two pieces of the answer; None means no limit.
        total_timeout: Seconds for the whole call with its retries and waits; None means no limit.
        max_retries: Retries after the first try, 0-10.
        retry: Another retry policy.
        correlation_id: The id to send with every attempt instead of a new one.
        cache: "use", "bypass" (neither read nor write it) or "refresh" (ask, then write it).
        priority: "poll" lets calls of people go first at the rate limit.
        wait_for_circuit: Sleep until an open circuit breaker admits calls, if the deadline allows.
        strict: Raise if one item of a list cannot be read, instead of reporting it.
        headers: Extra request headers.
        tags: Texts for hooks and middleware; they are not sent.

    Raises:
        ValidationError: Arguments are wrong; all of them are named.
    """

    timeout: float | Unset | None = attrs.field(default=UNSET, converter=_unset_or_seconds)
    total_timeout: float | Unset | None = attrs.field(default=UNSET, converter=_unset_or_seconds)
    max_retries: int | Unset = UNSET
    retry: RetryPolicy | Unset = UNSET
    correlation_id: str | Unset = UNSET
    cache: Literal["use", "bypass", "refresh"] | Unset = UNSET
    priority: Literal["user", "poll"] | Unset = UNSET
    wait_for_circuit: bool | Unset = UNSET
    strict: bool | Unset = UNSET
    headers: Mapping[str, str] | Unset = attrs.field(default=UNSET, converter=_frozen_copy, repr=_show_names)
    tags: Mapping[str, str] | Unset = attrs.field(default=UNSET, converter=_frozen_copy)

    def __attrs_post_init__(self) -> None:
        problems = [
            Problem.of(name, value, f"must be {words}")
            for name, (is_right, words) in _CALL_RULES.items()
            if not isinstance(value := getattr(self, name), Unset) and not is_right(value)
        ]
        if not isinstance(self.headers, Unset):
            problems += check_headers(self.headers)
        if problems:
            raise ValidationError(problems=tuple(problems))
