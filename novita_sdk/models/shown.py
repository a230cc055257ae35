"""How values look in the `repr` of a model: short, and without what may be a secret."""

from __future__ import annotations

import re
from typing import Any, Final

from novita_sdk._core.redact import redact_text

LONGEST_TEXT: Final = 80

_USER_INFO: Final = re.compile(r"(?<=//)[^/?#]*@")
_QUERY: Final = re.compile(r"([?#]).*", re.DOTALL)


def shown(value: Any) -> str:
    """Show a value as Python writes it, long texts cut."""
    if type(value) is str and len(value) > LONGEST_TEXT:
        return f"{value[:LONGEST_TEXT]!r}...(+{len(value) - LONGEST_TEXT})"
    return repr(value)


def withheld(value: Any) -> str:
    """Show only whether there is a value."""
    return "[REDACTED]" if value else repr(value)


def shown_url(value: Any) -> str:
    """Show a URL without its user, password, query and fragment, where tokens travel."""
    return shown(_QUERY.sub(r"\1[REDACTED]", _USER_INFO.sub("[REDACTED]@", str(value))))


def shown_text(value: Any) -> str:
    """Show what the service says, without passwords and tokens in the URLs it names."""
    return shown(redact_text(str(value)))
