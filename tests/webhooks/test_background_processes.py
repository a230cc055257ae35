"""The background worker of a synchronous client at the ends of processes: exit, and fork."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

from novita_sdk import Novita
from novita_sdk._sync.client import services_of
from tests.outbox_load import Receiver

UNCLOSED = """
import sys
from novita_sdk import Novita
from novita_sdk._sync.client import services_of
from novita_sdk.webhooks import WebhookTarget

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
