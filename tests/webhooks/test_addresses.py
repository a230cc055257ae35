"""Where webhooks may go: the forms of an address that lead inside, and the few that the user may open."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novita_sdk._core.webhooks.addresses import (
    AllowedPrivate,
    address_class,
    check_addresses,
    read_allow_private,
)
from novita_sdk._core.webhooks.target_url import read_target_url
from novita_sdk.errors import ConfigurationError, TargetRefusedError

NOTHING = AllowedPrivate()

DENIED = {
    # one address of every denied block, first and last ones, and every way to write one inside another
    "loopback": "127.0.0.1 127.255.255.255 ::1 ::ffff:127.0.0.1 ::ffff:7f00:1",
    "private": "10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255 192.168.0.1 fc00::1 fdff::1 ::ffff:10.1.2.3",
    "carrier_nat": "100.64.0.0 100.127.255.255",
    "link_local": "169.254.0.1 169.254.255.255 fe80::1 febf::1 fec0::1 feff::1",
    "multicast": "224.0.0.1 239.255.255.255 ff02::1 ffff::1",
    "unspecified": "0.0.0.0 0.1.2.3 ::",
    "translation": "64:ff9b::a9fe:a9fe 64:ff9b:1::1 2001::1 2002:a9fe:a9fe:: ::a9fe:a9fe ::2",
    "metadata": (
        "169.254.169.254 100.100.100.200 192.0.0.192 168.63.129.16 fd00:ec2::254 fd20:ce::254"
        " ::ffff:169.254.169.254 ::ffff:168.63.129.16"
    ),
    "scoped": "fe80::1%eth0 2606:4700::1111%1 ::1%lo",
    "reserved": (
        "192.0.0.1 192.0.2.1 192.31.196.1 192.52.193.1 192.88.99.1 192.175.48.1 198.18.0.1 198.19.255.255"
        " 198.51.100.1 203.0.113.1 240.0.0.1 255.255.255.255 2001:1::1 2001:1ff::1 2001:db8::1 2620:4f:8000::1"
        " 3fff::1 3fff:fff::1 100::1 5f00::1 1fff::1 4000::1 8000::1"
    ),
}
PUBLIC = (
    "1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 169.253.255.255"
    " 169.255.0.0 172.15.255.255 172.32.0.0 192.0.1.1 192.0.3.1 192.167.255.255 192.169.0.0 198.17.255.255"
    " 198.20.0.0 223.255.255.255 168.63.129.15 2606:4700::1111 2001:200::1 2000::1 2003::1 ::ffff:1.1.1.1 3ffe::1"
)


@pytest.mark.case("WH-58")
@pytest.mark.parametrize(
    ("kind", "text"), [(kind, text) for kind, texts in DENIED.items() for text in texts.split()]
)
def test_an_address_that_is_not_public_is_refused(kind: str, text: str) -> None:
    with pytest.raises(TargetRefusedError) as caught:
        check_addresses("hooks.example.com", [text], NOTHING)
    assert (caught.value.host, caught.value.address_class) == ("hooks.example.com", kind)


@pytest.mark.case("WH-59")
@pytest.mark.parametrize("text", PUBLIC.split())
def test_a_public_address_passes(text: str) -> None:
    assert check_addresses("h", [text], NOTHING) == (ip_address(text),)


@given(st.ip_addresses(v=4))
def test_a_mapped_address_is_judged_as_the_one_inside(address: IPv4Address) -> None:
    mapped = IPv6Address(f"::ffff:{address}")
    assert address_class(mapped) == address_class(address)


@given(st.ip_addresses())
def test_whatever_the_standard_library_calls_inside_is_refused(address: IPv4Address | IPv6Address) -> None:
    if not address.is_global or address.is_multicast:
        assert address_class(address) is not None


@pytest.mark.case("WH-60")
def test_one_bad_address_refuses_them_all() -> None:
    for found in (["1.1.1.1", "10.0.0.1"], ["10.0.0.1", "1.1.1.1"]):
        with pytest.raises(TargetRefusedError, match="private"):
            check_addresses("h", found, NOTHING)
    assert check_addresses("h", ["1.1.1.1", "2606:4700::1111"], NOTHING)
    assert check_addresses("h", [], NOTHING) == ()


@pytest.mark.parametrize("text", ["", "localhost", "1.2.3", "01.2.3.4", "1.1.1.1 ", "0x1.1.1.1"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(TargetRefusedError, match="malformed"):
        check_addresses("h", [text], NOTHING)


# ------------------------------------------------------------------------------------------- URLs


@pytest.mark.case("WH-57")
@pytest.mark.parametrize(
    "url",
    [
        *("ftp://x", "javascript:alert(1)", "not-a-url", "", "https://u:p@h/", "https://@h/", "http://h/"),
        *("https://", "https:///path", "https://?x", "//h/", "https:h", "https://h:0/", "https://h:65536/"),
        *("https://h:/", "https://h:80:80/", "https://h h/", "https://h\n/", "https://hä/", "https://h\\@x/"),
        *("https://[::1/", "https://h]/", "https://a..b/", "https://.a/", "https://" + "a" * 64 + "/"),
        *("https://h/" + "x" * 2039, None, b"https://h/", 5, "https://h%2e/", "https://h;x/"),
    ],
)
def test_a_url_that_could_be_read_in_two_ways_is_refused(url: object) -> None:
    with pytest.raises(TargetRefusedError):
        read_target_url(url)


@pytest.mark.case("WH-59")
@pytest.mark.parametrize(
    "host",
    [
        *("2130706433", "0x7f.1", "127.1", "0x7f000001", "017700000001", "127.0.0.01", "127.0.0.1.5", "a.1"),
        *("[1::2::3]", "[]", "[127.0.0.1]", "0x", "[::1%25lo%]" * 2),
    ],
)
def test_an_address_in_an_unusual_spelling_is_refused(host: str) -> None:
    with pytest.raises(TargetRefusedError):
        read_target_url(f"https://{host}/")


@pytest.mark.case("WH-59")
@pytest.mark.parametrize(
    ("host", "kind"),
    [
        ("[::1]", "loopback"),
        ("127.0.0.1", "loopback"),
        ("127.0.0.1.", "loopback"),
        ("[fe80::1%25eth0]", "scoped"),
    ],
)
def test_an_address_in_the_url_is_judged_like_one_that_was_resolved(host: str, kind: str) -> None:
    url = read_target_url(f"https://{host}/")
    assert address_class(url.address) == kind  # type: ignore[arg-type]  # it is an address


@pytest.mark.case("WH-59")
@pytest.mark.parametrize("host", ["1.1.1.1", "[2606:4700::1111]"])
def test_a_public_address_in_the_url_passes(host: str) -> None:
    url = read_target_url(f"https://{host}/")
    assert address_class(url.address) is None  # type: ignore[arg-type]  # it is an address


def test_a_url_is_taken_apart_for_the_request() -> None:
    url = read_target_url("HTTPS://Hooks.Example.COM.:8443/in?key=hunter2#part")
    assert (url.scheme, url.host, url.port, url.path, url.address, url.authority) == (
        *("https", "hooks.example.com", 8443, "/in?key=hunter2", None, "hooks.example.com:8443"),
    )
    assert "hunter2" not in repr(url)
    assert read_target_url("https://h?x").path == "/?x"
    assert read_target_url("https://h").authority == "h"
    assert read_target_url("https://[2606:4700::1111]:444/").authority == "[2606:4700::1111]:444"
    assert read_target_url("https://h/" + "x" * 2038).path == "/" + "x" * 2038


@pytest.mark.case("WH-57")
def test_http_has_to_be_allowed() -> None:
    assert read_target_url("http://h/", allow_http=True).port == 80


def test_no_refusal_shows_the_url() -> None:
    for url in ("https://u:hunter2@h/", "ftp://h/hunter2", "https://h:0/hunter2"):
        with pytest.raises(TargetRefusedError) as caught:
            read_target_url(url)
        assert "hunter2" not in caught.value.explain()


@given(st.text(max_size=30))
def test_any_text_is_a_url_or_refused(text: str) -> None:
    for url in (text, f"https://{text}"):
        try:
            read = read_target_url(url)
        except TargetRefusedError:
            continue
        assert read.host
        assert "@" not in read.authority


# ------------------------------------------------------------------------------------ allow_private


@pytest.mark.case("WH-62")
def test_a_network_opens_exactly_its_addresses() -> None:
    allowed = read_allow_private(["127.0.0.1/32", "10.1.0.0/16", "fd00:1::/32", "169.254.169.254"])
    for text in ("127.0.0.1", "10.1.2.3", "fd00:1::5", "::ffff:10.1.2.3", "169.254.169.254"):
        assert check_addresses("localhost", [text], allowed)
    for text in ("127.0.0.2", "10.2.0.1", "fd00:2::5", "169.254.169.253", "fd00:1::5%eth0"):
        with pytest.raises(TargetRefusedError):
            check_addresses("localhost", [text], allowed)


@pytest.mark.case("WH-62")
@pytest.mark.parametrize(
    ("text", "opened"),
    [
        *(
            (text, True)
            for text in ("10.1.2.3", "127.0.0.1", "::1", "100.64.0.1", "fd00::1", "::ffff:10.0.0.1")
        ),
        *((text, False) for text in ("169.254.169.254", "169.254.1.1", "fe80::1", "224.0.0.1", "240.0.0.1")),
        *(
            (text, False)
            for text in ("100.100.100.200", "192.0.0.192", "168.63.129.16", "fd00:ec2::254", "::")
        ),
        *((text, False) for text in ("10.0.0.1%eth0", "fd00::1%eth0", "64:ff9b::a00:1")),
    ],
)
def test_a_host_name_opens_private_addresses_for_that_host_only(text: str, opened: bool) -> None:
    allowed = read_allow_private(["Hooks.Intra.example."])
    for host, passes in (("hooks.intra.example", opened), ("other.example", False)):
        if passes:
            assert check_addresses(host, [text], allowed)
        else:
            with pytest.raises(TargetRefusedError):
                check_addresses(host, [text], allowed)


@pytest.mark.parametrize(
    "entry", ["10.0.0.1/8", "10.0.0.0/33", "a b", "", "*.example.com", "1.2.3", "h:80", "https://h"]
)
def test_an_entry_is_a_network_or_a_host_name(entry: str) -> None:
    with pytest.raises(ConfigurationError, match="allow_private"):
        read_allow_private([entry])
