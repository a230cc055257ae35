"""Transports: what touches the network, in both colours.

A transport sends one request and returns one answer; errors with a status are values, everything else is an
exception of `novita_sdk.errors`. Give your own as `Novita(transport=...)`: it then carries everything the client
sends, and no layer of the pipeline is switched off by it. Probes are requests with operation and family `probe`; for
those that need a plain TCP connection it may have a `connect` of its own.
"""

from __future__ import annotations

TYPE_CHECKING = False  # type checkers take this name for true; importing it would cost more than this package

if TYPE_CHECKING:
    from novita_sdk._async.transport import AsyncHTTPTransport
    from novita_sdk._async.transport_protocol import (
        AsyncConnectingTransport,
        AsyncTransport,
    )
    from novita_sdk._core.context import CallContext
    from novita_sdk._core.http import (
        Headers,
        Request,
        Response,
    )
    from novita_sdk._sync.transport import HTTPTransport
    from novita_sdk._sync.transport_protocol import (
        ConnectingTransport,
        Transport,
    )
else:
    _HOMES = {
        "AsyncConnectingTransport": "novita_sdk._async.transport_protocol",
        "AsyncHTTPTransport": "novita_sdk._async.transport",
        "AsyncTransport": "novita_sdk._async.transport_protocol",
        "CallContext": "novita_sdk._core.context",
        "ConnectingTransport": "novita_sdk._sync.transport_protocol",
        "HTTPTransport": "novita_sdk._sync.transport",
        "Headers": "novita_sdk._core.http",
        "Request": "novita_sdk._core.http",
        "Response": "novita_sdk._core.http",
        "Transport": "novita_sdk._sync.transport_protocol",
    }

    def __getattr__(name: str) -> object:
        """Load a public name at its first use."""
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module  # noqa: PLC0415  # costs more than this package

        value = globals()[name] = getattr(import_module(home), name)
        return value

    def __dir__() -> list[str]:
        """List the public names, loaded or not."""
        return sorted(globals().keys() | _HOMES.keys())


__all__ = [
    "AsyncConnectingTransport",
    "AsyncHTTPTransport",
    "AsyncTransport",
    "CallContext",
    "ConnectingTransport",
    "HTTPTransport",
    "Headers",
    "Request",
    "Response",
    "Transport",
]
