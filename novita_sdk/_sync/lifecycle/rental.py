# Generated from novita_sdk/_async/lifecycle/rental.py by tools/unasync.py; edit the source.
"""A rented instance that ends with its `with` block, whatever happens in it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    pass

_LOGGER: Final = logging.getLogger("novita_sdk.lifecycle")

_SHIELD_MARGIN: Final = 5.0  # seconds that the cleanup may take longer than it allows itself
