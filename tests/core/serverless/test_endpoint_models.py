"""Endpoints: how records are read, counted, and what failures mean."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from novita_sdk._core.codec import structure
from novita_sdk.models.endpoint import Endpoint
from novita_sdk.models.endpoint_state import EndpointState, State
from novita_sdk.models.worker_failure import FailureClass, failure_class, has_failed


def endpoint(**changes: Any) -> Endpoint:
    return structure(Endpoint, {"id": "e1", "name": "one", "state": {"state": "serving"}, **changes})


def worker(identity: str, state: str = "running", healthy: bool | None = True, **more: str) -> dict[str, Any]:
    return {"id": identity, "state": {"state": state, **more}, "healthy": healthy}


@pytest.mark.case("SV-03")
def test_numbers_and_their_digits_read_alike() -> None:
    numbers = endpoint(
        workerConfig={"freeTimeout": 300}, ports=[{"port": 8000}], policy={"type": "queue", "value": 60}
    )
    digits = endpoint(
        workerConfig={"freeTimeout": "300"}, ports=[{"port": "8000"}], policy={"type": "queue", "value": "60"}
    )
    assert numbers == digits


@pytest.mark.case("SV-52")
def test_workers_are_counted_by_one_definition() -> None:
    found = endpoint(
        workerConfig={"minNum": 0, "maxNum": 5},
        workers=[
            worker("a"),
            worker("b"),
            worker("c", healthy=False),
            worker("d", "pending"),
            worker("e", "Running"),
        ],
    ).status()
    assert (found.total, found.running, found.ready, found.pending) == (5, 4, 3, 1)
    assert (found.desired, found.available, found.conditions) == (5, 4, {"Available"})


@pytest.mark.case("SV-52")
@pytest.mark.parametrize(
    ("word", "condition"), [("creating", "Progressing"), ("updating", "Progressing"), ("failed", "Failed")]
)
def test_an_endpoint_without_workers_has_the_condition_of_its_state(word: str, condition: str) -> None:
    assert endpoint(state={"state": word}).status().conditions == {condition}


@pytest.mark.case("SV-53")
@pytest.mark.parametrize(
    ("word", "state"),
    [
        (" Serving ", EndpointState.RUNNING),
        ("RUNNING", EndpointState.RUNNING),
        ("deleting", EndpointState.TERMINATING),
        ("weird", EndpointState("weird")),
    ],
)
def test_states_are_read_without_regard_to_case_and_blanks(word: str, state: EndpointState) -> None:
    assert State(word=word).state is state


def test_an_unknown_state_is_known_as_such() -> None:
    assert not State(word="weird").state.known


@pytest.mark.case("SV-65")
@pytest.mark.parametrize(
    ("error", "message", "expected"),
    [
        ("image_pull_failed", "", "image_pull"),
        ("", "image not found in registry", "image_pull"),
        ("", "manifest not found", "image_pull"),
        ("oom_killed", "", "crash"),
        ("", "container error: process exited", "crash"),
        ("", "CUDA out of memory", "crash"),
        ("gpu_unavailable", "", "resource"),
        ("unavailable", "", "resource"),
        ("", "memory limit exceeded", "resource"),
        ("quota_exceeded", "", "resource"),
        ("deadline_exceeded", "", "timeout"),
        ("", "operation timed out", "timeout"),
        ("timeout", "pulling layer", "timeout"),
        ("", "room service", "unknown"),
        ("", "worker not found", "unknown"),
        ("", "unlimited", "unknown"),
        ("some_random_error", "", "unknown"),
        ("ImagePullBackOff", "", "image_pull"),
    ],
)
def test_failures_are_classified_by_whole_words(error: str, message: str, expected: str) -> None:
    assert failure_class(State(word="failed", error=error, message=message)) is FailureClass(expected)


@pytest.mark.case("SV-66")
def test_a_failover_is_no_failure() -> None:
    assert not has_failed(State(word="running", message="Failover done"), healthy=False)
    assert has_failed(State(word="running", message="probe fail"), healthy=False)


@pytest.mark.parametrize("word", ["failed", "Failure", " error", "errored", "CRASHED"])
def test_these_states_are_failures(word: str) -> None:
    assert has_failed(State(word=word), healthy=None)


def test_a_record_keeps_what_came() -> None:
    found = endpoint(foo={"a": [1]}, workers=None, image=[{"image": "nginx"}])
    assert found.raw["foo"] == {"a": [1]}
    assert found.extra["foo"] == {"a": [1]}
    assert found.workers == ()
    assert found.image is not None
    assert found.image.image == "nginx"
    assert pickle.loads(pickle.dumps(found)).raw["foo"] == {"a": [1]}  # noqa: S301 - our own bytes


def test_the_environment_hides_its_values_and_the_mark() -> None:
    found = endpoint(
        envs=[
            {"key": "A", "value": "s3cret"},
            {"key": "A", "value": "s3cret2"},
            {"key": "NOVITA_SDK_OPERATION_ID", "value": "op-1"},
        ]
    )
    assert dict(found.envs) == {"A": "s3cret2"}
    assert found.operation_id == "op-1"
    assert "s3cret" not in repr(found) + repr(found.envs)


@pytest.mark.case("SV-76")
def test_what_a_service_says_of_a_failure_is_shown_without_its_passwords() -> None:
    said = {"state": "failed", "error": "pull", "message": "https://u:h1dden@registry.example/x: no"}
    found = endpoint(state=said, workers=[{"id": "w", "state": said, "healthy": False}])
    status = found.status()
    told = "https://[REDACTED]@registry.example/x: no"
    assert [failure.message for failure in status.failures] == [told, told]
    assert "h1dden" not in repr(status) + repr(found)
