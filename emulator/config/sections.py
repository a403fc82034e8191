"""The tables that make `env`: handed to the binding parsers, and brought together again.

Knows no binding. What is common to all is done here: a table without a parser is named in a
warning, a name that two bindings claim is an error, and the result has the order of the file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from emulator.config import schema
from emulator.config.diagnostics import Declaration, Diagnostics
from emulator.config.node import Node, json_text
from emulator.config.registry import Binding, BindingParser, CrossCheckingParser
from emulator.config.source import Span
from emulator.config.worker import WorkerConfig

_UNIQUE: Final = (
    "Bindings must have unique names, so that they can all be referenced in the worker.\n"
    "Please change your bindings to have unique names."
)


def read_bindings(
    root: Node, registry: Sequence[BindingParser], diagnostics: Diagnostics
) -> Mapping[str, Binding]:
    """Every binding of a config by its name in `env`."""
    diagnostics.take_declarations()
    found: list[tuple[Span, str, Binding]] = []
    declared: dict[str, list[tuple[BindingParser, Declaration]]] = {}
    for parser in registry:
        section = _find(root, parser.table, diagnostics)
        configs = parser.parse(section, diagnostics)
        declarations = diagnostics.take_declarations()
        spans = {declaration.name: declaration.span for declaration in declarations}
        for declaration in declarations:
            declared.setdefault(declaration.name, []).append((parser, declaration))
        for name, config in configs.items():
            span = spans.get(name, section.span if section is not None else root.span)
            found.append((span, name, Binding(parser, config)))
    for name, claims in declared.items():
        _refuse_repeated(name, claims, diagnostics)
    found.sort(key=lambda entry: entry[0])
    return MappingProxyType({name: binding for _, name, binding in found})


def check_across(
    worker: WorkerConfig, registry: Sequence[BindingParser], diagnostics: Diagnostics
) -> None:
    """Let the parsers look at the config as a whole."""
    for parser in registry:
        if isinstance(parser, CrossCheckingParser):
            section = _find(worker.raw, parser.table, diagnostics)
            parser.check(worker, section, diagnostics)


def warn_of_unsupported(
    root: Node, registry: Sequence[BindingParser], diagnostics: Diagnostics
) -> None:
    """Name every table that Wrangler would act on and nothing here does."""
    handled = {parser.table for parser in registry}
    parents = {table.partition(".")[0] for table in handled if "." in table}
    for key, field in root.fields.items():
        if key in parents:
            names = [(f"{key}.{child}", field[child]) for child in field.fields]
        else:
            names = [(key, field)] if key in schema.UNSUPPORTED else []
        for name, node in names:
            if key == "unsafe":
                message = '"unsafe" fields are experimental and may change or break at any time.'
                diagnostics.warning(node.name_span, message)
            if name not in handled and node.value not in ([], {}):
                message = f'"{name}" is not supported by pyworkers yet'
                diagnostics.warning(node.name_span, message)


def _find(root: Node, table: str, diagnostics: Diagnostics) -> Node | None:
    node: Node | None = root
    for key in table.split("."):
        if node is None:
            return None
        if not node.is_object:
            diagnostics.error(
                node,
                f'The field "{node.path}" should be an object but got {json_text(node.value)}.',
            )
            return None
        node = node.get(key)
    return node


def _refuse_repeated(
    name: str, claims: list[tuple[BindingParser, Declaration]], diagnostics: Diagnostics
) -> None:
    if len(claims) < 2:
        return
    counts: dict[str, int] = {}
    for parser, _ in claims:
        counts[parser.label] = counts.get(parser.label, 0) + 1
    where = max(declaration.span for _, declaration in claims)
    if len(counts) > 1:
        message = f"{name} assigned to {_enumerate(list(counts))} bindings."
        diagnostics.error(where, f"{message}\n{_UNIQUE}")
    for label, count in counts.items():
        if count > 1:
            message = f"{name} assigned to multiple {label} bindings."
            diagnostics.error(where, f"{message}\n{_UNIQUE}")


def _enumerate(labels: list[str]) -> str:
    if len(labels) == 2:
        return " and ".join(labels)
    return f"{', '.join(labels[:-1])}, and {labels[-1]}"
