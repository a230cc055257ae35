"""The applications behind simulated endpoints: they say what they were asked, or what they were told to say."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl

from novita_sdk.models.json_types import JSON
from novita_sdk.testing.cloud.endpoint_records import ApplicationAnswer, SimulatedEndpoint
from novita_sdk.testing.cloud.workers import settle
from novita_sdk.testing.cloud.world import World

_DOMAIN = ".novita.ai"
_NOBODY_READY = 503


def endpoint_at(world: World, host: str) -> SimulatedEndpoint | None:
    """Return the endpoint whose application is reached at a host."""
    name = host.partition(":")[0].lower()
    for endpoint in world.endpoints.values():
        if name == f"{endpoint.id}{_DOMAIN}".lower():
            return endpoint
    return None


def answer_call(
    world: World, endpoint: SimulatedEndpoint, method: str, path: str, query: str, body: bytes, now: int
) -> ApplicationAnswer:
    """Answer a request to an application.

    Args:
        world: The cloud.
        endpoint: Whose application it is.
        method: The HTTP method.
        path: The path.
        query: The query.
        body: The bytes of the body.
        now: The time.
    """
    settle(world, endpoint, now)
    if endpoint.deleted is not None or not any(worker.is_ready(now) for worker in endpoint.workers):
        return ApplicationAnswer(status=_NOBODY_READY, body={"message": "no worker is ready"})
    if endpoint.answer is not None:
        return endpoint.answer
    echo: dict[str, JSON] = {
        "method": method,
        "path": path,
        "query": dict(parse_qsl(query)),
        "body": _read(body),
    }
    return ApplicationAnswer(body={"endpoint": endpoint.id, **echo})


def _read(body: bytes) -> JSON:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")
