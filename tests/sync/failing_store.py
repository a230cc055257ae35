# Generated from tests/aio/failing_store.py by tools/unasync.py; edit the source.
"""A store that can be away."""

from __future__ import annotations

from typing import Any


class FailingStore:
    """Passes everything on to another store, unless it was given a failure to raise."""

    def __init__(self, inner: Any, shared: dict[str, Any] | None = None) -> None:
        self._inner = inner
        self._shared: dict[str, Any] = {"failure": None} if shared is None else shared

    @property
    def failure(self) -> Exception | None:
        found: Exception | None = self._shared["failure"]
        return found

    @failure.setter
    def failure(self, failure: Exception | None) -> None:
        self._shared["failure"] = failure

    def scoped(self, account: str) -> FailingStore:
        return FailingStore(self._inner.scoped(account), self._shared)

    def lease_acquire(self, *arguments: Any, **named: Any) -> Any:
        return self.__getattr__("lease_acquire")(*arguments, **named)

    def put_if_absent(self, *arguments: Any, **named: Any) -> Any:
        return self.__getattr__("put_if_absent")(*arguments, **named)

    def __getattr__(self, name: str) -> Any:
        def call(*arguments: Any, **named: Any) -> Any:
            if self.failure is not None:
                raise self.failure
            return getattr(self._inner, name)(*arguments, **named)

        return call
