"""Generate the synchronous colour, `novita_sdk/_sync/` and `tests/sync/`, from its asynchronous source.

    python tools/unasync.py            write the generated trees
    python tools/unasync.py --check    compare them with their source; exit 1 and print what differs

A form that the tables do not know yet costs one line in `RULES` or `UNWRAPPED`. A rule that no source needs
fails the check, so that the tables stay a list of what is really in use.
"""

from __future__ import annotations

import difflib
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

TREES = (
    ("novita_sdk/_async", "novita_sdk/_sync"),
    ("tests/aio", "tests/sync"),
)

QUEUED = ("AsyncJob", "AsyncJobStatus", "AsyncJobError", "AsyncJobExpiredError", "AsyncJobNotFoundError")
"""Names that speak of the service's asynchronous jobs, in both colours."""

RULES: tuple[tuple[str, str], ...] = (
    # (regular expression, replacement), applied in this order to the whole text, docstrings included
    (r"\basync (?=def\b)", ""),
    (r"\basync (?=with\b)", ""),
    (r"\basync (?=for\b)", ""),
    (r"\bawait ", ""),
    (r"\bAsyncByteStream\b", "SyncByteStream"),  # httpx
    (r"\bhandle_async_request\b", "handle_request"),  # httpx
    (rf"(?<![A-Za-z0-9])(?!(?:{'|'.join(QUEUED)})\b)Async(?=[A-Z])", ""),
    (r"\b__a(?=(enter|exit)__)", "__"),
    (r"\b__a(?=(iter|next)__)", "__"),
    (r"\bStopAsyncIteration\b", "StopIteration"),
    (r"\baclose\b", "close"),
    (r"\baclosing\b", "closing"),  # contextlib
    (r"\baiter\(", "iter("),
    (r"\b_async\b", "_sync"),
    (r"\btests\.aio\b", "tests.sync"),
    (r"\b_concurrency\.aio\b", "_concurrency.threads"),
    (r"\b_concurrency\.aio_(?=[a-z])", "_concurrency.thread_"),
    (r"\b_concurrency\.asgi\b", "_concurrency.wsgi"),
    (r"\b(sleep|wait)_async\b", r"\1"),
    (r"\basync_(?=client\b)", ""),
    (r"(?m)  # noqa: ASYNC.*$", ""),
    (r"(?m)^pytestmark = pytest\.mark\.anyio\n", ""),
)

UNWRAPPED = ("Awaitable",)
"""Generic names of which the generated text keeps only what stands between the brackets."""

HEADER = "# Generated from "
"""How a generated file starts, and how a hand-written one must not."""

Rules = Sequence[tuple[str, str]]


def convert(
    text: str, rules: Rules = RULES, unwrapped: Sequence[str] = UNWRAPPED
) -> tuple[str, Counter[str]]:
    """Apply every rule to `text`.

    Returns:
        The converted text, and how often each rule was needed.
    """
    needed: Counter[str] = Counter()
    for name in unwrapped:
        text, needed[name] = _unwrap(text, name)
    for pattern, replacement in rules:
        text, needed[pattern] = re.subn(pattern, replacement, text)
    return text, needed


def _unwrap(text: str, name: str) -> tuple[str, int]:
    """Replace each `name[inner]` by `inner`, which may hold brackets itself."""
    opening = re.compile(rf"\b{name}\[")
    count = 0
    while match := opening.search(text):
        depth, end = 1, match.end()
        while depth:
            depth += {"[": 1, "]": -1}.get(text[end], 0)
            end += 1
        text = text[: match.start()] + text[match.end() : end - 1] + text[end:]
        count += 1
    return text, count


def generate(root: Path = ROOT) -> tuple[dict[str, str], list[str]]:
    """Convert all sources under `root`, without writing anything there.

    Returns:
        The text of each generated file by its path, and the rules that no source needed.
    """
    needed: Counter[str] = Counter()
    files: dict[str, str] = {}
    for source_folder, target_folder in TREES:
        for path in _python_files(root, source_folder):
            text, counts = convert((root / path).read_text(encoding="utf-8"), RULES, UNWRAPPED)
            needed.update(counts)
            files[target_folder + path.removeprefix(source_folder)] = (
                f"{HEADER}{path} by tools/unasync.py; edit the source.\n{text}"
            )
    return _tidy(files), [rule for rule in needed if not needed[rule]]


def _tidy(files: Mapping[str, str]) -> dict[str, str]:
    """Sort the imports, drop those which only the asynchronous form needed, and format, as ruff does it."""
    with tempfile.TemporaryDirectory() as folder:
        for path, text in files.items():
            target = Path(folder, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        ruff = (sys.executable, "-m", "ruff")
        settings = ("--no-cache", "--quiet", "--config", str(ROOT / "pyproject.toml"), ".")
        for command in (("check", "--fix-only", "--select", "I,F401"), ("format",)):
            subprocess.run((*ruff, *command, *settings), cwd=folder, check=True)
        return {path: Path(folder, path).read_text(encoding="utf-8") for path in files}


def _python_files(root: Path, folder: str) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in (root / folder).rglob("*.py"))


def _present(root: Path) -> dict[str, str]:
    paths = [path for _, target_folder in TREES for path in _python_files(root, target_folder)]
    return {path: (root / path).read_bytes().decode() for path in paths}


def differences(present: Mapping[str, str], generated: Mapping[str, str]) -> Iterator[str]:
    """Tell, file by file and in both directions, where the committed trees are not the generated ones."""
    for path in sorted(present.keys() | generated.keys()):
        if path not in generated:
            yield f"{path}: has no source"
        elif path not in present:
            yield f"{path}: is missing"
        elif present[path] != generated[path]:
            old, new = present[path].splitlines(), generated[path].splitlines()
            yield "\n".join((f"{path}: is not current", *difflib.unified_diff(old, new, lineterm="", n=0)))


def check(root: Path = ROOT) -> list[str]:
    """List everything that is wrong with the generated trees; nothing means they are current."""
    generated, unused = generate(root)
    return [
        *differences(_present(root), generated),
        *(f"tools/unasync.py: no source needs the rule {rule!r}, delete it" for rule in unused),
    ]


def write(root: Path = ROOT) -> list[str]:
    """Bring the generated trees in step with their source; list the files that changed."""
    generated, _ = generate(root)
    present = _present(root)
    changed = [path for path in present | generated if present.get(path) != generated.get(path)]
    for path in changed:
        target = root / path
        if path in generated:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(generated[path], encoding="utf-8")
        elif present[path].startswith(HEADER):
            target.unlink()
        else:
            raise SystemExit(f"{path}: is written by hand and has no place in a generated tree")
    return changed


def main(arguments: Sequence[str]) -> int:
    """Run as a command."""
    if list(arguments) == ["--check"]:
        problems = check()
        print(*(problems or ["generated files are current"]), sep="\n")
        return 1 if problems else 0
    if arguments:
        print(__doc__)
        return 2
    print(*(f"wrote {path}" for path in write()), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
