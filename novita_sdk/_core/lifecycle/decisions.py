"""What a helper decided about an instance, and the form in which that is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, TypeVar, cast

import attrs

from novita_sdk.models.json_types import JSON

if TYPE_CHECKING:
    from cattrs import Converter

DecisionVerdict: TypeAlias = Literal["keep", "warn", "act", "stop", "error"]

KEPT: Final = 20
"""Decisions that are kept for an instance."""

_LONGEST_DETAIL: Final = 400  # characters, so that all decisions of an instance fit into one record
_NOTEWORTHY: Final = frozenset({"warn", "act", "stop", "error"})


@attrs.frozen(kw_only=True)
class Decision:
    """What a pass decided about one instance.

    Attributes:
        instance_id: The instance.
        verdict: `keep`: it is left alone. `warn`: its owner is warned. `stop`, or `act` where a helper does
            something else: that was done, or in a dry run would have been. `error`: it should have been done
            and could not be.
        reason: Why, in one word.
        at: When.
        detail: The reason in words.
        warnings: What is to be known beside it.
        holder: Who decided: the owner of the lease, None in a dry run.
        fence: The lease's number, None in a dry run.
    """

    instance_id: str
    verdict: DecisionVerdict
    reason: str
    at: datetime
    detail: str = ""
    warnings: tuple[str, ...] = ()
    holder: str | None = None
    fence: int | None = None


D = TypeVar("D", bound=Decision)


def keepable(decision: D) -> D:
    """Return a decision whose detail fits into a record, whatever somebody's error said."""
    text = decision.detail.encode(errors="replace").decode()
    cut = text if len(text) <= _LONGEST_DETAIL else f"{text[: _LONGEST_DETAIL - 1]}…"
    kept: D = attrs.evolve(cast("Any", decision), detail=cut)
    return kept


def is_noteworthy(decision: Decision, last_verdict: str | None) -> bool:
    """Tell whether a decision is kept: something happened, or the verdict is not what it was.

    Args:
        decision: The decision.
        last_verdict: The verdict before; None for an instance that is seen for the first time.
    """
    return decision.verdict in _NOTEWORTHY or last_verdict not in {None, decision.verdict}


def extended(record: Mapping[str, JSON] | None, decision: Decision) -> dict[str, JSON]:
    """Return the record of an instance with one more decision, the newest first."""
    kept = [] if record is None else cast("list[JSON]", record["decisions"])
    newest: JSON = _converter().unstructure(decision)
    return {"v": 1, "decisions": [newest, *kept[: KEPT - 1]]}


def decisions_in(record: Mapping[str, JSON] | None, kind: type[D]) -> list[D]:
    """Return the decisions of a record, the newest first."""
    if record is None:
        return []
    return [_converter().structure(entry, kind) for entry in cast("Sequence[JSON]", record["decisions"])]


@cache
def _converter() -> Converter:
    from cattrs.preconf.json import make_converter  # noqa: PLC0415 - only for helpers that decided something

    return make_converter()
