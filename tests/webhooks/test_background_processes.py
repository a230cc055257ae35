"""The background worker of a synchronous client at the ends of processes: exit, and fork."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

from novita_sdk import Novita
from novita_sdk._sync.client import services_of
from novita_sdk.webhooks import DeliveryStats, WebhookTarget
from tests.loopback import deaf_port
from tests.outbox_load import Receiver

NOTHING = DeliveryStats()

UNCLOSED = """
import sys
from novita_sdk import Novita
from novita_sdk._sync.client import services_of
from novita_sdk.webhooks import DeliveryStats, WebhookTarget

url = f"http://127.0.0.1:{sys.argv[1]}/"
target = WebhookTarget("local", url, allow_http=True, allow_private=["127.0.0.1"])
services_of(Novita(api_key="K-0123456789")).events.operation("op-1", target).send("stopping", "i-1")
"""


def test_a_program_that_ends_without_closing_its_client_still_sends_what_it_told() -> None:
    with Receiver() as receiver:
        subprocess.run([sys.executable, "-c", UNCLOSED, str(receiver.port)], check=True, timeout=30)
    assert len(receiver.ids) == 1


def test_a_forked_child_starts_anew_and_leaves_its_parents_work_alone() -> None:
    done: list[int] = []
    ready = threading.Event()

    def step() -> float | None:
        done.append(os.getpid())
        ready.set()
        return None

    with Novita(api_key="K-0123456789", webhook_drain=0) as client:
        worker = services_of(client).worker
        worker.schedule(0.0, step)
        assert ready.wait(5)
        worker.schedule(2.0**40, step)  # the parent has a thread, which the child has not
        child = os.fork()
        if child == 0:
            ready.clear()
            worker.schedule(0.0, step)
            os._exit(0 if ready.wait(5) and done[-1] == os.getpid() else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert done == [os.getpid()]


def test_a_forked_child_does_not_lose_what_its_parent_told() -> None:
    with deaf_port() as url, Novita(api_key="K-0123456789", webhook_drain=0) as client:
        target = WebhookTarget("deaf", url, allow_http=True, allow_private=["127.0.0.1/32"])
        services_of(client).events.operation("op-1", target).send("stopping", "i-1")
        end = time.monotonic() + 5
        while not client.webhooks.stats().get("deaf", NOTHING).retried and time.monotonic() < end:
            time.sleep(0.005)  # until the worker waits for the second attempt, and holds no lock
        child = os.fork()
        if child == 0:
            client.close()
            lost = sum(stats.lost for stats in client.webhooks.stats().values())
            os._exit(lost)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert client.webhooks.stats()["deaf"].lost == 1
