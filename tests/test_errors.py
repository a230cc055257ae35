"""The exception tree: what every error carries, says, and keeps when it is copied or pickled."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
import re
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime

import pytest

from novita_sdk import errors
from novita_sdk.errors import (
    AmbiguousNameError,
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    Attempt,
    AuthenticationError,
    BadRequestError,
    CapacityError,
    CircuitOpenError,
    ConfigurationError,
    DeadlineExceededError,
    DuplicateCreateError,
    InvalidStateError,
    LifecycleError,
    NotFoundError,
    NovitaError,
    OutcomeUnknownError,
    RateLimitQueueError,
    ResponseDecodeError,
    ServerError,
    StaleFenceError,
    ValidationError,
    WaitTimeoutError,
    WebhookVerificationError,
)

NOW = datetime(2024, 4, 15, 12, 0, tzinfo=UTC)
ATTEMPTS = (
    Attempt(1, NOW, 0.25, "server_error", 503, "req-1", sent=True),
    Attempt(2, NOW, 0.5, "not_sent", waited_bucket=0.125, waited_retry=1.0),
)
CLASSES = [
    cls
    for name in errors.__all__
    if isinstance(cls := getattr(errors, name), type) and issubclass(cls, NovitaError)
]
CONTEXT: dict[str, object] = {
    "status": 503,
    "operation": "get_instance",
    "method": "GET",
    "path": "/gpu/instance",
    "family": "public",
    "correlation_id": "nvt-0123456789abcdef0123456789abcdef",
    "request_id": "req-2",
    "resource_id": "i-1",
    "operation_id": "op-1",
    "attempts": ATTEMPTS,
    "elapsed": 1.875,
    "retry_after": 7.0,
    "retry_stopped": "attempts",
    "doc_url": "https://docs.example.test/errors",
}
PUBLIC = sorted(NovitaError._fields)


def public_attributes(error: NovitaError) -> dict[str, object]:
    return {name: getattr(error, name) for name in (*type(error)._fields, "message", "args")}


def full(cls: type[NovitaError]) -> NovitaError:
    """Build an error of `cls` with all common attributes, a cause, a note and one attribute of its own."""
    own: dict[str, object] = {
        "ids": ("i-1", "i-2"),
        "timeline": ((NOW, "starting"),),
        "problems": (),
        "metadata": {"zone": "a"},
        "fields": ("name",),
        "candidates": ("i-9",),
    }
    error = cls("it failed", **CONTEXT, **{name: value for name, value in own.items() if name in cls._fields})
    error.add_note("seen in a test")
    try:
        raise error from OSError("line is dead")
    except NovitaError as raised:
        return raised


# --------------------------------------------------------------------------------------- the tree


def printed_tree() -> Iterator[tuple[str, str | None, str | None]]:
    """Read (class, parent, second base) out of the module's docstring."""
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"(?P<stem>[│├└─ ]*)(?P<name>\w+Error)\b(?: \(also (?P<also>\w+)\))?", line)
        if found and (found["stem"] or found["name"] == "NovitaError"):
            depth = len(found["stem"]) // 3
            path[depth:] = [found["name"]]
            yield found["name"], path[depth - 1] if depth else None, found["also"]


def test_the_printed_tree_is_the_real_one() -> None:
    printed = list(printed_tree())
    assert sorted(name for name, _, _ in printed) == sorted(cls.__name__ for cls in CLASSES)
    for name, parent, also in printed:
        bases = [base.__name__ for base in getattr(errors, name).__bases__]
        assert bases == [parent or "Exception", *([also] if also else [])], name


def test_every_class_of_the_tree_is_public() -> None:
    below = [NovitaError]
    for cls in below:
        below += [sub for sub in cls.__subclasses__() if sub.__module__ == errors.__name__]
    assert {cls.__name__ for cls in below} == {cls.__name__ for cls in CLASSES}


@pytest.mark.parametrize(
    ("cls", "code", "status_hint", "retryable"),
    [
        (AuthenticationError, "AUTHENTICATION_FAILED", 401, False),
        (errors.PermissionDeniedError, "ACCESS_FORBIDDEN", 403, False),
        (BadRequestError, "BAD_REQUEST", 400, False),
        (InvalidStateError, "INVALID_STATE", 409, False),
        (NotFoundError, "NOT_FOUND", 404, False),
        (errors.ConflictError, "RESOURCE_CONFLICT", 409, False),
        (errors.RateLimitError, "RATE_LIMIT_EXCEEDED", 429, True),
        (CapacityError, "INSUFFICIENT_RESOURCE", 503, True),
        (errors.QuotaExceededError, "RESOURCE_CONSTRAINTS", 403, False),
        (errors.InsufficientBalanceError, "INSUFFICIENT_BALANCE", 402, False),
        (ServerError, "SERVER_ERROR", None, True),
        (APIStatusError, "API_ERROR", None, False),
        (APITimeoutError, "REQUEST_TIMEOUT", 408, True),
        (DeadlineExceededError, "DEADLINE_EXCEEDED", 408, True),
        (APIConnectionError, "NETWORK_ERROR", 503, True),
        (CircuitOpenError, "CIRCUIT_BREAKER_OPEN", 503, True),
        (RateLimitQueueError, "RATE_LIMIT_QUEUE", 429, True),
        (ResponseDecodeError, "INVALID_RESPONSE", 502, False),
        (OutcomeUnknownError, "OUTCOME_UNKNOWN", 504, False),
    ],
)
def test_a_class_has_its_code_status_hint_and_retryability(
    cls: type[NovitaError], code: str, status_hint: int | None, retryable: bool
) -> None:
    error = cls("x")
    assert (error.code, error.status_hint, error.retryable) == (code, status_hint, retryable)


@pytest.mark.parametrize(
    ("cls", "code"),
    [
        (DuplicateCreateError, "DUPLICATE_CREATE"),
        (WaitTimeoutError, "WAIT_TIMEOUT"),
        (WebhookVerificationError, "WEBHOOK_VERIFICATION"),
        (StaleFenceError, "STALE_FENCE"),
    ],
)
def test_a_class_without_a_code_of_its_own_is_coded_by_its_name(cls: type[NovitaError], code: str) -> None:
    assert cls.code == code


def test_a_timeout_is_a_timeout_error_and_a_bad_argument_a_value_error() -> None:
    assert issubclass(WaitTimeoutError, TimeoutError)
    assert issubclass(DeadlineExceededError, TimeoutError)
    assert issubclass(ValidationError, ValueError)
    assert issubclass(ConfigurationError, ValueError)
    assert issubclass(AmbiguousNameError, LookupError)
    assert issubclass(InvalidStateError, LifecycleError)


@pytest.mark.parametrize(("status", "retryable"), [(302, False), (408, True), (413, False), (503, True)])
def test_a_status_without_a_class_of_its_own_decides_on_hint_and_retryability(
    status: int, retryable: bool
) -> None:
    error = APIStatusError("x", status=status)
    assert (error.status_hint, error.retryable) == (status, retryable)


def test_a_not_found_error_is_coded_by_what_was_sought() -> None:
    assert NotFoundError("x", kind="INSTANCE").code == "INSTANCE_NOT_FOUND"
    assert errors.AsyncJobExpiredError("x").code == "JOB_NOT_FOUND"
    assert NotFoundError("x", kind="INSTANCE", code="OTHER").code == "OTHER"


# ------------------------------------------------------------------------------------- attributes


@pytest.mark.parametrize("cls", CLASSES)
def test_an_unknown_attribute_is_refused(cls: type[NovitaError]) -> None:
    with pytest.raises(TypeError, match="no attribute colour"):
        cls("x", colour="red", resource_id="i-1")


@pytest.mark.parametrize("cls", CLASSES)
def test_every_error_has_the_common_attributes(cls: type[NovitaError]) -> None:
    error = cls("x", resource_id="i-1", ids=("i-1",)) if "ids" in cls._fields else cls("x", resource_id="i-1")
    assert cls._fields >= set(PUBLIC)
    for name in PUBLIC:
        getattr(error, name)


def test_context_fills_gaps_and_overwrites_nothing() -> None:
    error = ServerError("x", status=503, operation="list_jobs")
    same = error.add_context(operation="other", family="public", attempts=ATTEMPTS, code="NEW")
    assert same is error
    assert (error.operation, error.family, error.attempts) == ("list_jobs", "public", ATTEMPTS)
    assert error.code == "SERVER_ERROR"
    error.add_context(attempts=(), hint="ask again", cause_summary="a gremlin")
    error.add_context(hint="never mind", cause_summary="another one")
    assert (error.attempts, error.hint, error.cause_summary) == (ATTEMPTS, "ask again", "a gremlin")
    with pytest.raises(TypeError, match="no attribute colour"):
        error.add_context(colour="red")


@pytest.mark.parametrize("cls", [cls for cls in CLASSES if issubclass(cls, LifecycleError) and cls._handles])
def test_a_lifecycle_error_needs_a_handle(cls: type[NovitaError]) -> None:
    with pytest.raises(TypeError, match="needs"):
        cls("x")
    assert cls("x", operation_id="op-1").operation_id == "op-1"


def test_an_ambiguous_name_is_handled_by_its_ids() -> None:
    assert AmbiguousNameError("x", name="n", ids=("i-1", "i-2")).ids == ("i-1", "i-2")


def test_a_users_own_subclass_declares_its_fields_like_ours() -> None:
    class HouseError(ServerError):
        floor: int = 0

    error = HouseError("x", floor=3, status=500)
    assert (error.floor, error.code, error.retryable) == (3, "HOUSE", True)


def test_the_cause_is_summed_up_without_queries_and_passwords() -> None:
    error = APIConnectionError("x")
    assert error.cause_summary is None
    error.__cause__ = OSError("no route to\nhttps://u:p@h.example/path?key=k")
    assert error.cause_summary == "OSError: no route to https://[REDACTED]@h.example/path?[REDACTED]"


# ------------------------------------------------------------------------------- copies and pickles


@pytest.mark.case("ER-04")
@pytest.mark.parametrize("cls", CLASSES)
def test_pickles_and_copies_keep_everything(cls: type[NovitaError]) -> None:
    error = full(cls)
    pickled = [pickle.loads(pickle.dumps(error, protocol)) for protocol in range(2, 6)]  # noqa: S301 - our own bytes
    for other in (*pickled, copy.copy(error), copy.deepcopy(error)):
        assert type(other) is cls
        assert str(other) == str(error)
        assert public_attributes(other) == public_attributes(error)
        assert other.__notes__ == ["seen in a test"]
        assert other.cause_summary == "OSError: line is dead"


@pytest.mark.case("ER-04")
def test_a_process_pool_hands_every_error_back_as_it_was() -> None:
    originals = [full(cls) for cls in CLASSES]
    originals.append(ServerError("without a cause", status=500))
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        futures = [pool.submit(exec, "raise error", {"error": error}) for error in originals]
        for error, future in zip(originals, futures, strict=True):
            other = future.exception(timeout=60)
            assert isinstance(other, NovitaError)
            assert type(other) is type(error)
            assert str(other) == str(error)
            assert public_attributes(other) == public_attributes(error)


def test_an_unknown_outcome_is_looked_at_again_by_its_own_client() -> None:
    error = OutcomeUnknownError("x", operation_id="op-1")
    error._reconcile = lambda asked, timeout: (asked.operation_id, timeout)
    assert error.reconcile(timeout=5) == ("op-1", 5)


def test_a_pickled_unknown_outcome_needs_a_client_to_be_looked_at_again() -> None:
    error = OutcomeUnknownError("x", operation_id="op-1", candidates=("i-1",))
    error._reconcile = lambda asked, timeout: None
    other = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    with pytest.raises(ConfigurationError, match="client"):
        other.reconcile()

    class Client:
        def _reconcile_outcome(self, error: OutcomeUnknownError, timeout: float) -> object:
            return error.candidates, timeout

    assert other.reconcile(Client()) == (("i-1",), 30.0)
