"""From an operation and its arguments to a request: base URL, query, body and standing headers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from urllib.parse import quote, urlsplit

from novita_sdk._core.call_options import timeouts_for
from novita_sdk._core.context import CallContext
from novita_sdk._core.http import Request
from novita_sdk._core.operations.operation import Base, Operation
from novita_sdk._core.redact import redact_text
from novita_sdk._core.wire import encode_body, encode_query
from novita_sdk.models.json_types import JSON
from novita_sdk.options import Timeouts

_GPU_GROUP = "/gpu-instance/openapi/v1"
_ACCOUNT_GROUP = "/openapi/v1"
_LONGEST_USER_AGENT = 256


def filled_path(path: str, values: Mapping[str, object] | None) -> str:
    """Fill in what a path names in braces, percent-encoded so that nothing given can lead elsewhere."""
    if "{" not in path or values is None:
        return path
    return path.format_map({name: quote(str(value), safe="") for name, value in values.items()})


class RequestBuilder:
    """Builds the requests of one client.

    Args:
        base_urls: Base URL of each family, without a trailing slash.
        timeouts: Limits of an attempt.
        user_agent: Value of the User-Agent header; cut at 256 characters.
        headers: The caller's standing headers.
        secrets: Texts that never appear anywhere.
    """

    def __init__(
        self,
        *,
        base_urls: Mapping[str, str],
        timeouts: Timeouts,
        user_agent: str,
        headers: Mapping[str, str],
        secrets: Collection[str],
    ) -> None:
        self._bases: dict[Base, str] = {
            "gpu": base_urls["public"] + _GPU_GROUP,
            "account": base_urls["public"] + _ACCOUNT_GROUP,
            "internal": base_urls["internal"],
            "gateway": base_urls["gateway"],
        }
        self._base_urls = base_urls
        self._timeouts = timeouts
        self._headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "User-Agent": user_agent[:_LONGEST_USER_AGENT],
            **headers,
        }
        self._secrets = secrets

    def build(
        self,
        operation: Operation,
        query: Mapping[str, object] | None,
        body: JSON,
        context: CallContext,
    ) -> Request:
        """Return the request for one call.

        Args:
            operation: The row of the operation table.
            query: Query values by wire name; None and UNSET are left out.
            body: The body; None where the operation has none, `{}` where it is empty.
            context: The call's context.
        """
        url = self._bases[operation.base] + filled_path(operation.path, query)
        text = encode_query((field.name, query.get(field.name)) for field in operation.query) if query else ""
        return self._request(operation.name, operation.family, operation.method, url, text, body, context)

    def build_unlisted(
        self,
        method: str,
        path: str,
        family: str,
        query: Mapping[str, object] | None,
        body: JSON,
        context: CallContext,
    ) -> Request:
        """Return the request of an operation that is not in the table.

        Args:
            method: HTTP method.
            path: Path below the family's base URL.
            family: `public`, `internal` or `gateway`.
            query: Query values.
            body: The body, or None.
            context: The call's context.
        """
        text = encode_query(query.items()) if query else ""
        return self._request("request", family, method, self._base_urls[family] + path, text, body, context)

    def origin(self, family: str) -> str:
        """Return scheme, host and port of a family: the only place its key is sent to."""
        parts = urlsplit(self._base_urls[family])
        return f"{parts.scheme}://{parts.netloc}"

    def redact(self, text: str) -> str:
        """Return `text` without secrets."""
        return redact_text(text, self._secrets)

    def _request(
        self,
        name: str,
        family: str,
        method: str,
        url: str,
        query: str,
        body: JSON,
        context: CallContext,
    ) -> Request:
        headers = {**self._headers, "X-Correlation-ID": context.correlation_id}
        if isinstance(context.options.headers, Mapping):
            headers.update(context.options.headers)
        return Request(
            operation=name,
            family=family,
            method=method,
            url=f"{url}?{query}" if query else url,
            headers=headers,
            body=None if body is None else encode_body(body),
            timeouts=timeouts_for(self._timeouts, context.options),
            context=context,
        )
