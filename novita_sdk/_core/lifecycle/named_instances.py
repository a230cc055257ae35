"""Which instances of a listing are meant, where callers name several."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from novita_sdk._core.lifecycle.finding import bearers, no_instance, only_bearer
from novita_sdk._core.wire import check_id, problem
from novita_sdk.errors import PagingError, ValidationError
from novita_sdk.models.instance import Instance

Reference: TypeAlias = str | int | Instance
"""An instance, by its id, its name or itself."""

References: TypeAlias = Reference | Iterable[Reference] | None
"""One instance, several, or None for all."""


class NamedInstances:
    """What a caller named.

    Args:
        references: One instance, several, or None for all there are.

    Raises:
        ValidationError: Something in it is no id, name or instance.
    """

    def __init__(self, references: References) -> None:
        if references is None:
            self._wanted: tuple[str, ...] | None = None
            return
        several = (references,) if isinstance(references, str | int | Instance) else references
        if not isinstance(several, Iterable):  # pyright: ignore[reportUnnecessaryIsInstance]
            message = "must be an instance, its id or name, several of these, or None for all"
            raise ValidationError(problems=(problem("instances", references, message),))
        names = (reference.id if isinstance(reference, Instance) else reference for reference in several)
        self._wanted = tuple(dict.fromkeys(check_id("instances", name) for name in names))

    def __bool__(self) -> bool:
        return self._wanted is not None

    def among(self, listed: Sequence[Instance], *, complete: bool, name_lookup: bool) -> list[Instance]:
        """Pick what was named out of a listing; everything if nothing was named.

        An id counts before a name. Instances that are gone are only found by their id.

        Args:
            listed: The listing.
            complete: Whether it certainly holds all there are.
            name_lookup: Whether a text may be a name.

        Raises:
            NotFoundError: Something is not there.
            AmbiguousNameError: Several bear a name.
            PagingError: Something is not in the listing, which may lack it.
        """
        if self._wanted is None:
            return list(listed)
        by_id = {instance.id: instance for instance in listed}
        found = [
            by_id.get(wanted) or _by_name(listed, wanted, complete=complete, name_lookup=name_lookup)
            for wanted in self._wanted
        ]
        return list({instance.id: instance for instance in found}.values())


def _by_name(listed: Sequence[Instance], wanted: str, *, complete: bool, name_lookup: bool) -> Instance:
    if not complete:
        raise PagingError(
            f"the list of instances is not complete; nothing tells whether {wanted} is among them"
        )
    found = only_bearer(bearers(listed, wanted, include_removed=False), wanted) if name_lookup else None
    if found is None:
        raise no_instance(wanted, ("id", "name") if name_lookup else ("id",))
    return found
