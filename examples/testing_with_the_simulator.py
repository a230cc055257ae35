"""How to test a program that rents GPUs: without a key, without a network, without waiting.

Run it with `pytest examples/testing_with_the_simulator.py`.
The fixtures `novita_simulator` and `novita_client` come with the package.
"""
# ruff: noqa: S101 - assert is what a test does

from __future__ import annotations

from datetime import timedelta

import pytest

from novita_sdk import CapacityError, Novita, NovitaError, WaitFailedError
from novita_sdk.testing import Fault, Simulator

IMAGE = "docker.io/library/nginx:1.27-alpine"


def rent(client: Novita, product_id: str) -> str:
    """Rent an instance and return its address: the program under test."""
    created = client.gpu_instances.create(product_id=product_id, image_url=IMAGE, ports=["80/http"])
    try:
        client.gpu_instances.wait(created.id, timeout=timedelta(minutes=10))
    except NovitaError:
        client.gpu_instances.delete(created.id)
        client.gpu_instances.wait(created.id, until="gone")
        raise
    return client.gpu_instances.get(created.id).port_mappings[0].endpoint or ""


def test_it_returns_the_address(novita_client: Novita) -> None:
    """A boot takes minutes of the virtual clock, and none of yours."""
    assert rent(novita_client, "4090.16c96g.v2").startswith("https://")


def test_a_lost_reply_never_rents_twice(novita_client: Novita, novita_simulator: Simulator) -> None:
    """The service made the instance, but its answer never arrived: the SDK finds it by its mark."""
    novita_simulator.faults.add(Fault("lost_reply", "create_instance"))
    rent(novita_client, "4090.16c96g.v2")
    assert novita_simulator.requests("create_instance") == 1
    assert len(novita_simulator.billing_resources()) == 1


def test_a_busy_service_is_asked_again_later(novita_client: Novita, novita_simulator: Simulator) -> None:
    """The service names a pause, and the client keeps to it."""
    novita_simulator.faults.add(
        Fault("status", "create_instance", status=429, headers={"Retry-After": "20"}),
    )
    rent(novita_client, "4090.16c96g.v2")
    first, second = novita_simulator.journal.of("create_instance")
    assert second.at - first.at >= 20


def test_sold_out_is_told(novita_client: Novita, novita_simulator: Simulator) -> None:
    """Stock, prices and the account are yours to set."""
    novita_simulator.set_stock("4090.16c96g.v2", 0)
    with pytest.raises(CapacityError):
        rent(novita_client, "4090.16c96g.v2")
    assert novita_simulator.billing_resources() == []


def test_an_instance_that_never_starts_is_given_back(
    novita_client: Novita, novita_simulator: Simulator
) -> None:
    """The last line fails if anything is left that costs money."""
    novita_simulator.fail_next("boot", error="ImagePullError", message="no such image")
    with pytest.raises(WaitFailedError):
        rent(novita_client, "4090.16c96g.v2")
    novita_simulator.assert_no_leaks()
