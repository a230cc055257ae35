# Generated from novita_sdk/_async/writes.py by tools/unasync.py; edit the source.
"""What keeps a call that changes something from happening twice: identity, outcome, settling."""

from __future__ import annotations

from collections.abc import Callable

from novita_sdk._concurrency.clock import Clock
from novita_sdk._core.request_builder import RequestBuilder
from novita_sdk._core.results import Reader
from novita_sdk._sync.layers.operation_id import OperationIdLayer
from novita_sdk._sync.layers.outcome import OutcomeLayer
from novita_sdk._sync.lookups import Lookups
from novita_sdk._sync.settler import Settler


class Writes:
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
        clock: Clock,
        builder: RequestBuilder,
        reader: Reader,
        mint_operation_id: Callable[[], str],
        guard: Callable[[], None],
        pay: Callable[[int], bool],
        state_rule_cost: int,
    ) -> None:
        lookups = Lookups(builder, reader, clock)
        self.settler = Settler(clock, lookups, guard)
        self.identity = OperationIdLayer(mint_operation_id, lookups)
        self.outcome = OutcomeLayer(
            clock=clock,
            lookups=lookups,
            settler=self.settler,
            pay=pay,
            state_rule_cost=state_rule_cost,
        )
