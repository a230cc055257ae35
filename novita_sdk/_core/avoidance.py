"""For how long a host is left alone because it refused its key."""

from __future__ import annotations


class Avoidance:
    """Shared by all job queries of a client.

    Attributes:
        until: Monotonic seconds.
        code: The error's code.
        warned: Whether the client's one warning has been given.
    """

    __slots__ = ("code", "until", "warned")

    def __init__(self) -> None:
        self.until = 0.0
        self.code = ""
        self.warned = False
