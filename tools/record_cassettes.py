"""Record the cassettes of the tests again, from the simulator over a loopback socket.

    python tools/record_cassettes.py

Each conversation of `tests/aio/conversations.py` becomes one file in `tests/cassettes/`. The same code records the
same bytes. Nothing is sent to the live service.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from novita_sdk import Novita  # noqa: E402 - the folder has to be known first
from novita_sdk.testing import Simulator, VirtualClock, serve  # noqa: E402
from tests.recording import PORT, cassette, cassette_of, client_settings  # noqa: E402
from tests.sync.conversations import CONVERSATIONS  # noqa: E402

LABEL = """\
# Recorded from the simulator of novita_sdk, not from the live service: everything in it is invented.
# Do not edit; run tools/record_cassettes.py.
"""


def record(name: str, folder: Path) -> Path:
    """Hold one conversation and keep it.

    Args:
        name: Its name in `CONVERSATIONS`.
        folder: Where the cassette is put.

    Returns:
        The file.
    """
    clock = VirtualClock()
    simulator = Simulator(seed=7, clock=clock)
    path = folder / cassette_of(name)
    path.unlink(missing_ok=True)
    settings = client_settings(clock, simulator.api_key, simulator.internal_api_key)
    with (
        serve(simulator, PORT),
        cassette(name, mode="all", folder=folder),
        Novita(**settings) as client,
    ):
        outcome = CONVERSATIONS[name](client)
    path.write_text(LABEL + path.read_text(encoding="utf-8"), encoding="utf-8")
    print(f"{path.relative_to(ROOT)}: {outcome}")
    return path


if __name__ == "__main__":
    for conversation in CONVERSATIONS:
        record(conversation, ROOT / "tests" / "cassettes")
