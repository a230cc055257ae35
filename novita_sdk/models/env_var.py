"""One environment variable of an instance, template or job."""

from __future__ import annotations

from typing import Self

from novita_sdk.models.base import Model, field, model


@model
class EnvVar(Model):
    """An environment variable; `repr` shows its name and withholds its value.

    Attributes:
        key: Name.
        value: Value, in clear.
    """

    key: str = ""
    value: str = field(default="", show="withheld")

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read the form `NAME=value`, which the internal job list uses."""
        key, _, value = text.partition("=")
        return cls(key=key, value=value)
