# Generated from novita_sdk/_async/resources/instance_finding.py by tools/unasync.py; edit the source.
"""Finding instances by id or name."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from novita_sdk._core import operations
from novita_sdk._sync.resources.instance_actions import InstanceActions
from novita_sdk.errors import NotFoundError
from novita_sdk.models.instance import Instance
from novita_sdk.options import CallOptions

if TYPE_CHECKING:
    from novita_sdk._sync.lifecycle.finding import Finder
    from novita_sdk._sync.lifecycle.instances import Instances


class InstanceFinding(InstanceActions):
    """Finding instances."""

    def find(
        self,
        ref: str | int | Instance | None = None,
        *,
        id: str | int | None = None,  # noqa: A002 - the field's name
        name: str | None = None,
        include_removed: bool = False,
        options: CallOptions | None = None,
    ) -> Instance:
        """Find an instance by id or name; a failure is never taken for "there is none".

        A text is tried as an id first; only if there certainly is none of that id, the whole list is searched for
        the name. Names count exactly, capitals included, also without the mark that a create may have put at their
        end. With the setting `name_lookup` off a text is an id only. Operations `get_instance` and `list_instances`.

        Args:
            ref: Id or name, or an `Instance` to read afresh.
            id: Id, and nothing else.
            name: Name, and nothing else.
            include_removed: Whether a name may be that of an instance which is being removed or is gone.
            options: What these calls do differently.

        Returns:
            The instance: as `get` shows it if it was found by its id, as the list shows it if by its name.

        Raises:
            NotFoundError: There is none, `INSTANCE_NOT_FOUND`; `searched_by` tells how it was looked for.
            AmbiguousNameError: Several bear the name; `ids` are theirs, newest first.
            PagingError: The list was not complete, so that nothing tells.
            ValidationError: Not exactly one of `ref`, `id` and `name` is given.
        """
        return self._finder().find(ref, id=id, name=name, include_removed=include_removed, options=options)

    def exists(
        self,
        ref: str | int | Instance | None = None,
        *,
        id: str | int | None = None,  # noqa: A002 - the field's name
        name: str | None = None,
        include_removed: bool = False,
        options: CallOptions | None = None,
    ) -> bool:
        """Tell whether there is such an instance; raises if that cannot be told.

        Operations `get_instance` and `list_instances`.

        Args:
            ref: Id or name, or an `Instance`.
            id: Id, and nothing else.
            name: Name, and nothing else.
            include_removed: Whether a name may be that of an instance which is being removed or is gone.
            options: What these calls do differently.

        Raises:
            AmbiguousNameError: Several bear the name.
            NovitaError: As `find`.
        """
        finder = self._finder()
        try:
            finder.find(ref, id=id, name=name, include_removed=include_removed, options=options)
        except NotFoundError as error:
            if error.searched_by:  # what `find` made itself; a bare 404 of some proxy proves nothing
                return False
            raise
        return True

    def _get_or_none(self, instance_id: str, options: CallOptions | None) -> Instance | None:
        """Read an instance; None if there certainly is none."""
        found = self._caller.single_or_none(
            operations.GET_INSTANCE, query={"instanceId": instance_id}, options=options
        )
        return cast("Instance | None", found)

    def _finder(self) -> Finder:
        from novita_sdk._sync.lifecycle.finding import Finder  # noqa: PLC0415 - only where it is used

        return Finder(cast("Instances", self))
