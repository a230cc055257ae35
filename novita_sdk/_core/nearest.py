"""What was meant: names that are spelled like one that nobody knows."""

from __future__ import annotations

from collections.abc import Collection, Iterable


def nearest(given: str, known: Iterable[str], *, most: int = 3, cutoff: float = 0.6) -> list[str]:
    """Return the known names that are spelled most like a given one, whatever their capitals; the nearest first."""
    from difflib import get_close_matches  # noqa: PLC0415 - only a mistake needs it

    spelled = {name.casefold(): name for name in known}
    return [spelled[name] for name in get_close_matches(given.casefold(), spelled, n=most, cutoff=cutoff)]


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """Return the end of a message about a name that nobody knows; empty if no other is near."""
    found = nearest(given, known)
    return f"; did you mean {' or '.join(found)}?" if found else ""


def refuse_unexpected(given: Iterable[str], known: Collection[str]) -> None:
    """Refuse keyword arguments that nobody knows, as Python would.

    Args:
        given: The arguments that were given.
        known: Those that there are.

    Raises:
        TypeError: Some are unknown; they and the nearest known ones are named.
    """
    unknown = [name for name in given if name not in known]
    if unknown:
        meant = dict.fromkeys(near for name in unknown for near in nearest(name, known, most=1))
        hint = f"; did you mean {' and '.join(meant)}?" if meant else ""
        raise TypeError(f"unexpected argument: {', '.join(unknown)}{hint}")
