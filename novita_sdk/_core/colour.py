"""Whether something callable is synchronous or asynchronous, so that a mix-up is told at construction."""

from __future__ import annotations

import inspect

from novita_sdk.errors import SettingProblem


def colour_problem(name: str, value: object, colour: str, method: str = "__call__") -> SettingProblem | None:
    """Tell what is wrong with a part that the client calls.

    Args:
        name: The argument, for the error.
        value: A middleware, transport or clock.
        colour: The client's: `async` or `sync`.
        method: The method that is called on it.

    Returns:
        The problem: it is of the other colour, or cannot be called at all. None if it is right.
    """
    kind = type(value).__name__
    if isinstance(value, type):
        return SettingProblem(name, f"{value.__name__} is a class", "an instance of it")
    called: object = getattr(value, method, None)
    if called is None:
        return SettingProblem(name, f"{kind} has no {method}", f"an object with {method}")
    # functions and partials tell it themselves, other callables by their __call__
    tells = (called, value) if method == "__call__" else (called,)
    if any(map(inspect.iscoroutinefunction, tells)) == (colour == "async"):
        return None
    other, right, twin = (
        ("asynchronous", "a plain function", "AsyncNovita")
        if colour == "sync"
        else ("synchronous", "an `async def`", "Novita")
    )
    return SettingProblem(name, f"{kind} is {other}", f"{right} here, or use {twin}")
