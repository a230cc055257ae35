"""A program that rents one instance from a loopback server and prints its id; tests run it, and kill it.

python creating.py BASE_URL API_KEY STATE_PATH OPERATION_ID
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from novita_sdk import Novita

RENTED = {"product_id": "4090.16c96g.v2", "image_url": "nginx", "name": "mine"}


def started(base_url: str, api_key: str, state_path: Path, operation_id: str) -> subprocess.Popen[str]:
    """Start this program."""
    command = (sys.executable, __file__, base_url, api_key, str(state_path), operation_id)
    environment = {"PYTHONPATH": str(Path(__file__).parent.parent)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def main(base_url: str, api_key: str, state_path: str, operation_id: str) -> None:
    """Rent, and tell what."""
    with Novita(api_key=api_key, base_url=base_url, state_path=state_path) as client:
        created = client.gpu_instances.create(**RENTED, operation_id=operation_id)
    sys.stdout.write(created.id)


if __name__ == "__main__":
    main(*sys.argv[1:])
