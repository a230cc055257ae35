"""The one model of a port."""

from __future__ import annotations

import pytest

from novita_sdk.models import Instance, Port, PortMapping, PortType


def test_a_port_prints_in_the_text_form() -> None:
    assert str(Port(8888, PortType.HTTP)) == "8888/http"


def test_the_type_may_be_given_as_text() -> None:
    assert Port(22, "tcp") == Port(22, PortType.TCP)  # type: ignore[arg-type]  # converted


def test_a_type_unknown_to_this_release_stays_readable() -> None:
    assert not Port(53, PortType("udp")).type.known


def test_ports_can_be_compared_and_kept_in_sets() -> None:
    assert len({Port(80, PortType.HTTP), Port(80, PortType.HTTP), Port(80, PortType.TCP)}) == 2


def test_a_type_has_to_be_text() -> None:
    with pytest.raises(ValueError, match="PortType"):
        Port(80, None)  # type: ignore[arg-type]  # that is the point


def test_an_instance_gives_its_ports_without_addresses() -> None:
    mappings = (PortMapping(port=80, type=PortType.HTTP, endpoint="https://x.example.test"), PortMapping())
    assert Instance(id="i", port_mappings=mappings).ports == (Port(80, PortType.HTTP),)
