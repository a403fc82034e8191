"""lol-html with handlers that may wait.

Theory of operation: the engine calls handlers from within `write`, and they must be done when they
return. So `write` runs on a greenlet of its own. A handler of the engine copies the token, leaves
the greenlet with the copy, and when it is resumed does to the token what was done to the copy. The
guest's code never runs on that greenlet, and the engine's token is never touched outside of it: it
is on the native stack, which moves when greenlets switch.

End tags: the bindings do not tell of them. Whoever waits for one has a marker appended to the
element; it comes out of the engine just before the end tag, which is then caught in the output.
Elements are told apart by a handler for `*` that comes first.

Differs from workerd: of several unclosed elements that one end tag closes, only the last hears of
it; an element of SVG or MathML that closes itself takes a handler for an end tag, and never calls
it.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import SimpleNamespace
from typing import Any

import greenlet as greenlets
from greenlet import getcurrent, greenlet
from lolhtml import ContentType
from lolhtml import HTMLRewriter as NativeRewriter
from lolhtml import HTMLRewriterOptions as NativeOptions

from emulator.js.errors import type_error
from emulator.js.html.tokens import Comment, Doctype, DocumentEnd, Element, EndTag, Text, Token
from emulator.js.values import JsValue

PARSER_ERROR = "Parser error: {problem}"

# Quoted texts match as well, so that what is in them is left alone.
_ATTRIBUTE_NAME = re.compile(r""""[^"]*"|'[^']*'|\[\s*[\w:-]+""")


class _Command(Enum):
    """What the engine is told, beside the bytes that it is fed."""

    END = 1
    RESUME = 2
    DISCARD = 3


class _Discarded(Exception):
    """The document was given up while a handler ran."""


@dataclass(frozen=True, slots=True)
class Registration:
    """Handlers for a selector, or for the document if there is none."""

    selector: str | None
    handlers: JsValue
    """The guest's object: what `this` is for its functions."""
    functions: Mapping[str, JsValue]


@dataclass(frozen=True, slots=True)
class Event:
    """A handler is to be called with a token; then the engine goes on."""

    function: JsValue
    this: JsValue
    token: Token


@dataclass(slots=True)
class _OpenElement:
    """An element whose end may matter."""

    tag_name: str
    removed: bool = False
    end_handler: JsValue = None
    marker: bytes = b""


def checked_selector(selector: str) -> str:
    """The selector for the engine; throws what the engine says if it cannot use it."""
    # Names of attributes in HTML have no case, but this version of the engine minds it.
    lowered = _ATTRIBUTE_NAME.sub(lambda match: _lower_name(match[0]), selector)
    rewriter = NativeRewriter(lambda piece: None)
    try:
        rewriter.on(lowered, SimpleNamespace())
        rewriter.write(b"")
    except RuntimeError as error:
        raise type_error(PARSER_ERROR.format(problem=error)) from None
    return lowered


def _lower_name(part: str) -> str:
    return part.lower() if part.startswith("[") else part


class Engine:
    """One document on its way through lol-html.

    `write` and `end` return an Event when a handler must be called: then `resume` goes on, until
    one of the three returns None. Whoever forgets the Engine gives the document up: what runs on
    the greenlet is another object, which does not know this one.
    """

    def __init__(self, registrations: list[Registration], *, esi: bool) -> None:
        """`esi`: whether `<esi:include>` has no end tag."""
        self._worker = _Worker(registrations, esi=esi)

    def write(self, data: bytes) -> Event | None:
        """Feeds the next bytes."""
        return self._worker.go(data)

    def end(self) -> Event | None:
        """There are no more bytes."""
        return self._worker.go(_Command.END)

    def resume(self) -> Event | None:
        """The handler of the last Event is done."""
        return self._worker.go(_Command.RESUME)

    def discard(self) -> None:
        """Gives the document up; from here on nothing happens any more."""
        self._worker.discard()

    def take_output(self) -> bytes:
        """What has come out since the last time."""
        return self._worker.take_output()

    def __del__(self) -> None:
        # The collector may run on another thread, where no greenlet of this one can be ended.
        with contextlib.suppress(greenlets.error, AttributeError):
            self._worker.discard()


class _Worker:
    """The engine, its greenlet, and what comes out."""

    def __init__(self, registrations: list[Registration], *, esi: bool) -> None:
        self._output = bytearray()
        self._element = _OpenElement("")
        self._markers: dict[bytes, _OpenElement] = {}
        self._marker_count = 0
        # The element whose end tag is being caught, and what has come out of it so far.
        self._ending: _OpenElement | None = None
        self._end_tag = b""
        # Let go of when the document is over: it holds this object, where no collector sees it.
        self._native: NativeRewriter | None = NativeRewriter(
            self._receive, NativeOptions(enable_esi_tags=esi)
        )
        self._greenlet = greenlet(self._run)
        self._is_discarded = False
        self._gave_up = False
        self._register(registrations)

    def take_output(self) -> bytes:
        """What has come out since the last time."""
        output = bytes(self._output)
        self._output.clear()
        return output

    def discard(self) -> None:
        """Ends the greenlet, wherever it is."""
        if self._greenlet and not self._is_discarded:
            self.go(_Command.DISCARD)
        self._is_discarded = True
        self._native = None

    # -- greenlets ----------------------------------------------------------------------------

    def go(self, command: bytes | _Command) -> Event | None:
        """Lets the engine work until it has something to tell."""
        if self._is_discarded:
            return None
        self._greenlet.parent = getcurrent()
        outcome: Event | Exception | None = self._greenlet.switch(command)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def _leave(self, outcome: Event | Exception | None) -> bytes | _Command:
        """Switches to whoever called; returns what it comes back with. Exceptions do not cross."""
        parent = self._greenlet.parent
        assert parent is not None
        back: bytes | _Command = parent.switch(outcome)
        return back

    def _run(self, command: bytes | _Command) -> Exception | None:
        outcome = None
        try:
            while command is not _Command.DISCARD:
                outcome = self._feed(command)
                if command is _Command.END:
                    break
                command = self._leave(outcome)
        except _Discarded:
            outcome = None
        self._is_discarded = True
        self._native = None
        return outcome

    def _feed(self, command: bytes | _Command) -> Exception | None:
        native = self._native
        assert native is not None
        try:
            if isinstance(command, bytes):
                native.write(command)
            else:
                native.end()
        except RuntimeError as error:
            if self._gave_up:
                raise _Discarded from None
            return type_error(PARSER_ERROR.format(problem=error))
        return None

    def _call(self, function: JsValue, this: JsValue, token: Token) -> None:
        """Has a handler called, while the engine waits."""
        if self._leave(Event(function, this, token)) is _Command.DISCARD:
            # The engine makes an error of its own of any exception.
            self._gave_up = True
            raise _Discarded

    # -- handlers of the engine ---------------------------------------------------------------

    def _register(self, registrations: list[Registration]) -> None:
        native = self._native
        assert native is not None
        if any("element" in registration.functions for registration in registrations):
            native.on("*", SimpleNamespace(element=self._begin_element))
        for registration in registrations:
            functions = registration.functions
            natives = {name: self._native_handler(name, registration) for name in functions}
            handlers = SimpleNamespace(**natives)
            if registration.selector is None:
                native.on_document(handlers)
            else:
                native.on(registration.selector, handlers)

    def _native_handler(self, name: str, registration: Registration) -> Callable[[Any], None]:
        copy = _COPIES[name]
        function = registration.functions[name]

        def handle(native: Any) -> None:
            token = copy(native)
            self._call(function, registration.handlers, token)
            token.apply(native)
            if isinstance(token, Element):
                self._follow_element(native, token)

        return handle

    def _begin_element(self, native: Any) -> None:
        self._element = _OpenElement(native.tag_name)

    def _follow_element(self, native: Any, token: Element) -> None:
        element = self._element
        element.tag_name = token.tag_name
        element.removed = token.removed
        if token.end_handler is not None:
            element.end_handler = token.end_handler
        if element.end_handler is None:
            return
        changes_end = any(method in _AT_END for method, _ in token.calls)
        if token.end_handler is None and not changes_end:
            return
        # The marker is the last thing in the element; an earlier one no longer counts.
        self._marker_count += 1
        element.marker = f"\0end tag {self._marker_count}\0".encode()
        self._markers[element.marker] = element
        native.append(element.marker.decode(), ContentType.HTML)

    # -- output -------------------------------------------------------------------------------

    def _receive(self, piece: Any) -> None:
        data = bytes(piece)
        if self._ending is not None:
            self._end_tag += data
            if data.endswith(b">"):
                self._finish_element(self._ending)
            return
        element = self._markers.pop(data, None) if self._markers else None
        if element is None:
            self._output += data
        elif element.marker != data:
            return
        elif element.removed:
            self._finish_element(element)
        else:
            self._ending = element

    def _finish_element(self, element: _OpenElement) -> None:
        source, self._end_tag, self._ending = self._end_tag, b"", None
        name = source[2:-1].split(maxsplit=1)[0].decode().lower() if source else element.tag_name
        token = EndTag(name)
        self._call(element.end_handler, None, token)
        self._output += token.rewritten(source)


_AT_END: frozenset[str] = frozenset({"append", "set_inner_content"})


def _copy_element(native: Any) -> Element:
    return Element(
        native.tag_name, native.namespace_uri, list(native.attributes), removed=native.removed
    )


_COPIES: Mapping[str, Callable[[Any], Token]] = {
    "element": _copy_element,
    "text": lambda native: Text(native.text, native.last_in_text_node, removed=native.removed),
    "comments": lambda native: Comment(native.text, removed=native.removed),
    "doctype": lambda native: Doctype(native.name, native.public_id, native.system_id),
    "end": lambda native: DocumentEnd(),
}
