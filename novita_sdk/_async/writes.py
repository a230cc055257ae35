"""What keeps a call that changes something from happening twice: identity, outcome, settling."""

from __future__ import annotations

from collections.abc import Callable

from novita_sdk._async.layers.operation_id import AsyncOperationIdLayer
from novita_sdk._async.layers.outcome import AsyncOutcomeLayer
from novita_sdk._async.lookups import AsyncLookups
from novita_sdk._async.settler import AsyncSettler
from novita_sdk._concurrency.clock import AsyncClock
from novita_sdk._core.request_builder import RequestBuilder
from novita_sdk._core.results import Reader


class AsyncWrites:
    """The two layers of a family that reads do not need, and what they stand on.

    Args:
        clock: What they sleep on.
        builder: Builds look-ups.
        reader: Reads their answers.
        mint_operation_id: Returns a new operation id.
        guard: Raises if the client is closed or used from a foreign event loop.
        pay: Takes units from the retry budget; False if there are too few.
        state_rule_cost: Units that a repeat under the state rule costs.

    Attributes:
        identity: Layer 5.
        outcome: The layer inside the retries.
        settler: How an unsafe call is settled.
    """

    def __init__(
        self,
        *,
        clock: AsyncClock,
        builder: RequestBuilder,
        reader: Reader,
        mint_operation_id: Callable[[], str],
        guard: Callable[[], None],
        pay: Callable[[int], bool],
        state_rule_cost: int,
    ) -> None:
        lookups = AsyncLookups(builder, reader, clock)
        self.settler = AsyncSettler(clock, lookups, guard)
        self.identity = AsyncOperationIdLayer(mint_operation_id, lookups)
        self.outcome = AsyncOutcomeLayer(
            clock=clock,
            lookups=lookups,
            settler=self.settler,
            pay=pay,
            state_rule_cost=state_rule_cost,
        )
