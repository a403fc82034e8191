"""`compatibility_date` and `compatibility_flags`: checked and resolved.

Never fails for lack of a newer release: without a date the newest known one is used, and a date
that is newer than that, but not in the future, falls back to it, as Miniflare does.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

from emulator import compat
from emulator.config import checks
from emulator.config.diagnostics import Diagnostics
from emulator.config.node import Node, json_text

_ISO_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def read_compatibility(
    root: Node, today: dt.date | None, diagnostics: Diagnostics
) -> compat.CompatibilityFlags:
    """The flags in effect. Without `today`, the newest known date counts as today."""
    date = _read_date(root, today, diagnostics)
    flags = checks.optional_string_array(root, "compatibility_flags", diagnostics) or ()
    if flags:
        _report_problems(root, date or compat.MAX_DATE, flags, diagnostics)
    resolved = compat.resolve(date or compat.MAX_DATE, flags)
    if not resolved.pyodide_emulated_exactly and resolved.enabled("python_workers"):
        diagnostics.warning(
            root.get("compatibility_date") or root,
            "Before 2025-09-29 Python Workers run on Pyodide 0.26 and Python 3.12, "
            "which pyworkers emulates with the semantics of Pyodide 0.28.",
            hint='use a later "compatibility_date"',
        )
    return resolved


def _read_date(root: Node, today: dt.date | None, diagnostics: Diagnostics) -> dt.date | None:
    node = root.get("compatibility_date")
    if node is None:
        diagnostics.warning(
            root.span,
            "No compatibility_date was specified. "
            f"Using the newest supported date: {compat.MAX_DATE}.",
            hint=f'add  compatibility_date = "{compat.MAX_DATE}"',
        )
        return None
    if not checks.has_type(node, "string", diagnostics):
        return None
    date = _parse_date(node, diagnostics)
    return None if date is None else _within_reach(node, date, today, diagnostics)


def _parse_date(node: Node, diagnostics: Diagnostics) -> dt.date | None:
    text = str(node.value)
    if "\N{EN DASH}" in text or "\N{EM DASH}" in text:
        diagnostics.error(
            node,
            f'"{node.path}" field should use ISO-8601 accepted hyphens (-) '
            "rather than en-dashes (–) or em-dashes (—).",
        )
        return None
    try:
        # `fromisoformat` also takes forms such as 20260101 and week dates.
        return dt.date.fromisoformat(text if _ISO_DATE.fullmatch(text) else "")
    except ValueError:
        diagnostics.error(
            node,
            f'"{node.path}" field should be a valid ISO-8601 date (YYYY-MM-DD), '
            f"but got {json_text(text)}.",
        )
        return None


def _within_reach(
    node: Node, date: dt.date, today: dt.date | None, diagnostics: Diagnostics
) -> dt.date | None:
    if date <= compat.MAX_DATE:
        return date
    if today is None or date > today:
        diagnostics.error(
            node,
            f'Compatibility date "{date}" is in the future and unsupported',
            hint=f'the newest supported date is "{compat.MAX_DATE}"',
        )
        return None
    diagnostics.warning(
        node,
        f'The latest compatibility date supported by pyworkers is "{compat.MAX_DATE}",\n'
        f'but you\'ve requested "{date}". Falling back to "{compat.MAX_DATE}"...',
        hint="a newer pyworkers may know the features which that date enables",
    )
    return compat.MAX_DATE


def _report_problems(
    root: Node, date: dt.date, flags: tuple[str, ...], diagnostics: Diagnostics
) -> None:
    section = root["compatibility_flags"]
    places = {item.value: item for item in section.items}
    # A flag which the date implies is refused by workerd, unless the date was not the
    # developer's choice: then the config is right, and a default must not make it fail.
    is_date_chosen = "compatibility_date" in root
    for problem in compat.check(date, flags):
        is_error = problem.kind != "redundant" or is_date_chosen
        report = diagnostics.error if is_error else diagnostics.warning
        report(places.get(problem.flag, section), problem.message, hint=problem.hint)
