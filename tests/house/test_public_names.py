"""The public names: lazy, complete, and the same in both colours."""

from __future__ import annotations

import inspect
from importlib import import_module
from pathlib import Path

import pytest

import novita_sdk
from tools import exports, unasync

# An AsyncJob is an asynchronous job of the service, in both colours: it has no twin.
PAIRS = [
    (name, name.removeprefix("Async"))
    for name in novita_sdk.__all__
    if name.startswith("Async") and name not in unasync.QUEUED
]


def surface(cls: type) -> dict[str, tuple[str, str | None]]:
    """List the signature and the docstring of a class and of all its public members and constructor."""
    found = {"": ("", inspect.getdoc(cls))}
    for name in dir(cls):
        if name.startswith("_") and name not in SPECIAL_METHODS:
            continue
        member = inspect.getattr_static(cls, name)
        member = getattr(member, "fget", None) or getattr(member, "__func__", member)
        found[name] = (
            (str(inspect.signature(member)), inspect.getdoc(member)) if callable(member) else ("", None)
        )
    return found


SPECIAL_METHODS = {
    "__init__",
    *("__enter__", "__exit__", "__iter__", "__next__"),
    *("__aenter__", "__aexit__", "__aiter__", "__anext__"),
}


def colour_differences(asynchronous: type, synchronous: type) -> list[str]:
    """Tell what differs between two classes, once the words of the first are converted into the second's."""
    converted = {
        _plain(name): (_plain(signature), docstring and _plain(docstring))
        for name, (signature, docstring) in surface(asynchronous).items()
    }
    actual = surface(synchronous)
    return [
        f"{synchronous.__name__}.{name}: {converted.get(name)} but {actual.get(name)}"
        for name in sorted(converted.keys() | actual.keys())
        if converted.get(name) != actual.get(name)
    ]


def _plain(text: str) -> str:
    return unasync.convert(text)[0]


# The real names

FACES = ["novita_sdk", *(f"novita_sdk.{face}" for face in exports.FACES)]


def test_the_table_is_current() -> None:
    assert exports.check() == []


@pytest.mark.parametrize("face", FACES)
def test_every_public_name_can_be_imported(face: str) -> None:
    module = import_module(face)
    assert [name for name in module.__all__ if not hasattr(module, name)] == []


@pytest.mark.parametrize("face", FACES)
def test_a_star_import_brings_exactly_the_public_names(face: str) -> None:
    names: dict[str, object] = {}
    exec(f"from {face} import *", names)  # noqa: S102 - the statement is what is tested
    assert sorted(names.keys() - {"__builtins__"}) == sorted(import_module(face).__all__)


@pytest.mark.parametrize("face", FACES)
def test_all_public_names_are_listed_before_they_are_loaded(face: str) -> None:
    module = import_module(face)
    assert set(module.__all__) <= set(dir(module))


def test_an_unknown_name_is_an_attribute_error_that_names_it() -> None:
    with pytest.raises(AttributeError, match="'novita_sdk' has no attribute 'Novtia'"):
        getattr(novita_sdk, "Novtia")  # noqa: B009 - a type checker would refuse the plain form


def test_every_asynchronous_class_has_its_twin() -> None:
    assert [twin for _, twin in PAIRS if twin not in novita_sdk.__all__] == []


@pytest.mark.parametrize(("asynchronous", "synchronous"), PAIRS)
def test_twins_have_equal_signatures_and_docstrings(asynchronous: str, synchronous: str) -> None:
    first, second = getattr(novita_sdk, asynchronous), getattr(novita_sdk, synchronous)
    if first.__module__.startswith("novita_sdk._async"):
        assert colour_differences(first, second) == []
    else:  # written by hand for each colour: blocking and suspending are told in different words
        assert {_plain(name): _plain(row[0]) for name, row in surface(first).items()} == {
            name: row[0] for name, row in surface(second).items()
        }


# The tool


def package(tmp_path: Path, **modules: str) -> Path:
    for name, code in modules.items():
        path = tmp_path / "novita_sdk" / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(code)
    return tmp_path


def test_names_are_read_without_running_the_module(tmp_path: Path) -> None:
    root = package(tmp_path, errors="raise SystemExit\n__all__ = ['A', 'B']\n")
    assert exports.read_all(root, "novita_sdk.errors") == ("A", "B")


@pytest.mark.parametrize("code", ["", "__all__ = [*other.__all__]", "def __all__(): ..."])
def test_a_module_without_a_plain_list_is_told(tmp_path: Path, code: str) -> None:
    with pytest.raises(exports.UnreadableModuleError, match=r"novita_sdk\.errors"):
        exports.read_all(package(tmp_path, errors=code), "novita_sdk.errors")


def test_a_name_that_its_home_does_not_define_is_told(tmp_path: Path) -> None:
    root = package(tmp_path, hooks="class Hooks: ...\nLEVEL = 1\ndef hook(): ...\n")
    assert exports.expect_names(root, "novita_sdk.hooks", ("Hooks", "LEVEL", "hook"))
    with pytest.raises(exports.UnreadableModuleError, match="does not define Hook"):
        exports.expect_names(root, "novita_sdk.hooks", ("Hooked",))


def test_a_name_with_two_homes_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = package(tmp_path, errors="__all__ = ['A']", models="__all__ = ['A', 'B']")
    monkeypatch.setattr(exports, "SOURCES", (("novita_sdk.errors", None), ("novita_sdk.models", None)))
    found, problems = exports.homes(root)
    assert found == {"A": "novita_sdk.models", "B": "novita_sdk.models"}
    assert problems == ["A: is public in novita_sdk.errors and in novita_sdk.models"]


def test_a_missing_module_and_an_old_table_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = package(tmp_path, errors="__all__ = ['A']", __init__="", stores='"""Stores."""\nfrom a import b')
    monkeypatch.setattr(exports, "SOURCES", (("novita_sdk.errors", None), ("novita_sdk.models", None)))
    monkeypatch.setattr(exports, "FACES", ("stores", "lifecycle"))
    assert exports.check(root) == [
        "novita_sdk.models: is missing",
        "novita_sdk.lifecycle: is missing",
        "novita_sdk/__init__.py: is not current, run tools/exports.py",
        "novita_sdk/stores.py: is not current, run tools/exports.py",
    ]


def test_a_face_keeps_its_docstring_and_names(tmp_path: Path) -> None:
    root = package(tmp_path, stores='"""Stores.\n\nAll.\n"""\nfrom a.c import D, E\nfrom a import b')
    docstring, found = exports.read_face(root, "stores")
    assert (docstring, found) == ("Stores.\n\nAll.\n", {"b": "a", "D": "a.c", "E": "a.c"})
    exports.face_path(root, "stores").write_text(exports.render(docstring, found))
    assert exports.read_face(root, "stores") == (docstring, found)


@pytest.mark.parametrize(
    "code", ["from a import b", '"""Stores."""\nimport a', '"""S."""\nfrom a import b as c']
)
def test_a_face_that_cannot_be_read_is_told(tmp_path: Path, code: str) -> None:
    with pytest.raises(exports.UnreadableModuleError, match=r"novita_sdk\.stores"):
        exports.read_face(package(tmp_path, stores=code), "stores")


# The proofs themselves


class AsyncSample:
    """An AsyncSample."""

    async def get(self, key: str) -> AsyncSample:
        """Get it."""
        raise NotImplementedError


def test_equal_twins_have_no_differences() -> None:
    class Sample:
        """An Sample."""

        def get(self, key: str) -> Sample:
            """Get it."""
            raise NotImplementedError

    assert colour_differences(AsyncSample, Sample) == []


@pytest.mark.parametrize(
    "member",
    [
        'def get(self, key: int) -> Sample:\n  "Get it."',
        'def get(self, key: str) -> Sample:\n  "Get that."',
        'def get(self, key: str) -> Sample:\n  "Get it."\n def more(self) -> None: ...',
        'def get(self, key: str) -> Sample:\n  "Get it."\n other = 1',
    ],
)
def test_a_difference_between_twins_is_seen(member: str) -> None:
    code = f'from __future__ import annotations\nclass Sample:\n "An Sample."\n {member}\n'
    names: dict[str, type] = {}
    exec(code, names)  # noqa: S102 - the sample is built from text
    assert len(colour_differences(AsyncSample, names["Sample"])) == 1
