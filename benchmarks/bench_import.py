"""`import novita_sdk` against the start of a bare interpreter."""

from __future__ import annotations

import tempfile

from measure import interpreter, pairs, report

ROUNDS = 25


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as cache:
        ours, bare, ratio = pairs(
            lambda: interpreter("import novita_sdk", cache), lambda: interpreter("pass", cache), ROUNDS
        )
        other = interpreter("import httpx", cache)
    report("import, against a bare interpreter", f"{ours * 1e3:.1f} ms", f"{bare * 1e3:.1f} ms", ratio, 1.1)
    print(f"    for comparison: import httpx {other * 1e3:.0f} ms")


if __name__ == "__main__":
    main()
