"""The public surface as type checkers see it: never run, but checked by both of them.

An unneeded `type: ignore` is an error, so each one below proves that the line is refused.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable
from datetime import timedelta
from decimal import Decimal
from typing import assert_type

import anyio

from novita_sdk import (
    AsyncJob,
    AsyncNovita,
    CallOptions,
    Cost,
    CreatedInstance,
    Endpoint,
    EndpointEvent,
    EndpointRef,
    FleetReport,
    GpuProduct,
    Instance,
    InvokeResponse,
    Money,
    Novita,
    ProductChoice,
    ProductQuery,
    RetryPolicy,
    ScaleResult,
    ServerlessSpec,
    StockEvent,
    StopAllReport,
)
from novita_sdk.lifecycle import (
    AsyncAutoStop,
    AsyncBudgetGuard,
    AsyncHealthChecker,
    AsyncRental,
    AutoStop,
    AutoStopResult,
    BudgetGuard,
    BudgetReport,
    HealthChecker,
    HealthReport,
    HTTPProbe,
    LoopHealth,
    Rental,
    SSHProbe,
    StopDecision,
)
from novita_sdk.middleware import AsyncCallNext, CallNext, RetryMiddleware
from novita_sdk.transports import Request, Response


def layer(request: Request, call_next: CallNext) -> Response:
    return call_next(request)


async def async_layer(request: Request, call_next: AsyncCallNext) -> Response:
    return await call_next(request)


def the_synchronous_client() -> None:
    client = Novita(api_key="key", middleware=[layer], retry=RetryPolicy(max_retries=1), request_timeout=10)
    Novita(api_key="key", retry=RetryMiddleware())
    for product in client.products.list(product_name="4090"):
        assert_type(product, GpuProduct)
    created = client.gpu_instances.create(product_id="1", image_url="nginx", ports=["80/http"])
    assert_type(created, CreatedInstance)
    assert_type(client.gpu_instances.get(created.id, options=CallOptions(timeout=5)), Instance)
    assert_type(client.gpu_instances.list().first(), Instance | None)
    assert_type(client.gpu_instances.reconcile("nightly-build-7", timeout=5), Instance | None)
    assert_type(client.gpu_instances.wait(created.id), Instance)
    assert_type(client.gpu_instances.wait(created.id, until="gone"), Instance | None)


async def the_asynchronous_client() -> None:
    client = AsyncNovita(api_key="key", middleware=[async_layer])
    async for product in client.products.list():
        assert_type(product, GpuProduct)
    assert_type(await client.gpu_instances.get("i-1"), Instance)
    assert_type(await client.gpu_instances.list().collect(), list[Instance])


def renting(client: Novita) -> None:
    with client.gpu_instances.rent(
        product="RTX 4090", image_url="nginx", max_cost=Money.from_usd(1)
    ) as rental:
        assert_type(rental, Rental)
        assert_type(rental.cost_so_far, Money | None)
    client.gpu_instances.rent(product="RTX 4090", on_exit="sell")  # type: ignore[arg-type]  # no such end
    assert_type(client.gpu_instances.create_many(2, product_id="1", image_url="nginx"), FleetReport)
    assert_type(client.gpu_instances.stop_all(lambda instance: instance.id != "i-1"), StopAllReport)
    assert_type(client.gpu_instances.cost(["i-1", "i-2"]), Cost)
    assert_type(BudgetGuard(client, Money.from_usd(1)).check(), BudgetReport)


async def renting_asynchronously(client: AsyncNovita) -> None:
    async with client.gpu_instances.rent(product="RTX 4090", image_url="nginx") as rental:
        assert_type(rental, AsyncRental)
    assert_type(await AsyncBudgetGuard(client, Money.from_usd(1)).check(), BudgetReport)


def answers(instance: Instance) -> bool:
    return instance.status == "running"


async def answers_later(instance: Instance) -> bool:
    return instance.status == "running"


async def probes(client: Novita, async_client: AsyncNovita) -> None:
    assert_type(client.gpu_instances.wait("i", ready="auto"), Instance)
    client.gpu_instances.wait("i", ready=HTTPProbe(80, expect=[200, 204]), target_port=80)
    await async_client.gpu_instances.wait("i", ready=[SSHProbe(), answers, answers_later])
    assert_type(HealthChecker(client).check("i", probes=[answers]), HealthReport)
    assert_type(await AsyncHealthChecker(async_client).check(7), HealthReport)


def money(price: Money) -> None:
    assert_type(price.usd, Decimal)


def what_is_refused() -> None:
    Novita(api_key="key", middleware=[async_layer])  # type: ignore[list-item]
    AsyncNovita(api_key="key", middleware=[layer])  # type: ignore[list-item]
    Novita(api_key="key", timout=3)  # type: ignore[call-arg]
    client = Novita(api_key="key")
    client.gpu_instances.create(product_id="1", image="nginx")  # type: ignore[call-arg]
    answer: Awaitable[Instance] = client.gpu_instances.get("i-1")  # type: ignore[assignment]
    del answer


def choosing_a_product(client: Novita) -> None:
    choice = client.products.cheapest("RTX 4090", region="US-CA-06", max_price=Decimal("0.4"))
    assert_type(choice, ProductChoice)
    client.products.cheapest(fallback="near")  # type: ignore[arg-type]
    client.gpu_instances.create(product=choice, image_url="nginx")
    client.gpu_instances.create(product=ProductQuery("RTX 4090"), template=7, envs={"A": None})
    client.gpu_instances.create(product_id="1", template="7", registry_auth="mine", auth_mode="inline")
    client.gpu_instances.create(product_id="1", template="7", auth_mode="auto")  # type: ignore[arg-type]
    for event in client.products.watch_stock("RTX 4090"):
        assert_type(event, StockEvent)
    assert_type(client.products.watch_stock(on_event=print), int)


async def choosing_a_product_asynchronously(client: AsyncNovita) -> None:
    assert_type(await client.products.cheapest(), ProductChoice)
    async with client.products.watch_stock() as events:
        async for event in events:
            assert_type(event, StockEvent)
    assert_type(await client.products.watch_stock(on_event=print), int)


def finding_instances(client: Novita) -> None:
    assert_type(client.gpu_instances.find("training"), Instance)
    assert_type(client.gpu_instances.exists(name="training"), bool)


async def how_auto_stop_is_run(client: Novita, async_client: AsyncNovita) -> None:
    async def in_use(instance: Instance) -> bool:
        return instance.status == "running"

    auto_stop = AutoStop(client, ["i-1", "train-*"], tag="NOVITA_SDK_AUTO_STOP", signals=[lambda _: False])
    assert_type(auto_stop.check(), AutoStopResult)
    assert_type(auto_stop.why("i-1"), list[StopDecision])
    assert_type(auto_stop.health(), LoopHealth)
    auto_stop.run(threading.Event())
    loops = AsyncAutoStop(async_client, "train-*", signals=[in_use], threshold=timedelta(minutes=30))
    assert_type(await loops.trigger(), AutoStopResult)
    await loops.run(asyncio.Event())
    await loops.run(anyio.Event(), timedelta(minutes=5), immediate=True)


def how_endpoints_are_used(client: Novita) -> None:
    endpoints = client.serverless_endpoints
    ref = endpoints.deploy(
        "one", spec={"name": "a"}, image="nginx", replicas=1, idle_timeout=timedelta(minutes=5)
    )
    assert_type(ref, EndpointRef)
    assert_type(endpoints.wait(ref), Endpoint)
    assert_type(endpoints.wait(ref, "deleted"), Endpoint | None)
    assert_type(endpoints.update(ref, image="other", envs_merge={"A": None}), Endpoint)
    assert_type(endpoints.scale("one", 3, drain="idle", busy=lambda _: None), ScaleResult)
    assert_type(endpoints.invoke("one", "/x", json={"a": [1]}, timeout=timedelta(minutes=1)), InvokeResponse)
    assert_type(endpoints.queue.run("one", {"a": 1}), AsyncJob)
    assert_type(endpoints.specs.get("one"), ServerlessSpec)
    for event in endpoints.watch("one"):
        assert_type(event, EndpointEvent)
    endpoints.deploy("one", image="nginx", product_id="p", priority=5)  # type: ignore[call-arg]
    endpoints.scale("one", drain="maybe")  # type: ignore[arg-type]
    endpoints.queue.purge("one")  # type: ignore[call-arg]


async def how_endpoints_are_used_asynchronously(client: AsyncNovita) -> None:
    endpoints = client.serverless_endpoints
    assert_type(await endpoints.deploy("one", image="nginx", product_id="p"), EndpointRef)
    assert_type(await endpoints.invoke("one"), InvokeResponse)
    assert_type(await endpoints.queue.run_and_wait("one", None, cancel_on_exit=True), AsyncJob)
    async with endpoints.watch() as events:
        async for event in events:
            assert_type(event, EndpointEvent)
