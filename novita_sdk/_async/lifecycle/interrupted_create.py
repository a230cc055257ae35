"""What becomes of a thing whose create was interrupted: it is deleted, if that was wished, and seen to go."""

from __future__ import annotations

from typing import Final

from novita_sdk._async.caller import AsyncCaller
from novita_sdk._concurrency.clock import AsyncClock
from novita_sdk._core import operations
from novita_sdk._core.lifecycle.create_looks import LEAVING
from novita_sdk._core.operations.operation import Handle
from novita_sdk._core.settle_schedule import INTERRUPTED_WINDOW
from novita_sdk.options import CallOptions

_GONE_CHECKS: Final = 3
_GONE_PAUSE: Final = 1.0  # seconds


async def deleted(
    caller: AsyncCaller, clock: AsyncClock, handle: Handle, found: str, error: BaseException
) -> bool:
    """Delete what an interrupted create made, and tell whether it is certainly going.

    Args:
        caller: Makes the calls.
        clock: What it sleeps on.
        handle: How the thing is dealt with.
        found: Its id.
        error: What interrupted the create; a note on it says what became of the thing.
    """
    quick = CallOptions(total_timeout=INTERRUPTED_WINDOW)
    try:
        await caller.write(
            operations.ALL[handle.delete],
            dict.fromkeys(handle.delete_keys, found),
            quick,
            missing_ok=True,
        )
        for _ in range(_GONE_CHECKS):
            shown = await read_made(caller, handle, found, quick)
            if shown is None or str(getattr(shown, "status", "")) in LEAVING:
                error.add_note(f"{found} was deleted, as on_cancel='delete' asks for")
                return True
            await clock.sleep_async(_GONE_PAUSE)
    except Exception as failure:  # noqa: BLE001 - what interrupted the call must reach the caller unchanged
        error.add_note(f"deleting {found} failed, it may be billing: {type(failure).__name__}: {failure}")
    else:
        error.add_note(f"{found} was deleted, but does not go; it may be billing")
    return False


async def read_made(
    caller: AsyncCaller, handle: Handle, found: str, options: CallOptions | None = None
) -> object:
    """Return what a create made; None if there certainly is no such thing."""
    shown: object = await caller.single_or_none(
        operations.ALL[handle.read], query={handle.key: found}, options=options
    )
    return shown
