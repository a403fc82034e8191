"""TOML read into `Node`s.

`tomllib` decides what is valid and what the values are. It does not tell where they stand, so a
scanner walks over the text a second time and notes the span of every key and value. Because the
text is known to be valid by then, the scanner only has to find boundaries. Where it should fail to
find a value's span, the value inherits the span of what is around it: a diagnostic then points less
exactly, but never wrongly.
"""

from __future__ import annotations

import re
import tomllib
from types import MappingProxyType
from typing import Any, Final

from emulator.config.node import Node, Parts, display_path
from emulator.config.source import Source, Span
from emulator.config.syntax import DEPTH_MAX, Document, SyntaxProblem
from emulator.config.toml_scanner import Spans, scan

_PLACE: Final = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def parse_toml(source: Source) -> Document:
    """The document in `source`.

    Raises:
        SyntaxProblem: it is none.
    """
    try:
        value = tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        raise _problem(source, str(error)) from None
    except RecursionError:
        raise SyntaxProblem(_too_deep(), Span(0, 1)) from None
    except ValueError as error:
        # An integer with more digits than Python converts.
        raise _problem(source, str(error)) from None
    return Document(_node(value, (), Span(0, len(source.text)), scan(source.text)))


def _node(value: Any, parts: Parts, around: Span, spans: Spans) -> Node:
    if len(parts) > DEPTH_MAX:
        raise SyntaxProblem(_too_deep(), around)
    span = spans.values.get(parts, around)
    key_span = spans.keys.get(parts)
    path = display_path(parts)
    if isinstance(value, dict):
        fields = {key: _node(item, (*parts, key), span, spans) for key, item in value.items()}
        return Node(value, path, span, key_span, MappingProxyType(fields))
    if isinstance(value, list):
        items = tuple(_node(item, (*parts, at), span, spans) for at, item in enumerate(value))
        return Node(value, path, span, key_span, items=items)
    return Node(value, path, span, key_span)


def _problem(source: Source, text: str) -> SyntaxProblem:
    place = _PLACE.search(text)
    at = source.offset(int(place[1]), int(place[2])) if place and place[1] else len(source.text)
    message = text[: place.start()] if place else text
    return SyntaxProblem(f"Invalid TOML document: {message}", Span(at, at + 1))


def _too_deep() -> str:
    return f"Invalid TOML document: nested more than {DEPTH_MAX} levels deep"
