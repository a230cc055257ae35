"""Looking up the addresses of a host in a thread of its own: nothing else can cut a look-up short."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable


class NameLookup:
    """One look-up under way. Who has no more time for it leaves it alone; its thread ends when the system answers.

    Args:
        host: A name or an address.
        port: The port that is meant.
        ended: Called in the thread of the look-up once there is a result.
    """

    def __init__(self, host: str, port: int, ended: Callable[[], None]) -> None:
        self._host = host
        self._port = port
        self._ended = ended
        self._addresses: tuple[str, ...] = ()
        self._failure: Exception | None = None
        threading.Thread(target=self._run, name=f"look-up of {host}", daemon=True).start()

    def addresses(self) -> tuple[str, ...]:
        """Return what was found, at least one address, in the order of preference of the system.

        Raises:
            socket.gaierror: The name has no address, or cannot be one.
        """
        if self._failure is not None:
            raise self._failure
        return self._addresses

    def _run(self) -> None:
        try:
            found = socket.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
            self._addresses = tuple(dict.fromkeys(str(row[4][0]) for row in found))
            if not found:
                self._failure = socket.gaierror(socket.EAI_NONAME, f"{self._host} has no address")
        except UnicodeError as error:  # a label is empty or too long
            failure = socket.gaierror(socket.EAI_NONAME, f"no host can be named so: {error}")
            failure.__cause__ = error
            self._failure = failure
        except Exception as error:  # noqa: BLE001 - raised to whoever waits for the look-up
            self._failure = error
        finally:
            self._ended()
