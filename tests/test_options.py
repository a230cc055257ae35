"""Policies, timeouts and call options: defaults, ranges, and what is said about wrong values."""

from __future__ import annotations

import copy
import pickle
from datetime import timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novita_sdk.errors import ConfigurationError, ValidationError
from novita_sdk.models.unset import UNSET
from novita_sdk.options import (
    BreakerPolicy,
    CachePolicy,
    CallOptions,
    Pool,
    RateLimit,
    RetryPolicy,
    ServerlessOptions,
    Settings,
    Timeouts,
    check_headers,
)


def invalid(**options: Any) -> list[str]:
    """Return the names that a ValidationError of CallOptions complains about."""
    with pytest.raises(ValidationError) as caught:
        CallOptions(**options)
    return [problem.field for problem in caught.value.problems]


# ---------------------------------------------------------------------------------------- policies


def test_policies_have_their_documented_defaults() -> None:
    assert attrs.asdict(RetryPolicy()) == {
        "max_retries": 3,
        "factor": 1,
        "base": 2,
        "max_delay": 30,
        "jitter": "full",
        "max_retry_after": 60,
        "budget": 500,
        "transient_cost": 14,
        "throttled_cost": 5,
    }
    assert attrs.astuple(BreakerPolicy()) == (5, 60, 3, 5)
    assert attrs.astuple(RateLimit()) == (100, None)
    assert attrs.astuple(Pool()) == (100, 20, 15)
    assert attrs.astuple(ServerlessOptions()) == ("number", True, "current")


@pytest.mark.parametrize(
    ("policy", "wrong"),
    [
        (RetryPolicy, {"max_retries": -1, "base": 0.5}),
        (RetryPolicy, {"max_retries": True, "factor": 0, "jitter": "half"}),
        (RetryPolicy, {"max_delay": float("nan"), "max_retry_after": -1}),
        (RetryPolicy, {"budget": -1, "transient_cost": 1.5, "throttled_cost": None}),
        (BreakerPolicy, {"failure_threshold": 0, "open_for": 0, "success_threshold": 0, "probe_grace": -1}),
        (RateLimit, {"limit": 1}),
        (RateLimit, {"limit": 10001}),
        (RateLimit, {"burst": 100}),
        (RateLimit, {"burst": 0}),
        (Pool, {"max_connections": 0, "max_keepalive": -1, "keepalive": "15"}),
        (ServerlessOptions, {"numbers": "digits"}),
        (CachePolicy, {"ttl": 0, "max_entries": 0}),
        (CachePolicy, {"ttls": {"list_instances": 5}}),
        (CachePolicy, {"ttls": {"list_clusters": 0}}),
        (CachePolicy, {"ttls": {"warp": 5}}),
        (Timeouts, {"read": 0, "write": -1, "pool": float("inf"), "attempt": 10**400}),
        (Timeouts, {"connect": "5"}),
    ],
)
def test_a_wrong_policy_is_refused_with_every_wrong_attribute(policy: type, wrong: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        policy(**wrong)
    assert [problem.name for problem in caught.value.problems] == [
        f"{policy.__name__}.{name}" for name in wrong
    ]


def test_a_refusal_says_the_value_and_what_would_be_right() -> None:
    with pytest.raises(
        ConfigurationError, match=r"RateLimit\.burst: 10 is wrong; allowed: a whole number from 1 to 9"
    ):
        RateLimit(10, burst=10)


def test_durations_of_policies_may_be_timedeltas() -> None:
    assert RetryPolicy(max_delay=timedelta(minutes=1)).max_delay == 60.0
    assert BreakerPolicy(open_for=timedelta(seconds=5)).open_for == 5.0


def test_a_jitter_may_be_a_function() -> None:
    assert callable(RetryPolicy(jitter=lambda ceiling: ceiling / 2).jitter)


def test_the_cache_takes_the_figure_for_one_operation_then_for_all_then_its_own() -> None:
    policy = CachePolicy(ttl=7, ttls={"get_template": timedelta(seconds=3)})
    assert policy.ttl_of("get_template", 600) == 3
    assert policy.ttl_of("list_clusters", 300) == 7
    assert CachePolicy().ttl_of("list_clusters", 300) == 300
    assert policy.ttl_of("list_instances", None) is None


# --------------------------------------------------------------------------------------- timeouts


def test_timeouts_have_their_documented_defaults() -> None:
    assert attrs.astuple(Timeouts(), filter=lambda field, _: field.init) == (5, 30, 30, 10, 60, 180)


def test_an_attempt_gets_twice_the_read_timeout_if_that_is_more() -> None:
    assert Timeouts(read=50).attempt == 100
    assert Timeouts(read=5).attempt == 60
    assert Timeouts(read=50, attempt=7).attempt == 7
    assert Timeouts(read=None).attempt is None


def test_what_is_left_out_or_unset_comes_from_the_settings() -> None:
    settings = Settings(connect_timeout=1, request_timeout=40, total_timeout=None)
    completed = Timeouts(connect=UNSET, write=timedelta(seconds=3)).completed(settings)
    assert completed == Timeouts(connect=1, read=40, write=3, pool=10, attempt=80, total=None)
    assert Timeouts(read=None, total=9).completed(settings) == Timeouts(
        connect=1, read=None, write=30, pool=10, attempt=None, total=9
    )


def test_timeouts_remember_what_was_given_through_copies_and_pickles() -> None:
    timeouts = Timeouts(read=50)
    for other in (copy.copy(timeouts), copy.deepcopy(timeouts), pickle.loads(pickle.dumps(timeouts))):  # noqa: S301 - our own bytes
        assert other == timeouts
        assert other.given == {"read"}


# ----------------------------------------------------------------------------------- call options


def test_call_options_leave_everything_to_the_client() -> None:
    assert all(value is UNSET for value in attrs.asdict(CallOptions()).values())


@given(
    timeout=st.none() | st.floats(0.01, 1000) | st.timedeltas(timedelta(seconds=1), timedelta(1)),
    retries=st.integers(0, 10),
)
def test_right_call_options_are_kept(timeout: float | timedelta | None, retries: int) -> None:
    options = CallOptions(timeout=timeout, total_timeout=timeout, max_retries=retries)
    seconds = timeout.total_seconds() if isinstance(timeout, timedelta) else timeout
    assert (options.timeout, options.total_timeout, options.max_retries) == (seconds, seconds, retries)


@pytest.mark.parametrize(
    "wrong",
    [
        {"timeout": 0},
        {"total_timeout": -1},
        {"timeout": float("inf")},
        {"max_retries": 11},
        {"max_retries": None},
        {"max_retries": 1.0},
        {"retry": None},
        {"retry": "often"},
        {"correlation_id": ""},
        {"correlation_id": "a\r\nb"},
        {"correlation_id": "a" * 129},
        {"correlation_id": "job 7"},
        {"correlation_id": "job-7\n"},
        {"cache": "maybe"},
        {"priority": "urgent"},
        {"wait_for_circuit": 1},
        {"strict": None},
        {"tags": {"a": 1}},
        {"tags": "a"},
        {"headers": "a"},
        {"headers": {"Authorization": "x"}},
        {"headers": {"HOST": "x"}},
        {"headers": {"content-length": "1"}},
        {"headers": {"Content-Type": "x"}},
        {"headers": {"user-agent": "x"}},
        {"headers": {"X-Correlation-ID": "x"}},
        {"headers": {"X-A": "a\rb"}},
        {"headers": {"X-A": "a\nb"}},
        {"headers": {"X-A": "a\0b"}},
        {"headers": {"X-A": "ü"}},
        {"headers": {"X A": "b"}},
        {"headers": {"X-A:": "b"}},
        {"headers": {"X-A\n": "b"}},
        {"headers": {"": "b"}},
        {"headers": {"X-A": 1}},
    ],
    ids=repr,
)
def test_wrong_call_options_are_refused_by_name(wrong: dict[str, object]) -> None:
    (name,) = wrong
    (field,) = invalid(**wrong)
    assert field.partition("[")[0] == name


def test_all_wrong_call_options_are_named_at_once() -> None:
    assert invalid(timeout=0, cache="x", headers={"Host": "x", "A": "\n"}) == [
        "timeout",
        "cache",
        "headers",
        "headers['A']",
    ]


def test_header_values_are_never_shown() -> None:
    assert "hunter2" not in repr(CallOptions(headers={"X-A": "hunter2"}))
    with pytest.raises(ValidationError) as caught:
        CallOptions(headers={"X-A": "hunter2\n"})
    assert "hunter2" not in caught.value.explain()


def test_headers_and_tags_are_copied() -> None:
    headers = {"X-A": "b"}
    options = CallOptions(headers=headers, tags=headers, correlation_id="job-7", retry=RetryPolicy())
    headers["Host"] = "x"
    assert options.headers == {"X-A": "b"}
    assert options.tags == {"X-A": "b"}
    assert pickle.loads(pickle.dumps(options)) == options  # noqa: S301 - our own bytes


def test_headers_of_other_arguments_are_reported_under_their_name() -> None:
    assert [problem.field for problem in check_headers({"Host": "x"}, "default_headers")] == [
        "default_headers"
    ]
    assert check_headers({"X-A": "b\tc"}) == []
