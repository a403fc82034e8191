"""Takes the members of classes from `@cloudflare/workers-types`, as data to test against.

    npm install @cloudflare/workers-types
    python -m tests.js.surface.extract node_modules/@cloudflare/workers-types

Writes `workers-types.json` beside this file: the package's version, the names on the global object,
and for each class its members, own and inherited ones apart. Understands as much of TypeScript as
the package's generated declarations use.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DATA = Path(__file__).with_name("workers-types.json")

# Classes of objects that a Worker is handed, beside those that the global object names.
HANDED_OUT = """
AlarmInvocationInfo Cloudflare Comment Console Doctype DocumentEnd DurableObjectId
DurableObjectNamespace DurableObjectState DurableObjectStorage DurableObjectStub
DurableObjectTransaction Element EndTag ExecutionContext Fetcher Scheduler SqlStorage
SqlStorageCursor SyncKvStorage Text WebSocketRequestResponsePair
"""

_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_TYPE = re.compile(
    r"^(?:declare )?(?:abstract )?(?:class|interface) (?P<name>\w+)(?P<head>[^{]*)\{", re.MULTILINE
)
_VARIABLE = re.compile(r"^declare (?:var|const) (?P<name>\w+): \{", re.MULTILINE)
_GLOBAL = re.compile(r"^declare (?:function|const|var|class|abstract class) (\w+)", re.MULTILINE)
_MEMBER = re.compile(
    r"^(?P<modifiers>(?:(?:static|readonly|abstract|get|set|protected|private|async)\s+)*)"
    r"(?P<name>\w+|\"[^\"]+\"|\[Symbol\.\w+\])\??\s*[(<:]"
)
_SKIPPED = frozenset({"constructor", "new", "prototype"})


def main(package: Path) -> None:
    """Reads the package and writes the data."""
    version = json.loads((package / "package.json").read_text(encoding="utf-8"))["version"]
    source = _COMMENT.sub("", (package / "index.d.ts").read_text(encoding="utf-8"))
    types = _types(source)
    scope = types["ServiceWorkerGlobalScope"]["members"] + types["WorkerGlobalScope"]["members"]
    wanted = {*scope, *HANDED_OUT.split(), *_GLOBAL.findall(source)}
    named = {name: types[name] for name in sorted(wanted & types.keys()) if _is_ours(name)}
    data = {
        "package": "@cloudflare/workers-types",
        "version": version,
        "globals": sorted(name for name in {*scope, *_values(source)} if _is_ours(name)),
        "types": named,
    }
    DATA.write_text(_pretty(data), encoding="utf-8")


def _is_ours(name: str) -> bool:
    """Whether the name belongs to the runtime itself, not to a product that is bound to it."""
    return not re.match(
        r"Ai[A-Z]?|Base_?Ai|AgentMemory|AutoRAG|BrowserRun|D1|EmailEvent|Flagship|R2|ToMarkdown|"
        r"Vectorize|WebSearch|Workflow|Span|ColoLocal",
        name,
    )


def _values(source: str) -> Iterator[str]:
    """Names that are values: functions, constants, classes."""
    yield from (name for name in _GLOBAL.findall(source))


def _types(source: str) -> dict[str, dict[str, Any]]:
    types: dict[str, dict[str, Any]] = {}
    for match in _TYPE.finditer(source):
        extends = re.search(r"extends\s+(\w+)", match["head"])
        entry = _entry(types, match["name"])
        entry["extends"] = extends[1] if extends else entry["extends"]
        _add(entry, _body(source, match.end()), is_static=False)
    for match in _VARIABLE.finditer(source):
        _add(_entry(types, match["name"]), _body(source, match.end()), is_static=True)
    for entry in types.values():
        for key in ("members", "static"):
            entry[key] = sorted(set(entry[key]))
    return types


def _entry(types: dict[str, dict[str, Any]], name: str) -> dict[str, Any]:
    return types.setdefault(name, {"extends": None, "members": [], "static": []})


def _add(entry: dict[str, Any], body: str, *, is_static: bool) -> None:
    for statement in _statements(body):
        match = _MEMBER.match(statement)
        if match is None or match["name"] in _SKIPPED:
            continue
        modifiers = match["modifiers"].split()
        if {"private", "protected"} & set(modifiers):
            continue
        name = match["name"].strip('"[]')
        entry["static" if is_static or "static" in modifiers else "members"].append(name)


def _body(source: str, start: int) -> str:
    """The text up to the brace that closes what was opened just before."""
    depth = 1
    for position in range(start, len(source)):
        depth += {"{": 1, "}": -1}.get(source[position], 0)
        if not depth:
            return source[start:position]
    raise ValueError("a brace is not closed")


def _statements(body: str) -> Iterator[str]:
    """The members of a body, which end with semicolons."""
    depth = start = 0
    for position, character in enumerate(body):
        depth += {"{": 1, "(": 1, "[": 1, "}": -1, ")": -1, "]": -1}.get(character, 0)
        if character == ";" and not depth:
            yield body[start:position].strip()
            start = position + 1


def _pretty(data: dict[str, Any]) -> str:
    """JSON with one class per line, so that a new version reads well as a diff."""
    lines = [f' "{name}": {json.dumps(entry)}' for name, entry in data["types"].items()]
    head = {key: value for key, value in data.items() if key != "types"}
    parts = [f'"{key}": {json.dumps(value)}' for key, value in head.items()]
    body = ",\n".join(lines)
    return "{\n" + ",\n".join([*parts, f'"types": {{\n{body}\n}}']) + "\n}\n"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
