"""The simulator over real sockets on the loopback interface."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from novita_sdk.testing import Fault, LoopbackServer, ScaledClock, Simulator, serve

CLUSTERS = "/gpu-instance/openapi/v1/clusters"


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with serve(Simulator(clock=ScaledClock(speed=20))) as running:
        yield running


def connect(server: LoopbackServer, timeout: float = 5) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=timeout)


def ask(
    connection: http.client.HTTPConnection, sim: Simulator, path: str = CLUSTERS, body: Any = None
) -> Any:
    key = sim.internal_api_key if path.startswith("/api/") else sim.api_key
    headers = {"Authorization": f"Bearer {key}", "User-Agent": "tests"}
    connection.request("GET" if body is None else "POST", path, body and json.dumps(body), headers)
    answer = connection.getresponse()
    return answer.status, answer.read()


def test_all_three_hosts_are_served_on_one_kept_alive_connection(server: LoopbackServer) -> None:
    connection = connect(server)
    paths = [CLUSTERS, "/openapi/v1/billing/balance/detail", "/api/v1/jobs", CLUSTERS]
    own_port = set()
    for path in paths:
        status, body = ask(connection, server.simulator, path)
        assert (status, bool(json.loads(body))) == (200, True)
        own_port.add(connection.sock.getsockname())
    assert len(own_port) == 1
    connection.close()


def test_it_listens_on_the_loopback_interface_only(server: LoopbackServer) -> None:
    assert server.server_address[0] == "127.0.0.1"
    assert server.base_url == f"http://127.0.0.1:{server.server_port}"


def test_a_write_and_an_answer_without_a_body_go_through(server: LoopbackServer) -> None:
    connection = connect(server)
    path = "/gpu-instance/openapi/v1/repository/auth/save"
    assert ask(connection, server.simulator, path, {"name": "a", "username": "u", "password": "p"}) == (
        204,
        b"",
    )
    assert server.simulator.journal[0].body["name"] == "a"
    assert ask(connection, server.simulator)[0] == 200
    connection.close()


def test_an_unknown_method_is_refused(server: LoopbackServer) -> None:
    connection = connect(server)
    connection.request("PATCH", CLUSTERS)
    assert connection.getresponse().status == 501
    connection.close()


def test_a_fault_of_the_simulator_itself_is_told_on_stderr(
    server: LoopbackServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise LookupError("a fault of the simulator")

    monkeypatch.setattr(server.simulator, "receive", fail)
    connection = connect(server)
    with pytest.raises(http.client.RemoteDisconnected):
        ask(connection, server.simulator)
    connection.close()
    assert "a fault of the simulator" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["reset_before_processing", "reset_after_processing"])
def test_a_reset_reaches_the_client_as_a_reset(server: LoopbackServer, kind: Any) -> None:
    server.simulator.faults.add(Fault(kind))
    connection = connect(server)
    with pytest.raises(ConnectionResetError):
        ask(connection, server.simulator)
    connection.close()
    assert server.simulator.journal[0].processed is (kind == "reset_after_processing")


def test_a_fault_before_the_connection_closes_it_without_an_answer(server: LoopbackServer) -> None:
    server.simulator.faults.add(Fault("refuse_connection"))
    connection = connect(server)
    with pytest.raises(http.client.RemoteDisconnected):
        ask(connection, server.simulator)
    connection.close()


@pytest.mark.parametrize("kind", ["lost_reply", "read_timeout"])
def test_silence_lasts_until_the_client_gives_up(server: LoopbackServer, kind: Any) -> None:
    server.simulator.faults.add(Fault(kind))
    connection = connect(server, timeout=0.2)
    with pytest.raises(TimeoutError):
        ask(connection, server.simulator)
    connection.close()
    assert server.simulator.journal[0].processed is (kind == "lost_reply")


def test_an_endless_answer_dribbles_byte_by_byte(server: LoopbackServer) -> None:
    server.simulator.faults.add(Fault("hang", seconds=0.2))
    connection = connect(server)
    connection.request("GET", CLUSTERS, headers={"User-Agent": "tests"})
    answer = connection.getresponse()
    assert answer.length is not None
    assert answer.length > 100_000
    started = time.monotonic()
    assert answer.read(5) == b"     "
    assert time.monotonic() - started < 2
    answer.close()
    connection.close()


def test_a_truncated_body_ends_early(server: LoopbackServer) -> None:
    server.simulator.faults.add(Fault("truncated_body"))
    connection = connect(server)
    with pytest.raises(http.client.IncompleteRead):
        ask(connection, server.simulator)
    connection.close()


def test_an_oversized_body_is_really_sent(server: LoopbackServer) -> None:
    server.simulator.faults.add(Fault("oversized_body"))
    connection = connect(server)
    assert len(ask(connection, server.simulator)[1]) == 32 * 1024 * 1024 + 1
    connection.close()


def test_a_latency_takes_real_time_by_the_clocks_speed(server: LoopbackServer) -> None:
    server.simulator.faults.add(Fault("latency", seconds=4))
    connection = connect(server)
    started = time.monotonic()
    assert ask(connection, server.simulator)[0] == 200
    assert 0.2 <= time.monotonic() - started < 2
    connection.close()


def test_a_stopped_server_cuts_what_is_still_open() -> None:
    simulator = Simulator(clock=ScaledClock())
    simulator.faults.add(Fault("read_timeout"))
    with serve(simulator) as server:
        silent = socket.create_connection(("127.0.0.1", server.server_port))
        silent.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        idle = socket.create_connection(("127.0.0.1", server.server_port))
        deadline = time.monotonic() + 5
        while simulator.requests() == 0 and time.monotonic() < deadline:
            time.sleep(0.01)
    for connection in (silent, idle):
        connection.settimeout(5)
        with contextlib.suppress(ConnectionResetError):
            assert connection.recv(100) == b""
        connection.close()


def test_the_scaled_clock_runs_at_its_speed() -> None:
    clock = ScaledClock(100)
    started, wall = clock.monotonic(), clock.time()
    real = time.monotonic()
    clock.sleep(2)
    assert 0.02 <= time.monotonic() - real < 1
    assert clock.monotonic() - started >= 2
    assert clock.time() - wall >= 2
    with pytest.raises(ValueError, match="speed"):
        ScaledClock(0)


def test_the_scaled_clock_waits_for_events() -> None:
    from novita_sdk._concurrency.threads import Event

    clock, event = ScaledClock(100), Event()
    assert not clock.wait(event, 1)
    event.set()
    assert clock.wait(event, None)


def test_the_program_says_where_it_listens_and_with_which_key_and_ends_on_ctrl_c() -> None:
    command = [
        sys.executable,
        "-m",
        "novita_sdk.testing.server",
        "--port",
        "0",
        "--seed",
        "3",
        "--speed",
        "9",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        readable, _, _ = select.select([program.stdout], [], [], 20)
        assert readable
        first, second = program.stdout.readline(), program.stdout.readline()
        found = re.fullmatch(
            r"novita simulator listening on http://127\.0\.0\.1:(\d+) \(simulated, nothing is billed\)\n",
            first,
        )
        assert found
        key = re.search(r"NOVITA_API_KEY=(\S+)", second)
        assert key
        connection = http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=5)
        connection.request(
            "GET", CLUSTERS, headers={"Authorization": f"Bearer {key[1]}", "User-Agent": "tests"}
        )
        assert connection.getresponse().status == 200
        connection.close()
        program.send_signal(signal.SIGINT)
        assert program.wait(10) == 0
        assert program.stderr.read() == ""
