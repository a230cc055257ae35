"""The name under which JSON values appear in signatures."""

from __future__ import annotations

from typing import Any, TypeAlias

JSON: TypeAlias = Any
"""Any JSON value: object, array, text, number (decimals as `decimal.Decimal`), boolean or null."""
