"""Every exception of the SDK, as one tree.

```
NovitaError
├─ ConfigurationError (also ValueError)      a client, store or signer was set up wrongly
│  └─ SpecFileError                          a serverless spec file cannot be used
├─ ValidationError (also ValueError)         an argument is wrong, nothing was sent
│  ├─ OperationConflictError                 the operation id belongs to another request
│  ├─ SpecNotFoundError                      no serverless spec of that name is loaded
│  └─ UnsupportedFeatureError                the API has no such thing
├─ ClientClosedError (also RuntimeError)     the client was closed
├─ StateStoreError                           the state store failed
│  ├─ StoreUnavailableError                  it cannot be reached
│  ├─ StoreCorruptError                      its content cannot be read
│  ├─ StoreVersionError                      it was written by a newer release
│  ├─ VersionConflictError                   someone else wrote the record first
│  └─ StaleFenceError                        the lease behind this write was lost
├─ PagingError                               a list never ends, or holds more than the one item asked for
├─ TransportError                            no usable answer arrived
│  ├─ APIConnectionError                     the connection failed
│  └─ APITimeoutError (also TimeoutError)    an attempt took too long
│     └─ DeadlineExceededError               the whole call took too long
├─ LocalRejectionError                       the client refused to send
│  ├─ CircuitOpenError                       the API was failing a moment ago
│  └─ RateLimitQueueError                    the own rate limit leaves no room before the deadline
├─ APIStatusError                            the API answered with an error
│  ├─ BadRequestError
│  ├─ AuthenticationError
│  ├─ PermissionDeniedError
│  ├─ NotFoundError
│  │  └─ AsyncJobNotFoundError
│  │     └─ AsyncJobExpiredError             its result was kept for six hours only
│  ├─ ConflictError
│  │  ├─ EndpointExistsError                 an endpoint of that name exists
│  │  └─ AppNameTakenError                   the application name is in use
│  ├─ RateLimitError
│  ├─ CapacityError                          no stock, here or at all
│  ├─ QuotaExceededError
│  ├─ InsufficientBalanceError
│  ├─ ServerError
│  ├─ EndpointInvokeError                    the deployed application answered with an error
│  └─ InvalidStateError (also LifecycleError)
│     └─ EndpointNotReadyError
├─ ResponseDecodeError                       the answer cannot be read
├─ OutcomeUnknownError                       it may or may not have happened; see `reconcile()`
├─ LifecycleError                            always carries `resource_id` or `operation_id`
│  ├─ DuplicateCreateError                   one create made several resources
│  ├─ AmbiguousNameError (also LookupError)  several resources bear the name
│  ├─ WaitTimeoutError (also TimeoutError)
│  ├─ WaitFailedError                        what was waited for cannot happen any more
│  │  └─ EndpointFailedError
│  ├─ CleanupError                           something may still be running, and billing
│  ├─ RentalExpiredError
│  ├─ FleetCreateError
│  ├─ ConcurrentUpdateError                  someone else changed the same fields
│  ├─ EndpointBusyError                      someone else holds the endpoint's lease
│  ├─ UpdateNotAppliedError
│  ├─ DrainTimeoutError (also TimeoutError)
│  └─ AsyncJobError                          a queued job failed, timed out or was cancelled
└─ WebhookError
   ├─ WebhookVerificationError
   ├─ WebhookDeliveryError
   ├─ TargetRefusedError                     the target's address is not allowed
   └─ OutboxFullError
```

All of them pickle and copy with every attribute; only a bound `reconcile()` and the traceback stay behind.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, Protocol

from novita_sdk._core.error_base import (
    Attempt,
    NovitaError,
    Problem,
    SettingProblem,
    SpecProblem,
    list_problems,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from novita_sdk.models.json_types import JSON

__all__ = [
    "APIConnectionError",
    "APIStatusError",
    "APITimeoutError",
    "AmbiguousNameError",
    "AppNameTakenError",
    "AsyncJobError",
    "AsyncJobExpiredError",
    "AsyncJobNotFoundError",
    "Attempt",
    "AuthenticationError",
    "BadRequestError",
    "CapacityError",
    "CircuitOpenError",
    "CleanupError",
    "ClientClosedError",
    "ConcurrentUpdateError",
    "ConfigurationError",
    "ConflictError",
    "DeadlineExceededError",
    "DrainTimeoutError",
    "DuplicateCreateError",
    "EndpointBusyError",
    "EndpointExistsError",
    "EndpointFailedError",
    "EndpointInvokeError",
    "EndpointNotReadyError",
    "FleetCreateError",
    "InsufficientBalanceError",
    "InvalidStateError",
    "LifecycleError",
    "LocalRejectionError",
    "NotFoundError",
    "NovitaError",
    "OperationConflictError",
    "OutboxFullError",
    "OutcomeUnknownError",
    "PagingError",
    "PermissionDeniedError",
    "Problem",
    "QuotaExceededError",
    "RateLimitError",
    "RateLimitQueueError",
    "RentalExpiredError",
    "ResponseDecodeError",
    "ServerError",
    "SettingProblem",
    "SpecFileError",
    "SpecNotFoundError",
    "SpecProblem",
    "StaleFenceError",
    "StateStoreError",
    "StoreCorruptError",
    "StoreUnavailableError",
    "StoreVersionError",
    "TargetRefusedError",
    "TransportError",
    "UnsupportedFeatureError",
    "UpdateNotAppliedError",
    "ValidationError",
    "VersionConflictError",
    "WaitFailedError",
    "WaitTimeoutError",
    "WebhookDeliveryError",
    "WebhookError",
    "WebhookVerificationError",
]

_EMPTY: Mapping[str, JSON] = MappingProxyType({})
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class ConfigurationError(NovitaError, ValueError):
    """A client, store or signer was set up wrongly; `problems` lists everything at once."""

    problems: tuple[SettingProblem, ...] = ()

    def _default_message(self) -> str:
        details = [f"{name}: {problem}; allowed: {allowed}" for name, problem, allowed in self.problems]
        return list_problems("settings", [item[0] for item in self.problems], details) if details else ""

    def _details(self) -> Iterator[str]:
        for name, problem, allowed in self.problems:
            yield f"- {name}: {problem}; allowed: {allowed}"


class SpecFileError(ConfigurationError):
    """A serverless spec file cannot be used; a load with any problem changes nothing."""

    problems: tuple[SpecProblem, ...] = ()  # type: ignore[assignment]  # files need more columns than settings

    def _default_message(self) -> str:
        names = [f"{problem.file}:{problem.field}" for problem in self.problems]
        return list_problems("fields", names, list(self._details())) if names else ""

    def _details(self) -> Iterator[str]:
        for problem in self.problems:
            place = problem.file if problem.line is None else f"{problem.file}:{problem.line}"
            yield f"{place}: {problem.spec or problem.index}: {problem.field}: {problem.message}"


class ValidationError(NovitaError, ValueError, code="VALIDATION_ERROR", status_hint=400):
    """Arguments are wrong; nothing was sent. `problems` lists all of them at once."""

    problems: tuple[Problem, ...] = ()

    def _default_message(self) -> str:
        details = [f"{field}={value}: {message}" for field, value, message in self.problems]
        return list_problems("arguments", [item[0] for item in self.problems], details) if details else ""

    def _details(self) -> Iterator[str]:
        for field, value, message in self.problems:
            yield f"- {field}={value}: {message}"


class OperationConflictError(ValidationError):
    """The operation id was used before with another request body."""


class SpecNotFoundError(ValidationError):
    """No loaded serverless spec has this name.

    Attributes:
        name: The name sought.
        nearest: The names closest to it.
    """

    name: str = ""
    nearest: tuple[str, ...] = ()


class UnsupportedFeatureError(ValidationError):
    """The API has no such feature.

    Attributes:
        feature: What was asked for; several are joined with ", ".
        alternative: What to do instead.
    """

    feature: str = ""
    alternative: str = ""


class ClientClosedError(NovitaError, RuntimeError):
    """The client was closed before or while the call waited."""


class StateStoreError(NovitaError):
    """The state store failed.

    Attributes:
        store: Kind of store, such as "sqlite".
        key: The record concerned.
        location: File path, or URL without its secrets.
    """

    store: str | None = None
    key: str | None = None
    location: str | None = None


class StoreUnavailableError(StateStoreError):
    """The store cannot be reached."""


class StoreCorruptError(StateStoreError):
    """The store's content cannot be read; it was left as it is. `detail` says what was found."""

    detail: str = ""


class StoreVersionError(StateStoreError):
    """The store was written by a newer release of the SDK; it was left as it is."""


class VersionConflictError(StateStoreError):
    """The record has another version than the write expected."""


class StaleFenceError(StateStoreError):
    """A newer holder took the lease this write relied on."""


class PagingError(NovitaError):
    """A list never ended, or held more items than the one asked for."""


class TransportError(NovitaError, retryable=True):
    """No usable answer arrived.

    Attributes:
        phase: Where it broke.
        reached_server: False if the server certainly got nothing, None if that is unknown.
    """

    phase: Literal["connect", "pool", "tls", "send", "read", "protocol"] | None = None
    reached_server: Literal[False] | None = None


class APIConnectionError(TransportError, code="NETWORK_ERROR", status_hint=503):
    """The connection could not be made or broke."""


class APITimeoutError(TransportError, TimeoutError, code="REQUEST_TIMEOUT", status_hint=408):
    """An attempt took longer than its timeouts allow."""


class DeadlineExceededError(APITimeoutError, code="DEADLINE_EXCEEDED"):
    """The call as a whole ran out of time."""


class LocalRejectionError(NovitaError, retryable=True):
    """The client itself refused; nothing was sent."""


class CircuitOpenError(LocalRejectionError, code="CIRCUIT_BREAKER_OPEN", status_hint=503):
    """The family's circuit breaker is open; `retry_at` is the aware UTC time of the next probe."""

    retry_at: datetime | None = None


class RateLimitQueueError(LocalRejectionError, code="RATE_LIMIT_QUEUE", status_hint=429):
    """The client's own rate limit gives no token in time; `expected_wait` is in seconds."""

    expected_wait: float | None = None


class APIStatusError(NovitaError, code="API_ERROR"):
    """The API answered with an error.

    Attributes:
        reason: The API's word for it.
        metadata: What else the answer told, redacted.
        headers: The few response headers worth keeping.
        body: Start of the redacted answer, at most 2048 characters.
    """

    reason: str | None = None
    metadata: Mapping[str, JSON] = _EMPTY
    headers: Mapping[str, str] = _NO_HEADERS
    body: str = ""

    def __init__(self, message: str = "", **fields: object) -> None:
        super().__init__(message, **fields)
        if self.status is None:
            return
        if self.status_hint is None:
            self.status_hint = self.status
        if "retryable" not in fields and (self.status in {408, 429} or self.status >= 500):
            self.retryable = True


class BadRequestError(APIStatusError, code="BAD_REQUEST", status_hint=400):
    """The API found the request wrong."""


class AuthenticationError(APIStatusError, code="AUTHENTICATION_FAILED", status_hint=401):
    """The API key was not accepted."""

    _advice = "check the API key"


class PermissionDeniedError(APIStatusError, code="ACCESS_FORBIDDEN", status_hint=403):
    """The API key may not do this."""


class NotFoundError(APIStatusError, code="NOT_FOUND", status_hint=404):
    """There is no such resource.

    Attributes:
        kind: What was sought, such as "INSTANCE"; the code is built from it.
        identifier: The id or name sought.
        searched_by: How it was sought, such as ("id", "name").
    """

    kind: str | None = None
    identifier: str | None = None
    searched_by: tuple[str, ...] = ()

    def __init__(self, message: str = "", **fields: object) -> None:
        super().__init__(message, **fields)
        if self.kind and "code" not in fields:
            self.code = f"{self.kind}_NOT_FOUND"


class AsyncJobNotFoundError(NotFoundError):
    """The gateway does not know this job."""

    kind: str | None = "JOB"


class AsyncJobExpiredError(AsyncJobNotFoundError):
    """The job ended so long ago that its result is gone."""


class ConflictError(APIStatusError, code="RESOURCE_CONFLICT", status_hint=409):
    """The request conflicts with what exists."""


class EndpointExistsError(ConflictError):
    """One or more endpoints of the name exist already; `ids` are theirs."""

    ids: tuple[str, ...] = ()


class AppNameTakenError(ConflictError):
    """The application name of a serverless endpoint is in use."""


class RateLimitError(APIStatusError, code="RATE_LIMIT_EXCEEDED", status_hint=429, retryable=True):
    """The API asks for fewer requests."""


class CapacityError(APIStatusError, code="INSUFFICIENT_RESOURCE", status_hint=503, retryable=True):
    """There is no stock; of a choice over products the code is NO_AVAILABLE_PRODUCTS."""


class QuotaExceededError(APIStatusError, code="RESOURCE_CONSTRAINTS", status_hint=403):
    """The account's quota is used up."""


class InsufficientBalanceError(APIStatusError, code="INSUFFICIENT_BALANCE", status_hint=402):
    """The account's balance does not cover it."""


class ServerError(APIStatusError, code="SERVER_ERROR", retryable=True):
    """The API failed."""


class EndpointInvokeError(APIStatusError):
    """The application behind a serverless endpoint answered with an error."""


class LifecycleError(NovitaError):
    """Something went wrong in the life of a resource.

    Attributes:
        last_seen: The last status seen.
        timeline: When each status was first seen, as (aware UTC time, status).

    Raises:
        TypeError: Neither `resource_id` nor `operation_id` is given.
    """

    last_seen: str | None = None
    timeline: tuple[tuple[datetime, str], ...] = ()

    _handles: tuple[str, ...] = ("resource_id", "operation_id")

    def __init__(self, message: str = "", **fields: object) -> None:
        super().__init__(message, **fields)
        if self._handles and not any(getattr(self, name) for name in self._handles):
            raise TypeError(f"{type(self).__name__} needs {' or '.join(self._handles)}")

    def _details(self) -> Iterator[str]:
        if self.timeline:
            steps = ", ".join(f"{at:%H:%M:%S} {step}" for at, step in self.timeline)
            yield f"timeline (UTC, {self.timeline[0][0]:%Y-%m-%d}): {steps}"


class InvalidStateError(APIStatusError, LifecycleError, code="INVALID_STATE", status_hint=409):
    """The resource's state does not permit the action.

    Attributes:
        current_status: The status that stands in the way.
        action: What was asked for.
    """

    current_status: str | None = None
    action: str | None = None

    _handles = ()  # built from an answer before the call adds what it acted on


class EndpointNotReadyError(InvalidStateError):
    """The endpoint has no address yet."""


class DuplicateCreateError(LifecycleError):
    """Several resources carry the mark of one create; none was adopted or deleted. `ids` are theirs."""

    ids: tuple[str, ...] = ()


class AmbiguousNameError(LifecycleError, LookupError):
    """Several resources bear the name; `ids` are theirs, newest first. Pass an id."""

    name: str = ""
    ids: tuple[str, ...] = ()

    _handles = ("ids", "resource_id", "operation_id")


class WaitTimeoutError(LifecycleError, TimeoutError):
    """The wait's deadline passed; the resource was left as it is.

    Attributes:
        phase: What was waited for, such as "startup" or "readiness".
        polls: Polls made.
        failed_polls: Polls that brought no answer.
        last_error: The last failed poll's error.
        probes: Results of the readiness probes.
        url: Of an endpoint: where it would be reached.
    """

    phase: str | None = None
    polls: int = 0
    failed_polls: int = 0
    last_error: NovitaError | None = None
    probes: tuple[object, ...] = ()
    url: str | None = None


class WaitFailedError(LifecycleError):
    """What was waited for cannot happen any more; `reason` says why, `server_message` what the API says."""

    reason: str | None = None
    server_message: str | None = None


class EndpointFailedError(WaitFailedError):
    """The endpoint or all its workers failed; `failures` tells how."""

    failures: tuple[object, ...] = ()


class CleanupError(LifecycleError):
    """The action at the end of a rental failed: the resource may still be running and billing."""

    action: str | None = None


class RentalExpiredError(LifecycleError):
    """A rental passed its limit and was ended.

    Attributes:
        limit: Which limit.
        value: Its value.
        cost: What the rental cost, as `Money`, if known.
    """

    limit: str | None = None
    value: object = None
    cost: object = None


class FleetCreateError(LifecycleError):
    """Creating several instances missed its goal; `report` is the `FleetReport`."""

    report: object = None


class ConcurrentUpdateError(LifecycleError):
    """Someone else changed the endpoint; `fields` are the names, `theirs` the values now in force."""

    fields: tuple[str, ...] = ()
    theirs: Mapping[str, JSON] = _EMPTY


class EndpointBusyError(LifecycleError):
    """Someone else holds the endpoint's lease."""


class UpdateNotAppliedError(LifecycleError):
    """The API accepted an update that never showed; `fields` are the names."""

    fields: tuple[str, ...] = ()


class DrainTimeoutError(LifecycleError, TimeoutError):
    """Workers were still busy when the time for draining was over."""

    worker_ids: tuple[str, ...] = ()


class AsyncJobError(LifecycleError):
    """A queued job ended badly; `job_status` is its last status, `job` the whole job."""

    job_status: str | None = None
    job: object = None


class ResponseDecodeError(NovitaError, code="INVALID_RESPONSE", status_hint=502):
    """The answer cannot be read.

    Attributes:
        path: Where in the answer, such as "$.gpuNum"; here not the path template.
        model: The model it should have become.
        body: Start of the redacted answer.
    """

    model: str | None = None
    body: str = ""

    def _route(self) -> str:
        return self.method or ""

    def _details(self) -> Iterator[str]:
        yield f"where: {self.path or '$'}" + (f" of {self.model}" if self.model else "")


class OutcomeReconciler(Protocol):
    """Looks again at what became of an unclear call."""

    def __call__(self, error: OutcomeUnknownError, timeout: float, /) -> object:
        """Return what was found; in the asynchronous colour, something to await."""
        ...


class ReconcilingClient(Protocol):
    """A client that can look again at an error which lost its own client."""

    @property
    def _reconcile_outcome(self) -> OutcomeReconciler: ...


class OutcomeUnknownError(NovitaError, code="OUTCOME_UNKNOWN", status_hint=504):
    """The request was sent, and nothing tells whether it was carried out.

    Attributes:
        sent_at: Aware UTC time of the first send that may have arrived.
        sends: How often the request may have arrived.
        looks: Complete looks made since.
        verified: Whether a complete look after the settling window found nothing.
        candidates: Ids that may be the result but carry no proof.
        journaled: Whether the store remembers the operation.
    """

    sent_at: datetime | None = None
    sends: int = 0
    looks: int = 0
    verified: bool = False
    candidates: tuple[str, ...] = ()
    journaled: bool = False

    _transient = frozenset({"_reconcile"})
    _reconcile: OutcomeReconciler | None = None
    _traceless = False  # whether the call left nothing to look for

    def reconcile(self, client: ReconcilingClient | None = None, *, timeout: float = 30.0) -> object:
        """Look again for what the call made.

        Args:
            client: The client to ask with; needed once the error was pickled or copied.
            timeout: Seconds to look for.

        Returns:
            The resource, or None if it certainly does not exist; with an asynchronous client something
            to await that gives it.

        Raises:
            ConfigurationError: No client is given and the error has lost its own.
            DuplicateCreateError: Several resources were found.
        """
        look_again = self._reconcile if client is None else client._reconcile_outcome  # noqa: SLF001 - the client's half of this method
        if look_again is None:
            problem = SettingProblem("client", "this error has no client of its own any more", "a client")
            raise ConfigurationError(problems=(problem,), operation_id=self.operation_id)
        return look_again(self, timeout)


class WebhookError(NovitaError):
    """Something went wrong with a webhook."""


class WebhookVerificationError(WebhookError):
    """A received webhook was refused.

    Attributes:
        reason: Why, in one word.
        scheme: The signing scheme looked at.
    """

    reason: str | None = None
    scheme: str | None = None


class WebhookDeliveryError(WebhookError):
    """A webhook was not accepted by its target.

    Attributes:
        message_id: Id of the message.
        host: Host of the target.
    """

    message_id: str | None = None
    host: str | None = None


class TargetRefusedError(WebhookError):
    """A webhook's target was refused before any connection; `address_class` is its kind of address."""

    host: str | None = None
    address_class: str | None = None


class OutboxFullError(WebhookError):
    """The outbox holds as many messages as it may; `limit` is that number."""

    limit: int | None = None
