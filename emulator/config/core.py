"""The keys that config itself understands, one function for each."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, cast

from emulator.config import checks, schema
from emulator.config.diagnostics import Diagnostics
from emulator.config.node import Node, json_text
from emulator.config.worker import BuildConfig, DevConfig, ModuleRule, Protocol, RouteConfig

_NAME: Final = re.compile(r"[a-z0-9_][a-z0-9-_]*")
_PROTOCOLS: Final = ("http", "https")
_ROUTE_SHAPE: Final = "shape { pattern, custom_domain, zone_id | zone_name }"
_DEFAULT_WATCH_DIR: Final = "./src"


def check_name(root: Node, diagnostics: Diagnostics) -> None:
    """Complain about a `name` that Cloudflare would not take."""
    node = root.get("name")
    if node is not None and not (isinstance(node.value, str) and _NAME.fullmatch(node.value)):
        checks.type_error(node, "string, alphanumeric and lowercase with dashes only", diagnostics)


def read_main(root: Node, directory: Path, diagnostics: Diagnostics) -> Path | None:
    """The entry point, which must be a Python module."""
    node = root.get("main")
    if node is None:
        if "assets" in root:
            message = "Workers that only have assets are not supported by pyworkers yet"
        else:
            message = "Missing entry-point to Worker script or to assets directory"
        diagnostics.error(root.span, message, hint='add  main = "src/entry.py"')
        return None
    if not checks.has_type(node, "string", diagnostics):
        return None
    main = str(node.value)
    if not main.endswith(".py"):
        diagnostics.error(
            node,
            f"The entry-point file at {json_text(main)} is not a Python module, "
            "and pyworkers runs Python Workers only.",
            hint='name a ".py" file',
        )
        return None
    if "\0" in main:
        diagnostics.error(node, f"The entry-point file at {json_text(main)} was not found.")
        return None
    return directory / main


def read_base_dir(root: Node, directory: Path, diagnostics: Diagnostics) -> Path | None:
    base_dir = checks.optional_string(root, "base_dir", diagnostics)
    return None if base_dir is None else directory / base_dir


def read_dev(root: Node, diagnostics: Diagnostics) -> DevConfig:
    """The `dev` table with its defaults."""
    section = checks.optional_object(root, "dev", diagnostics)
    if section is None:
        return DevConfig()
    checks.unexpected_fields(section, schema.KEYS_OF_DEV, diagnostics)
    checks.optional_boolean(section, "enable_containers", diagnostics)
    checks.optional_boolean(section, "generate_types", diagnostics)
    local = checks.optional_choice(section, "local_protocol", _PROTOCOLS, diagnostics) or "http"
    upstream = checks.optional_choice(section, "upstream_protocol", _PROTOCOLS, diagnostics)
    return DevConfig(
        ip=checks.optional_string(section, "ip", diagnostics) or DevConfig().ip,
        port=_read_port(section, "port", diagnostics),
        inspector_ip=checks.optional_string(section, "inspector_ip", diagnostics)
        or DevConfig().inspector_ip,
        inspector_port=_read_inspector_port(section, diagnostics),
        local_protocol=cast("Protocol", local),
        upstream_protocol=cast("Protocol", upstream or local),
        host=checks.optional_string(section, "host", diagnostics),
    )


def read_crons(root: Node, diagnostics: Diagnostics) -> tuple[str, ...]:
    """`triggers.crons`, as written."""
    section = checks.optional_object(root, "triggers", diagnostics)
    if section is None:
        return ()
    checks.unexpected_fields(section, ("crons", "events"), diagnostics)
    node = section.get("crons")
    if node is None:
        return ()
    if not node.is_array:
        shown = json_text(section.value)
        diagnostics.error(node, f'Expected "{node.path}" to be of type array, but got {shown}.')
        return ()
    return checks.optional_string_array(section, "crons", diagnostics) or ()


def read_routes(root: Node, diagnostics: Diagnostics) -> tuple[RouteConfig, ...]:
    """`route` or `routes`."""
    route, routes = root.get("route"), root.get("routes")
    if route is not None and routes is not None:
        diagnostics.error(
            route.name_span, 'Expected exactly one of the following fields ["routes","route"].'
        )
    if route is not None and route.value == "":
        diagnostics.warning(
            route, 'The "route" field in your configuration is an empty string and will be ignored.'
        )
        route = None
    if routes is not None and not routes.is_array:
        shown = json_text(routes.value)
        diagnostics.error(routes, f'Expected "routes" to be an array but got {shown}.')
        routes = None
    nodes = (*([route] if route else []), *(routes.items if routes else ()))
    found = [_read_route(node, diagnostics) for node in nodes]
    return tuple(each for each in found if each is not None)


def read_rules(root: Node, diagnostics: Diagnostics) -> tuple[ModuleRule, ...]:
    """`rules`: which further files are modules."""
    section = root.get("rules")
    if section is None:
        return ()
    if not section.is_array:
        checks.type_error(section, "array", diagnostics)
        return ()
    return tuple(
        _read_rule(item, diagnostics)
        for item in section.items
        if checks.has_type(item, "object", diagnostics)
    )


def read_build(root: Node, directory: Path, diagnostics: Diagnostics) -> BuildConfig:
    """The `build` table. `watch_dir` has a default only beside a command."""
    section = checks.optional_object(root, "build", diagnostics)
    if section is None:
        return BuildConfig()
    checks.unexpected_fields(section, schema.KEYS_OF_BUILD, diagnostics)
    command = checks.optional_string(section, "command", diagnostics)
    cwd = checks.optional_string(section, "cwd", diagnostics)
    watch = section.get("watch_dir")
    dirs: tuple[str, ...] = (_DEFAULT_WATCH_DIR,) if command is not None else ()
    if watch is not None and watch.is_array:
        dirs = checks.optional_string_array(section, "watch_dir", diagnostics) or ()
    elif watch is not None:
        watch_dir = checks.optional_string(section, "watch_dir", diagnostics)
        dirs = () if watch_dir is None else (watch_dir,)
    return BuildConfig(
        command=command,
        cwd=None if cwd is None else directory / cwd,
        watch_dirs=tuple(directory / each for each in dirs),
    )


def read_python_modules_exclude(root: Node, diagnostics: Diagnostics) -> tuple[str, ...] | None:
    """`python_modules.exclude`; None where the default holds."""
    section = checks.optional_object(root, "python_modules", diagnostics)
    if section is None:
        return None
    checks.unexpected_fields(section, ("exclude",), diagnostics)
    return checks.optional_string_array(section, "exclude", diagnostics)


def read_required_secrets(root: Node, diagnostics: Diagnostics) -> tuple[str, ...] | None:
    """`secrets.required`; None where secrets are not restricted."""
    section = checks.optional_object(root, "secrets", diagnostics)
    if section is None:
        return None
    checks.unexpected_fields(section, ("required",), diagnostics)
    return checks.optional_string_array(section, "required", diagnostics)


def check_ignored(root: Node, diagnostics: Diagnostics) -> None:
    """Check the shape of keys that have no effect here, as Wrangler would."""
    limits = checks.optional_object(root, "limits", diagnostics)
    if limits is not None:
        checks.unexpected_fields(limits, schema.KEYS_OF_LIMITS, diagnostics)
        checks.optional_number(limits, "cpu_ms", diagnostics)
        checks.optional_number(limits, "subrequests", diagnostics)
    _check_observability(root, diagnostics)
    for key in ("find_additional_modules", "preserve_file_names", "no_bundle", "workers_dev"):
        checks.optional_boolean(root, key, diagnostics)
    account_id = checks.optional_string(root, "account_id", diagnostics)
    if account_id == "":
        diagnostics.warning(
            root["account_id"],
            'The "account_id" field in your configuration is an empty string and will be ignored.',
        )


def _check_observability(root: Node, diagnostics: Diagnostics) -> None:
    section = checks.optional_object(root, "observability", diagnostics)
    if section is None:
        return
    checks.unexpected_fields(section, schema.KEYS_OF_OBSERVABILITY, diagnostics)
    _check_telemetry(section, diagnostics)
    for key, known in (
        ("logs", schema.KEYS_OF_OBSERVABILITY_LOGS),
        ("traces", schema.KEYS_OF_OBSERVABILITY_TRACES),
    ):
        part = checks.optional_object(section, key, diagnostics)
        if part is not None:
            checks.unexpected_fields(part, known, diagnostics)
            _check_telemetry(part, diagnostics)


def _check_telemetry(section: Node, diagnostics: Diagnostics) -> None:
    checks.optional_boolean(section, "enabled", diagnostics)
    checks.optional_boolean(section, "invocation_logs", diagnostics)
    rate = checks.optional_number(section, "head_sampling_rate", diagnostics)
    if rate is not None and not 0 <= rate <= 1:
        node = section["head_sampling_rate"]
        diagnostics.error(
            node, f'"{node.path}" must be a value between 0 and 1, but got {json_text(node.value)}.'
        )


def _read_port(section: Node, key: str, diagnostics: Diagnostics) -> int | None:
    number = checks.optional_number(section, key, diagnostics)
    if number is None:
        return None
    if isinstance(number, int) and 0 <= number <= 65535:
        return number
    diagnostics.error(section[key], f'Expected "{section[key].path}" to be a port from 0 to 65535.')
    return None


def _read_inspector_port(section: Node, diagnostics: Diagnostics) -> int | None:
    node = section.get("inspector_port")
    if node is None:
        return DevConfig().inspector_port
    if node.value is False:
        return None
    return _read_port(section, "inspector_port", diagnostics)


def _read_route(node: Node, diagnostics: Diagnostics) -> RouteConfig | None:
    if isinstance(node.value, str):
        return RouteConfig(node.value)
    pattern = node.get("pattern")
    if pattern is not None and isinstance(pattern.value, str):
        is_custom_domain = checks.optional_boolean(node, "custom_domain", diagnostics)
        return RouteConfig(pattern.value, is_custom_domain=bool(is_custom_domain))
    diagnostics.error(
        node,
        f'Expected "{node.path}" to be either a string, or an object with {_ROUTE_SHAPE}, '
        f"but got {json_text(node.value)}.",
    )
    return None


def _read_rule(item: Node, diagnostics: Diagnostics) -> ModuleRule:
    checks.unexpected_fields(item, ("type", "globs", "fallthrough"), diagnostics)
    for key in ("type", "globs"):
        if key not in item:
            checks.missing_field(item, key, diagnostics)
    return ModuleRule(
        type=str(checks.optional_choice(item, "type", schema.MODULE_TYPES, diagnostics) or ""),
        globs=checks.optional_string_array(item, "globs", diagnostics) or (),
        fallthrough=bool(checks.optional_boolean(item, "fallthrough", diagnostics)),
    )
