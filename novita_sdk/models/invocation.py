"""What the application behind a serverless endpoint answers."""

from __future__ import annotations

import json

import attrs

from novita_sdk._core.http import Headers
from novita_sdk.errors import ResponseDecodeError
from novita_sdk.models.json_types import JSON


@attrs.frozen(kw_only=True, eq=False)
class InvokeResponse:
    """The answer of an application. `repr` shows neither its headers nor its content.

    Attributes:
        status: The HTTP status.
        headers: The headers; letter case does not count.
        content: The whole body, unpacked.
        elapsed: Seconds from sending to the last byte, of the last attempt.
    """

    status: int
    headers: Headers = attrs.field(repr=False)
    content: bytes = attrs.field(repr=lambda content: f"<{len(content)} bytes>")
    elapsed: float

    def json(self) -> JSON:
        """Decode the content.

        Raises:
            ResponseDecodeError: It is no JSON.
        """
        try:
            decoded: JSON = json.loads(self.content)
        except (ValueError, RecursionError):
            message = f"the application's answer ({len(self.content)} bytes) is no JSON"
            raise ResponseDecodeError(message, path="$", status=self.status, operation="invoke") from None
        return decoded
