"""Cancelling tasks that send, or wait to send, over the asynchronous HTTP transport."""

from __future__ import annotations

import random
from contextlib import aclosing

import anyio
import anyio.lowlevel
import pytest

from novita_sdk.options import Pool
from novita_sdk.transports import AsyncHTTPTransport
from tests.loopback import Arrived, Loopback, Peer, always, answer, hold, request_to

pytestmark = pytest.mark.anyio


def hold_the_first(peer: Peer, arrived: Arrived) -> object:
    """Never answer the path `/held`, but every other one."""
    return hold(peer, arrived) if "/held" in arrived.line else peer.send(answer())


async def until_arrived(server: Loopback, number: int) -> None:
    while len(server.seen) < number:  # noqa: ASYNC110 - another thread counts
        await anyio.sleep(0.002)


async def test_a_request_cancelled_on_the_wire_gives_back_connection_and_place() -> None:
    with Loopback(hold_the_first) as server:
        async with aclosing(AsyncHTTPTransport(pool=Pool(max_connections=1))) as transport:
            for number in range(3):
                async with anyio.create_task_group() as group:
                    group.start_soon(transport.send, request_to(f"{server.url}/held"))
                    await until_arrived(server, 2 * number + 1)
                    group.cancel_scope.cancel()
                assert transport._admission.is_empty
                assert server.is_left()
                assert (await transport.send(request_to(server.url))).status == 200
            assert len(server.seen) == 6


async def test_a_request_cancelled_while_its_body_drips_gives_back_connection_and_place() -> None:
    def drip(peer: Peer, _arrived: Arrived) -> bool:
        peer.dribble(answer(b" " * 100), 0.01)
        return False

    with Loopback(drip) as server:
        async with aclosing(AsyncHTTPTransport()) as transport:
            with anyio.move_on_after(0.05):
                await transport.send(request_to(server.url))
                pytest.fail("it cannot have ended")
            assert transport._admission.is_empty
            assert server.is_left()


async def test_a_cancelled_handshake_leaves_nothing_open() -> None:
    with Loopback(always(answer()), tls=True, greet=lambda peer: peer.hold()) as server:
        async with aclosing(AsyncHTTPTransport()) as transport:
            with anyio.move_on_after(0.2):
                await transport.send(request_to(server.url))
                pytest.fail("it cannot have ended")
            assert server.connections == 1
            assert server.is_left()


async def test_cancelled_waiters_do_not_hold_up_the_others_nor_their_order() -> None:
    chosen = set(random.Random(7).sample(range(20), 10))
    with Loopback(hold_the_first) as server:
        async with aclosing(AsyncHTTPTransport(pool=Pool(max_connections=1))) as transport:
            scopes = [anyio.CancelScope() for _ in range(20)]
            done: list[int] = []

            async def send(scope: anyio.CancelScope, path: str) -> None:
                with scope:
                    await transport.send(request_to(f"{server.url}/{path}"))
                    done.append(int(path))

            async with anyio.create_task_group() as group:
                held = anyio.CancelScope()
                group.start_soon(send, held, "held")
                await until_arrived(server, 1)
                for number, scope in enumerate(scopes):
                    group.start_soon(send, scope, str(number))
                    while len(transport._admission._queue) <= number:
                        await anyio.lowlevel.checkpoint()
                for number in chosen:
                    scopes[number].cancel()
                held.cancel()
            assert done == [number for number in range(20) if number not in chosen]
            assert transport._admission.is_empty
