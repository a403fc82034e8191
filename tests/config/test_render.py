"""Diagnostics as the developer sees them: golden files, and what a terminal must never get.

Each `broken/<case>.toml|jsonc` has its rendering beside it as `<case>.txt`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.config import ConfigError, Diagnostic, parse_config, render
from tests.config.samples import DURABLE_OBJECTS, KV, QUEUES, TODAY, VARS

BROKEN = Path(__file__).parent / "broken"
CASES = sorted(path for path in BROKEN.iterdir() if path.suffix != ".txt")


def rendering(path: Path) -> str:
    env = path.stem.partition("@")[2] or None
    registry = (DURABLE_OBJECTS, VARS, KV, QUEUES)
    try:
        found = parse_config(
            path.read_bytes(), Path(path.name), env=env, registry=registry, today=TODAY
        ).warnings
    except ConfigError as error:
        found = error.diagnostics
    return render(found) + "\n"


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_a_broken_config_is_explained(path: Path) -> None:
    assert path.with_suffix(".txt").read_text(encoding="utf-8") == rendering(path)


def diagnostic(excerpt: str, col: int, width: int = 1, path: str = "wrangler.toml") -> Diagnostic:
    return Diagnostic("error", "message", path, 3, col, width, excerpt)


def test_a_long_line_is_cut_around_the_place_meant() -> None:
    _, excerpt, caret = render([diagnostic("x" * 500 + "HERE" + "y" * 500, 501, 4)]).split("\n")
    assert len(excerpt) < 120
    assert excerpt[caret.index("^") : caret.rindex("^") + 1] == "HERE"


def test_the_caret_stands_under_its_place_behind_tabs() -> None:
    _, excerpt, caret = render([diagnostic("\t\tkey = 1", 3, 3)]).split("\n")
    assert excerpt.endswith("│ \t\tkey = 1")
    assert caret.endswith("│ \t\t^^^")


def test_control_characters_of_the_file_do_not_reach_the_terminal() -> None:
    assert "\x1b" not in render([diagnostic("a = '\x1b[2J'", 1)])


def test_colors_are_only_used_when_asked_for() -> None:
    plain, colored = (render([diagnostic("a = 1", 1)], color) for color in (False, True))
    assert "\x1b[1;31merror\x1b[0m" in colored
    assert "\x1b" not in plain


def test_paths_can_be_shown_relative_to_a_directory() -> None:
    found = [diagnostic("a = 1", 1, path="/app/sub/wrangler.toml")]
    assert render(found, relative_to=Path("/app")).startswith("sub/wrangler.toml:3:1  error")
    assert render(found, relative_to=Path("/other")).startswith("/app/sub/wrangler.toml:3:1")
