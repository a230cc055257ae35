"""Which instance of a listing bears a name, and what to say if none or several do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

from novita_sdk._core.lifecycle.cost import is_gone
from novita_sdk._core.narrowing import is_mapping
from novita_sdk.errors import AmbiguousNameError, NotFoundError
from novita_sdk.models.instance import Instance
from novita_sdk.models.item_problem import ItemProblem

NAME_FILTER_LIMIT: Final = 255
"""Longest name the service takes as a filter."""

REMEMBERED: Final = 600.0
"""Seconds for which helpers that loop remember the id behind a name."""

_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


def bearers(listed: Iterable[Instance], name: str, *, include_removed: bool) -> list[Instance]:
    """Return the instances of a listing that bear a name, with or without the mark of a create; newest first.

    Args:
        listed: The listing.
        name: The name; capitals count.
        include_removed: Whether instances count that are being removed or are gone.
    """
    found = [
        instance
        for instance in listed
        if name in {instance.name, instance.base_name} and (include_removed or not is_gone(instance))
    ]
    return sorted(found, key=lambda instance: instance.created_at or _LONG_AGO, reverse=True)


def only_bearer(found: Sequence[Instance], name: str) -> Instance | None:
    """Return the only one of the instances that bear a name; None if there is none.

    Raises:
        AmbiguousNameError: There are several.
    """
    if len(found) > 1:
        ids = tuple(instance.id for instance in found)
        raise AmbiguousNameError(
            f"{len(ids)} instances bear the name {name!r}: {', '.join(ids)}; pass an id", name=name, ids=ids
        )
    return found[0] if found else None


def may_bear(odd: ItemProblem, name: str) -> bool:
    """Tell whether an item of a listing that cannot be read may be the instance of that name."""
    shown: object = odd.raw.get("name") if is_mapping(odd.raw) else None
    return not isinstance(shown, str) or shown.startswith(name)


def no_instance(identifier: str, searched_by: tuple[str, ...]) -> NotFoundError:
    """Make the error for an id or name that no instance has."""
    return NotFoundError(
        f"there is no instance whose {' or '.join(searched_by)} is {identifier!r}",
        kind="INSTANCE",
        identifier=identifier,
        searched_by=searched_by,
        resource_id=identifier,
    )
