"""Named environments: which tables are in effect under `--env`.

The result is again an object `Node`, so whoever reads it need not know that environments exist.
Inheritable keys come from the environment or else from the top level; the others are never
inherited, and what the environment seems to have forgotten is warned about.
Source: workers-sdk, wrangler's config validation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from emulator.config import checks, schema
from emulator.config.diagnostics import Diagnostics
from emulator.config.node import Node, json_text, overlay

_EXCLUSIVE: Final = {"route": "routes", "routes": "route", "migrations": "exports"}
_EXCLUSIVE["exports"] = "migrations"


def select_environment(
    root: Node, env: str | None, file_name: str, diagnostics: Diagnostics
) -> Node:
    """The tables in effect. Checks the keys of the top level and of that environment."""
    checks.unexpected_fields(root, schema.KEYS_OF_TOP_LEVEL, diagnostics, name="top-level")
    _refuse_removed_keys(root, diagnostics)
    environments = checks.optional_object(root, "env", diagnostics)
    if env is None:
        return root
    available = environments.fields if environments is not None else {}
    section = available.get(env)
    if section is None:
        _report_unknown(root, env, list(available), file_name, diagnostics)
        return root
    if not checks.has_type(section, "object", diagnostics):
        return root
    checks.unexpected_fields(section, schema.KEYS_OF_ENVIRONMENT, diagnostics, name=f"env.{env}")
    for key, name, where in _forgotten(root, section):
        diagnostics.warning(
            section,
            f'"{name}" exists at the top level, but not on "{where}".\n'
            "This is not what you probably want, "
            f'since "{key}" is not inherited by environments.\n'
            f'Please add "{name}" to "env.{env}".',
        )
    return _merge(root, section)


def worker_name(root: Node, env: str | None) -> str:
    """`<name>-<env>`, or the environment's own `name`; `worker` where there is none."""
    name = root.value.get("name")
    name = name if isinstance(name, str) else "worker"
    section = _section(root, env)
    if section is None:
        return name
    own = section.value.get("name")
    return own if isinstance(own, str) else f"{name}-{env}"


def _section(root: Node, env: str | None) -> Node | None:
    environments = root.get("env")
    section = environments.get(env) if environments is not None and env is not None else None
    return section if section is not None and section.is_object else None


def _merge(root: Node, section: Node) -> Node:
    inherited = {
        key: field
        for key, field in root.fields.items()
        if key in schema.TOP_LEVEL
        or (key in schema.INHERITABLE and _EXCLUSIVE.get(key) not in section)
    }
    return overlay(section, {**inherited, **section.fields})


def _forgotten(root: Node, section: Node) -> Iterator[tuple[str, str, str]]:
    """(table, what is missing, where it is missing) for what is not inherited."""
    for key in root.fields:
        if key not in schema.REPEATED:
            continue
        if key not in section:
            yield key, key, section.path
        elif key in ("vars", "define"):
            for name in root[key].fields:
                if name not in section[key]:
                    yield key, f"{key}.{name}", f"{section.path}.{key}"


def _report_unknown(
    root: Node, env: str, available: list[str], file_name: str, diagnostics: Diagnostics
) -> None:
    names = f"The available configured environment names are: {json_text(available)}\n"
    message = (
        f'No environment found in configuration with name "{env}".\n'
        f"Before using `--env={env}` there should be an equivalent environment section "
        "in the configuration.\n"
        f"{names if available else ''}\n"
        f"Consider adding an environment configuration section to the {file_name} file:\n"
        f"```\n[env.{env}]\n```"
    )
    where = root["env"].name_span if available else root.span
    report = diagnostics.error if available else diagnostics.warning
    report(where, message)


def _refuse_removed_keys(root: Node, diagnostics: Diagnostics) -> None:
    if (node := root.get("node_compat")) is not None and node.value:
        diagnostics.error(
            node.name_span,
            'The "node_compat" field is no longer supported.',
            hint='use the "nodejs_compat" compatibility flag',
        )
    if (node := root.get("legacy_env")) is not None and node.value is not True:
        diagnostics.error(
            node.name_span,
            'The "legacy_env" field is no longer supported: '
            "an environment is always a Worker of its own.",
            hint='remove "legacy_env"',
        )
