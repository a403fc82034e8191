"""What the readers of both formats have in common: their result and how they fail."""

from __future__ import annotations

from typing import Final, NamedTuple

from emulator.config.node import Node
from emulator.config.source import Span

DEPTH_MAX: Final = 64
"""Deeper documents are refused, so that reading them never exhausts Python's stack."""


class Document(NamedTuple):
    """A document that was read."""

    root: Node
    repeated_keys: tuple[tuple[str, Span], ...] = ()


class SyntaxProblem(Exception):
    """The text is no document of its format."""

    def __init__(self, message: str, span: Span) -> None:
        super().__init__(message)
        self.message = message
        self.span = span
