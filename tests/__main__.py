"""All checks of the project: `python -m tests`. Arguments after `--` go to pytest.

Runs format, lint, types and layers first, then the tests; stops at the first that fails.
`python -m tests --fast` leaves out the tests that start processes.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
STEPS = (
    ("format", ["ruff", "format", "--check", "--quiet", "."]),
    ("lint", ["ruff", "check", "--quiet", "."]),
    ("types", ["mypy"]),
)


def main(arguments: list[str]) -> int:
    """Runs the steps; the exit code of the first that fails."""
    fast = "--fast" in arguments
    rest = [argument for argument in arguments if argument not in ("--fast", "--")]
    tests = ["pytest", *(["-m", "not process and not crash"] if fast else []), *rest]
    for name, command in STEPS:
        code = _run(name, [sys.executable, "-m", *command])
        if code:
            return code
    layers = "from importlinter.cli import lint_imports_command as run; run()"
    code = _run("layers", [sys.executable, "-c", layers, "--no-cache"])
    return code or _run("tests", [sys.executable, "-m", *tests])


def _run(name: str, command: list[str]) -> int:
    print(f"-- {name}", flush=True)
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
