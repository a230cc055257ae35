"""An exposed port, the one shape all of the API's spellings are read into."""

from __future__ import annotations

import attrs

from novita_sdk.models.enums import PortType


@attrs.frozen
class Port:
    """A port and how it is exposed; `str()` gives the text form, such as `8888/http`.

    Args:
        port: Number inside the container, 1-65535 (2222-2224 are reserved by the service).
        type: `http` or `tcp`; a word the service may add later stays readable.
    """

    port: int
    type: PortType = attrs.field(converter=PortType)

    def __str__(self) -> str:
        return f"{self.port}/{self.type}"
