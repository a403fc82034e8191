"""Copies of lol-html's tokens: what handlers read, and a list of what they did.

A token of the engine lives on the native stack and must not be touched while a handler waits, nor
after it. So a handler gets a copy, and `apply` repeats on the original what was done to the copy.

Differs from lol-html, whose bindings cannot replace elements and comments: where two handlers
replace the same one, both replacements stay, and a later handler's `before` comes behind them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lolhtml import ContentType

from emulator.js.values import JsValue


@dataclass(slots=True)
class Content:
    """Something to insert: text, or a stream that `text` is read from before it is inserted."""

    text: str
    is_html: bool
    stream: JsValue = None

    def as_html(self) -> str:
        """The text as markup."""
        if self.is_html:
            return self.text
        return self.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@dataclass(slots=True)
class Token:
    """What all tokens have: the methods of the engine that were called, in order."""

    calls: list[tuple[str, Content | None]] = field(default_factory=list, kw_only=True)
    replacement: Content | None = field(default=None, kw_only=True)
    removed: bool = field(default=False, kw_only=True)

    def contents(self) -> list[Content]:
        """Everything that is to be inserted."""
        replacement = [] if self.replacement is None else [self.replacement]
        called = (content for _, content in self.calls if content is not None)
        return [*called, *replacement]

    def apply(self, native: Any) -> None:
        """Does to the engine's token what was done to this one."""
        for method, content in self.calls:
            call(native, method, content)


def call(native: Any, method: str, content: Content | None) -> None:
    """One call."""
    if content is None:
        getattr(native, method)()
        return
    kind = ContentType.HTML if content.is_html else ContentType.TEXT
    getattr(native, method)(content.text, kind)


@dataclass(slots=True)
class Element(Token):
    """An element's start tag."""

    tag_name: str
    namespace_uri: str
    attributes: list[tuple[str, str]]
    version: int = 0
    """Counts changes of attributes, so that iterators notice."""
    attribute_changes: list[tuple[str, str | None]] = field(default_factory=list)
    new_tag_name: str | None = None
    end_handler: JsValue = None

    def set_attribute(self, name: str, value: str) -> None:
        """Sets an attribute, at its place if there is one of that name."""
        self.version += 1
        self.attribute_changes.append((name, value))
        key = name.lower()
        names = [existing for existing, _ in self.attributes]
        if key in names:
            self.attributes[names.index(key)] = (key, value)
        else:
            self.attributes.append((key, value))

    def remove_attribute(self, name: str) -> None:
        """Removes an attribute, if there is one of that name."""
        self.version += 1
        self.attribute_changes.append((name, None))
        self.attributes = [pair for pair in self.attributes if pair[0] != name.lower()]

    def apply(self, native: Any) -> None:
        for name, value in self.attribute_changes:
            if value is None:
                native.remove_attribute(name)
            else:
                native.set_attribute(name, value)
        if self.new_tag_name is not None:
            native.tag_name = self.new_tag_name
        Token.apply(self, native)
        if self.replacement is not None:
            # The latest thing before an element is the nearest to where it was.
            call(native, "before", self.replacement)


@dataclass(slots=True)
class EndTag(Token):
    """An element's end tag. The engine's bindings have none; see `engine`."""

    name: str
    new_name: str | None = None

    def rewritten(self, source: bytes) -> bytes:
        """The markup that takes the end tag's place."""
        before = [content for method, content in self.calls if content and method == "before"]
        after = [content for method, content in self.calls if content and method == "after"]
        tag = source if self.new_name is None else f"</{self.new_name}>".encode()
        return b"".join(
            (
                *(content.as_html().encode() for content in before),
                b"" if self.removed else tag,
                *(content.as_html().encode() for content in reversed(after)),
            )
        )


@dataclass(slots=True)
class Text(Token):
    """A piece of text."""

    text: str
    last_in_text_node: bool


@dataclass(slots=True)
class Comment(Token):
    """A comment."""

    text: str
    new_text: str | None = None

    def apply(self, native: Any) -> None:
        if self.new_text is not None:
            native.text = self.new_text
        Token.apply(self, native)
        if self.replacement is not None:
            # The latest thing after a comment is the nearest to it.
            call(native, "after", self.replacement)


@dataclass(slots=True)
class Doctype(Token):
    """The document type."""

    name: str | None
    public_id: str | None
    system_id: str | None


@dataclass(slots=True)
class DocumentEnd(Token):
    """The end of the document."""
