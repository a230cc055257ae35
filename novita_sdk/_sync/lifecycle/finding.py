# Generated from novita_sdk/_async/lifecycle/finding.py by tools/unasync.py; edit the source.
"""Finding instances by id or name, without ever taking a failure for "there is none"."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from novita_sdk._core.lifecycle.finding import (
    NAME_FILTER_LIMIT,
    REMEMBERED,
    bearers,
    may_bear,
    no_instance,
    only_bearer,
)
from novita_sdk._core.wire import check_id, problem
from novita_sdk.errors import PagingError, ResponseDecodeError, ValidationError
from novita_sdk.models.instance import Instance
from novita_sdk.options import CallOptions

if TYPE_CHECKING:
    from novita_sdk._concurrency.clock import Clock
    from novita_sdk._sync.lifecycle.instances import Instances


class Finder:
    """Finds instances.

    Args:
        gpu_instances: The instances of a client.
    """

    def __init__(self, gpu_instances: Instances) -> None:
        self._instances = gpu_instances
        self._name_lookup = gpu_instances._settings.name_lookup  # noqa: SLF001 - this is a part of the resource

    def find(
        self,
        ref: str | int | Instance | None = None,
        *,
        id: str | int | None = None,  # noqa: A002 - the field's name
        name: str | None = None,
        include_removed: bool = False,
        options: CallOptions | None = None,
    ) -> Instance:
        """Find one instance; see `gpu_instances.find`."""
        if [ref, id, name].count(None) != 2:
            message = "give exactly one of ref, id and name"
            raise ValidationError(problems=(problem("ref", ref, message),))
        if name is not None:
            return self._required_by_name(name, ("name",), options, include_removed=include_removed)
        given = id if ref is None else ref
        by_id_only = ref is None or isinstance(ref, Instance | int) or not self._name_lookup
        wanted = check_id("id" if ref is None else "ref", given.id if isinstance(given, Instance) else given)
        found = self._instances._get_or_none(wanted, options)  # noqa: SLF001 - the same
        if found is not None:
            return found
        if by_id_only:
            raise no_instance(wanted, ("id",))
        return self._required_by_name(wanted, ("id", "name"), options, include_removed=include_removed)

    def id_of(
        self,
        ref: str | int | Instance | None = None,
        *,
        name: str | None = None,
        options: CallOptions | None = None,
    ) -> str:
        """Return the id of an instance; asks only where a text may be a name.

        Args:
            ref: Its id or name, or the instance.
            name: Its name, instead of `ref`.
            options: What the calls do differently.
        """
        if name is None and (isinstance(ref, Instance | int) or (ref is not None and not self._name_lookup)):
            return check_id("ref", ref.id if isinstance(ref, Instance) else ref)
        return (self.find(ref, name=name, options=options)).id

    def _required_by_name(
        self, name: str, searched_by: tuple[str, ...], options: CallOptions | None, *, include_removed: bool
    ) -> Instance:
        wanted = check_id("name", name)
        found: Instance | None = None
        if len(wanted) <= NAME_FILTER_LIMIT:  # the filter is fuzzy: it saves pages, and proves nothing
            found = self._by_name(wanted, wanted, options, include_removed=include_removed)
        if found is None:
            found = self._by_name(wanted, None, options, include_removed=include_removed)
        if found is None:
            raise no_instance(wanted, searched_by)
        return found

    def _by_name(
        self, name: str, fuzzy: str | None, options: CallOptions | None, *, include_removed: bool
    ) -> Instance | None:
        """Look through one listing; None if nobody in it bears the name, or if its filter cut it short."""
        pager = self._instances.list(name=fuzzy, options=options)
        found = bearers(pager.collect(), name, include_removed=include_removed)
        odd = [problem for problem in pager.problems or () if may_bear(problem, name)]
        if fuzzy is not None and (odd or not pager.complete):
            return None
        if odd:
            path, message = odd[0].path, odd[0].message
            raise ResponseDecodeError(
                f"an instance that may be {name!r} cannot be read: {path}: {message}",
                path=path,
                model="Instance",
                operation="list_instances",
            )
        if not pager.complete:
            raise PagingError(
                f"the list brought fewer instances than its total; nothing tells which one is {name!r}",
                operation="list_instances",
            )
        return only_bearer(found, name)


class _Remembered(NamedTuple):
    instance_id: str
    until: float


class NameCache:
    """Remembers the ids behind names for ten minutes, for helpers that look again and again.

    Args:
        finder: Finds what is not remembered.
        clock: Where the time comes from.
    """

    def __init__(self, finder: Finder, clock: Clock) -> None:
        self._finder = finder
        self._clock = clock
        self._ids: dict[str, _Remembered] = {}

    def id_of(self, ref: str | int | Instance) -> str:
        """Return the id of an instance, without a request if it is remembered.

        Args:
            ref: Its id or name, or the instance.

        Raises:
            NotFoundError: There is none.
            AmbiguousNameError: Several bear the name.
        """
        if not isinstance(ref, str):
            return self._finder.id_of(ref)
        known = self._ids.get(ref)
        if known is not None and self._clock.monotonic() < known.until:
            return known.instance_id
        self._ids.pop(ref, None)
        found = self._finder.id_of(ref)
        self._ids[ref] = _Remembered(found, self._clock.monotonic() + REMEMBERED)
        return found

    def forget(self, instance_id: str) -> None:
        """Drop what is remembered of an instance that was not found any more."""
        self._ids = {ref: known for ref, known in self._ids.items() if known.instance_id != instance_id}
