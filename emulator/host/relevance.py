"""Which files and directories ask for a reload when they change, by name alone.

The Worker's source, what it renders, its config and its secrets do; environments, caches and the
emulator's own state do not. Files that the running Worker is known to be made of matter whatever
their name is: that is `watcher`'s concern.
"""

from __future__ import annotations

from typing import Final

IGNORED_DIRECTORIES: Final = frozenset(
    {
        ".git", ".hg", ".svn", ".pyworkers", ".wrangler", ".idea", ".vscode", "__pycache__",
        "node_modules", "python_modules", ".tox", ".nox", ".mypy_cache", ".pytest_cache",
        ".ruff_cache", ".hypothesis", "dist", "build",
    }
)  # fmt: skip
ENVIRONMENT_MARK: Final = "pyvenv.cfg"
"""A directory with this file is a virtual environment, whatever its name is."""
_IGNORED_PREFIXES: Final = (".venv", "venv")
_SOURCE_SUFFIXES: Final = (".py", ".html", ".sql", ".jinja", ".jinja2", ".j2", ".wasm")
_CONFIG_NAMES: Final = frozenset(
    {"wrangler.toml", "wrangler.json", "wrangler.jsonc", "pyproject.toml"}
)
_CONFIG_PREFIXES: Final = (".dev.vars", ".env")


def is_relevant(name: str) -> bool:
    """Whether a file of this name asks for a reload."""
    if name.startswith((".#", "#")) or name.endswith("~"):  # editors' own files
        return False
    return (
        name.endswith(_SOURCE_SUFFIXES)
        or name in _CONFIG_NAMES
        or name.startswith(_CONFIG_PREFIXES)
    )


def is_ignored_directory(name: str) -> bool:
    """Whether nothing below a directory of this name is worth looking for."""
    return name in IGNORED_DIRECTORIES or name.startswith(_IGNORED_PREFIXES)
