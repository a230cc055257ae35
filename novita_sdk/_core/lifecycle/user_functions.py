"""Functions that a caller gives to a helper: looked at when they are given, not when they are needed."""

from __future__ import annotations

import inspect

from novita_sdk._core.wire import problem
from novita_sdk.errors import Problem


def function_problem(name: str, value: object, colour: str, what: str) -> Problem | None:
    """Tell what is wrong with a function; None if nothing is.

    Args:
        name: The argument, for the error.
        value: What was given.
        colour: `sync` or `async`; only the latter can await what an `async def` returns.
        what: What is wanted.
    """
    if not callable(value):
        return problem(name, value, f"must be {what}")
    awaits = any(map(inspect.iscoroutinefunction, (value, type(value).__call__)))
    if awaits and colour == "sync":
        return problem(
            name, value, "must be a plain function here; the asynchronous helper takes an async one"
        )
    return None
