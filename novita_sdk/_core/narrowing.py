"""What a value of unknown origin is: the few questions asked all over the core."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TypeGuard


def is_mapping(value: object) -> TypeGuard[Mapping[object, object]]:
    """Tell whether a value is a mapping, such as a JSON object."""
    return isinstance(value, Mapping)


def is_array(value: object) -> TypeGuard[Sequence[object]]:
    """Tell whether a value is a list or tuple, such as a JSON array."""
    return isinstance(value, (list, tuple))


def is_number(value: object) -> TypeGuard[float]:
    """Tell whether a value is a number that fits into a float; booleans are none."""
    return (
        isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= sys.float_info.max
    )


def is_whole_number(value: object) -> TypeGuard[int]:
    """Tell whether a value is an integer; booleans are none."""
    return isinstance(value, int) and not isinstance(value, bool)
