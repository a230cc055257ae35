"""Serverless specs: read from plain values, with every problem of every source told together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from novita_sdk._core.narrowing import is_array, is_mapping, is_whole_number
from novita_sdk._core.nearest import did_you_mean, nearest
from novita_sdk._core.serverless.spec_source import Document, Path
from novita_sdk.errors import SpecFileError, SpecNotFoundError, SpecProblem
from novita_sdk.models.serverless_spec import ServerlessSpec

MAX_NAME: Final = 220
PLATFORM: Final = "novita"

_PLATFORM_KEYS: Final = ("productId", "region", "cudaVersion")
_NOTES: Final = {"displayName": "display_name", "category": "category", "resourceType": "resource_type"}
_RESOURCE_NOTES: Final = {
    "gpuType": "gpu_type",
    "cpu": "cpu",
    "memory": "memory",
    "shmSize": "shm_size",
    "disk": "disk",
}
_WHOLE: Final = re.compile(r"[0-9]{1,9}")
_AMOUNT: Final = re.compile(r"([0-9]+)\s*(Gi|GiB|GB|G)", re.IGNORECASE)
_SHOWN: Final = 40
_TOO_BIG: Final = 10**9
"""No count and no id is as large; and Python turns no number without end into text."""


class Source(NamedTuple):
    """One source of specs.

    Attributes:
        name: The file's name, `<mapping>` for anything else.
        document: What it holds.
    """

    name: str
    document: Document


class Reading(NamedTuple):
    """What was read from one or several sources."""

    specs: tuple[ServerlessSpec, ...]
    problems: tuple[SpecProblem, ...]
    warnings: tuple[str, ...]


def read_sources(sources: Sequence[Source], *, strict: bool = False) -> Reading:
    """Read all sources, and collect all problems in the order of file, index and field.

    Args:
        sources: The sources.
        strict: Whether what the service cannot do is a problem instead of a warning.
    """
    readers = [_SourceReader(source, strict=strict) for source in sources]
    for reader in readers:
        reader.read()
    _refuse_equal_names(readers)
    return Reading(
        tuple(spec for reader in readers for _, spec in reader.specs),
        tuple(problem for reader in readers for problem in reader.sorted_problems()),
        tuple(warning for reader in readers for warning in reader.warnings),
    )


def checked(reading: Reading) -> tuple[ServerlessSpec, ...]:
    """Return the specs of a reading without problems.

    Raises:
        SpecFileError: There are problems; all of them at once.
    """
    if reading.problems:
        raise SpecFileError(problems=reading.problems)
    return reading.specs


def spec_named(specs: Mapping[str, ServerlessSpec], name: str) -> ServerlessSpec:
    """Return a loaded spec.

    Raises:
        SpecNotFoundError: There is none of this name; the nearest ones are named.
    """
    found = specs.get(name)
    if found is None:
        message = f"no spec {name!r} is loaded{did_you_mean(name, specs)}"
        raise SpecNotFoundError(message, name=name, nearest=tuple(nearest(name, specs)))
    return found


def no_platform(spec: ServerlessSpec) -> SpecFileError:
    """Return the error for a spec that is for other platforms only."""
    problem = SpecProblem(
        "<loaded>",
        None,
        spec.name,
        "platforms.novita",
        "no_novita_platform",
        "the spec does not say how to run here",
    )
    return SpecFileError(problems=(problem,))


def _refuse_equal_names(readers: Iterable[_SourceReader]) -> None:
    first: dict[str, str] = {}
    for reader in readers:
        for index, spec in reader.specs:
            where = first.setdefault(spec.name, f"{reader.source.name}, spec {index}")
            if where != f"{reader.source.name}, spec {index}":
                reader.problem(
                    ("specs", index, "name"),
                    spec.name,
                    "duplicate_name",
                    f"the name stands already in {where}",
                )


class _SourceReader:
    """Reads one source."""

    def __init__(self, source: Source, *, strict: bool) -> None:
        self.source = source
        self.specs: list[tuple[int, ServerlessSpec]] = []
        self.warnings: list[str] = []
        self._strict = strict
        self._problems: list[SpecProblem] = []

    def read(self) -> None:
        value, faults, _ = self.source.document
        for path, code, message, line in faults:
            self._problems.append(
                SpecProblem(self.source.name, _index(path), None, _field(path), code, message, line)
            )
        if faults and value is None:
            return
        if not is_mapping(value):
            self.problem((), None, "wrong_type", f"must be a mapping with the key specs, not {_kind(value)}")
        elif "specs" not in value:
            self.problem(("specs",), None, "missing", "is missing")
        elif not is_array(specs := value["specs"]):
            self.problem(("specs",), None, "wrong_type", f"must be a list, not {_kind(specs)}")
        else:
            for index, item in enumerate(specs):
                self._read_spec(index, item)

    def sorted_problems(self) -> list[SpecProblem]:
        """Return the problems in the order of specs and fields."""
        return sorted(
            self._problems, key=lambda problem: (problem[1] is not None, problem[1] or 0, problem.field)
        )

    def problem(self, path: Path, spec: str | None, code: str, message: str) -> None:
        """Note a problem."""
        line = self.source.document.lines.get(path)
        self._problems.append(
            SpecProblem(self.source.name, _index(path), spec, _field(path), code, message, line)
        )

    def _read_spec(self, index: int, item: object) -> None:
        path: Path = ("specs", index)
        if not is_mapping(item):
            self.problem(path, None, "wrong_type", f"must be a mapping, not {_kind(item)}")
            return
        before = len(self._problems)
        fields = _Fields(self, path, item)
        name = fields.text("name", required=True)
        fields.spec = name
        if name is not None and len(name) > MAX_NAME:
            fields.problem("name", "wrong_type", f"must have at most {MAX_NAME} characters")
        found: dict[str, str | int | None] = {
            attribute: fields.text(key) for key, attribute in _NOTES.items() if key in item
        }
        platforms = fields.mapping("platforms")
        novita = None if platforms is None else platforms.mapping(PLATFORM, nullable=False)
        resources = fields.mapping("resources", required=novita is not None)
        if resources is not None:
            found |= {
                attribute: resources.text(key)
                for key, attribute in _RESOURCE_NOTES.items()
                if resources.has(key)
            }
            self._note_shared_memory(resources, name)
            if novita is not None:
                found["gpu_num"] = resources.whole("gpu")
                found["rootfs_size"] = resources.whole("ephemeralStorage")
        if novita is not None:
            novita.refuse_others(_PLATFORM_KEYS)
            found["product_id"] = novita.text("productId", required=True, number_ok=True)
            found["region"] = novita.text("region")
            found["cuda_version"] = novita.text("cudaVersion")
        if len(self._problems) == before or not any(
            problem.field.endswith("name") for problem in self._problems[before:]
        ):
            given = {key: value for key, value in found.items() if value is not None}
            self.specs.append((index, ServerlessSpec(name=name or "", **given)))  # type: ignore[arg-type]  # by table

    def _note_shared_memory(self, resources: _Fields, name: str | None) -> None:
        if not resources.has("shmSize"):
            return
        message = "shared memory cannot be set; choose an image that needs none"
        if self._strict:
            resources.problem("shmSize", "wrong_type", message)
        else:
            self.warnings.append(f"{self.source.name}: {name}: resources.shmSize: {message}")


class _Fields:
    """The keys of one mapping inside a spec."""

    def __init__(self, reader: _SourceReader, path: Path, values: Mapping[object, object]) -> None:
        self.spec: str | None = None
        self._reader = reader
        self._path = path
        self._values = values

    def has(self, key: str) -> bool:
        return self._values.get(key) is not None

    def problem(self, key: str, code: str, message: str) -> None:
        self._reader.problem((*self._path, key), self.spec, code, message)

    def text(self, key: str, *, required: bool = False, number_ok: bool = False) -> str | None:
        """Return a text; a whole number where that is as good."""
        value = self._values.get(key)
        if value is None:
            if required:
                self.problem(key, "missing", "is missing")
            return None
        if number_ok and is_whole_number(value) and 0 <= value < _TOO_BIG:
            return str(value)
        if isinstance(value, float):
            self.problem(key, "wrong_type", f"must be text: quote it, since {value!r} may have lost a digit")
        elif not isinstance(value, str):
            self.problem(key, "wrong_type", f"must be text, not {_kind(value)}")
        elif not value.strip():
            self.problem(key, "empty", "must not be empty")
        else:
            return value
        return None

    def whole(self, key: str) -> int | None:
        """Return a whole number of 0 or more, also from its digits as text."""
        value = self._values.get(key)
        if value is None:
            self.problem(key, "missing", "is missing")
        elif is_whole_number(value) and 0 <= value < _TOO_BIG:
            return value
        elif isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
            return int(value)
        else:
            amount = _AMOUNT.fullmatch(value.strip()) if isinstance(value, str) else None
            right = f"write {amount[1]}" if amount else "write a number such as 100"
            unit = " of GB" if key == "ephemeralStorage" else ""
            self.problem(key, "bad_number", f"{_shown(value)} is no whole number{unit}; {right}")
        return None

    def mapping(self, key: str, *, required: bool = False, nullable: bool = True) -> _Fields | None:
        """Return the keys of a mapping inside."""
        value = self._values.get(key)
        if value is None and (nullable or key not in self._values):
            if required:
                self.problem(key, "missing", "is missing")
            return None
        if not is_mapping(value):
            self.problem(key, "wrong_type", f"must be a mapping, not {_kind(value)}")
            return None
        inner = _Fields(self._reader, (*self._path, key), value)
        inner.spec = self.spec
        return inner

    def refuse_others(self, known: Sequence[str]) -> None:
        """Note keys that nobody reads, with the nearest one that somebody does."""
        for key in self._values:
            if key not in known:
                hint = did_you_mean(str(key), known) or f"; known: {', '.join(known)}"
                self.problem(str(key), "unknown_key", f"is not known{hint}")


def _index(path: Path) -> int | None:
    return next((part for part in path if isinstance(part, int)), None)


def _field(path: Path) -> str:
    return ".".join(str(part) for part in path[2:]) if len(path) > 2 else ".".join(map(str, path[:1]))


def _kind(value: object) -> str:
    names: dict[type, str] = {
        dict: "a mapping",
        list: "a list",
        str: "text",
        int: "a number",
        float: "a number",
        bool: "a boolean",
    }
    return "nothing" if value is None else names.get(type(value), f"a {type(value).__name__}")


def _shown(value: object) -> str:
    if is_whole_number(value) and abs(value) >= _TOO_BIG:
        return "so large a number"
    text = repr(value) if isinstance(value, str | int | float | bool) else _kind(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."
