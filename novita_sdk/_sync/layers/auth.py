# Generated from novita_sdk/_async/layers/auth.py by tools/unasync.py; edit the source.
"""Layer 10: credentials, for the family's own origin only."""

from __future__ import annotations

from novita_sdk._core.http import Request, Response
from novita_sdk._sync.middleware import CallNext
from novita_sdk.errors import ConfigurationError, SettingProblem
from novita_sdk.models.secret import Secret


class AuthLayer:
    """Sets the bearer key, unless a middleware above sends the request elsewhere.

    Args:
        key: The family's key, or None if it has none.
        origin: Scheme, host and port that may see it.
        variable: The environment variable to name when the key is missing.
    """

    def __init__(self, key: Secret | None, origin: str, variable: str) -> None:
        self._header = None if key is None else f"Bearer {key.reveal()}"
        self._prefix = f"{origin}/"
        self._variable = variable

    def __call__(self, request: Request, call_next: CallNext) -> Response:
        """Pass `request` on with its credentials."""
        if self._header is None:
            problem = SettingProblem(self._variable, "no key is set for this host", "the key of that host")
            raise ConfigurationError(problems=(problem,))
        headers = {name: value for name, value in request.headers.items() if name.lower() != "authorization"}
        headers["Authorization"] = self._header
        return call_next(self.fenced(request.evolve(headers=headers)))

    def fenced(self, request: Request) -> Request:
        """Return `request` without the key if that would reach another origin."""
        if request.url.startswith(self._prefix):
            return request
        headers = {name: value for name, value in request.headers.items() if value != self._header}
        return request.evolve(headers=headers)

    def __str__(self) -> str:
        return f"bearer key, only to {self._prefix[:-1]}"


class AuthFence:
    """Takes the bearer key off again if a middleware below the layer that set it sends the request elsewhere.

    A header of the middleware's own passes.

    Args:
        auth: The layer that set the key.
    """

    def __init__(self, auth: AuthLayer) -> None:
        self._auth = auth

    def __call__(self, request: Request, call_next: CallNext) -> Response:
        """Pass `request` on, without the key if it goes to another origin."""
        return call_next(self._auth.fenced(request))

    def __str__(self) -> str:
        return "the key goes nowhere else, whatever a middleware does"
