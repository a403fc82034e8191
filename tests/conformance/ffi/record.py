"""Record what the real Pyodide answers: `python -m tests.conformance.ffi.record [--only GROUP]`.

Runs the snippets in Pyodide under Node and writes `recorded/pyodide-<version>/<group>.json`. Ends with
status 1 if any snippet could not be recorded; the others are written.

The Pyodide packages are npm's. `--pyodide 314=FOLDER` says where one is; `PYWORKERS_PYODIDE_314` and
`PYWORKERS_PYODIDE_028` do too, else `node_modules/pyodide-314` and `node_modules/pyodide-028`
(`npm install pyodide-314@npm:pyodide@314 pyodide-028@npm:pyodide@0.28.2`).
Node must know JavaScript Promise Integration (24 or later); `--node` or `PYWORKERS_NODE` names it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from .snippet import HERE, VERSIONS, Snippet, all_snippets, recording_path

TIMEOUT_SECONDS = 300


def _folder(version: str, chosen: dict[str, str]) -> Path:
    short = version.replace(".", "")
    found = chosen.get(version) or os.environ.get(f"PYWORKERS_PYODIDE_{short}")
    return Path(found or f"node_modules/pyodide-{short}").absolute()


def _run(node: str, folder: Path, snippets: list[Snippet]) -> dict[str, Any]:
    """Runs all, in a new interpreter after each that one did not survive."""
    wanted = {f"{s.group}/{s.title}": s.source for s in snippets}
    result = _run_once(node, folder, wanted)
    while result["failures"].keys() | result["answers"].keys() != wanted.keys():
        rest = {key: source for key, source in wanted.items() if key not in _done(result)}
        more = _run_once(node, folder, rest)
        if not _done(more):
            raise SystemExit(f"{folder}: Pyodide does not go on after {list(_done(result))[-1]}")
        result["answers"] |= more["answers"]
        result["failures"] |= more["failures"]
    return result


def _done(result: dict[str, Any]) -> dict[str, Any]:
    return {**result["answers"], **result["failures"]}


def _run_once(node: str, folder: Path, wanted: dict[str, str]) -> dict[str, Any]:
    driver = (HERE / "transcript.py").read_text(encoding="utf-8")
    done = subprocess.run(
        [node, str(HERE / "record.mjs"), str(folder)],
        input=json.dumps({"driver": driver, "snippets": list(wanted.items())}),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    if not done.stdout:
        raise SystemExit(f"{folder}: Pyodide gave no answer\n{done.stderr[-2000:]}")
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def _write(version: str, group: str, snippets: list[Snippet], run: dict[str, Any]) -> None:
    kept = {}
    for snippet in snippets:
        answer = run["answers"].get(f"{group}/{snippet.title}")
        if answer is not None:
            kept[snippet.title] = {"source": snippet.digest, "lines": answer}
    path = recording_path(version, group)
    path.parent.mkdir(parents=True, exist_ok=True)
    facts = {key: run[key] for key in ("pyodide", "python", "node")}
    path.write_text(_pretty(facts, kept), encoding="utf-8")


def _pretty(facts: dict[str, str], kept: dict[str, dict[str, Any]]) -> str:
    """One statement and its outcome per line, so that a change reads well as a diff."""

    def text(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False)

    parts = [f" {text(key)}: {text(value)},\n" for key, value in facts.items()]
    snippets = []
    for title, entry in kept.items():
        lines = ",\n".join(f"    {text(line)}" for line in entry["lines"])
        source = text(entry["source"])
        snippets.append(f'  {text(title)}: {{"source": {source}, "lines": [\n{lines}\n  ]}}')
    return "{\n" + "".join(parts) + ' "snippets": {\n' + ",\n".join(snippets) + "\n }\n}\n"


def main() -> int:
    """Record all groups, or those asked for."""
    parser = argparse.ArgumentParser(description="Record what the real Pyodide answers.")
    parser.add_argument("--only", metavar="GROUP", action="append", help="only these groups")
    parser.add_argument("--pyodide", metavar="VERSION=FOLDER", action="append", default=[])
    parser.add_argument("--node", default=os.environ.get("PYWORKERS_NODE", "node"))
    options = parser.parse_args()
    chosen = dict(entry.split("=", 1) for entry in options.pyodide)
    complete = True
    for version in VERSIONS:
        snippets = [
            s
            for s in all_snippets()
            if s.only in (None, version) and (not options.only or s.group in options.only)
        ]
        run = _run(options.node, _folder(version, chosen), snippets)
        for group in dict.fromkeys(s.group for s in snippets):
            _write(version, group, [s for s in snippets if s.group == group], run)
        print(f"Pyodide {run['pyodide']}: {len(run['answers'])} of {len(snippets)} snippets")
        for key, failure in run["failures"].items():
            complete = False
            print(f"  {key}: {failure}")
    return 0 if complete else 1


if __name__ == "__main__":
    sys.exit(main())
