"""What may be told of a request: never a query value, a body or a header."""

from __future__ import annotations

from novita_sdk._core.http import Request


def path_of(request: Request) -> str:
    """Return the path template of what is called; of an unlisted operation its path."""
    operation = request.context.operation
    return operation.path if operation is not None else "/" + request.url.partition("?")[0].split("/", 3)[-1]


def host_of(request: Request) -> str:
    """Return host and port the request goes to."""
    return request.url.partition("://")[2].partition("/")[0].rpartition("@")[2]


def query_keys_of(request: Request) -> tuple[str, ...]:
    """Return the names of the query parameters."""
    query = request.url.partition("?")[2]
    return tuple(pair.partition("=")[0] for pair in query.split("&") if pair)


def fields_of(request: Request) -> dict[str, object]:
    """Return what every log record of a call carries."""
    return {
        "correlation_id": request.context.correlation_id,
        "operation": request.operation,
        "family": request.family,
        "method": request.method,
        "path": path_of(request),
    }


def attempt_fields_of(request: Request, attempt: int) -> dict[str, object]:
    """Return what the log records of one attempt carry."""
    return {
        **fields_of(request),
        "attempt": attempt,
        "host": host_of(request),
        "query_keys": query_keys_of(request),
        "bytes_out": len(request.body or b""),
    }
