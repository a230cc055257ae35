# Generated from tests/aio/hooks_network.py by tools/unasync.py; edit the source.
"""A fake of the network that webhooks go out to: names, receivers that answer by script, and what they got."""

from __future__ import annotations

import json
from typing import Any

import attrs

from novita_sdk._concurrency.threads import Lock
from novita_sdk._core.http import Request, Response
from novita_sdk.testing import VirtualClock
from novita_sdk.webhooks import WebhookVerifier
from tests.sync.remote import Late, Remote, lost

SECRET = "test-webhook-secret"
PUBLIC = "93.184.216.34"
HOOK = "https://hooks.example/w?token=T0KEN"


@attrs.frozen
class Received:
    """One request as it arrived, `at` seconds after the network was made."""

    at: float
    request: Request

    @property
    def json(self) -> Any:
        return json.loads(self.request.body or b"null")

    @property
    def id(self) -> str:
        return self.request.headers["webhook-id"]

    @property
    def kind(self) -> str:
        return str(self.json.get("eventType"))

    @property
    def host(self) -> str:
        return self.request.url.split("/")[2]

    @property
    def address(self) -> str | None:
        """What the connection would have gone to."""
        return self.request.context.connect_to

    def verify(self, secret: str = SECRET) -> bool:
        """Whether a receiver with the secret takes it."""
        moment = int(self.request.headers["webhook-timestamp"])
        WebhookVerifier(secret).verify(self.request.body or b"", self.request.headers, now=moment)
        return True


class HooksNetwork:
    """A transport: webhooks are answered by a script, everything else by a remote.

    Args:
        clock: Where the time comes from.
        script: Steps as those of `Remote`, each the answer to one webhook, the last for ever. A `Late` ends at
            the limit of the attempt.
        api: Answers what is no webhook.
        addresses: What names resolve to: one tuple for each look-up, the last for ever.
    """

    def __init__(
        self,
        clock: VirtualClock,
        *script: Any,
        api: Remote | None = None,
        addresses: dict[str, list[tuple[str, ...] | Exception]] | None = None,
    ) -> None:
        self.clock = clock
        self.api = api or Remote(clock, 200)
        self.received: list[Received] = []
        self.resolved: list[str] = []
        self._receivers = Remote(clock, *(script or (200,)))
        self._addresses = addresses or {}
        self._began = clock.monotonic()
        self._lock = Lock()

    def resolve(self, host: str, _port: int, _timeout: float) -> tuple[str, ...]:
        with self._lock:
            self.resolved.append(host)
            known = self._addresses.get(host, [(PUBLIC,)])
            answer = known.pop(0) if len(known) > 1 else known[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def send(self, request: Request) -> Response:
        if request.family != "webhook":
            return self.api.send(request)
        with self._lock:
            self.received.append(Received(round(self.clock.monotonic() - self._began, 6), request))
            script = self._receivers.script
            step = script.pop(0) if len(script) > 1 else script[0]
        while callable(step) and not isinstance(step, BaseException):
            step = step(request)
        limit = request.timeouts.attempt
        if isinstance(step, Late) and limit is not None and step.seconds > limit:
            step = Late(limit, lost())
        return self._receivers._play(step, request)

    def close(self) -> None:
        self.api.close()

    @property
    def kinds(self) -> list[str]:
        """The types of the events that arrived, in order."""
        return [received.kind for received in self.received]

    @property
    def times(self) -> list[float]:
        """When each webhook arrived."""
        return [received.at for received in self.received]
