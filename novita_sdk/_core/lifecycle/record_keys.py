"""Keys of the records about instances."""

from __future__ import annotations

import hashlib
import re
from typing import Final

_PLAIN: Final = re.compile(r"[A-Za-z0-9_.-]{1,100}")


def key_part(instance_id: str) -> str:
    """Return what stands for an instance in a key: its id, or a digest of one that no key can hold."""
    if _PLAIN.fullmatch(instance_id):
        return instance_id
    return hashlib.sha256(instance_id.encode()).hexdigest()
