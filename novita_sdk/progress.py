"""Ready-made `on_progress` functions: a line on standard error, log records, a tqdm bar, a line in a notebook."""

from __future__ import annotations

import importlib
import logging
import shutil
import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final, Protocol, TextIO, TypeAlias

from novita_sdk._core.log_records import log
from novita_sdk._core.waiting import Progress
from novita_sdk.errors import ConfigurationError, SettingProblem

__all__ = ["Progress", "log_records", "notebook_line", "stderr_line", "tqdm_bar"]

OnProgress: TypeAlias = Callable[[Progress], None]

_LOGGER: Final = logging.getLogger("novita_sdk.progress")
_CENTS: Final = Decimal("0.0001")  # of a dollar: what is shown of a cost

# kind of report -> level of its record
_LEVELS: Final = {
    "transition": logging.INFO,
    "stalled": logging.WARNING,
    "poll_failed": logging.WARNING,
    "probe": logging.DEBUG,
    "poll": logging.DEBUG,
}


class _Bar(Protocol):
    """The part of a tqdm bar that is used here."""

    n: float

    def set_description_str(self, desc: str) -> object: ...

    def refresh(self) -> object: ...


class _Handle(Protocol):
    """The part of a notebook's display handle that is used here."""

    def update(self, obj: object) -> object: ...


def line_of(progress: Progress) -> str:
    """Say in one line how a wait goes."""
    cost = progress.cost_so_far
    return str(progress) if cost is None else f"{progress}, {cost.usd.quantize(_CENTS)} USD so far"


def stderr_line(stream: TextIO | None = None) -> OnProgress:
    """Show how a wait goes on standard error: a line for each change, and on a terminal one below that is written over.

    Args:
        stream: Where to, instead.

    Returns:
        What to give as `on_progress`.

    Example:
        ```python
        client.gpu_instances.wait(instance_id, on_progress=stderr_line())
        ```
    """
    target = sys.stderr if stream is None else stream
    width = 0

    def show(progress: Progress) -> None:
        nonlocal width
        line = line_of(progress)
        if not target.isatty():
            target.write("" if progress.kind == "poll" else line + "\n")
        elif progress.kind == "transition" or (progress.kind == "probe" and progress.message is None):
            target.write("\r" + line.ljust(width) + "\n")
            width = 0
        else:
            line = line[
                : shutil.get_terminal_size().columns - 1
            ]  # a line that wraps could not be written over
            target.write("\r" + line.ljust(width))
            width = len(line)
        target.flush()

    return show


def log_records(logger: logging.Logger | None = None) -> OnProgress:
    """Write how a wait goes to a log: changes as INFO, what goes wrong as WARNING, the rest as DEBUG.

    Args:
        logger: Where to; left out: `novita_sdk.progress`.

    Returns:
        What to give as `on_progress`.
    """
    target = _LOGGER if logger is None else logger

    def write(progress: Progress) -> None:
        log(
            target,
            _LEVELS[progress.kind],
            "%(line)s",
            line=line_of(progress),
            resource_id=progress.resource_id,
            operation_id=progress.operation_id,
            kind=progress.kind,
            phase=progress.phase,
            status=progress.status,
            elapsed=progress.elapsed,
        )

    return write


def tqdm_bar(bar: _Bar | None = None) -> OnProgress:
    """Show how a wait goes as a bar of tqdm, which must be installed: seconds, with the status before them.

    Args:
        bar: A bar of your own; left out: a new one, made for terminal or notebook.

    Returns:
        What to give as `on_progress`.

    Raises:
        ConfigurationError: tqdm is not installed.
    """
    shown: _Bar = _imported("tqdm.auto", "tqdm").tqdm(unit="s") if bar is None else bar

    def show(progress: Progress) -> None:
        shown.n = round(progress.elapsed)
        shown.set_description_str(line_of(progress))
        shown.refresh()

    return show


def notebook_line() -> OnProgress:
    """Show how a wait goes in a line below the cell of a notebook, which needs IPython.

    Returns:
        What to give as `on_progress`.

    Raises:
        ConfigurationError: IPython is not installed.
    """
    handle: _Handle | None = None
    display = _imported("IPython.display", "ipython").display

    def show(progress: Progress) -> None:
        nonlocal handle
        line = _Line(line_of(progress))
        if handle is None:
            handle = display(line, display_id=True)
        else:
            handle.update(line)

    return show


class _Line:
    """A text that a notebook shows as it is, without quotes."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def _imported(module: str, package: str) -> Any:
    """Import what only one of the functions needs."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        problem = SettingProblem(package, "is not installed", f"`pip install {package}`")
        raise ConfigurationError(problems=(problem,)) from error
