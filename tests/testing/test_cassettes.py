"""Recorded conversations hold no secret and still replay."""

from __future__ import annotations

import http.client
import json
from pathlib import Path
from typing import Any

import vcr

from novita_sdk.testing import ScaledClock, Simulator, serve, vcr_config

SECRETS = ("pass-word-1", "env-value-1", "user:inline-1", "run-command-1", "url-token-1", "extra-text-1")
CREATE = {
    "productId": "4090.16c96g.v2",
    "imageUrl": "https://me:url-token-1@docker.simulated.test/app?token=url-token-1",
    "imageAuth": "user:inline-1",
    "command": "run-command-1",
    "name": "extra-text-1",
    "envs": [{"key": "A", "value": "env-value-1"}],
    "kind": "gpu",
    "gpuNum": 1,
    "rootfsSize": 60,
}
BASE = "/gpu-instance/openapi/v1"


def converse(port: int, key: str) -> list[Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    headers = {"Authorization": f"Bearer {key}", "User-Agent": "tests", "Cookie": "url-token-1"}
    calls: list[tuple[str, str, Any]] = [
        ("POST", f"{BASE}/repository/auth/save", {"name": "a", "username": "u", "password": "pass-word-1"}),
        ("POST", f"{BASE}/gpu/instance/create", CREATE),
        ("GET", f"{BASE}/gpu/instances?pageNum=1&pageSize=10&access_token=url-token-1", None),
        ("GET", f"{BASE}/gpu/instances?pageNum=2&pageSize=10", None),
        ("GET", f"{BASE}/repository/auths", None),
    ]
    answers = []
    for method, path, body in calls:
        connection.request(method, path, body and json.dumps(body), headers)
        answer = connection.getresponse()
        answers.append((answer.status, answer.read()))
    connection.close()
    return answers


def test_no_secret_reaches_a_cassette_and_the_recorded_program_still_sees_them(tmp_path: Path) -> None:
    simulator = Simulator(clock=ScaledClock())
    recorder = vcr.VCR(**vcr_config(secrets=["extra-text-1"]), cassette_library_dir=str(tmp_path))
    with serve(simulator) as server, recorder.use_cassette("talk.yaml"):
        live = converse(server.server_port, simulator.api_key)
    text = (tmp_path / "talk.yaml").read_text()
    assert "pageNum=1&pageSize=10" in text
    assert "[REDACTED]" in text
    for secret in (*SECRETS, simulator.api_key):
        assert secret not in text
    assert b"pass-word-1" in live[4][1]
    with recorder.use_cassette("talk.yaml", record_mode="none") as cassette:
        replayed = converse(server.server_port, simulator.api_key)
        assert cassette.all_played
    assert [status for status, _ in replayed] == [status for status, _ in live]
    assert json.loads(replayed[4][1])["data"][0]["password"] == "[REDACTED]"
    assert json.loads(replayed[1][1]) == json.loads(live[1][1])
    assert json.loads(replayed[3][1])["instances"] == []


def test_cookies_of_answers_are_not_recorded() -> None:
    clean = vcr_config()["before_record_response"]
    answer = {"headers": {"Set-Cookie": ["a=b"], "Content-Length": ["2"]}, "body": {"string": b"{}"}}
    assert clean(answer)["headers"] == {"Set-Cookie": ["[REDACTED]"], "Content-Length": ["2"]}
    assert answer["headers"]["Set-Cookie"] == ["a=b"]
