"""Log records: one function that writes them, with their fields for machines."""

from __future__ import annotations

import logging

ROOT = logging.getLogger("novita_sdk")
ROOT.addHandler(logging.NullHandler())  # a library that nobody listens to stays silent


def log(logger: logging.Logger, level: int, message: str, **fields: object) -> None:
    """Write one record whose fields also stand in `record.novita`.

    Args:
        logger: Where to.
        level: A level of `logging`.
        message: With `%(name)s` places for the fields.
        **fields: What the record tells; never a secret.
    """
    if logger.isEnabledFor(level):
        logger.log(level, message, fields, extra={"novita": fields}, stacklevel=2)
