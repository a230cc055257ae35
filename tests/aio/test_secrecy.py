"""Secrets: a whole day's work with every kind of them, and none of them in anything that is shown."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from novita_sdk import JsonLogFormatter
from novita_sdk._async.client import AsyncNovita
from novita_sdk._core.http import Request
from novita_sdk.errors import APIConnectionError, NovitaError
from novita_sdk.models import Secret
from novita_sdk.options import CallOptions
from novita_sdk.testing import VirtualClock
from tests.aio.remote import AsyncRemote, client_of, instance
from tests.told import Told

pytestmark = pytest.mark.anyio

SETTINGS = {
    "api_key": "sk-public-11111111",
    "internal_api_key": "sk-internal-22222222",
    "gateway_api_key": "sk-gateway-33333333",
    "webhook_secret": "whsec-44444444",
    "webhook_url": "https://hooks.example/in?token=hook-55555555",
    "redis_url": "redis://:redis-66666666@redis.example:6379",
}
PASSWORD, ENV_VALUE, URL_TOKEN, HEADER = "pw-77777777", "env-88888888", "url-99999999", "header-00000000"
SECRETS = [
    *(value for name, value in SETTINGS.items() if not name.endswith("_url")),
    *("hook-55555555", "redis-66666666", PASSWORD, ENV_VALUE, URL_TOKEN, HEADER),
]
TOKEN_URL = f"https://user:{PASSWORD}@files.example/x?sig={URL_TOKEN}"
ENVS = [{"key": "HF_TOKEN", "value": ENV_VALUE}]


def answer(request: Request) -> Any:
    """Echo whatever was sent, as a careless service would, in answers and in errors."""
    if "repository" in request.url and request.method == "GET":
        return {"data": [{"id": "r-1", "name": "one", "username": "u", "password": PASSWORD}]}
    if "template" in request.url and request.method == "GET":
        return {"template": [{"Id": "t-1", "rootfsSize": "odd", "envs": ENVS, "startCommand": PASSWORD}]}
    if request.url.endswith("instances") or "/gpu/instances?" in request.url:
        return {"instances": [instance(envs=ENVS, gpuNum="odd", command=PASSWORD)], "total": 1}
    if "/gpu/instance?" in request.url:
        return instance(envs=ENVS, command=PASSWORD)
    if "/jobs?" in request.url and request.family == "public":
        return {"jobs": [{"Id": "j-1", "logAddress": TOKEN_URL, "envs": [f"HF_TOKEN={ENV_VALUE}"]}]}
    keys = " and ".join(SETTINGS.values())
    return 400, {
        "message": f"refused: {keys} for {TOKEN_URL}",
        "metadata": {"password": PASSWORD, "envs": ENVS, "url": TOKEN_URL, "seen": keys},
    }


def broken(_request: Request) -> Any:
    cause = RuntimeError(f"Bearer {SETTINGS['api_key']} to {TOKEN_URL}")
    raise cause


CALLS: dict[str, Callable[[AsyncNovita], Awaitable[object]]] = {
    "create": lambda client: client.gpu_instances.create(
        product_id="p", image_url="nginx", envs={"HF_TOKEN": ENV_VALUE}, command=PASSWORD, image_auth=PASSWORD
    ),
    "get": lambda client: client.gpu_instances.get("i-1"),
    "list": lambda client: client.gpu_instances.list().collect(),
    "upgrade": lambda client: client.gpu_instances.upgrade("i-1", envs={"HF_TOKEN": ENV_VALUE}),
    "store login": lambda client: client.registry_auths.create(name="one", username="u", password=PASSWORD),
    "store hidden login": lambda client: client.registry_auths.create(
        name="one", username="u", password=Secret(PASSWORD)
    ),
    "list logins": lambda client: client.registry_auths.list().collect(),
    "template": lambda client: client.templates.create(
        name="t", image="nginx", envs={"HF_TOKEN": ENV_VALUE}, start_command=PASSWORD
    ),
    "templates": lambda client: client.templates.list().collect(),
    "unlisted": lambda client: client.request(
        "POST",
        "/x",
        json={"apiKey": SETTINGS["api_key"], "deep": [{"Password": PASSWORD, "url": TOKEN_URL}]},
        query={"token": URL_TOKEN},
        options=CallOptions(headers={"X-Extra": HEADER}),
    ),
    "gateway": lambda client: client.request(
        "POST", "/run", json={"input": {"key": ENV_VALUE}}, family="gateway"
    ),
    "internal": lambda client: client.jobs.query(fallback=False).collect(),
    "public jobs": lambda client: client.jobs.list().collect(),
    "wrong login": lambda client: client.registry_auths.create(name="", username="", password=PASSWORD),
    "wrong argument": lambda client: client.gpu_instances.create(
        product_id="", image_url="", envs={"": ENV_VALUE}, image_auth=PASSWORD
    ),
}


async def shown_by(
    clock: VirtualClock,
    caplog: pytest.LogCaptureFixture,
    step: Any,
    call: Callable[[AsyncNovita], Awaitable[object]],
) -> str:
    """Make a call with everything switched on; return all that anybody could see of it."""
    caplog.set_level(logging.DEBUG)
    told = Told()
    client = client_of(AsyncRemote(clock, step), hooks=[told], **SETTINGS, default_headers={"X-Mine": HEADER})
    shown: list[str] = []
    try:
        result = await call(client)
        shown.append(repr(result))
    except NovitaError as error:
        shown += [str(error), repr(error), error.explain(), repr(vars(error)), str(error.hint)]
        error.__cause__ = None  # a foreign exception is shown as it is
        shown.append("".join(traceback.format_exception_only(error)))
    formatter = JsonLogFormatter()
    for record in caplog.records:
        shown += [record.getMessage(), repr(vars(record).get("novita")), formatter.format(record)]
    shown += [repr(told.events), repr(client), repr(client.settings), str(client.pipeline)]
    shown += [repr(client.stats()), repr(client.stats().to_dict())]
    shown.append(repr((await client.health(probe=False)).to_dict()))
    return "\n".join(shown)


@pytest.mark.case("OB-01")
@pytest.mark.parametrize("step", [answer, broken], ids=["echoing", "broken"])
@pytest.mark.parametrize("call", CALLS.values(), ids=list(CALLS))
async def test_no_secret_is_in_anything_that_is_shown(
    clock: VirtualClock,
    caplog: pytest.LogCaptureFixture,
    step: Any,
    call: Callable[[AsyncNovita], Awaitable[object]],
) -> None:
    shown = await shown_by(clock, caplog, step, call)
    assert [secret for secret in SECRETS if secret in shown] == []


async def test_a_request_shows_neither_query_nor_body_nor_headers(clock: VirtualClock) -> None:
    remote = AsyncRemote(clock, {})
    client = client_of(remote, default_headers={"X-Mine": HEADER})
    await client.request("POST", "/x", query={"token": URL_TOKEN}, json={"password": PASSWORD})
    shown = repr(remote.seen[0].request)
    assert not [secret for secret in (HEADER, URL_TOKEN, PASSWORD) if secret in shown]


async def test_a_foreign_transports_own_error_is_kept_as_it_is_raised(clock: VirtualClock) -> None:
    """Its text is its author's; only what the SDK adds is ours to clean."""
    error = APIConnectionError("mine", phase="read", reached_server=None)
    with pytest.raises(APIConnectionError) as caught:
        await client_of(AsyncRemote(clock, error)).request("POST", "/x", safety="read")
    assert caught.value is error
