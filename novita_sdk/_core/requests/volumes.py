"""Shared volumes to mount: a mapping of volume id to mount path in Python."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from novita_sdk._core.narrowing import is_mapping
from novita_sdk._core.operations.fields import MOUNT_PATH_LIMIT
from novita_sdk._core.wire import UnfitError, checked_text, id_text, problem
from novita_sdk.errors import Problem

VolumeArgument: TypeAlias = Mapping[str, str]
"""Mount path by volume id, such as `{"d4e82677": "/network"}`."""


def path_fault(value: object) -> str | None:
    """Say what is wrong with a mount path, or None."""
    if not isinstance(value, str):
        return "must be text"
    if not value.startswith("/"):
        return "must be an absolute path, such as '/network'"
    if len(value) > MOUNT_PATH_LIMIT:
        return f"must have at most {MOUNT_PATH_LIMIT} characters, not {len(value)}"
    try:
        checked_text(value)
    except UnfitError as fault:
        return str(fault)
    return None


def read_volumes(name: str, value: object) -> tuple[list[tuple[str, str]], list[Problem]]:
    """Read an argument that names shared volumes.

    Args:
        name: The argument.
        value: Mapping of volume id to absolute mount path; None for no volumes.

    Returns:
        Pairs of volume id and mount path, and all problems.
    """
    if value is None:
        return [], []
    if not is_mapping(value):
        return [], [problem(name, value, "must be a mapping of volume id to mount path")]
    volumes: list[tuple[str, str]] = []
    problems: list[Problem] = []
    for identity, path in value.items():
        label = f"{name}[{identity!r}]"
        try:
            volume = id_text(identity)
        except UnfitError as fault:
            problems.append(problem(name, identity, f"has a key that {fault}"))
            continue
        fault_of_path = path_fault(path)
        if fault_of_path is not None:
            problems.append(problem(label, path, fault_of_path))
        elif any(path == taken for _, taken in volumes):
            problems.append(problem(label, path, "must not be mounted where another volume is"))
        else:
            volumes.append((volume, str(path)))
    return volumes, problems
