"""Whether something callable is synchronous or asynchronous, so that a mix-up is told at construction."""

from __future__ import annotations

import inspect

from novita_sdk.errors import ConfigurationError, SettingProblem


def check_colour(name: str, value: object, colour: str, method: str = "__call__") -> None:
    """Check that `value` is of the client's colour.

    Args:
        name: The argument, for the error.
        value: A middleware, transport or clock.
        colour: `async` or `sync`.
        method: The method that is called on it.

    Raises:
        ConfigurationError: It is of the other colour, or cannot be called at all.
    """
    called: object = (
        value if method == "__call__" and inspect.isroutine(value) else getattr(value, method, None)
    )
    twin = "AsyncNovita" if colour == "sync" else "Novita"
    if called is None or (method == "__call__" and not callable(value)):
        problem = SettingProblem(name, f"{type(value).__name__} has no {method}", f"an object with {method}")
    elif inspect.iscoroutinefunction(called) == (colour == "async"):
        return
    else:
        other = "asynchronous" if colour == "sync" else "synchronous"
        kind = "a plain function" if colour == "sync" else "an `async def`"
        problem = SettingProblem(name, f"{type(value).__name__} is {other}", f"{kind} here, or use {twin}")
    raise ConfigurationError(problems=(problem,))
