"""Writes docs/durable-object-rules.md: `python -m tests.rules`."""

from __future__ import annotations

import sys

from .coverage import find_tests
from .table import DOCUMENT, problems, render


def main() -> int:
    """Writes the table; 1 if what it is made of is wrong."""
    tests = find_tests()
    for problem in (found := problems(tests)):
        print(problem)
    DOCUMENT.write_text(render(tests), encoding="utf-8")
    print(f"wrote {DOCUMENT}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
