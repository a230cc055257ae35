"""Which instances of a listing are meant, where callers name several."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from novita_sdk._core.lifecycle.cost import is_gone
from novita_sdk._core.wire import check_id, problem
from novita_sdk.errors import AmbiguousNameError, NotFoundError, PagingError, ValidationError
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

    def among(self, listed: Sequence[Instance], *, complete: bool) -> list[Instance]:
        """Pick what was named out of a listing; everything if nothing was named.

        An id counts before a name. Instances that are gone are only found by their id.

        Args:
            listed: The listing.
            complete: Whether it certainly holds all there are.

        Raises:
            NotFoundError: Something is not there.
            AmbiguousNameError: Several bear a name.
            PagingError: Something is not in the listing, which may lack it.
        """
        if self._wanted is None:
            return list(listed)
        by_id = {instance.id: instance for instance in listed}
        found = [by_id.get(wanted) or _by_name(listed, wanted, complete=complete) for wanted in self._wanted]
        return list({instance.id: instance for instance in found}.values())


def _by_name(listed: Sequence[Instance], wanted: str, *, complete: bool) -> Instance:
    found = [instance for instance in listed if instance.name == wanted and not is_gone(instance)]
    if not complete:
        raise PagingError(
            f"the list of instances is not complete; nothing tells whether {wanted} is among them"
        )
    if not found:
        raise NotFoundError(
            f"there is no instance {wanted}",
            kind="INSTANCE",
            identifier=wanted,
            searched_by=("id", "name"),
        )
    if len(found) > 1:
        newest = sorted(found, key=lambda one: (one.created_at is not None, one.created_at), reverse=True)
        ids = tuple(instance.id for instance in newest)
        raise AmbiguousNameError(f"{len(ids)} instances bear the name {wanted}", name=wanted, ids=ids)
    return found[0]
