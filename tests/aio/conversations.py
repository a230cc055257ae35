"""What the cassettes hold: conversations of a client with the simulator, each with the outcome it must have."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from novita_sdk._async.client import AsyncNovita
from novita_sdk.errors import CapacityError, InvalidStateError, NotFoundError

SECRETS = ("pass-word-1", "env-value-1", "run-command-1", "url-token-1", "login-1:pass-word-2")
"""What the conversations send and no cassette may hold."""

GPU = {"product_id": "4090.16c96g.v2", "image_url": "nginx"}


async def browse(client: AsyncNovita) -> list[Any]:
    """Look around: lists with and without pages, prices, the balance."""
    products = await client.products.list(product_name="4090", gpu_num=1).collect()
    templates = await client.templates.list(channel="official", page_size=2).collect()
    balance = await client.billing.balance()
    assert balance.available_balance is not None
    return [
        [cluster.id async for cluster in client.clusters.list()],
        [(product.id, product.price and str(product.price.usd)) for product in products],
        [template.name for template in templates],
        str(balance.available_balance.usd),
    ]


async def rent(client: AsyncNovita) -> list[Any]:
    """Rent an instance, wait for it, stop it, give it back."""
    created = await client.gpu_instances.create(**GPU, name="prêt ✓", ports=["8888/http", "22/tcp"])
    running = await client.gpu_instances.wait(created.id)
    assert running is not None
    stopped = await client.gpu_instances.stop(running)
    exited = await client.gpu_instances.wait(created.id, until="exited")
    assert exited is not None
    await client.gpu_instances.delete(created.id)
    gone = await client.gpu_instances.wait(created.id, until="gone")
    statuses = [running.status, stopped.status, exited.status, gone and gone.status]
    return [created.id, running.name, *map(str, statuses)]


async def keep_secrets(client: AsyncNovita) -> list[Any]:
    """Send passwords, environment values, commands and tokens, and get them shown again."""
    auth = await client.registry_auths.create(name="hub", username="me", password="pass-word-1")
    created = await client.gpu_instances.create(
        **{**GPU, "image_url": "https://docker.simulated.test/app?token=url-token-1"},
        envs={"TOKEN": "env-value-1"},
        command="run-command-1",
        image_auth="login-1:pass-word-2",
    )
    shown = await client.gpu_instances.get(created.id)
    names = [(one.name, one.username) async for one in client.registry_auths.list()]
    await client.registry_auths.delete(auth)
    await client.gpu_instances.delete(created.id)
    return [names, [variable.key for variable in shown.envs]]


async def meet_refusals(client: AsyncNovita) -> list[Any]:
    """Ask for what there is not, or not at this moment."""
    refusals: list[Any] = []
    try:
        await client.gpu_instances.get("a/b?c=d&e#f ü")
    except NotFoundError as error:
        refusals.append([error.code, error.status, error.reason])
    created = await client.gpu_instances.create(**GPU)
    try:
        await client.gpu_instances.start(created.id)
    except InvalidStateError as error:
        refusals.append([error.code, error.status, error.current_status])
    try:
        await client.gpu_instances.create(**GPU, gpu_num=8, cluster_id="5")
    except CapacityError as error:
        refusals.append([error.code, error.status, error.reason])
    await client.gpu_instances.delete(created.id)
    return refusals


async def ask_both_hosts(client: AsyncNovita) -> list[Any]:
    """Query jobs on the internal host and list them on the public one."""
    created = await client.gpu_instances.create(**GPU)
    await client.gpu_instances.wait(created.id)
    job_id = await client.gpu_instances.save_image(created.id, image="docker.simulated.test/team/app:1")
    job = await client.jobs.wait(job_id)
    pager = client.jobs.query(page_size=5)
    queried = [one.id async for one in pager]
    await client.gpu_instances.delete(created.id)
    assert job.state is not None
    return [str(job.state.state), queried == [job_id], pager.source]


CONVERSATIONS: dict[str, Callable[[AsyncNovita], Awaitable[list[Any]]]] = {
    "browse": browse,
    "rent": rent,
    "keep_secrets": keep_secrets,
    "meet_refusals": meet_refusals,
    "ask_both_hosts": ask_both_hosts,
}
