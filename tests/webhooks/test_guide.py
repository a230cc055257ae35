"""The guide about webhooks says what the code does."""

from __future__ import annotations

import re

from novita_sdk._core.webhooks.reasons import REASONS
from tests.docs.blocks import ROOT, blocks

GUIDE = (ROOT / "docs/guides/webhooks.md").read_text(encoding="utf-8")


def test_a_receiver_takes_fewer_than_fifteen_lines() -> None:
    first = blocks(GUIDE)[0].text
    assert "WebhookReceiver(" in first
    assert len(first.splitlines()) < 15


def test_every_reason_stands_in_the_guide_with_its_status() -> None:
    told: dict[str, int] = {}
    for words, status in re.findall(r"((?:`\w+`(?:, | and )?)+) (?:\| )?(\d{3})\b", GUIDE):
        told.update(dict.fromkeys(re.findall(r"\w{4,}", words), int(status)))
    assert {word: status for word, status in told.items() if word in REASONS} == {
        word: reason.status for word, reason in REASONS.items()
    }
