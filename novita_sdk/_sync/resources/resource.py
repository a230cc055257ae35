# Generated from novita_sdk/_async/resources/resource.py by tools/unasync.py; edit the source.
"""What all resource classes share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from novita_sdk._core.codec import DecodeFailure, structure
from novita_sdk._core.operations.operation import Operation
from novita_sdk._sync.caller import Caller
from novita_sdk._sync.listing import pager_of
from novita_sdk._sync.pager import Pager
from novita_sdk._sync.services import Services
from novita_sdk.errors import NotFoundError, PagingError, ResponseDecodeError
from novita_sdk.models.base import Model
from novita_sdk.models.json_types import JSON
from novita_sdk.options import CallOptions

T = TypeVar("T")
M = TypeVar("M", bound=Model)


class Resource:
    """One group of operations; made by the client.

    Args:
        caller: Makes the calls.
        services: What the resources of a client share.
    """

    def __init__(self, caller: Caller, services: Services) -> None:
        self._caller = caller
        self._services = services
        self._settings = services.settings
        self._rng = services.rng

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def _pager(
        self,
        operation: Operation,
        values: Mapping[str, object],
        page_size: int,
        options: CallOptions | None,
    ) -> Pager[Any]:
        return pager_of(self._caller, operation, values, options, page_size=page_size)

    def _search(self, operation: Operation, pager: Pager[T], attribute: str, wanted: str) -> T | None:
        """Look for one item of a list by its id.

        Args:
            operation: The listing operation.
            pager: The list.
            attribute: The attribute of an item that holds its id.
            wanted: The id.

        Returns:
            The item; None if there certainly is none.

        Raises:
            ResponseDecodeError: It may be there but cannot be read.
            PagingError: The list was not complete: nothing tells whether it is there.
        """
        for item in pager:
            if getattr(item, attribute) == wanted:
                return item
        self._prove_absence(operation, pager, wanted)
        return None

    def _prove_absence(
        self, operation: Operation, pager: Pager[T], wanted: str, *, by_name: bool = False
    ) -> None:
        """Make sure that what was not seen in a list that was read is not in it.

        Raises:
            ResponseDecodeError: It may be there but cannot be read.
            PagingError: The list was not complete: nothing tells whether it is there.
        """
        for odd in pager.problems or ():
            if by_name or odd.id in {None, wanted}:
                raise ResponseDecodeError(
                    f"{odd.path}: {odd.message}",
                    path=odd.path,
                    model=operation.result.model,
                    operation=operation.name,
                )
        if not pager.complete:
            raise PagingError(
                f"the list brought fewer items than its total; nothing tells whether {wanted} exists",
                operation=operation.name,
            )


def not_in_list(operation: Operation, wanted: str, searched_by: tuple[str, ...] = ("id",)) -> NotFoundError:
    """Return the error for an id or name that its list does not hold."""
    noun = (operation.kind or "").lower().replace("_", " ")
    return NotFoundError(
        f"there is no {noun} {wanted}",
        kind=operation.kind,
        status_hint=404,
        identifier=wanted,
        searched_by=searched_by,
        operation=operation.name,
    )


def as_told(model: type[M], answer: JSON) -> M:
    """Read what the service said to a write; the write is done, also where the words for it are unreadable."""
    try:
        return structure(model, answer)
    except DecodeFailure:
        return model()
