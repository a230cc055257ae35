"""The mailbox of a simulated cloud: webhooks of its clients end there, and nothing goes to the network."""

from __future__ import annotations

import anyio
import pytest

from novita_sdk.errors import WebhookDeliveryError, WebhookVerificationError
from novita_sdk.testing import Simulator

SECRET = "secret-of-the-mailbox"
URL = "https://hooks.example/w"


def test_what_a_client_tells_is_in_the_mailbox() -> None:
    sim = Simulator(seed=7)
    with sim.client(webhook_url=URL, webhook_secret=SECRET) as client:
        created = client.gpu_instances.create_and_wait(product=client.products.cheapest(), image_url="nginx")
        client.gpu_instances.delete_and_wait(created.id)
    events = [received.event() for received in sim.webhooks.received]
    assert [event.event_type for event in events][:2] == ["instance.created", "instance.startup.monitoring"]
    assert events[-1].event_type == "instance.deleted"
    assert {event.instance_id for event in events} == {created.id}
    assert all(received.verify(SECRET).id == received.id for received in sim.webhooks.received)
    with pytest.raises(WebhookVerificationError):
        sim.webhooks.received[0].verify("another-secret")
    assert repr(sim.webhooks) == f"<Mailbox, {len(events)} webhooks>"


def test_it_answers_as_it_is_told_to() -> None:
    sim = Simulator(seed=7)
    sim.webhooks.answer(503, 503, 200, 410)
    with sim.client() as client:
        assert client.webhooks.send(URL, {}).attempts == 3
        with pytest.raises(WebhookDeliveryError):
            client.webhooks.send(URL, {})
    assert [received.status for received in sim.webhooks.received] == [503, 503, 200, 410]
    assert sim.webhooks.received[1].at - sim.webhooks.received[0].at == 1


def test_an_asynchronous_client_has_it_too() -> None:
    async def main() -> None:
        sim = Simulator(seed=7)
        async with sim.async_client() as client:
            assert (await client.webhooks.send(URL, {})).status == 200
        assert len(sim.webhooks.received) == 1

    anyio.run(main)
