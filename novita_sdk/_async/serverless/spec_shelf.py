"""The specs a client has loaded."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, TypeAlias, cast

from novita_sdk._concurrency.aio import Lock
from novita_sdk._core.log_records import log
from novita_sdk._core.narrowing import is_mapping
from novita_sdk._core.serverless.spec_source import (
    MAX_FILE_BYTES,
    Document,
    Fault,
    reader_of,
)
from novita_sdk._core.serverless.specs import Source, checked, read_sources, spec_named
from novita_sdk._core.wire import problem
from novita_sdk.errors import ValidationError
from novita_sdk.models.serverless_spec import ServerlessSpec

SpecSource: TypeAlias = str | os.PathLike[str] | Mapping[str, object]
"""The path of a `.json`, `.yaml` or `.yml` file, or what such a file would hold."""

_LOG: Final = logging.getLogger("novita_sdk.serverless")


class AsyncServerlessSpecs:
    """Named descriptions of hardware; nothing is read unless it is asked for."""

    def __init__(self) -> None:
        self._specs: dict[str, ServerlessSpec] = {}
        self._lock = Lock()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {', '.join(self._specs) or 'none loaded'}>"

    def load(
        self, source: SpecSource | Iterable[SpecSource], *, strict: bool = False
    ) -> list[ServerlessSpec]:
        """Load specs in place of those loaded before.

        Args:
            source: A path, a mapping, or several of them. YAML needs the extra `yaml`.
            strict: Whether settings that the service does not have are problems.

        Returns:
            What was loaded.

        Raises:
            SpecFileError: Something is wrong; all problems of all sources at once. What was loaded before stays.
            ConfigurationError: PyYAML is needed and not installed.
        """
        sources: list[object] = [source]
        if isinstance(source, Iterable) and not isinstance(source, str | bytes | Mapping):
            sources = list(cast("Iterable[object]", source))
        reading = read_sources([_read(one) for one in sources], strict=strict)
        specs = checked(reading)
        for warning in reading.warnings:
            log(_LOG, logging.WARNING, "%(warning)s", warning=warning)
        with self._lock:
            self._specs = {spec.name: spec for spec in specs}
        return list(specs)

    def list(self) -> list[ServerlessSpec]:
        """Return the loaded specs."""
        return list(self._specs.values())

    def get(self, name: str) -> ServerlessSpec:
        """Return a loaded spec.

        Args:
            name: Its name.

        Raises:
            SpecNotFoundError: None of this name is loaded; the nearest names are told.
        """
        return spec_named(self._specs, name)

    def add(self, spec: ServerlessSpec) -> None:
        """Add a spec, or replace the one of its name.

        Args:
            spec: The spec.
        """
        if not isinstance(spec, ServerlessSpec):  # pyright: ignore[reportUnnecessaryIsInstance]  # untyped callers
            raise ValidationError(problems=(problem("spec", spec, "must be a ServerlessSpec"),))
        with self._lock:
            self._specs = {**self._specs, spec.name: spec}


def read_mapping(values: Mapping[object, object]) -> ServerlessSpec:
    """Read one spec from what a spec file would hold for it.

    Raises:
        SpecFileError: It cannot be used.
    """
    source = Source("<mapping>", Document({"specs": [values]}, [], {}))
    return checked(read_sources([source]))[0]


def _read(source: object) -> Source:
    if is_mapping(source):
        return Source("<mapping>", Document(source, [], {}))
    if not isinstance(source, str | os.PathLike):
        raise ValidationError(problems=(problem("source", source, "must be a path or a mapping"),))
    path = Path(os.fsdecode(cast("str", source)))
    return Source(str(path), _document(path))


def _document(path: Path) -> Document:
    read = reader_of(path.name)
    if read is None:
        return _broken("unreadable", "must be a .json, .yaml or .yml file")
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
        text = content.decode()
    except FileNotFoundError:
        return _broken("missing_file", "does not exist")
    except (OSError, ValueError) as error:  # a path may hold what no system takes
        return _broken("unreadable", f"cannot be read: {type(error).__name__}")
    if len(content) > MAX_FILE_BYTES:
        return _broken("unreadable", f"is larger than {MAX_FILE_BYTES} bytes")
    return read(text)


def _broken(code: str, message: str) -> Document:
    return Document(None, [Fault((), code, message, None)], {})
