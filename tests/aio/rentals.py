"""A remote side that rents: shared by the tests about creates whose answer is lost."""

from __future__ import annotations

from typing import Any

import pytest

from novita_sdk._async.client import AsyncNovita
from novita_sdk._core.http import Request
from novita_sdk.errors import OutcomeUnknownError
from novita_sdk.models.results import CreatedInstance
from novita_sdk.options import CallOptions
from novita_sdk.testing import VirtualClock
from tests.aio.remote import AsyncRemote, instance, routed

MARK = "NOVITA_SDK_OPERATION_ID"


class Rentals:
    """A remote side that rents: it answers creates as told and lists what it made.

    Args:
        answer: The step that answers a create.
        makes: How many instances one create makes.
        shown_after: Seconds, from the making of the clock, before which the list hides them.
    """

    def __init__(self, clock: VirtualClock, answer: Any, makes: int = 1, shown_after: float = 0.0) -> None:
        self.remote = AsyncRemote(clock, routed(create=self.create, instances=self.list, instance=self.get))
        self.made: list[dict[str, Any]] = []
        self._clock = clock
        self._answer = answer
        self._makes = makes
        self._shown_at = clock.monotonic() + shown_after

    def create(self, request: Request) -> Any:
        envs = self.remote.posts[-1].json["envs"]
        for _ in range(self._makes):
            self.made.append(instance(id=f"i-{len(self.made) + 1}", envs=envs))
        return self._answer

    def list(self, _request: Request) -> Any:
        shown = self.made if self._clock.monotonic() >= self._shown_at else []
        return {"instances": [instance(id="other"), *shown], "total": len(shown) + 1}

    def get(self, request: Request) -> Any:
        wanted = request.url.rpartition("=")[2]
        found = [made for made in self.made if made["id"] == wanted]
        return found[0] if found else (404, {"reason": "INSTANCE_NOT_FOUND"})


async def rent(client: AsyncNovita, **options: Any) -> CreatedInstance:
    return await client.gpu_instances.create(
        product_id="p-1", image_url="nginx", options=CallOptions(**options)
    )


async def unknown_create(clock: VirtualClock, rentals: Rentals, client: AsyncNovita) -> OutcomeUnknownError:
    with pytest.raises(OutcomeUnknownError) as caught:
        await rent(client)
    return caught.value
