"""Names and plain TCP connections for tasks. Their limits are real seconds; a virtual clock stands still meanwhile."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator
from typing import cast

import anyio
import anyio.abc
import anyio.lowlevel

from novita_sdk._concurrency.clock import AsyncClock
from novita_sdk._concurrency.name_lookup import NameLookup


class AsyncConnection:
    """A TCP connection that is only listened to."""

    def __init__(self, clock: AsyncClock, stream: anyio.abc.SocketStream) -> None:
        self._clock = clock
        self._stream = stream

    async def read(self, limit: int, timeout: float) -> bytes:  # noqa: ASYNC109
        """Return what arrives next, at most `limit` bytes; nothing once the other side has ended.

        Raises:
            TimeoutError: Nothing arrived for `timeout` seconds.
            ConnectionResetError: The connection broke.
        """
        with at_work(self._clock), anyio.fail_after(max(0.0, timeout)):
            try:
                return await self._stream.receive(limit)
            except anyio.EndOfStream:
                return b""
            except anyio.BrokenResourceError as error:
                raise ConnectionResetError("the connection broke") from error

    async def aclose(self) -> None:
        """Close it at once."""
        await anyio.aclose_forcefully(self._stream)


async def connect(clock: AsyncClock, address: str, port: int, timeout: float) -> AsyncConnection:  # noqa: ASYNC109
    """Connect to an address.

    Args:
        clock: The client's clock.
        address: An IP address.
        port: The port.
        timeout: Seconds until it gives up.

    Raises:
        TimeoutError: Nobody answered within `timeout`.
        OSError: There is no connection; the class says why, such as `ConnectionRefusedError`.
    """
    with at_work(clock), anyio.fail_after(max(0.0, timeout)):
        try:
            stream = await anyio.connect_tcp(address, port)
        except OSError as error:
            if isinstance(error.__cause__, OSError):  # the one attempt that failed
                raise error.__cause__ from None
            raise
    return AsyncConnection(clock, stream)


async def resolve(clock: AsyncClock, host: str, port: int, timeout: float) -> tuple[str, ...]:  # noqa: ASYNC109
    """Look up the addresses of a host.

    The look-up runs in a daemon thread, which is left alone when the time is up or the task is cancelled.

    Args:
        clock: The client's clock.
        host: A name or an IP address.
        port: The port that is meant.
        timeout: Seconds until it gives up.

    Returns:
        IP addresses, each once, in the system's order of preference.

    Raises:
        TimeoutError: There was no answer within `timeout`.
        socket.gaierror: The name has no address.
    """
    ended = anyio.Event()
    call = _caller_from_threads()

    def tell() -> None:
        with contextlib.suppress(RuntimeError):  # the event loop has ended: nobody waits any more
            call(ended.set)

    with at_work(clock), anyio.fail_after(max(0.0, timeout)):
        lookup = NameLookup(host, port, tell)
        await ended.wait()
    return lookup.addresses()


def _caller_from_threads() -> Callable[[Callable[[], None]], object]:
    """Return what runs a function in this event loop, to be called from a thread that the loop does not know."""
    token = anyio.lowlevel.current_token()
    loop = getattr(token, "native_token", token)  # anyio below 4.11 gives the loop's own one
    name = (
        "call_soon_threadsafe" if hasattr(loop, "call_soon_threadsafe") else "run_sync_soon"
    )  # asyncio, trio
    return cast("Callable[[Callable[[], None]], object]", getattr(loop, name))


@contextlib.contextmanager
def at_work(clock: AsyncClock) -> Generator[None]:
    """Let the time of a virtual clock stand still while a task waits for the real network."""
    crew: Callable[[int], None] | None = getattr(clock, "crew", None)
    if crew is None:
        yield
        return
    crew(1)
    try:
        yield
    finally:
        crew(-1)
