"""Errors and warnings about a config file, gathered instead of raised one by one.

A reader that finds a mistake adds a `Diagnostic` and goes on, so that the developer sees all of
them at once. `ConfigError` is raised only at the end, by `emulator.config.load`, and carries them.
Each diagnostic stands for itself: place, excerpt and hint are inside, the file is not needed again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from emulator import errors
from emulator.config.render import render
from emulator.config.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.config.node import Node

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing to say about a config file."""

    severity: Severity
    message: str
    path: str
    line: int
    col: int
    width: int
    """How many characters of `excerpt` are meant, from `col` on; at least 1."""
    excerpt: str
    hint: str = ""

    @property
    def location(self) -> str:
        """`path:line:col`, which editors and terminals turn into a link."""
        return f"{self.path}:{self.line}:{self.col}"


class Declaration(NamedTuple):
    """A parser read that `env.<name>` is to exist, at this place."""

    name: str
    span: Span


class Diagnostics:
    """Collects what there is to say about one source, and which binding names it declares.

    Saying the same thing about the same place twice counts once: a section that a named
    environment inherits may be read both for the top level and for the environment.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._found: dict[Diagnostic, None] = {}
        self._declarations: list[Declaration] = []

    def __repr__(self) -> str:
        return f"<Diagnostics errors={len(self.errors)} warnings={len(self.warnings)}>"

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(self.sorted())

    def error(self, where: Node | Span, message: str, *, hint: str = "") -> None:
        """The config cannot be used as it is."""
        self._add("error", where, message, hint)

    def warning(self, where: Node | Span, message: str, *, hint: str = "") -> None:
        """The config can be used, but probably does not do what was meant."""
        self._add("warning", where, message, hint)

    def declare(self, name: str, where: Node) -> None:
        """Note that a binding called `name` is declared at `where`.

        Parsers call this for every name they read, repeated ones too: it is how names that are
        used twice are found, and in which order the bindings stand in the file.
        """
        self._declarations.append(Declaration(name, where.span))

    def take_declarations(self) -> tuple[Declaration, ...]:
        """The declarations since the last call."""
        taken = tuple(self._declarations)
        self._declarations.clear()
        return taken

    def sorted(self) -> tuple[Diagnostic, ...]:
        """All of them in the order of the file."""
        return tuple(sorted(self._found, key=lambda found: (found.line, found.col)))

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        return tuple(found for found in self.sorted() if found.severity == "error")

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        return tuple(found for found in self.sorted() if found.severity == "warning")

    def _add(self, severity: Severity, where: Node | Span, message: str, hint: str) -> None:
        span = where if isinstance(where, Span) else where.span
        start = self._source.position(span.start)
        excerpt = self._source.line(start.line)
        # What goes on over the end of the line is a whole object or array: its start is enough.
        width = span.end - span.start
        width = width if start.col - 1 + width <= len(excerpt) else 1
        found = Diagnostic(
            severity=severity,
            message=message,
            path=str(self._source.path),
            line=start.line,
            col=start.col,
            width=max(width, 1),
            excerpt=excerpt,
            hint=hint,
        )
        self._found[found] = None


class ConfigError(errors.ConfigError):
    """A config file is wrong. `diagnostics` holds everything found, warnings included."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        first = next(found for found in diagnostics if found.severity == "error")
        super().__init__(first.message, hint=first.hint, location=first.location)
        self.diagnostics = diagnostics

    def __str__(self) -> str:
        return render(self.diagnostics)
