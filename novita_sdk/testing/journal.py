"""The simulator's record of every request that arrived."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping

import attrs

from novita_sdk._core.http import Headers
from novita_sdk._core.redact import redact
from novita_sdk.models.json_types import JSON


@attrs.define(eq=False, kw_only=True)
class JournalEntry:
    """One request as the cloud saw it.

    Attributes:
        number: Counts from 1.
        at: The clock's monotonic reading when it was sent.
        operation: Its name in the operation table, `invoke` for a request to the application of an endpoint;
            empty for an unknown path.
        family: `public` or `internal`; empty for an unknown path.
        method: HTTP method.
        host: Host and port it was sent to.
        path: Path without the query.
        query: The query as sent.
        headers: The request's headers but the credentials.
        raw_body: The bytes of the body, secrets included; never shown.
        fault: The kind of the fault that hit it, if one did.
        processed: Whether the cloud carried it out.
        status: The status that was sent back; None if no answer was.
    """

    number: int
    at: float
    operation: str
    family: str
    method: str
    host: str
    path: str
    query: Mapping[str, str]
    headers: Headers = attrs.field(repr=False)
    raw_body: bytes = attrs.field(repr=False)
    fault: str | None = None
    processed: bool = False
    status: int | None = None

    @property
    def body(self) -> JSON:
        """The decoded body without its secrets; None if there is none or it is no JSON."""
        try:
            return redact(json.loads(self.raw_body))
        except ValueError:
            return None

    @property
    def correlation_id(self) -> str | None:
        """The id of the logical call."""
        return self.headers.get("x-correlation-id")

    @property
    def retry_count(self) -> int:
        """How many attempts went before, as the client says."""
        return int(self.headers.get("x-retry-count", "0"))


class Journal:
    """All requests in order of arrival."""

    def __init__(self) -> None:
        self._entries: list[JournalEntry] = []
        self._counts: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[JournalEntry]:
        return iter(tuple(self._entries))

    def __getitem__(self, index: int) -> JournalEntry:
        return self._entries[index]

    def add(self, entry: JournalEntry) -> None:
        """Record a request."""
        self._entries.append(entry)
        self._counts[entry.operation] += 1

    def of(self, operation: str) -> list[JournalEntry]:
        """Return the requests of one operation."""
        return [entry for entry in self._entries if entry.operation == operation]

    def count(self, operation: str | None = None) -> int:
        """Return how many requests arrived, of one operation or in all."""
        return len(self._entries) if operation is None else self._counts[operation]
