"""The URL of a webhook target, read strictly: what two readers could understand differently is refused."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final

import attrs

from novita_sdk._core.webhooks.addresses import Address, refused

MOST_CHARACTERS: Final = 2048

_USUAL_PORTS: Final = {"https": 443, "http": 80}
_HIGHEST_PORT: Final = 65535
_URL: Final = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<rest>[^#]*)(?:#.*)?"
)
_AUTHORITY: Final = re.compile(r"(?P<host>\[[^\]]*\]|[A-Za-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?")
_NUMBER: Final = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")


@attrs.frozen(kw_only=True)
class TargetURL:
    """Where to send.

    Attributes:
        scheme: https or http.
        host: The host in lower case, without brackets and final dot.
        port: The port.
        path: Path and query, as they go into the request line.
        address: The address, if the host is one rather than a name.
        authority: Host and port as they go into the `Host` header.
    """

    scheme: str
    host: str
    port: int
    path: str = attrs.field(repr=False)
    address: Address | None
    authority: str


def read_target_url(url: object, *, allow_http: bool = False) -> TargetURL:
    """Read the URL of a target, before any name is resolved.

    Args:
        url: The URL.
        allow_http: Whether it may be unencrypted.

    Raises:
        TargetRefusedError: It is no https URL, has a user, is longer than 2,048 characters, or its host is
            written in a way that different readers take for different hosts.
    """
    if not isinstance(url, str) or not 1 <= len(url) <= MOST_CHARACTERS:
        raise refused(None, "url", f"a URL has 1-{MOST_CHARACTERS} characters")
    if not all("!" <= char <= "~" for char in url) or "\\" in url:
        raise refused(None, "url", "a URL is ASCII without blanks; write the host in its xn-- form")
    found = _URL.fullmatch(url)
    scheme = found["scheme"].lower() if found else ""
    if found is None or scheme not in _USUAL_PORTS:
        raise refused(None, "url", "the URL must begin with https:// and a host")
    if scheme == "http" and not allow_http:
        raise refused(None, "url", "http is not encrypted; allow_http=True permits it")
    if "@" in found["authority"]:
        raise refused(None, "url", "the URL must not hold a user or password")
    parts = _AUTHORITY.fullmatch(found["authority"])
    if parts is None:
        raise refused(None, "url", "the URL must have a host, and at most a port after it")
    host = parts["host"].lower().removesuffix(".")
    port = int(parts["port"] or _USUAL_PORTS[scheme])
    if not 1 <= port <= _HIGHEST_PORT:
        raise refused(host, "url", f"a port is a number from 1 to {_HIGHEST_PORT}")
    path = found["rest"]
    return TargetURL(
        scheme=scheme,
        host=host.strip("[]"),
        port=port,
        path=path if path.startswith("/") else f"/{path}",
        address=_literal(host),
        authority=host if port == _USUAL_PORTS[scheme] else f"{host}:{port}",
    )


def _literal(host: str) -> Address | None:
    """Read a host that is an address; a number in any other spelling than the usual one is refused."""
    try:
        if host.startswith("["):
            return IPv6Address(host[1:-1])
        if _NUMBER.fullmatch(host.rpartition(".")[2]):
            return IPv4Address(host)
    except AddressValueError:
        raise refused(host, "malformed", "its host is no address in the usual spelling") from None
    if not all(0 < len(label) <= 63 for label in host.split(".")):
        raise refused(host, "malformed", "its host is no name")
    return None
