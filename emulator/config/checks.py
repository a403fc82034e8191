"""The checks of single values that every part of the config needs, with Wrangler's texts.

Each reads one field of an object, says what is wrong with it, and returns the value or None; so a
parser reads on after a mistake. `require_*` also complains when the field is absent.
The `binding_*` family is for the items of binding tables, where Wrangler words things differently.
Source: workers-sdk, wrangler's config validation.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from emulator.config.diagnostics import Diagnostics
from emulator.config.node import Node, json_text

_TYPES: Final[dict[str, type | tuple[type, ...]]] = {
    "string": str,
    "boolean": bool,
    "number": (int, float),
    "object": dict,
}


def type_error(node: Node, expected: str, diagnostics: Diagnostics) -> None:
    """Say that a value has the wrong type."""
    hint = "put the date in quotes" if node.is_date and expected == "string" else ""
    message = f'Expected "{node.path}" to be of type {expected} but got {json_text(node.value)}.'
    diagnostics.error(node, message, hint=hint)


def has_type(node: Node, expected: str, diagnostics: Diagnostics) -> bool:
    """Whether the value is of a JSON type; complains if it is not."""
    # To Python a bool is a number, to JSON it is not.
    is_bool_as_number = expected == "number" and isinstance(node.value, bool)
    if isinstance(node.value, _TYPES[expected]) and not is_bool_as_number:
        return True
    type_error(node, expected, diagnostics)
    return False


def optional_string(parent: Node, key: str, diagnostics: Diagnostics) -> str | None:
    node = parent.get(key)
    if node is None or not has_type(node, "string", diagnostics):
        return None
    return str(node.value)


def require_string(parent: Node, key: str, diagnostics: Diagnostics) -> str | None:
    if key not in parent:
        missing_field(parent, key, diagnostics)
    return optional_string(parent, key, diagnostics)


def optional_boolean(parent: Node, key: str, diagnostics: Diagnostics) -> bool | None:
    node = parent.get(key)
    if node is None or not has_type(node, "boolean", diagnostics):
        return None
    return bool(node.value)


def optional_number(parent: Node, key: str, diagnostics: Diagnostics) -> float | None:
    node = parent.get(key)
    if node is None or not has_type(node, "number", diagnostics):
        return None
    assert isinstance(node.value, int | float)
    return node.value


def require_number(parent: Node, key: str, diagnostics: Diagnostics) -> float | None:
    if key not in parent:
        missing_field(parent, key, diagnostics)
    return optional_number(parent, key, diagnostics)


def optional_object(parent: Node, key: str, diagnostics: Diagnostics) -> Node | None:
    node = parent.get(key)
    return node if node is not None and has_type(node, "object", diagnostics) else None


def optional_string_array(
    parent: Node, key: str, diagnostics: Diagnostics
) -> tuple[str, ...] | None:
    node = parent.get(key)
    if node is None:
        return None
    if not node.is_array or not all(isinstance(item.value, str) for item in node.items):
        type_error(node, "string array", diagnostics)
        return None
    return tuple(node.value)


def optional_choice(
    parent: Node, key: str, choices: Sequence[str | int], diagnostics: Diagnostics
) -> str | int | None:
    node = parent.get(key)
    if node is None:
        return None
    for choice in choices:
        if node.value == choice and type(node.value) is type(choice):
            return choice
    diagnostics.error(
        node,
        f'Expected "{node.path}" field to be one of {json_text(list(choices))} '
        f"but got {json_text(node.value)}.",
    )
    return None


def missing_field(parent: Node, key: str, diagnostics: Diagnostics) -> None:
    """Say that a required field is absent."""
    diagnostics.error(parent, f'"{parent.child_path(key)}" is a required field.')


def unexpected_fields(
    node: Node, allowed: Collection[str], diagnostics: Diagnostics, *, name: str | None = None
) -> None:
    """Warn about every field that Wrangler does not know. Unknown fields never fail a config."""
    name = node.path if name is None else name
    for key, field in node.fields.items():
        if key not in allowed:
            message = f'Unexpected fields found in {name} field: "{key}"'
            diagnostics.warning(field.name_span, message, hint=_did_you_mean(key, allowed))


def binding_items(section: Node | None, diagnostics: Diagnostics) -> tuple[Node, ...]:
    """The objects of a binding table such as `kv_namespaces`; empty where there is none."""
    if section is None:
        return ()
    if not section.is_array:
        diagnostics.error(
            section,
            f'The field "{section.path}" should be an array but got {json_text(section.value)}.',
        )
        return ()
    for item in section.items:
        if not item.is_object:
            diagnostics.error(
                item, f'"{item.path}" bindings should be objects, but got {json_text(item.value)}'
            )
    return tuple(item for item in section.items if item.is_object)


def binding_name(item: Node, diagnostics: Diagnostics, *, key: str = "binding") -> str | None:
    """The name that guest code reads as `env.NAME`; declares it."""
    name = require_binding_string(item, key, diagnostics)
    if name is not None:
        diagnostics.declare(name, item[key])
    return name


def require_binding_string(item: Node, key: str, diagnostics: Diagnostics) -> str | None:
    value = item.value.get(key)
    if isinstance(value, str):
        return value
    diagnostics.error(
        item.get(key) or item,
        f'"{item.path}" bindings should have a string "{key}" field '
        f"but got {json_text(item.value)}.",
        hint=f'give it  {key} = "..."' if key not in item else "",
    )
    return None


def optional_binding_string(item: Node, key: str, diagnostics: Diagnostics) -> str | None:
    node = item.get(key)
    if node is None or isinstance(node.value, str):
        return None if node is None else str(node.value)
    diagnostics.error(
        node,
        f'"{item.path}" bindings should, optionally, have a string "{key}" field '
        f"but got {json_text(item.value)}.",
    )
    return None


def _did_you_mean(key: str, allowed: Collection[str]) -> str:
    # Imported only when something is wrong: the matcher is no part of a normal start.
    from difflib import get_close_matches  # noqa: PLC0415

    close = get_close_matches(key, sorted(allowed), n=1, cutoff=0.75)
    return f'did you mean "{close[0]}"?' if close else ""
