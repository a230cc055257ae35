"""An opt-in formatter that writes each record of the library as one JSON object."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime


class JsonLogFormatter(logging.Formatter):
    """Write each record as one line of JSON: time, level, logger, message and the record's own fields.

    Give it to a handler of your own; the library never installs a handler.

    Example:
        >>> handler = logging.StreamHandler()
        >>> handler.setFormatter(JsonLogFormatter())
        >>> logging.getLogger("novita_sdk").addHandler(handler)
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        fields: object = getattr(record, "novita", None)
        if isinstance(fields, dict):
            line.update({str(key): value for key, value in fields.items() if key not in line})  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(
            line, default=str
        )  # ASCII: no stream refuses it, and no reader sees a line break in it
