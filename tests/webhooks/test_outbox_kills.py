"""The outbox under kills: whoever dies at whatever moment, nothing is lost, and copies can be told."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from novita_sdk.stores import MemoryStore
from novita_sdk.webhooks import WebhookEvent, WebhookReceiver, WebhookVerifier
from tests import outbox_load
from tests.outbox_load import SECRET, Receiver, Workers, event, outbox_on

LEASE = 60
COPIES_OF_A_KILL = 4


@pytest.mark.case("WH-49")
def test_killed_workers_lose_nothing_and_their_copies_are_recognised(tmp_path: Path) -> None:
    messages, kills = 240, 4
    path = tmp_path / "outbox.db"
    with Receiver() as receiver:
        with outbox_on(path, receiver.port) as outbox:
            sent = {outbox.enqueue(event(number), "local") for number in range(messages)}
        with Workers(2, path, receiver.port) as workers:
            for kill in range(1, kills + 1):
                workers.until(partial(receiver.has, kill * messages // (kills + 2)))
                workers.kill(kill)
            workers.until(lambda: len(set(receiver.ids)) >= messages - kills * COPIES_OF_A_KILL)
        with outbox_on(path, receiver.port, LEASE + 1) as outbox:
            outbox.drain()  # what the dead had in hand
    copies = Counter(receiver.ids)
    assert set(copies) == sent
    assert copies.total() - messages <= kills * COPIES_OF_A_KILL
    assert len({(headers["webhook-id"], body) for headers, body in receiver.messages}) == messages
    handled: list[WebhookEvent] = []
    judge = WebhookReceiver(WebhookVerifier(SECRET), handled.append, store=MemoryStore())
    answers = [judge.handle("POST", "/", headers, [body]).status for headers, body in receiver.messages]
    assert set(answers) == {200}
    assert len(handled) == messages


@pytest.mark.case("WH-53")
def test_what_was_accepted_before_a_kill_is_delivered_after_it(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    with Receiver() as receiver:
        command = [sys.executable, outbox_load.__file__, str(path), str(receiver.port), "7"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == -signal.SIGKILL
        with outbox_on(path, receiver.port) as outbox:
            outbox.drain()
    assert receiver.ids == [done.stdout.strip()]
