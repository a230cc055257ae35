"""What a failure of the database means: result codes of SQLite as exceptions of the SDK."""

from __future__ import annotations

from typing import Final

from novita_sdk.errors import (
    ConfigurationError,
    NovitaError,
    SettingProblem,
    StateStoreError,
    StoreCorruptError,
    StoreUnavailableError,
    StoreVersionError,
)

_BUSY, _LOCKED, _FULL = 5, 6, 13
_DAMAGED: Final = {11, 26}  # CORRUPT, NOTADB
_SETUP: Final = {3, 8, 10, 14, 15}  # PERM, READONLY, IOERR, CANTOPEN, PROTOCOL

_LEFT_AS_IT_IS: Final = (
    "The file was left as it is. Put it aside and give the store another path, or a backup of it; "
    "what it held, open rentals and undelivered events, is unknown until then."
)


def failure(code: int | None, text: str, path: str, *, opening: bool) -> NovitaError:
    """Return the exception for a failure of the database.

    Args:
        code: SQLite's result code, None if the failure has none.
        text: What the database says.
        path: The file.
        opening: Whether the file was being opened; a failure of its surroundings is then one of the set-up.
    """
    primary = None if code is None else code & 0xFF  # the rest of an extended code tells details
    if primary in _DAMAGED:
        return damaged(text, path)
    if primary in {_BUSY, _LOCKED}:
        return StoreUnavailableError(
            f"somebody else has held the lock of {path} for too long ({text}); nothing was written",
            location=path,
        )
    if primary == _FULL:
        return StateStoreError(f"no space is left for {path} ({text}); nothing was written", location=path)
    if opening and primary in _SETUP:
        return unusable(text, path)
    return StateStoreError(f"{path} failed: {text}", location=path)


def damaged(detail: str, path: str) -> StoreCorruptError:
    """Return the exception for a file whose content cannot be trusted."""
    message = f"{path} is no readable database: {detail}"
    return StoreCorruptError(message, location=path, detail=detail, hint=_LEFT_AS_IT_IS)


def unusable(fault: str, path: str) -> ConfigurationError:
    """Return the exception for a path at which no store can be."""
    problem = SettingProblem("path", f"{path} cannot be used: {fault}", "a file in an existing local folder")
    return ConfigurationError(problems=(problem,))


def without_wal(mode: str, path: str) -> ConfigurationError:
    """Return the exception for a place where SQLite cannot keep a write-ahead log."""
    fault = f"its journal mode stays {mode!r} where 'wal' is needed, as on network disks"
    return unusable(fault, path)


def foreign(path: str) -> ConfigurationError:
    """Return the exception for the database of another program."""
    return unusable("it is the database of another program", path)


def too_new(version: int, known: int, path: str) -> StoreVersionError:
    """Return the exception for a file of a newer release."""
    return StoreVersionError(
        f"{path} has schema {version}, this release knows {known}; it was left as it is",
        location=path,
        hint="Update novita-gpu-sdk, or give the store another path.",
    )


def closed(location: str | None) -> StateStoreError:
    """Return the exception for a store that was closed."""
    return StateStoreError("the store is closed", location=location)
