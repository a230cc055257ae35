"""What every test shares: the event loops, the environment, how many examples a property test draws."""

from __future__ import annotations

import pytest
from hypothesis import settings

settings.register_profile("default", deadline=None)
settings.register_profile("fuzz", max_examples=10_000, deadline=None)
settings.load_profile("default")


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """Asynchronous tests run on both event loops."""
    backend: str = request.param
    return backend


@pytest.fixture(autouse=True)
def _no_proxy_and_no_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loopback connections are direct, whatever the machine's own network needs."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
