"""A small, fast HTTP server on the loopback, in a process of its own."""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BODY = (
    b'{"data":[{"id":"1","name":"EU-01","availableGpuType":[],'
    b'"supportNetworkStorage":true,"supportInstanceNetwork":false}]}'
)


async def _serve(pause: float) -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(BODY)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                await reader.readuntil(b"\r\n\r\n")
                if pause:
                    await asyncio.sleep(pause)
                writer.write(head + BODY)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def server(pause: float = 0.0) -> Iterator[str]:
    """Run the server; yield its base URL.

    Args:
        pause: Seconds each answer takes.
    """
    command = [sys.executable, str(Path(__file__)), "--pause", str(pause)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.kill()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--pause", type=float, default=0.0)
    asyncio.run(_serve(parser.parse_args().pause))
