"""The simulator: the simulated cloud behind a transport, with a clock, faults and a journal."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from email.utils import formatdate
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from novita_sdk._concurrency.clock import Clock
from novita_sdk._core.http import Headers
from novita_sdk._core.operations import Operation
from novita_sdk.models.json_types import JSON
from novita_sdk.testing.clock import VirtualClock
from novita_sdk.testing.cloud.applications import answer_call, endpoint_at
from novita_sdk.testing.cloud.cloud import Answer, Cloud
from novita_sdk.testing.cloud.endpoint_records import SimulatedEndpoint
from novita_sdk.testing.cloud.refusals import Refusal
from novita_sdk.testing.cloud.settings import Limits, Quirks, Timings
from novita_sdk.testing.controls import Controls
from novita_sdk.testing.corruption import CORRUPTIONS
from novita_sdk.testing.faults import BREAKS, Fault, Faults
from novita_sdk.testing.journal import Journal, JournalEntry
from novita_sdk.testing.reply import Reply
from novita_sdk.testing.router import read_arguments, route

if TYPE_CHECKING:
    from novita_sdk import AsyncNovita, Novita
    from novita_sdk.testing.mailbox import Mailbox
    from novita_sdk.testing.transport import AsyncSimulatedTransport, SimulatedTransport

_PUBLIC_URL = "https://api.novita.ai"
_INTERNAL_URL = "https://api-server.novita.ai"


class Simulator(Controls):
    """A whole Novita GPU cloud in memory: nothing is sent, nothing is billed, nothing is patched.

    Give it to a client as `Novita(api_key=sim.api_key, transport=sim.transport(), clock=sim.clock)`, or
    shorter `sim.client()`. The same seed and the same calls give the same run. Its time is the clock's; jumps
    of the wall clock do not move it.

    Args:
        seed: Decides all durations, ids and random faults.
        clock: Where the time comes from; by default a `VirtualClock` on which waiting takes no time.
        timings: How long things take.
        limits: What the account may have.
        quirks: Oddities of the answers.
        balance: What is on the account at the beginning, in 1/10000 USD.

    Attributes:
        seed: The seed.
        clock: The clock.
        api_key: The invented key of the public API; any other is answered with 401.
        internal_api_key: The invented key of the internal host.
        faults: What goes wrong; see `Fault`.
        journal: Every request that arrived.
        cloud: The pure state machine.

    Example:
        >>> sim = Simulator(seed=7)
        >>> sim.requests()
        0
    """

    def __init__(
        self,
        seed: int = 0,
        *,
        clock: Clock | None = None,
        timings: Timings | None = None,
        limits: Limits | None = None,
        quirks: Quirks | None = None,
        balance: int = 100_000 * 10_000,
    ) -> None:
        self.seed = seed
        self.clock: Clock = clock or VirtualClock()
        self._epoch = self.clock.time() - self.clock.monotonic()
        cloud = Cloud(
            _seeded(seed, "cloud"),
            self.server_time(),
            timings=timings,
            limits=limits,
            quirks=quirks,
            balance=balance,
        )
        super().__init__(cloud, threading.RLock())
        self.api_key = "simulated-public-key"
        self.internal_api_key = "simulated-internal-key"
        self.faults = Faults(_seeded(seed, "faults"))
        self.journal = Journal()

    def __repr__(self) -> str:
        return f"<Simulator seed={self.seed}, {len(self.journal)} requests>"

    @cached_property
    def webhooks(self) -> Mailbox:
        """The receiver of every webhook that a client of this cloud sends; no name is looked up for it."""
        from novita_sdk.testing.mailbox import Mailbox  # noqa: PLC0415 - few need it

        return Mailbox()

    def server_time(self) -> float:
        """Return the cloud's time in seconds since 1970, whatever happens to the client's wall clock."""
        return self._epoch + self.clock.monotonic()

    def requests(self, operation: str | None = None) -> int:
        """Return how many requests arrived, of one operation or in all.

        Args:
            operation: Its name in the operation table, such as `create_instance`.
        """
        return self.journal.count(operation)

    # --------------------------------------------------------------------------- connecting

    def transport(self) -> SimulatedTransport:
        """Return a transport for `Novita(transport=...)`."""
        from novita_sdk.testing.transport import SimulatedTransport  # noqa: PLC0415 - it needs this module

        return SimulatedTransport(self)

    def async_transport(self) -> AsyncSimulatedTransport:
        """Return a transport for `AsyncNovita(transport=...)`."""
        from novita_sdk.testing.transport import AsyncSimulatedTransport  # noqa: PLC0415 - it needs this module

        return AsyncSimulatedTransport(self)

    def client(self, **settings: Any) -> Novita:
        """Return a client of this cloud.

        Args:
            **settings: Whatever `Novita` takes; keys, transport, clock and randomness are filled in.
        """
        from novita_sdk import Novita  # noqa: PLC0415 - only those who want a client pay for its import

        return Novita(**self._settings(settings, transport=self.transport()))

    def async_client(self, **settings: Any) -> AsyncNovita:
        """Return an asynchronous client of this cloud.

        Args:
            **settings: Whatever `AsyncNovita` takes; keys, transport, clock and randomness are filled in.
        """
        from novita_sdk import AsyncNovita  # noqa: PLC0415 - only those who want a client pay for its import

        return AsyncNovita(**self._settings(settings, transport=self.async_transport()))

    def _settings(self, given: dict[str, Any], **defaults: Any) -> dict[str, Any]:
        defaults |= {"clock": self.clock, "rng": _seeded(self.seed, "client")}
        if "settings" not in given:
            defaults |= {
                "api_key": self.api_key,
                "internal_api_key": self.internal_api_key,
                "base_url": _PUBLIC_URL,
                "internal_base_url": _INTERNAL_URL,
            }
        return defaults | given

    # ---------------------------------------------------------------------------- answering

    def receive(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Take one request in and say what goes back; every way into the simulator ends here.

        Args:
            method: HTTP method.
            url: The whole URL.
            headers: The request's headers.
            body: The bytes of the body.
        """
        target = urlsplit(url)
        operation, placed = route(method, target.path)
        plain = {name.lower(): value for name, value in headers.items()}
        credentials = plain.pop("authorization", "")
        with self._lock:
            application = endpoint_at(self.cloud.world, target.netloc)
            known = operation if application is None else None
            entry = JournalEntry(
                number=len(self.journal) + 1,
                at=self.clock.monotonic(),
                operation=known.name if known else "invoke" if application else "",
                family=known.family if known else "",
                method=method,
                host=target.netloc,
                path=target.path,
                query=dict(parse_qsl(target.query, keep_blank_values=True)),
                headers=Headers(plain),
                raw_body=body,
            )
            self.journal.add(entry)
            delay, fault = self.faults.pick(entry)
            entry.fault = fault.kind if fault else "latency" if delay else None
            answer = Answer(200, None)
            extra: Mapping[str, str] = {}
            if fault is None or fault.carried_out:
                entry.processed = True
                if application is None:
                    answer = self._answer(operation, placed, credentials, plain, target.query, body)
                else:
                    answer, extra = self._called(application, entry, credentials, target.query)
            return self._reply(entry, answer, delay, fault, extra)

    def _called(
        self, endpoint: SimulatedEndpoint, entry: JournalEntry, credentials: str, query: str
    ) -> tuple[Answer, Mapping[str, str]]:
        """Return what the application behind an endpoint answers, and its headers."""
        if credentials != f"Bearer {self.api_key}":
            return _refuse(Refusal("UNAUTHORIZED", "unauthorized")), {}
        now = self.cloud.at(self.server_time())
        answered = answer_call(
            self.cloud.world, endpoint, entry.method, entry.path, query, entry.raw_body, now
        )
        return Answer(answered.status, answered.body), answered.headers

    def _answer(
        self,
        operation: Operation | None,
        placed: Mapping[str, JSON],
        credentials: str,
        headers: Mapping[str, str],
        query: str,
        body: bytes,
    ) -> Answer:
        if operation is None:
            return _refuse(Refusal("RESOURCE_NOT_FOUND", "no such route", status=404))
        if headers.get("user-agent", "Python-urllib").startswith("Python-urllib"):
            return _refuse(Refusal("FORBIDDEN", "forbidden"))  # as was seen on the running service
        key = self.internal_api_key if operation.family == "internal" else self.api_key
        if credentials != f"Bearer {key}":
            return _refuse(Refusal("UNAUTHORIZED", "unauthorized"))
        try:
            args = read_arguments(operation, query, body, ignore_unknown=self.quirks.ignore_unknown_names)
        except Refusal as refusal:
            return _refuse(refusal)
        return self.cloud.answer(operation.name, {**args, **placed}, self.server_time())

    def _reply(
        self,
        entry: JournalEntry,
        answer: Answer,
        delay: float,
        fault: Fault | None,
        extra: Mapping[str, str],
    ) -> Reply:
        if fault is not None and fault.kind == "status":
            answer, extra = Answer(fault.status, fault.answer), fault.headers
        if fault is None or fault.kind not in BREAKS:
            entry.status = answer.status
        body = _encoded(answer.body)
        if fault is not None and fault.kind in CORRUPTIONS:
            body = CORRUPTIONS[fault.kind](body)
        headers = {
            "content-type": "application/json",
            "date": formatdate(self.server_time(), usegmt=True),
            "x-request-id": f"sim-{entry.number:08d}",
            **{name.lower(): value for name, value in extra.items()},
        }
        return Reply(status=answer.status, headers=Headers(headers), body=body, delay=delay, fault=fault)


def _refuse(refusal: Refusal) -> Answer:
    return Answer(refusal.status, refusal.body)


def _seeded(seed: int, use: str) -> Random:
    """Return a stream of its own for each use, so that one does not shift the other."""
    return Random(f"{seed}:{use}")  # noqa: S311 - a repeatable run is wanted, not a secret


def _encoded(body: JSON) -> bytes:
    if body is None:
        return b""
    if isinstance(body, bytes):
        return body
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
