"""What is declared and missing, and the page that says why: `docs/surface.md`.

    python -m tests.js.surface.compare          # writes the page anew

A class is found by the name that its constructor has. What is missing needs a reason in
`reasons.toml`; a reason for what is there is an error as well.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import emulator.js
import emulator.runtime
from emulator.js.errors import JsError
from emulator.js.globals import make_global
from emulator.js.object import JsObject
from emulator.js.unsupported import Unsupported

HERE = Path(__file__).parent
PAGE = HERE.parents[2] / "docs" / "surface.md"

# Classes whose constructors have another name at run time, in the real runtime as well.
_RUN_TIME_NAMES = {
    "Console": "console",
    "SqlStorageCursor": "Cursor",
    "SqlStorageStatement": "Statement",
}
# Properties of each instance, which no class shows.
_INSTANCE_MEMBERS = {"DOMException": {"message", "name", "stack", "cause"}}

_HEAD = """\
# What Cloudflare's types declare, and pyworkers does not have

Compared with `{package}` {version}, member by member: {there} of {declared} declared members of {types} classes are there.
This page is generated (`python -m tests.js.surface.compare`); a test fails when it is out of date.

| where | what | why |
|---|---|---|
"""


@dataclass(frozen=True, slots=True)
class Surface:
    """What was compared."""

    declared: int
    types: int
    missing: tuple[tuple[str, str], ...]
    """(class, member); the member is empty if the whole class is missing."""


def load_data() -> dict[str, Any]:
    """The declarations."""
    data: dict[str, Any] = json.loads((HERE / "workers-types.json").read_text(encoding="utf-8"))
    return data


def compare(data: dict[str, Any]) -> Surface:
    """Looks up everything that is declared."""
    classes = _classes()
    missing = [("globalThis", name) for name in _missing_globals(data["globals"])]
    declared = len(data["globals"])
    for name, entry in data["types"].items():
        wanted = {*_all_members(data["types"], name), *entry["static"]}
        declared += len(wanted)
        cls = classes.get(_RUN_TIME_NAMES.get(name, name))
        if cls is None:
            missing.append((name, ""))
            continue
        missing += [(name, member) for member in sorted(wanted - _members_of(cls, name))]
    return Surface(declared, len(data["types"]), tuple(missing))


def _missing_globals(names: list[str]) -> Iterator[str]:
    scope = make_global({})
    for name in names:
        if not scope.js_has(name) or isinstance(scope.js_get(name), Unsupported):
            yield name


def _all_members(types: dict[str, Any], name: str) -> Iterator[str]:
    entry = types.get(name)
    if entry is not None:
        yield from entry["members"]
        if entry["extends"] is not None:
            yield from _all_members(types, entry["extends"])


def _members_of(cls: type[JsObject], name: str) -> set[str]:
    keys = {*cls.js_members, *cls.js_statics}
    shown = {key if isinstance(key, str) else key.description for key in keys}
    if cls.js_iterable:
        shown.add("Symbol.iterator")
    if cls.js_async_iterable:
        shown.add("Symbol.asyncIterator")
    if issubclass(cls, JsError):
        shown |= _INSTANCE_MEMBERS["DOMException"]
    return shown


def _classes() -> dict[str, type[JsObject]]:
    for package in (emulator.js, emulator.runtime):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    found: dict[str, type[JsObject]] = {}
    queue: list[type[JsObject]] = [JsObject]
    while queue:
        cls = queue.pop()
        queue.extend(cls.__subclasses__())
        if "js_class_name" in vars(cls) and cls.__module__.startswith("emulator."):
            found.setdefault(cls.js_class_name, cls)
    return found


def load_reasons() -> dict[str, Any]:
    """Reasons by class: one text for all of it, or texts by member."""
    return tomllib.loads((HERE / "reasons.toml").read_text(encoding="utf-8"))


def reason_of(reasons: dict[str, Any], where: str, what: str) -> str:
    """Why something is missing; a KeyError if nobody has said."""
    entry = reasons[where]
    text: str = entry if isinstance(entry, str) else entry[what]
    return text


def page(data: dict[str, Any], surface: Surface, reasons: dict[str, Any]) -> str:
    """The text of the page."""
    groups: dict[tuple[str, str], list[str]] = {}
    for where, what in surface.missing:
        groups.setdefault((where, reason_of(reasons, where, what)), []).append(what)
    rows = [
        f"| `{where}` | {_names(names)} | {reason} |" for (where, reason), names in groups.items()
    ]
    count = sum(
        1 if what else len({*_all_members(data["types"], where)}) for where, what in surface.missing
    )
    head = _HEAD.format(
        package=data["package"],
        version=data["version"],
        there=surface.declared - count,
        declared=surface.declared,
        types=surface.types,
    )
    return head + "\n".join(rows) + "\n"


def _names(names: list[str]) -> str:
    return "all of it" if names == [""] else ", ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    declarations = load_data()
    PAGE.write_text(page(declarations, compare(declarations), load_reasons()), encoding="utf-8")
