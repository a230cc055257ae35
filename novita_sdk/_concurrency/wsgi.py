"""How a synchronous web server calls an application: WSGI, spoken by hand."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import TYPE_CHECKING

from novita_sdk._core.webhooks.headers import ReceivedHeaders
from novita_sdk._core.webhooks.receiving import ClientGoneError, ReceiverResponse

if TYPE_CHECKING:
    from _typeshed.wsgi import InputStream, StartResponse, WSGIEnvironment

_PIECE = 65536
_JOINED_SIGNATURES = re.compile(r",[ \t]*(?=v[0-9])")


class ServerInterface(ABC):
    """Makes an application of what can handle a request."""

    _largest_body: int

    @abstractmethod
    def handle(
        self, method: str, path: str, headers: ReceivedHeaders, chunks: Iterable[bytes]
    ) -> ReceiverResponse:
        """Serve one request."""
        ...

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request of a WSGI server."""
        path = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace")
        response = self.handle(environ["REQUEST_METHOD"], path, _headers(environ), self._body(environ))
        start_response(f"{response.status} {HTTPStatus(response.status).phrase}", list(response.headers))
        return [response.body]

    def _body(self, environ: WSGIEnvironment) -> Iterator[bytes]:
        """Read the body piece by piece, and never past its end: a server may wait there for ever."""
        stream: InputStream = environ["wsgi.input"]
        length: str = environ.get("CONTENT_LENGTH") or ""
        left = self._largest_body + 1 if environ.get("wsgi.input_terminated") else 0
        if length.isdecimal():
            left = int(length)
        while left > 0:
            try:
                piece = stream.read(min(_PIECE, left))
            except OSError:
                raise ClientGoneError from None
            if not piece:
                return
            left -= len(piece)
            yield piece


def _headers(environ: WSGIEnvironment) -> dict[str, str]:
    headers: dict[str, str] = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    if environ.get("CONTENT_LENGTH"):
        headers["content-length"] = environ["CONTENT_LENGTH"]
    if "webhook-signature" in headers:
        # Servers join repeated lines with a comma, which stands inside each signature as well.
        headers["webhook-signature"] = _JOINED_SIGNATURES.sub(" ", headers["webhook-signature"])
    return headers
