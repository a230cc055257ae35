"""The committed cassettes: labelled, complete, and without a secret."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from novita_sdk.testing import Simulator
from tests.recording import FOLDER, PORT, cassette_of
from tests.sync.conversations import CONVERSATIONS, SECRETS
from tools.record_cassettes import LABEL

FILES = sorted(FOLDER.glob("*.yaml"))
SHOWN_KEYS = re.compile(
    r'"(?:[a-z]*password|passwd|token|secret|api_?key|value|command|entrypoint|startcommand|imageauth)":"(?!\[REDACTED\]")',
    re.IGNORECASE,
)


def test_there_is_one_cassette_for_each_conversation() -> None:
    assert {path.name for path in FILES} == {cassette_of(name) for name in CONVERSATIONS}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_cassette_says_that_it_comes_from_the_simulator(path: Path) -> None:
    assert path.name.startswith("simulated_")
    assert path.read_text(encoding="utf-8").startswith(LABEL)
    assert "not from the live service" in LABEL
    for interaction in yaml.safe_load(path.read_text(encoding="utf-8"))["interactions"]:
        assert interaction["request"]["uri"].startswith(f"http://127.0.0.1:{PORT}/")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_cassette_holds_no_secret(path: Path) -> None:
    simulator = Simulator()
    text = path.read_text(encoding="utf-8")
    for secret in (*SECRETS, simulator.api_key, simulator.internal_api_key):
        for part in secret.split(":"):
            assert part not in text
    assert "Bearer" not in text


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_whatever_may_be_secret_is_redacted_in_a_cassette(path: Path) -> None:
    for interaction in yaml.safe_load(path.read_text(encoding="utf-8"))["interactions"]:
        request, response = interaction["request"], interaction["response"]
        assert request["headers"]["authorization"] == ["[REDACTED]"]
        assert not {"cookie", "user-agent"} & request["headers"].keys()
        assert "set-cookie" not in response["headers"]
        for body in (request["body"], response["body"]["string"]):
            assert SHOWN_KEYS.findall(body) == []


@pytest.mark.parametrize(
    "text", ['{"password":"x"}', '{"envs":[{"key":"A","value":"x"}]}', '{"imageAuth":"a:b"}', '{"apiKey":""}']
)
def test_a_secret_would_be_seen(text: str) -> None:
    assert SHOWN_KEYS.search(text)
