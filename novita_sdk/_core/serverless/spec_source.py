"""From the text of a spec file to plain values: JSON, or YAML whose scalars stay text."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module
from pathlib import PurePath
from typing import Any, Final, NamedTuple

from novita_sdk._core.narrowing import is_mapping
from novita_sdk.errors import ConfigurationError, SettingProblem

MAX_FILE_BYTES: Final = 1 << 20

Path = tuple[str | int, ...]
"""Where a value stands: keys and indices from the top."""


class Fault(NamedTuple):
    """What is wrong with the text itself."""

    path: Path
    code: str
    message: str
    line: int | None


class Document(NamedTuple):
    """A file as plain values.

    Attributes:
        value: Mappings, lists, texts and None; from JSON also numbers and booleans.
        faults: What is wrong with the text. After a syntax error nothing else is known.
        lines: The line, from 1, where each value begins; empty for JSON.
    """

    value: object
    faults: list[Fault]
    lines: dict[Path, int]


def read_json(text: str) -> Document:
    """Read JSON; a repeated key is a fault."""
    faults: list[Fault] = []

    def mapping(pairs: list[tuple[str, object]]) -> dict[str, object]:
        made: dict[str, object] = {}
        for key, value in pairs:
            if key in made:
                faults.append(
                    Fault((key,), "duplicate_key", f"the key {key!r} stands twice in one mapping", None)
                )
            made[key] = value
        return made

    try:
        value: object = json.loads(text, object_pairs_hook=mapping)
    except json.JSONDecodeError as error:
        return Document(None, [Fault((), "bad_syntax", f"is no JSON: {error.msg}", error.lineno)], {})
    except RecursionError:
        return Document(None, [Fault((), "bad_syntax", "is nested too deeply", None)], {})
    except ValueError:  # what is left of them: digits without end
        return Document(None, [Fault((), "bad_syntax", "holds a number of too many digits", None)], {})
    return Document(value, faults, {})


def read_yaml(text: str) -> Document:
    """Read YAML safely: plain scalars stay text, so that `12.10` is not 12.1; only null and merge keys count.

    Raises:
        ConfigurationError: PyYAML is not installed.
    """
    try:
        yaml: Any = import_module("yaml")
    except ImportError as error:
        problem = SettingProblem(
            "source", "is a YAML file, and PyYAML is not installed", "novita-gpu-sdk[yaml]"
        )
        raise ConfigurationError(problems=(problem,)) from error
    try:
        loader = _loader(yaml)(text)
        try:
            node = loader.get_single_node()
        finally:
            loader.dispose()
        return _Composer(yaml, loader).document(node)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        detail = getattr(error, "problem", None) or "cannot be read"
        line = None if mark is None else mark.line + 1
        return Document(None, [Fault((), "bad_syntax", f"is no YAML: {detail}", line)], {})
    except RecursionError:
        return Document(None, [Fault((), "bad_syntax", "is nested too deeply", None)], {})


def reader_of(name: str) -> Callable[[str], Document] | None:
    """Return what reads a file of this name; None if nothing does."""
    return _READERS.get(PurePath(name).suffix.lower())


_READERS: Final = {".json": read_json, ".yaml": read_yaml, ".yml": read_yaml}


def _loader(yaml: Any) -> Any:
    """Return a safe loader that takes only null and merge keys for anything but text."""
    kept = {"tag:yaml.org,2002:null", "tag:yaml.org,2002:merge"}
    resolvers = {
        first: [(tag, pattern) for tag, pattern in rules if tag in kept]
        for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return type("_TextLoader", (yaml.SafeLoader,), {"yaml_implicit_resolvers": resolvers})


class _Composer:
    """Turns the nodes of one YAML document into values; an alias used often costs nothing."""

    def __init__(self, yaml: Any, loader: Any) -> None:
        self._yaml = yaml
        self._loader = loader
        self._made: dict[int, object] = {}
        self._open: set[int] = set()
        self._faults: list[Fault] = []
        self._lines: dict[Path, int] = {}

    def document(self, node: Any) -> Document:
        value = None if node is None else self._value(node, ())
        return Document(value, self._faults, self._lines)

    def _value(self, node: Any, path: Path) -> object:
        self._lines[path] = node.start_mark.line + 1
        if isinstance(node, self._yaml.ScalarNode):
            return None if node.tag.endswith(":null") else node.value
        known = id(node)
        if known in self._made:
            return self._made[known]
        if known in self._open:
            self._fault(node, path, "bad_syntax", "contains itself")
            return None
        self._open.add(known)
        make: Callable[[Any, Path], object] = (
            self._mapping if isinstance(node, self._yaml.MappingNode) else self._sequence
        )
        value = self._made[known] = make(node, path)
        self._open.discard(known)
        return value

    def _sequence(self, node: Any, path: Path) -> object:
        return [self._value(item, (*path, index)) for index, item in enumerate(node.value)]

    def _mapping(self, node: Any, path: Path) -> object:
        merged: dict[str, object] = {}
        made: dict[str, object] = {}
        for key, value in node.value:
            if key.tag.endswith(":merge"):
                self._merge(merged, value, path)
            elif not isinstance(key, self._yaml.ScalarNode):
                self._fault(key, path, "wrong_type", "a key must be text")
            else:
                if key.value in made:
                    self._fault(
                        key, path, "duplicate_key", f"the key {key.value!r} stands twice in one mapping"
                    )
                made[key.value] = self._value(value, (*path, key.value))
        return {**merged, **made}

    def _merge(self, merged: dict[str, object], node: Any, path: Path) -> None:
        """Take in what a merge key names; each mapping is read once, however often others merge it."""
        several = isinstance(node, self._yaml.SequenceNode)
        for source in node.value if several else [node]:
            found = self._value(source, path)
            if is_mapping(found):
                for key, value in found.items():
                    merged.setdefault(str(key), value)
            else:
                self._fault(source, path, "bad_syntax", "only mappings can be merged")

    def _fault(self, node: Any, path: Path, code: str, message: str) -> None:
        self._faults.append(Fault(path, code, message, node.start_mark.line + 1))
