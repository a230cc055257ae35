"""The command line for SSH: read strictly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novita_sdk._core.ssh_command import SshAddress, read_ssh_command


@pytest.mark.parametrize(
    ("command", "address"),
    [
        ("ssh root@h -p 2201", SshAddress("h", 2201, "root")),
        ("ssh -p 2201 root@h", SshAddress("h", 2201, "root")),
        ("ssh -p2201 root@h", SshAddress("h", 2201, "root")),
        ("  ssh\troot@host.example.com  ", SshAddress("host.example.com", 22, "root")),
        ("ssh a_b.c-d@203.0.113.7 -p 65535", SshAddress("203.0.113.7", 65535, "a_b.c-d")),
        ("ssh root@[2001:db8::1] -p 22", SshAddress("2001:db8::1", 22, "root")),
    ],
)
def test_user_host_and_port_are_read(command: str, address: SshAddress) -> None:
    assert read_ssh_command(command) == address


@pytest.mark.parametrize(
    "command",
    [
        *(None, "", "ssh", "ssh host", "ssh root@", "scp root@h", "ssh root@h -p", "ssh root@h -p 0"),
        *("ssh root@h -p 65536", "ssh root@h -p 22 -p 23", "ssh root@h rm -rf /", "ssh root@h;reboot"),
        *("ssh -i key root@h", "ssh -o ProxyCommand=x root@h", "sshpass -p x ssh root@h", "ssh -l root h"),
        *("ssh root@-oProxyCommand=x", "ssh -root@h", "ssh root@h$(x)", "ssh root:pw@h", "ssh root@h -p ٢٢"),
    ],
)
def test_anything_else_is_not_guessed_at(command: str | None) -> None:
    assert read_ssh_command(command) is None


@given(st.text())
def test_any_text_is_read_or_not(command: str) -> None:
    assert read_ssh_command(f"ssh {command}") is None or "@" in command
