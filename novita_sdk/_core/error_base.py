"""What all exceptions of the SDK have in common: their attributes, texts, copying and pickling."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, Self

from novita_sdk._core.hints import hint_for
from novita_sdk._core.redact import redact_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from novita_sdk.models.product_choice import RegionTried

_LINE_LIMIT = 300
_HEAD_LIMIT = 90
_TAIL_LIMIT = 160
_CAUSE_LIMIT = 200
_VALUE_LIMIT = 80


class Attempt(NamedTuple):
    """One request of a call as it went over the wire, or failed to.

    Attributes:
        number: 1 for the first try.
        started_at: Aware UTC time at which the attempt began.
        elapsed: Seconds the attempt itself took, queues and sleeps left out.
        outcome: What came of it, such as "ok", "server_error" or "not_sent".
        status: HTTP status, None without an answer.
        request_id: The server's id of the request, if it sent one.
        waited_bucket: Seconds spent waiting for the client's own rate limit.
        waited_retry: Seconds slept before this attempt.
        sent: Whether the server may have received the request.
    """

    number: int
    started_at: datetime
    elapsed: float
    outcome: str
    status: int | None = None
    request_id: str | None = None
    waited_bucket: float = 0.0
    waited_retry: float = 0.0
    sent: bool = False


class Problem(NamedTuple):
    """One wrong argument: its name, the value's repr (cut, never a secret), and what would be right."""

    field: str
    value_repr: str
    message: str

    @classmethod
    def of(cls, field: str, value: object, message: str) -> Self:
        """Describe a wrong value; a secret must be given as a `Secret`, whose repr hides it."""
        text = repr(value)
        return cls(field, text if len(text) <= _VALUE_LIMIT else text[: _VALUE_LIMIT - 3] + "...", message)


class SettingProblem(NamedTuple):
    """One wrong setting: its name as it was read, what is wrong, and what is allowed."""

    name: str
    problem: str
    allowed: str


class SpecProblem(NamedTuple):
    """One problem of a serverless spec file."""

    file: str
    index: int | None  # type: ignore[assignment]  # the field comes before the tuple method
    spec: str | None
    field: str
    code: str
    message: str
    line: int | None = None


def one_line(text: str, limit: int) -> str:
    """Drop control characters and line breaks, then cut."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= limit else line[: limit - 3] + "..."


def list_problems(noun: str, names: list[str], details: list[str]) -> str:
    """All names first, so that a cut line still names each of them; then what is wrong with each."""
    if len(names) == 1:
        return details[0]
    return f"{len(names)} {noun} are not valid: {', '.join(names)} ({'; '.join(details)})"


def _restore(cls: type[NovitaError], state: dict[str, object]) -> NovitaError:
    """Rebuild a pickled or copied error without running its constructor."""
    error = cls.__new__(cls)
    error.args = (state["message"],)
    error.__dict__.update(state)
    return error


def _field_names(cls: type[NovitaError]) -> frozenset[str]:
    """The attributes that a class and its bases declare."""
    declared = (
        name for base in cls.__mro__ if issubclass(base, NovitaError) for name in base.__annotations__
    )
    return frozenset(name for name in declared if not name.startswith("_")) - {"message"} | _COMPUTED


# Attributes that are worked out when asked for, unless someone set them.
_COMPUTED = frozenset({"hint", "cause_summary"})


_STOPPED = {
    "attempts": "all retries were made",
    "class": "such an outcome is not tried again",
    "retry_after": "the service asks to wait longer than a call may",
    "deadline": "the next attempt would come after the deadline",
    "circuit_open": "the breaker is open for longer than the next delay",
    "budget": "the retry budget is spent: too many calls fail",
}
"""What each reason to stop means, for people."""


class NovitaError(Exception):
    """Base of everything the SDK raises on its own account.

    Every public attribute may be given as a keyword; an unknown keyword is a TypeError.

    Attributes:
        message: The bare message.
        code: Stable word for the condition, such as "INSTANCE_NOT_FOUND".
        status: HTTP status of the answer, None if the SDK found the condition itself.
        status_hint: The HTTP status that describes the condition best.
        operation: Name of the API operation, such as "get_instance".
        method: HTTP method.
        path: Path template, never the URL.
        family: "public", "internal" or "gateway".
        correlation_id: The id sent with all attempts of the call.
        request_id: The server's id of the last request.
        resource_id: The resource concerned.
        operation_id: The id of the logical operation (creates and other changes made at most once).
        attempts: What was tried, in order.
        elapsed: Seconds from the start of the call.
        retryable: Whether the same call may succeed later.
        retry_after: Seconds after which to try again, if known.
        retry_stopped: Why no further attempt was made.
        tried: What came of each region, if a product was being chosen.
        doc_url: A page about the condition, if there is one.
    """

    message: str
    code: str = "NOVITA"
    status: int | None = None
    status_hint: int | None = None
    operation: str | None = None
    method: str | None = None
    path: str | None = None
    family: str | None = None
    correlation_id: str | None = None
    request_id: str | None = None
    resource_id: str | None = None
    operation_id: str | None = None
    attempts: tuple[Attempt, ...] = ()
    elapsed: float | None = None
    retryable: bool = False
    retry_after: float | None = None
    retry_stopped: str | None = None
    tried: tuple[RegionTried, ...] = ()
    doc_url: str | None = None

    _fields: frozenset[str] = frozenset()
    _advice = ""  # said after the message in every form of the text
    _transient: frozenset[str] = frozenset()  # instance attributes that neither pickle nor copy

    def __init_subclass__(
        cls, *, code: str | None = None, status_hint: int | None = None, retryable: bool | None = None
    ) -> None:
        """Read a class's row: code (else its own name in upper snake case), status hint, retryability."""
        super().__init_subclass__()
        name = cls.__name__.removesuffix("Error")
        cls.code = code if code is not None else re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper()
        if status_hint is not None:
            cls.status_hint = status_hint
        if retryable is not None:
            cls.retryable = retryable
        cls._fields = _field_names(cls)

    def __init__(self, message: str = "", **fields: object) -> None:
        super().__init__(message)
        self.message = message
        self._check_names(fields)
        for name, value in fields.items():
            setattr(self, name, value)
        if not message:
            self.message = self._default_message()
            self.args = (self.message,)

    def _check_names(self, fields: Mapping[str, object]) -> None:
        unknown = sorted(fields.keys() - self._fields)
        if unknown:
            raise TypeError(f"{type(self).__name__} has no attribute {', '.join(unknown)}")

    def _default_message(self) -> str:
        return ""

    def add_context(self, **fields: object) -> Self:
        """Fill in attributes that are still None or empty; what is known already stays.

        Args:
            **fields: Public attributes of this class and their values.

        Returns:
            The same error, for `raise error.add_context(...)`.

        Raises:
            TypeError: The class has no such attribute.
        """
        self._check_names(fields)
        for name, value in fields.items():
            current: object = vars(self).get(f"_{name}") if name in _COMPUTED else getattr(self, name)
            if current is None or (isinstance(current, (str, tuple, MappingProxyType, dict)) and not current):
                setattr(self, name, value)
        return self

    @property
    def hint(self) -> str | None:
        """What to do about it: the advice given by the raiser, else the one for this code."""
        given: str | None = vars(self).get("_hint")
        return given or hint_for(self.code, self.operation, self.family)

    @hint.setter
    def hint(self, value: str | None) -> None:
        self._hint = value

    @property
    def cause_summary(self) -> str | None:
        """Class and text of the exception behind this one; it outlives pickling, `__cause__` does not."""
        given: str | None = vars(self).get("_cause_summary")
        if given is not None:
            return given or None
        cause = self.__cause__
        if cause is None:
            return None
        return one_line(redact_text(f"{type(cause).__name__}: {cause}"), _CAUSE_LIMIT)

    @cause_summary.setter
    def cause_summary(self, value: str | None) -> None:
        self._cause_summary = value

    def _route(self) -> str:
        """Method and path template, as far as they are known."""
        return " ".join(part for part in (self.method, self.path) if part)

    def _tail(self) -> str:
        """Correlation id, attempts and time in brackets, as far as they are known."""
        parts: list[str] = []
        if self.correlation_id:
            parts.append(self.correlation_id)
        if self.attempts:
            parts.append(f"{len(self.attempts)} attempt{'s' if len(self.attempts) > 1 else ''}")
        if self.elapsed is not None:
            parts.append(f"{self.elapsed:.2f} s")
        return f" ({', '.join(parts)})" if parts else ""

    def __str__(self) -> str:
        head = f"{self.operation}: " if self.operation else ""
        if self.operation or self.status is not None:
            word = vars(self).get("reason") or self.code
            head += f"{self.status} {word}: " if self.status is not None else f"{word}: "
        head, tail = one_line(head, _HEAD_LIMIT), one_line(self._tail(), _TAIL_LIMIT)
        advice = f"; {self._advice}" if self._advice else ""
        lead = f"{head} " if head else ""
        end = f"{advice} {tail}" if tail else advice
        return lead + one_line(self.message, _LINE_LIMIT - len(lead) - len(end)) + end

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    def explain(self) -> str:
        """Tell the whole story in several lines: the call, each attempt, why it ended, what to do.

        Returns:
            Text without query strings, keys, bodies or headers.
        """
        return "\n".join(self._story())

    def _story(self) -> Iterator[str]:
        yield str(self)
        yield from (line for line in self._details() if line != f"- {self}")
        if self.operation:
            route = self._route()
            yield f"operation: {self.operation}" + (f" ({route})" if route else "")
        if self.resource_id:
            yield f"resource: {self.resource_id}"
        if self.operation_id:
            yield f"operation id: {self.operation_id}"
        for region in self.tried:
            yield f"region {region}"
        for attempt in self.attempts:
            seen = f"{attempt.outcome}, {attempt.status}" if attempt.status is not None else attempt.outcome
            waits = f"after {attempt.waited_retry:.2f} s pause and {attempt.waited_bucket:.2f} s in the queue"
            yield f"attempt {attempt.number}: {seen} in {attempt.elapsed:.2f} s, {waits}"
        for label, text in (
            ("no further attempt", _STOPPED.get(self.retry_stopped or "", self.retry_stopped)),
            ("hint", self.hint),
            ("see", self.doc_url),
            ("cause", self.cause_summary),
        ):
            if text:
                yield f"{label}: {text}"

    def _details(self) -> Iterator[str]:
        """Lines of a class of its own, between the first line and the call."""
        yield from ()

    def __reduce__(self) -> tuple[Callable[..., NovitaError], tuple[type[NovitaError], dict[str, object]]]:
        state = {name: value for name, value in vars(self).items() if name not in self._transient}
        state["_cause_summary"] = self.cause_summary or ""  # "" = known to have none
        return _restore, (type(self), state)


NovitaError._fields = _field_names(NovitaError)
