"""Transports: what touches the network, in both colours.

A transport sends one request and returns one answer; errors with a status are values, everything else is an
exception of `novita_sdk.errors`. Give your own as `Novita(transport=...)`: it then carries everything the client
sends, and no layer of the pipeline is switched off by it. Probes are requests with operation and family `probe`; for
those that need a plain TCP connection it may have a `connect` of its own.
"""

from __future__ import annotations

from novita_sdk._async.transport import AsyncHTTPTransport
from novita_sdk._async.transport_protocol import AsyncConnectingTransport, AsyncTransport
from novita_sdk._core.context import CallContext
from novita_sdk._core.http import Headers, Request, Response
from novita_sdk._sync.transport import HTTPTransport
from novita_sdk._sync.transport_protocol import ConnectingTransport, Transport

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
