"""The `vars` table: plain values that guest code reads as `env.NAME`.

Any JSON value is allowed and keeps its type. TOML can write dates, which JSON has not, so they are
refused wherever in a value they stand. Source: workers-sdk, wrangler's config validation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from emulator.config.diagnostics import Diagnostics
from emulator.config.node import Node, json_text

TABLE: Final = "vars"
LABEL: Final = "Environment Variable"


def parse(section: Node | None, diagnostics: Diagnostics) -> Mapping[str, Any]:
    """JSON values by their name in `env`."""
    if section is None:
        return {}
    if not section.is_object:
        diagnostics.error(
            section,
            f'The field "{section.path}" should be an object but got {json_text(section.value)}.',
        )
        return {}
    values: dict[str, Any] = {}
    for name, node in section.fields.items():
        diagnostics.declare(name, node)
        dates = [each for each in node.walk() if each.is_date]
        for date in dates:
            diagnostics.error(
                date,
                f'The field "{date.path}" is a TOML date, which is not supported.',
                hint="put it in quotes, to get the text",
            )
        if not dates:
            values[name] = node.value
    return values
