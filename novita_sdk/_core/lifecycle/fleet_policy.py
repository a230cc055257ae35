"""When creating several instances goes on, when it stops, and when it has succeeded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal, TypeAlias, cast

import attrs

from novita_sdk._core.lifecycle.create_terms import operation_id_problems
from novita_sdk._core.narrowing import is_whole_number
from novita_sdk._core.wire import problem
from novita_sdk.errors import (
    AuthenticationError,
    InsufficientBalanceError,
    NovitaError,
    PermissionDeniedError,
    Problem,
    ValidationError,
)
from novita_sdk.models.unset import UNSET

FleetPolicy: TypeAlias = Literal["all", "at_least"]
OnFailure: TypeAlias = Literal["rollback", "keep"]

_POLICIES: Final = ("all", "at_least")
_ON_FAILURE: Final = ("rollback", "keep")
_MOST: Final = 1000
_INDEX: Final = "{index}"

_HOPELESS: Final = (AuthenticationError, PermissionDeniedError, ValidationError, InsufficientBalanceError)
"""What every further create would meet as well."""


@attrs.frozen(kw_only=True)
class FleetTerms:
    """How several instances are created.

    Attributes:
        operation_id: The identity of the whole.
        count: How many are wanted.
        needed: How many are enough.
        at_a_time: How many creates are under way at once.
        name: The name, with `{index}` for the number of the instance; None for no names.
        on_failure: What becomes of those that were made if they are not enough.
    """

    operation_id: str
    count: int
    needed: int
    at_a_time: int
    name: str | None
    on_failure: OnFailure

    def operation_id_of(self, index: int) -> str:
        """Return the operation id of one create."""
        return f"{self.operation_id}-{index}"

    def name_of(self, index: int) -> str | None:
        """Return the name of one instance."""
        return None if self.name is None else self.name.replace(_INDEX, str(index))

    def must_stop(self, failures: int, error: NovitaError) -> bool:
        """Tell whether no further create is begun.

        Args:
            failures: How many have definitely failed.
            error: Why the last one did.
        """
        return isinstance(error, _HOPELESS) or failures > self.count - self.needed


def checked_fleet(
    *,
    count: object,
    policy: object,
    minimum: object,
    max_concurrency: object,
    name: object,
    on_failure: object,
    operation_id: str,
) -> FleetTerms:
    """Return the terms of a `create_many`.

    Raises:
        ValidationError: Something is wrong with them; all problems at once.
    """
    name = None if name is UNSET else name
    problems = list(_problems(count, policy, minimum, max_concurrency, name, on_failure, operation_id))
    if problems:
        raise ValidationError(problems=tuple(problems))
    wanted = cast("int", count)
    pattern = cast("str | None", name)
    if pattern is not None and _INDEX not in pattern:
        pattern = f"{pattern}-{_INDEX}"
    return FleetTerms(
        operation_id=operation_id,
        count=wanted,
        needed=wanted if policy == "all" else cast("int", minimum),
        at_a_time=cast("int", max_concurrency),
        name=pattern,
        on_failure=cast("OnFailure", on_failure),
    )


def _problems(
    count: object,
    policy: object,
    minimum: object,
    max_concurrency: object,
    name: object,
    on_failure: object,
    operation_id: str,
) -> Iterator[Problem]:
    countable = is_whole_number(count) and 1 <= count <= _MOST
    if not countable:
        yield problem("count", count, f"must be a whole number from 1 to {_MOST}")
    for argument, value, words in (("policy", policy, _POLICIES), ("on_failure", on_failure, _ON_FAILURE)):
        if value not in words:
            yield problem(argument, value, f"must be one of {', '.join(words)}")
    if policy == "all" and minimum is not None:
        yield problem("minimum", minimum, "goes with policy='at_least' only")
    elif policy == "at_least" and not (is_whole_number(minimum) and minimum >= 1):
        yield problem("minimum", minimum, "must be a whole number from 1 to count with policy='at_least'")
    elif countable and is_whole_number(count) and is_whole_number(minimum) and minimum > count:
        yield problem("minimum", minimum, "must not be more than count")
    if not (is_whole_number(max_concurrency) and 1 <= max_concurrency <= 100):
        yield problem("max_concurrency", max_concurrency, "must be a whole number from 1 to 100")
    if name is not None and not (isinstance(name, str) and name):
        yield problem("name", name, "must be text, with {index} where the number belongs, or None")
    yield from operation_id_problems(f"{operation_id}-{count}")


def longest_rollback(made: int) -> float:
    """Return the seconds that taking instances back may last, also after an interruption."""
    return 60.0 + 5.0 * made
