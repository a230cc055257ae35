"""Which addresses a webhook may be sent to: none inside a network, none that stands for another one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Final, TypeAlias

import attrs

from novita_sdk.errors import ConfigurationError, SettingProblem, TargetRefusedError

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

_METADATA: Final = frozenset(
    map(
        ip_address,
        (
            "169.254.169.254",
            "100.100.100.200",
            "192.0.0.192",
            "168.63.129.16",
            "fd00:ec2::254",
            "fd20:ce::254",
        ),
    )
)
"""Where clouds hand out credentials to whoever asks from inside."""

_DENIED: Final[Sequence[tuple[str, tuple[Network, ...]]]] = tuple(
    (kind, tuple(map(ip_network, networks)))
    for kind, networks in (
        ("loopback", ("127.0.0.0/8", "::1/128")),
        ("private", ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")),
        ("carrier_nat", ("100.64.0.0/10",)),
        ("link_local", ("169.254.0.0/16", "fe80::/10", "fec0::/10")),
        ("multicast", ("224.0.0.0/4", "ff00::/8")),
        ("unspecified", ("0.0.0.0/8", "::/128")),
        ("translation", ("64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16", "::/96")),
        (
            "reserved",
            (
                "192.0.0.0/24",
                "192.0.2.0/24",
                "192.31.196.0/24",
                "192.52.193.0/24",
                "192.88.99.0/24",
                "192.175.48.0/24",
                "198.18.0.0/15",
                "198.51.100.0/24",
                "203.0.113.0/24",
                "240.0.0.0/4",
                "2001::/23",
                "2001:db8::/32",
                "2620:4f:8000::/48",
                "3fff::/20",
            ),
        ),
    )
)
"""Classes of denied addresses; the first that holds an address names it."""

_ASSIGNED_V6: Final = IPv6Network("2000::/3")  # all other addresses of version 6 are no one's on the Internet
_OPENED_BY_NAME: Final = frozenset({"private", "loopback", "carrier_nat"})


def address_class(address: Address) -> str | None:
    """Name the class of denied addresses that this one belongs to; None for an ordinary public one."""
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            return "scoped"
        if address.ipv4_mapped is not None:
            return address_class(address.ipv4_mapped)
    if address in _METADATA:
        return "metadata"
    named = next((kind for kind, networks in _DENIED if _holds(networks, address)), None)
    if named is None and isinstance(address, IPv6Address) and address not in _ASSIGNED_V6:
        return "reserved"
    return named


@attrs.frozen
class AllowedPrivate:
    """Denied addresses that the user opened.

    Attributes:
        networks: Networks whose addresses are open.
        hosts: Host names whose private, loopback and carrier addresses are open.
    """

    networks: tuple[Network, ...] = ()
    hosts: frozenset[str] = frozenset()

    def opens(self, host: str, address: Address, kind: str) -> bool:
        """Tell whether an address of a denied class may be connected to for `host`."""
        if kind == "scoped":
            return False
        plain = (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
        return _holds(self.networks, plain) or (kind in _OPENED_BY_NAME and host in self.hosts)


def read_allow_private(entries: Iterable[object]) -> AllowedPrivate:
    """Read `allow_private`: networks such as `10.1.0.0/16`, single addresses, and host names.

    Raises:
        ConfigurationError: An entry is none of these.
    """
    networks: list[Network] = []
    hosts: set[str] = set()
    for entry in entries:
        try:
            networks.append(
                ip_network(entry if isinstance(entry, str) else "")
            )  # it takes numbers for addresses
        except ValueError:
            hosts.add(_host_entry(entry))
    return AllowedPrivate(tuple(networks), frozenset(hosts))


def _host_entry(entry: object) -> str:
    name = entry.lower().removesuffix(".") if isinstance(entry, str) else ""
    letters = name.replace("-", "").replace(".", "").replace("_", "")
    # what ends in a number was meant as an address or network, which it is not
    if not (letters.isascii() and letters.isalnum()) or name.rpartition(".")[2].isdecimal():
        shown = f"{entry!r} is neither"
        problem = SettingProblem("allow_private", shown, "a network without host bits, or a host name")
        raise ConfigurationError(problems=(problem,))
    return name


def check_addresses(host: str, found: Iterable[str], allowed: AllowedPrivate) -> tuple[Address, ...]:
    """Judge what a host name resolved to; one bad address refuses them all.

    Args:
        host: The host in lower case, without a final dot.
        found: The addresses as the resolver told them.
        allowed: What the user opened.

    Returns:
        The addresses that may be connected to, in the same order.

    Raises:
        TargetRefusedError: One of them is denied, or is no address.
    """
    return tuple(_check(host, text, allowed) for text in found)


def _check(host: str, text: str, allowed: AllowedPrivate) -> Address:
    try:
        address = ip_address(text)
    except ValueError:
        raise refused(host, "malformed") from None
    kind = address_class(address)
    if kind is not None and not allowed.opens(host, address, kind):
        raise refused(host, kind)
    return address


def refused(host: str | None, kind: str, detail: str = "its address is not allowed") -> TargetRefusedError:
    """Make the error of a target that is not connected to; the URL is not in it."""
    shown = "the webhook target" if host is None else f"the webhook target {host}"
    return TargetRefusedError(f"{shown} is refused ({kind}): {detail}", host=host, address_class=kind)


def _holds(networks: Iterable[Network], address: Address) -> bool:
    return any(address.version == network.version and address in network for network in networks)
