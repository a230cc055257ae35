"""Requests and responses as plain values: what transports and middleware speak."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

import attrs

from novita_sdk._core.operations.operation import Safety
from novita_sdk._core.redact import redact_url
from novita_sdk._core.safety import safety_of_request
from novita_sdk.options import Timeouts

if TYPE_CHECKING:
    from novita_sdk._core.context import CallContext

_UNSHOWN = frozenset({"authorization", "cookie", "set-cookie", "proxy-authorization"})


class Headers(Mapping[str, str]):
    """Response headers: an immutable mapping that ignores case and keeps repeated lines.

    Args:
        pairs: A mapping, or name and value pairs as they came.
    """

    __slots__ = ("_lines", "_values")

    _lines: tuple[tuple[str, str], ...]
    _values: dict[str, str]

    def __init__(self, pairs: Mapping[str, str] | Iterable[tuple[str, str]] = ()) -> None:
        named = cast("Mapping[str, str]", pairs) if isinstance(pairs, Mapping) else None
        lines = cast("Iterable[tuple[str, str]]", pairs) if named is None else named.items()
        self._lines = tuple((name.lower(), value) for name, value in lines)
        self._values = dict(reversed(self._lines))  # of repeated lines the first counts

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        shown = {name: "[REDACTED]" if name in _UNSHOWN else value for name, value in self._lines}
        return f"Headers({shown})"

    def get_list(self, name: str) -> list[str]:
        """Return every value of the header `name`, in order; an empty list if there is none."""
        wanted = name.lower()
        return [value for line, value in self._lines if line == wanted]


@attrs.define(on_setattr=attrs.setters.frozen, eq=False, repr=False)
class Request:
    """One request on its way to the wire. Immutable; `evolve()` makes a changed copy.

    Attributes:
        operation: The name in the operation table, such as `get_instance`; `request` for an unlisted one.
        family: `public`, `internal` or `gateway`.
        method: `GET` or `POST` (or what `client.request` was given).
        url: The whole URL with its query.
        headers: The headers so far. The credentials are added by a later layer.
        body: The encoded body, or None.
        timeouts: The limits of an attempt, in seconds.
        context: What the layers know of the call: correlation id, deadline, attempts.
    """

    operation: str
    family: str
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None
    timeouts: Timeouts
    context: CallContext

    @property
    def safety(self) -> Safety:
        """Whether the call may be sent again; where nobody vouched for that, only reads may."""
        return self.context.safety or safety_of_request(self.method, None)

    def evolve(self, **changes: Any) -> Request:
        """Return a copy with the named attributes replaced."""
        return attrs.evolve(self, **changes)

    def __repr__(self) -> str:
        size = "no body" if self.body is None else f"{len(self.body)} bytes"
        return f"<Request {self.operation}: {self.method} {redact_url(self.url)}, {size}>"


def _as_headers(value: Headers | Mapping[str, str] | Iterable[tuple[str, str]]) -> Headers:
    return value if isinstance(value, Headers) else Headers(value)


@attrs.define(on_setattr=attrs.setters.frozen, eq=False, repr=False)
class Response:
    """One answer as it was read. Immutable; `evolve()` makes a changed copy.

    Attributes:
        status: The HTTP status; errors are values here, not exceptions.
        headers: The response headers.
        body: The whole body, decoded from its transfer encoding.
        elapsed: Seconds from sending to the last byte.
    """

    status: int
    headers: Headers = attrs.field(converter=_as_headers)
    body: bytes
    elapsed: float = 0.0

    def evolve(self, **changes: Any) -> Response:
        """Return a copy with the named attributes replaced."""
        return attrs.evolve(self, **changes)

    def __repr__(self) -> str:
        return f"<Response {self.status}, {len(self.body)} bytes, {self.elapsed:.3f} s>"
