"""What the simulated cloud remembers of serverless endpoints. Instants are milliseconds since 1970."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from novita_sdk.models.json_types import JSON


@attrs.define(kw_only=True, eq=False)
class SimulatedWorker:
    """One container of an endpoint.

    Attributes:
        id: Its id.
        creating: When it goes from `pending` to `creating`.
        running: When it goes from there to `running`.
        ready: When its health check first says yes.
        drained: When it was told to take no more work.
        leaves: When it is gone; None while it stays.
        state: A state word that was set from outside; None for the planned one.
        error: The error word that goes with it.
        message: The text that goes with it.
        healthy: What the health check was told to say; None for the planned answer.
        busy_until: Until when its jobs keep it busy, for each job it handles at a time.
    """

    id: str
    creating: int
    running: int
    ready: int
    drained: int | None = None
    leaves: int | None = None
    state: str | None = None
    error: str = ""
    message: str = ""
    healthy: bool | None = None
    busy_until: list[int] = attrs.field(factory=list[int])

    def word(self, now: int) -> str:
        """Return the state word at `now`."""
        if self.state is not None:
            return self.state
        if now >= self.running:
            return "running"
        return "creating" if now >= self.creating else "pending"

    def is_ready(self, now: int) -> bool:
        """Tell whether it takes requests at `now`."""
        return self.word(now) == "running" and self.is_healthy(now) and self.drained is None

    def is_healthy(self, now: int) -> bool:
        """Tell what its health check says at `now`."""
        return now >= self.ready if self.healthy is None else self.healthy

    def has_failed(self) -> bool:
        """Tell whether it was made to fail."""
        return self.state in {"failed", "error"}


@attrs.define(kw_only=True, eq=False)
class QueuedJob:
    """A job of an endpoint's queue.

    Attributes:
        id: Its id.
        input: What it was given.
        queued: When it came.
        takes: How long it works, in milliseconds.
        started: When a worker took it.
        ended: When it was over.
        status: Its last word once it is over; until then it follows from the times.
        output: What it gave.
        error: What went wrong.
        fails: Whether it will fail.
    """

    id: str
    input: JSON
    queued: int
    takes: int
    started: int | None = None
    ended: int | None = None
    status: str | None = None
    output: JSON = None
    error: JSON = None
    fails: bool = False


@attrs.frozen(kw_only=True)
class ApplicationAnswer:
    """What an application answers.

    Attributes:
        status: The status.
        body: JSON, or bytes as they are.
        headers: Further headers.
    """

    status: int = 200
    body: JSON = None
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])


@attrs.define(kw_only=True, eq=False)
class SimulatedEndpoint:
    """A serverless endpoint.

    Attributes:
        id: Its id.
        settings: What it was last told, as it came.
        created: When it was made.
        updated: When it was changed last.
        serving: When it may serve, if its workers are there.
        workers: Its workers.
        jobs: The jobs of its queue, in order.
        deleted: When it was deleted.
        gone: When it is gone.
        state: A state word that was set from outside.
        error: The error word that goes with it.
        message: The text that goes with it.
        answer: What its application was told to say.
    """

    id: str
    settings: dict[str, JSON]
    created: int
    updated: int
    serving: int
    workers: list[SimulatedWorker] = attrs.field(factory=list[SimulatedWorker])
    jobs: dict[str, QueuedJob] = attrs.field(factory=dict[str, QueuedJob])
    deleted: int | None = None
    gone: int | None = None
    state: str | None = None
    error: str = ""
    message: str = ""
    answer: ApplicationAnswer | None = None

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.settings.get("name") or "")

    @property
    def app_name(self) -> str:
        """The part of its address that was chosen, else its id."""
        return str(self.settings.get("appName") or self.id)

    def number(self, key: str, default: int = 0) -> int:
        """Return a number of its worker settings."""
        return int(self.settings["workerConfig"].get(key) or default)
