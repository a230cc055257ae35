"""The command line by which an instance is reached over SSH: read strictly, never run."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_USER: Final = r"(?P<user>[A-Za-z0-9_][A-Za-z0-9._-]*)"
_HOST: Final = r"(?P<host>[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])"
_PORT: Final = r"-p ?(?P<port>[0-9]{1,5})"
_COMMANDS: Final = tuple(
    re.compile(form)
    for form in (
        rf"ssh {_USER}@{_HOST}(?: {_PORT})?",
        rf"ssh {_PORT} {_USER}@{_HOST}",
    )
)
_USUAL_PORT: Final = "22"
_HIGHEST_PORT: Final = 65535


class SshAddress(NamedTuple):
    """Where and as whom to log in."""

    host: str
    port: int
    username: str


def read_ssh_command(command: str | None) -> SshAddress | None:
    """Read a command such as `ssh root@host.example -p 2201`.

    Args:
        command: The command line as the service tells it.

    Returns:
        The address; None for anything that is not exactly user, host and perhaps a port: with any other
        option the command might lead elsewhere.
    """
    line = " ".join((command or "").split())
    found = next((match for form in _COMMANDS if (match := form.fullmatch(line))), None)
    if found is None:
        return None
    port = int(found["port"] or _USUAL_PORT)
    if not 1 <= port <= _HIGHEST_PORT:
        return None
    return SshAddress(found["host"].strip("[]"), port, found["user"])
