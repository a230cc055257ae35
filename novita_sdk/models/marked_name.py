"""The mark that a create may leave at the end of a name."""

from __future__ import annotations

import re
from typing import Final

NAME_MARK: Final = "-nsdk-"
"""What stands between a name and the operation id after it."""

_MARKED_NAME: Final = re.compile(rf"(.*){NAME_MARK}([A-Za-z0-9_-]{{8,64}})", re.DOTALL)


def unmarked_name(name: str) -> str:
    """Return a name without the mark it may end with."""
    found = _MARKED_NAME.fullmatch(name)
    return name if found is None else found[1]


def operation_id_in(name: str) -> str | None:
    """Return the operation id that a name is marked with; None if it is not."""
    found = _MARKED_NAME.fullmatch(name)
    return None if found is None else found[2]
