"""The `durable_objects` table: names in `env` for namespaces of Durable Object classes.

Says nothing about how a class stores its data: that is the `migrations` table's business, which
`check_migrations` compares with. Source: workers-sdk, wrangler's config validation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from emulator.config.checks import unexpected_fields
from emulator.config.node import json_text

if TYPE_CHECKING:
    from emulator.config.diagnostics import Diagnostics
    from emulator.config.node import Node
    from emulator.config.worker import WorkerConfig

TABLE: Final = "durable_objects"
LABEL: Final = "Durable Object"

_KEYS: Final = ("name", "class_name", "script_name", "environment", "remote")


@dataclass(frozen=True, slots=True)
class DurableObjectBinding:
    """One namespace binding. Without `script_name` the class is one of this Worker."""

    name: str
    class_name: str
    script_name: str | None = None
    environment: str | None = None


def parse(section: Node | None, diagnostics: Diagnostics) -> Mapping[str, DurableObjectBinding]:
    """Namespace bindings by their name in `env`."""
    items = _items(section, diagnostics)
    parsed = [_parse_item(item, diagnostics) for item in items]
    return {binding.name: binding for binding in parsed if binding is not None}


def check_migrations(worker: WorkerConfig, section: Node | None, diagnostics: Diagnostics) -> None:
    """Warn about classes of this Worker where the config has no `migrations` at all."""
    local = [
        binding.config.class_name
        for binding in worker.bindings.values()
        if isinstance(binding.config, DurableObjectBinding)
        and binding.config.script_name in (None, worker.name)
    ]
    if section is None or not local or worker.migrations.is_declared:
        return
    names = list(dict.fromkeys(local))
    file_name = worker.path.name
    diagnostics.warning(
        section.name_span,
        f"In your {file_name} file, you have configured `durable_objects` exported by this Worker "
        f"({', '.join(names)}), but no `migrations` for them. This may not work as expected until "
        f"you add a `migrations` section to your {file_name} file. Refer to "
        "https://developers.cloudflare.com/durable-objects/reference/durable-objects-migrations/"
        " for more details.",
        hint=_snippet(names, is_toml=worker.path.suffix == ".toml"),
    )


def _items(section: Node | None, diagnostics: Diagnostics) -> tuple[Node, ...]:
    if section is None:
        return ()
    if not section.is_object:
        shown = json_text(section.value)
        diagnostics.error(
            section, f'The field "{section.path}" should be an object but got {shown}.'
        )
        return ()
    unexpected_fields(section, ("bindings",), diagnostics)
    bindings = section.get("bindings")
    if bindings is None:
        diagnostics.error(
            section, f'The field "{section.path}" is missing the required "bindings" array.'
        )
        return ()
    if not bindings.is_array:
        shown = json_text(bindings.value)
        diagnostics.error(
            bindings, f'The field "{bindings.path}" should be an array but got {shown}.'
        )
    return bindings.items


def _parse_item(item: Node, diagnostics: Diagnostics) -> DurableObjectBinding | None:
    if not item.is_object:
        shown = json_text(item.value)
        diagnostics.error(item, f'Expected "{item.path}" to be an object but got {shown}')
        return None
    unexpected_fields(item, _KEYS, diagnostics)
    name = _required(item, "name", diagnostics)
    class_name = _required(item, "class_name", diagnostics)
    script_name = _optional(item, "script_name", diagnostics)
    environment = _optional(item, "environment", diagnostics)
    if name is not None:
        diagnostics.declare(name, item["name"])
    if "environment" in item and "script_name" not in item:
        diagnostics.error(
            item["environment"],
            'binding should have a "script_name" field if "environment" is present.',
            hint='the Worker that has this environment is meant: name it as "script_name"',
        )
    if "remote" in item and item["remote"].value:
        message = "Durable Object bindings do not support accessing remote resources."
        diagnostics.error(item["remote"], message)
    if name is None or class_name is None:
        return None
    return DurableObjectBinding(name, class_name, script_name, environment)


def _required(item: Node, key: str, diagnostics: Diagnostics) -> str | None:
    value = item.value.get(key)
    if isinstance(value, str):
        return value
    diagnostics.error(
        item.get(key) or item, f'binding should have a string "{key}" field.', hint=_HINTS[key]
    )
    return None


def _optional(item: Node, key: str, diagnostics: Diagnostics) -> str | None:
    node = item.get(key)
    if node is None or isinstance(node.value, str):
        return None if node is None else str(node.value)
    diagnostics.error(node, f'the field "{key}", when present, should be a string.')
    return None


_HINTS: Final = {
    "name": 'add  name = "COUNTER", the name your code reads as env.COUNTER',
    "class_name": 'add  class_name = "Counter", the class which your entry point exports',
}


def _snippet(names: list[str], *, is_toml: bool) -> str:
    classes = json_text(names)
    if is_toml:
        return f'add\n[[migrations]]\ntag = "v1"\nnew_sqlite_classes = {classes}'
    return f'add\n"migrations": [{{"tag": "v1", "new_sqlite_classes": {classes}}}]'
