# Generated from tests/aio/test_replays.py by tools/unasync.py; edit the source.
"""Cassettes: what was recorded from the simulator is replayed through the finished client, without a server."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
from vcr import VCR
from vcr.errors import CannotOverwriteExistingCassetteException

from novita_sdk._sync.client import Novita
from novita_sdk.errors import APIConnectionError
from novita_sdk.testing import Fault, ScaledClock, Simulator, VirtualClock, serve, vcr_config
from tests.loopback import Loopback, always, answer
from tests.recording import MATCH_ON, cassette, client_settings
from tests.sync.conversations import CONVERSATIONS, SECRETS

OUTCOMES: dict[str, list[Any]] = {
    "browse": [
        ["us-ca-06", "us-ca-nas-2", "17", "eu-de-01", "5", "cn-hk-1", "as-sgp-02", "au-1", "as-in-01"],
        [("4090.16c96g.v2", "0.35000"), ("4090d.16c60g", "0.30000")],
        ["PyTorch 2.6", "Ubuntu 22.04"],
        "100000.0000",
    ],
    "rent": ["5206ac69d3e0d30f", "prêt ✓", "running", "toStop", "exited", "removed"],
    "keep_secrets": [[("hub", "me")], ["TOKEN", "NOVITA_SDK_OPERATION_ID"]],
    "meet_refusals": [
        ["INSTANCE_NOT_FOUND", 400, "RESOURCE_NOT_FOUND"],
        ["INVALID_STATE", 400, "creating"],
        ["INSUFFICIENT_RESOURCE", 400, "INSUFFICIENT_RESOURCE"],
    ],
    "ask_both_hosts": ["success", True, "internal"],
}


def replaying(clock: VirtualClock, **changes: Any) -> Novita:
    """A client that sends what the recorded one sent; its keys are others, for no cassette holds them."""
    settings = client_settings(clock, "another-public-key", "another-internal-key")
    return Novita(**{**settings, **changes})


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_a_recorded_conversation_is_replayed_without_a_server(clock: VirtualClock, name: str) -> None:
    with cassette(name) as recorded:
        with replaying(clock) as client:
            outcome = CONVERSATIONS[name](client)
        assert recorded.all_played
    assert outcome == OUTCOMES[name]


UNLIKE_THE_RECORDING: dict[str, tuple[str, str, dict[str, Any]]] = {
    "another path": ("GET", "/gpu-instance/openapi/v1/jobs", {}),
    "another query": ("GET", "/gpu-instance/openapi/v1/gpu/instance", {"query": {"instanceId": "another"}}),
    "another body": ("POST", "/gpu-instance/openapi/v1/gpu/instance/delete", {"json": {"instanceId": "x"}}),
    "another method": ("POST", "/gpu-instance/openapi/v1/repository/auths", {"json": {}}),
}


@pytest.mark.parametrize("kind", UNLIKE_THE_RECORDING)
def test_a_request_that_was_not_recorded_fails_loudly(clock: VirtualClock, kind: str) -> None:
    method, path, more = UNLIKE_THE_RECORDING[kind]
    with cassette("keep_secrets"):
        with replaying(clock, retry=None) as client:
            with pytest.raises(APIConnectionError) as caught:
                client.request(method, path, safety="idempotent", **more)
    assert isinstance(caught.value.__cause__, CannotOverwriteExistingCassetteException)


def test_each_recorded_answer_is_given_once(clock: VirtualClock) -> None:
    with cassette("browse"):
        with replaying(clock, retry=None) as client:
            client.clusters.list().collect()
            with pytest.raises(APIConnectionError) as caught:
                client.clusters.list().collect()
    assert isinstance(caught.value.__cause__, CannotOverwriteExistingCassetteException)


# ------------------------------------------------------------------- users' own recordings, end to end


def users_recorder(folder: Path) -> VCR:
    return VCR(**vcr_config(), match_on=MATCH_ON, cassette_library_dir=str(folder))


def test_what_is_recorded_over_a_socket_is_replayed_after_the_server_has_gone(
    tmp_path: Path, clock: VirtualClock
) -> None:
    vcr = users_recorder(tmp_path)
    simulator = Simulator(clock=ScaledClock())

    def talk(base_url: str) -> Any:
        with Novita(api_key=simulator.api_key, base_url=base_url, clock=clock) as client:
            created = client.gpu_instances.create(
                product_id="4090.16c96g.v2", image_url="nginx", envs={"TOKEN": SECRETS[1]}
            )
            return created.id, (client.gpu_instances.get(created.id)).gpu_num

    with serve(simulator) as server, vcr.use_cassette("talk.yaml"):
        live = talk(server.base_url)
    sent = len(simulator.journal)
    with vcr.use_cassette("talk.yaml", record_mode="none") as recorded:
        assert talk(server.base_url) == live
        assert recorded.all_played
    assert len(simulator.journal) == sent
    text = (tmp_path / "talk.yaml").read_text()
    assert simulator.api_key not in text
    assert SECRETS[1] not in text


def test_errors_and_retries_are_recorded_and_replayed(tmp_path: Path, clock: VirtualClock) -> None:
    vcr = users_recorder(tmp_path)
    simulator = Simulator(clock=ScaledClock())
    simulator.faults.add(
        Fault("status", status=429, headers={"Retry-After": "7"}), Fault("status", status=503)
    )

    def talk(base_url: str) -> Any:
        began = clock.monotonic()
        with Novita(api_key=simulator.api_key, base_url=base_url, clock=clock) as client:
            found = client.clusters.list().first()
            assert found is not None
            return found.id, clock.monotonic() - began >= 7

    with serve(simulator) as server, vcr.use_cassette("talk.yaml"):
        live = talk(server.base_url)
    assert len(simulator.journal) == 3
    with vcr.use_cassette("talk.yaml", record_mode="none") as recorded:
        assert talk(server.base_url) == live == ("us-ca-06", True)
        assert recorded.all_played


def test_a_packed_answer_is_recorded_in_clear_and_replayed(tmp_path: Path) -> None:
    vcr = users_recorder(tmp_path)
    body = '{"name":"prêt ✓","password":"pass-word-1"}'.encode()

    def ask(base_url: str) -> Any:
        with Novita(api_key="K-0123456789", base_url=base_url) as client:
            return client.request("GET", "/x")

    packed = answer(gzip.compress(body), Content_Encoding="gzip", Content_Type="application/json")
    with Loopback(always(packed)) as server, vcr.use_cassette("packed.yaml"):
        assert ask(server.url) == {"name": "prêt ✓", "password": "pass-word-1"}
        assert server.connections == 1
        assert server.is_left()
    assert "pass-word-1" not in (tmp_path / "packed.yaml").read_text()
    with vcr.use_cassette("packed.yaml", record_mode="none"):
        assert ask(server.url) == {"name": "prêt ✓", "password": "[REDACTED]"}
