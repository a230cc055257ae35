"""Write the lazy tables of public names: `novita_sdk/__init__.py`, and the faces of the parts beside it.

    python tools/exports.py            write the files
    python tools/exports.py --check    compare them with their sources; exit 1 if they differ

The names of the package come from the modules behind it: a new home of such names costs one line in `SOURCES`.
The names of a face are those that it imports for type checkers: a new one costs an import there.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

SOURCES: tuple[tuple[str, tuple[str, ...] | None], ...] = (
    # (module, its public names, or None for all of its `__all__`)
    ("novita_sdk._version", ("__version__",)),
    ("novita_sdk._sync.client", ("Novita",)),
    ("novita_sdk._async.client", ("AsyncNovita",)),
    ("novita_sdk._sync.resources", None),
    ("novita_sdk._async.resources", None),
    ("novita_sdk._sync.pager", ("Pager",)),
    ("novita_sdk._async.pager", ("AsyncPager",)),
    ("novita_sdk._core.page", ("Page",)),
    ("novita_sdk._core.hooks", ("Hooks",)),
    ("novita_sdk._core.log_format", ("JsonLogFormatter",)),
    ("novita_sdk._concurrency.clock", ("AsyncClock", "Clock")),
    ("novita_sdk.errors", None),
    ("novita_sdk.models", None),
    ("novita_sdk.options", None),
)

FACES = ("lifecycle", "middleware", "serverless", "stores", "testing", "transports", "webhooks")

DOCSTRING = """\
The Python SDK of the Novita.ai GPU cloud: rent, watch, protect and give back GPU instances.

Every public name can be imported from here and is loaded at its first use, so that importing the package
itself costs nothing. Written by tools/exports.py from the `__all__` of the modules named below.
"""

TEMPLATE = '''\
"""{docstring}"""

from __future__ import annotations

TYPE_CHECKING = False  # type checkers take this name for true; importing it would cost more than this package

if TYPE_CHECKING:
{imports}
else:
    _HOMES = {{
{homes}
    }}

    def __getattr__(name: str) -> object:
        """Load a public name at its first use."""
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module {{__name__!r}} has no attribute {{name!r}}")
        from importlib import import_module  # noqa: PLC0415  # costs more than this package

        value = globals()[name] = getattr(import_module(home), name)
        return value

    def __dir__() -> list[str]:
        """List the public names, loaded or not."""
        return sorted(globals().keys() | _HOMES.keys())


__all__ = [
{names}
]
'''


class UnreadableModuleError(Exception):
    """A module is missing, or does not say which names it has."""


def read_all(root: Path, module: str) -> tuple[str, ...]:
    """Read the `__all__` of `module` without importing it.

    Raises:
        UnreadableModuleError: There is no such module, or no `__all__` that is a literal.
    """
    for node in _parse(root, module).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            try:
                return tuple(ast.literal_eval(node.value))
            except ValueError:
                break
    raise UnreadableModuleError(f"{module}: has no __all__ that is a plain list of names")


def expect_names(root: Path, module: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return `names`, once each is found at the top of `module`.

    Raises:
        UnreadableModuleError: There is no such module, or it does not define one of the names.
    """
    defined: set[str] = set()
    for node in _parse(root, module).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            defined.add(node.name)
        elif isinstance(node, ast.Assign):
            defined |= {ast.unparse(target) for target in node.targets}
    for name in names:
        if name not in defined:
            raise UnreadableModuleError(f"{module}: does not define {name}")
    return names


def _parse(root: Path, module: str) -> ast.Module:
    stem = root / module.replace(".", "/")
    for path in (stem.with_suffix(".py"), stem / "__init__.py"):
        if path.is_file():
            return ast.parse(path.read_text(encoding="utf-8"))
    raise UnreadableModuleError(f"{module}: is missing")


def homes(root: Path = ROOT) -> tuple[dict[str, str], list[str]]:
    """Collect the public names.

    Returns:
        The module of each public name, and what kept a module from being read.
    """
    found: dict[str, str] = {}
    problems: list[str] = []
    for module, names in SOURCES:
        try:
            public = read_all(root, module) if names is None else expect_names(root, module, names)
        except UnreadableModuleError as problem:
            problems.append(str(problem))
            continue
        for name in public:
            if name in found:
                problems.append(f"{name}: is public in {found[name]} and in {module}")
            found[name] = module
    return found, problems


def face_path(root: Path, face: str) -> Path:
    """Return the file of a face, a module or a package."""
    module = root / "novita_sdk" / f"{face}.py"
    return module if module.is_file() else root / "novita_sdk" / face / "__init__.py"


def read_face(root: Path, face: str) -> tuple[str, dict[str, str]]:
    """Read what a face offers.

    Returns:
        Its docstring, and the module of each of its names.

    Raises:
        UnreadableModuleError: It is missing, has no docstring, or imports in another way than `from home import name`.
    """
    tree = _parse(root, f"novita_sdk.{face}")
    docstring = ast.get_docstring(tree, clean=False)
    if docstring is None:
        raise UnreadableModuleError(f"novita_sdk.{face}: has no docstring")
    found: dict[str, str] = {}
    for block in tree.body:
        is_lazy = isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for node in block.body if is_lazy and isinstance(block, ast.If) else [block]:
            if isinstance(node, ast.ImportFrom) and node.module == "__future__":
                continue
            if isinstance(node, ast.Import | ast.ImportFrom):
                if isinstance(node, ast.Import) or any(alias.asname for alias in node.names):
                    message = f"novita_sdk.{face}: `{ast.unparse(node)}` does not say `from home import name`"
                    raise UnreadableModuleError(message)
                found |= {alias.name: str(node.module) for alias in node.names}
    return docstring, found


def render(docstring: str, found: Mapping[str, str]) -> str:
    """Write a whole file for the given homes, formatted as ruff would."""
    imports: list[str] = []
    for module in sorted(set(found.values())):
        names = sorted((name for name in found if found[name] == module), key=_place_in_import)
        if len(names) == 1:
            imports.append(f"    from {module} import {names[0]}")
        else:
            imports += [f"    from {module} import (", *(f"        {name}," for name in names), "    )"]
    names = sorted(found, key=_place_in_all)
    return TEMPLATE.format(
        docstring=docstring,
        imports="\n".join(imports),
        homes="\n".join(f'        "{name}": "{found[name]}",' for name in names),
        names="\n".join(f'    "{name}",' for name in names),
    )


def _place_in_all(name: str) -> tuple[bool, bool, str]:
    """Sort as ruff does: constants, then classes, then the rest."""
    return (not name.isupper(), not name[0].isupper(), name)


def _place_in_import(name: str) -> tuple[bool, bool, str]:
    """Sort as ruff does: the same, but by letter only."""
    return (*_place_in_all(name)[:2], name.lower())


def pages(root: Path = ROOT) -> tuple[dict[Path, str], list[str]]:
    """Write all files, in memory.

    Returns:
        The text of each, and what kept a module from being read.
    """
    found, problems = homes(root)
    written = {root / "novita_sdk/__init__.py": render(DOCSTRING, found)}
    for face in FACES:
        try:
            written[face_path(root, face)] = render(*read_face(root, face))
        except UnreadableModuleError as problem:
            problems.append(str(problem))
    return written, problems


def check(root: Path = ROOT) -> list[str]:
    """List what is wrong with the files; nothing means they are current."""
    written, problems = pages(root)
    for path, text in written.items():
        if path.read_text(encoding="utf-8") != text:
            problems.append(f"{path.relative_to(root)}: is not current, run tools/exports.py")
    return problems


def main(arguments: Sequence[str]) -> int:
    """Run as a command."""
    if list(arguments) == ["--check"]:
        problems = check()
    elif arguments:
        print(__doc__)
        return 2
    else:
        written, problems = pages()
        for path, text in written.items():
            path.write_text(text, encoding="utf-8")
    print(*(problems or ["the lazy tables of public names are current"]), sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
