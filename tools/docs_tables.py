"""Write the tables of the documentation from what the code knows.

    python tools/docs_tables.py            write them
    python tools/docs_tables.py --check    compare them; exit 1 if one is not current

A table stands in a page of docs/ between `<!-- table: NAME -->` and `<!-- end of table -->`; what it holds is
written by the function of that name in `TABLES`.
"""

from __future__ import annotations

import importlib
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import novita_sdk
from novita_sdk import errors
from novita_sdk._core import hints
from novita_sdk._core.operations import ALL, Operation, Safety
from novita_sdk._core.settings_table import SECRET_KINDS, TABLE, Row
from novita_sdk._sync.serverless.queue import Queue
from novita_sdk._sync.serverless.spec_shelf import ServerlessSpecs

ROOT = Path(__file__).resolve().parent.parent

LATER = frozenset(
    {
        "workers",
        *("redis_url", "redis_fallback", "redis_timeout", "redis_key_prefix"),
    }
)
"""Settings that are read and checked today, but belong to parts of the SDK that are still to come."""

PARTS: Mapping[str, type] = {
    "serverless_endpoints.queue": Queue,
    "serverless_endpoints.specs": ServerlessSpecs,
}
"""What is found under an attribute of a resource."""

MODULES = (
    "lifecycle",
    "middleware",
    "observation",
    "progress",
    "serverless",
    "stores",
    "testing",
    "testing.store_conformance",
    "transports",
    "webhooks",
)
"""The public modules beside `novita_sdk` itself that hold names of their own."""

REPEATED = ("errors", "models", "options")
"""The public modules whose names can all be imported from `novita_sdk`, too."""

_MARKED = re.compile(
    r"(?P<head><!-- table: (?P<name>[\w-]+) -->\n).*?(?P<tail><!-- end of table -->)", re.DOTALL
)


def resources() -> dict[str, type]:
    """Return the resource classes and their parts by the attribute of the client under which they are found."""
    exported = [getattr(novita_sdk, name) for name in novita_sdk.__all__]
    modules = {item.__module__: item for item in exported if inspect.isclass(item)}
    found = {
        module.rpartition(".")[2]: item
        for module, item in sorted(modules.items())
        if module.startswith("novita_sdk._sync.resources.")
    }
    return dict(sorted({**found, **PARTS}.items()))


def public_methods(cls: type) -> dict[str, Callable[..., object]]:
    """Return the public methods of a class by name: its own in the order of the source, then inherited ones."""
    found: dict[str, Callable[..., object]] = {}
    for base in cls.__mro__[:-1]:
        for name, member in vars(base).items():
            if not name.startswith("_") and callable(member):
                found.setdefault(name, member)
    return found


def methods_by_operation() -> dict[str, list[str]]:
    """Return the methods that speak of each operation, as in `client.<method>`."""
    found: dict[str, list[str]] = {name: [] for name in ALL}
    for attribute, cls in resources().items():
        for name, method in public_methods(cls).items():
            for operation in re.findall(r"Operation `(\w+)`", inspect.getdoc(method) or ""):
                found[operation].append(f"{attribute}.{name}")
    return found


def attribute_docs(cls: type) -> dict[str, str]:
    """Read the "Attributes:" section of a class docstring."""
    section = (inspect.getdoc(cls) or "").partition("\nAttributes:\n")[2].partition("\n\n")[0]
    joined = re.sub(r"\n {8,}", " ", section)
    return dict(re.findall(r"^ {4}(\w+): (.*)$", joined, re.MULTILINE))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Write a Markdown table."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


# ------------------------------------------------------------------------------------ settings


def settings_in_force() -> Iterator[str]:
    """Settings that change what a client does today."""
    return _settings(row for row in TABLE if row.field not in LATER)


def settings_for_later() -> Iterator[str]:
    """Settings of parts that are still to come."""
    return _settings(row for row in TABLE if row.field in LATER)


def _settings(rows: Iterable[Row]) -> Iterator[str]:
    meanings = attribute_docs(novita_sdk.Settings)
    head = ("setting", "environment variable", "default", "allowed", "meaning")
    return table(
        head,
        (
            (f"`{row.field}`", f"`{row.variable}`", _default(row), _allowed(row), meanings[row.field])
            for row in rows
        ),
    )


def _allowed(row: Row) -> str:
    return row.allowed().replace("[", "\\[")  # a bracket would begin a link


def _default(row: Row) -> str:
    if row.default is None:
        return "(needed)" if row.field == "api_key" else "none"
    if isinstance(row.default, bool):
        return str(row.default).lower()
    if isinstance(row.default, str):
        return f"`{row.default}`"
    return row.shown(row.default, "s") + (" s" if row.kind == "duration" else "")


def settings_of_the_older_service() -> Iterator[str]:
    """Un-prefixed names that are read on request."""
    return table(
        ("variable", "setting", "unit of a bare number"),
        (
            (f"`{fallback.name}`", f"`{row.field}`", fallback.unit or "-")
            for row in TABLE
            for fallback in row.fallbacks
        ),
    )


def secret_settings() -> Iterator[str]:
    """Settings whose values never show."""
    yield ", ".join(f"`{row.field}`" for row in TABLE if row.kind in SECRET_KINDS)


# ---------------------------------------------------------------------------------- operations


def operations() -> Iterator[str]:
    """Every operation, and what the SDK does with it."""
    methods = methods_by_operation()
    head = ("operation", "request", "method", "class", "if nobody knows what came of it", "cached for")
    return table(
        head,
        (
            (
                f"`{operation.name}`",
                f"{operation.method} `{operation.path}`" + _base(operation),
                "<br>".join(f"`{method}`" for method in methods[operation.name]),
                operation.safety.value + ("*" if operation.unsafe_key else ""),
                _afterwards(operation),
                "-" if operation.cache_ttl is None else f"{operation.cache_ttl:g} s",
            )
            for operation in ALL.values()
        ),
    )


def _base(operation: Operation) -> str:
    return "" if operation.base == "gpu" else f" ({operation.base})"


def _afterwards(operation: Operation) -> str:
    if operation.safety is Safety.READ:
        return "sent again"
    if operation.safety is Safety.IDEMPOTENT:
        reread = operation.reread
        done = "; not found = done" if operation.gone_is_done else ""
        look = "" if reread is None else f"after a look at `{reread.look.operation}`, "
        return f"{look}sent again{done}"
    settle = operation.settle
    if settle is None:
        return "`OutcomeUnknownError`"
    looks = " and ".join(f"`{look.operation}`" for look in settle.looks)
    sought = {
        "marker": "its mark is looked for",
        "state": "its effect is looked for",
        "diff": "one new id is looked for",
    }[settle.kind]
    return f"never again: {sought} in {looks} for {settle.window:g} s"


# ------------------------------------------------------------------------------- public names


def methods() -> Iterator[str]:
    """The resources and their methods."""
    client = [name for name in public_methods(novita_sdk.Novita) if name != "close"]
    properties = [name for name, member in vars(novita_sdk.Novita).items() if isinstance(member, property)]
    own = [f"`{name}`" for name in properties if not name.startswith("_") and name not in resources()]
    rows = [
        ("(the client)", "`Novita`", ", ".join([*own, *(f"`{name}()`" for name in client), "`close()`"])),
        *(
            (f"`{attribute}`", f"`{cls.__name__}`", ", ".join(f"`{name}()`" for name in public_methods(cls)))
            for attribute, cls in resources().items()
        ),
    ]
    return table(("attribute", "class", "methods"), rows)


def names() -> Iterator[str]:
    """Every name that can be imported from `novita_sdk`, by the module that it comes from."""
    rooms = {
        "clients": ("novita_sdk._sync.client", "novita_sdk._async.client"),
        "resources": ("novita_sdk._sync.resources", "novita_sdk._async.resources"),
        "errors": ("novita_sdk.errors", "novita_sdk._core.error_base"),
        "options": ("novita_sdk.options", "novita_sdk._core.settings"),
        "models": ("novita_sdk.models",),
    }
    placed: dict[str, list[str]] = {room: [] for room in (*rooms, "more")}
    for name in novita_sdk.__all__:
        module = getattr(getattr(novita_sdk, name), "__module__", "")
        fitting = [room for room, homes in rooms.items() if module.startswith(homes)]
        placed[fitting[0] if fitting else "more"].append(f"`{name}`")
    labels = {room: f"{room}, also in `novita_sdk.{room}`" for room in REPEATED}
    rows = ((labels.get(room, room), ", ".join(found)) for room, found in placed.items())
    return table(("what", "names"), rows)


def names_of_modules() -> Iterator[str]:
    """What the public modules beside `novita_sdk` itself hold."""
    modules = [importlib.import_module(f"novita_sdk.{name}") for name in MODULES]
    rows = ((f"`{module.__name__}`", ", ".join(f"`{name}`" for name in module.__all__)) for module in modules)
    return table(("module", "names"), rows)


# -------------------------------------------------------------------------------------- errors


def error_tree() -> Iterator[str]:
    """The exception tree as it stands at the top of `novita_sdk.errors`."""
    drawn = re.search(r"```\n(.*?)\n```", errors.__doc__ or "", re.DOTALL)
    yield "```text"
    yield drawn[1] if drawn else ""
    yield "```"


def error_codes() -> Iterator[str]:
    """Code, status and retryability of every class."""
    return table(
        ("class", "`code`", "`status_hint`", "`retryable`"),
        (
            (
                f"`{cls.__name__}`",
                f"`{cls.code}`",
                "-" if cls.status_hint is None else str(cls.status_hint),
                "yes" if cls.retryable else "no",
            )
            for cls in _error_classes()
        ),
    )


def _error_classes() -> list[type[errors.NovitaError]]:
    found = [getattr(errors, name) for name in errors.__all__]
    return [cls for cls in found if inspect.isclass(cls) and issubclass(cls, errors.NovitaError)]


def error_hints() -> Iterator[str]:
    """The advice that goes with each code, for the public family."""
    return table(("`code`", "`hint`"), ((f"`{code}`", text) for code, text in _hints()))


def _hints() -> Iterator[tuple[str, str]]:
    for row in hints._ROWS:  # noqa: SLF001 - the table itself is what is shown
        if row.operation is None:
            sample = row.code.replace("*", "INSTANCE")
            yield row.code, hints.hint_for(sample, None, "public") or ""


# --------------------------------------------------------------------------------------- pages

TABLES: Mapping[str, Callable[[], Iterator[str]]] = {
    "settings-in-force": settings_in_force,
    "settings-for-later": settings_for_later,
    "settings-of-the-older-service": settings_of_the_older_service,
    "secret-settings": secret_settings,
    "operations": operations,
    "methods": methods,
    "names": names,
    "names-of-modules": names_of_modules,
    "error-tree": error_tree,
    "error-codes": error_codes,
    "error-hints": error_hints,
}


def render(text: str) -> str:
    """Return a page with every table in it written anew.

    Raises:
        KeyError: There is no table of a name that the page asks for.
    """

    def written(place: re.Match[str]) -> str:
        return "\n".join([place["head"], *TABLES[place["name"]](), "", place["tail"]])

    return _MARKED.sub(written, text)


def pages(root: Path = ROOT) -> list[Path]:
    """Return the pages of the documentation."""
    return sorted((root / "docs").rglob("*.md"))


def check(root: Path = ROOT) -> list[str]:
    """List the pages whose tables are not current, and the tables that no page shows."""
    texts = {page: page.read_text(encoding="utf-8") for page in pages(root)}
    shown = {place["name"] for text in texts.values() for place in _MARKED.finditer(text)}
    problems = [
        f"{page.relative_to(root)}: is not current, run tools/docs_tables.py"
        for page, text in texts.items()
        if render(text) != text
    ]
    return problems + [f"no page shows the table {name}" for name in TABLES if name not in shown]


def main(arguments: Sequence[str]) -> int:
    """Run as a command."""
    if arguments and list(arguments) != ["--check"]:
        print(__doc__)
        return 2
    if not arguments:
        for page in pages():
            text = page.read_text(encoding="utf-8")
            if render(text) != text:
                page.write_text(render(text), encoding="utf-8")
    problems = check()
    print(*(problems or ["the tables of docs/ are current"]), sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
