"""The pipeline of a client, to look at."""

from __future__ import annotations

from collections.abc import Mapping

import attrs


@attrs.frozen
class Pipeline:
    """The layers every call passes, outermost first, by family. `print()` it.

    Attributes:
        families: What each layer says of itself.
    """

    families: Mapping[str, tuple[str, ...]]

    def __str__(self) -> str:
        lines: list[str] = []
        for family, layers in self.families.items():
            lines.append(f"{family}:")
            lines.extend(f"  {number:2}. {layer}" for number, layer in enumerate(layers, 1))
        return "\n".join(lines)
