"""What handlers are given: `Element`, `Text`, `Comment`, ...; valid only while the handler runs.

Guarantees: arguments are checked at the call, in lol-html's words, though the engine hears of it
only when the handler is done.
"""

from __future__ import annotations

from typing import Any, Self

from emulator.js.array import JsArray
from emulator.js.convert import get_option, to_boolean, to_string
from emulator.js.define import getter, method
from emulator.js.errors import JsThrow, error, type_error
from emulator.js.html import tokens
from emulator.js.object import JsIterator, JsObject
from emulator.js.response import Response
from emulator.js.streams import ReadableStream
from emulator.js.values import MISSING, JsValue, null
from emulator.js.webidl import function_argument, string_argument, wrong_parameter

NO_LONGER_VALID = (
    "This content token is no longer valid. Content tokens are only valid during the execution of "
    "the relevant content handler."
)
MODIFIED = (
    "The attributes of this element have been modified during iteration. You must create a new "
    "iterator after modifying attributes."
)
PARSER_ERROR = "Parser error: {problem}"
NO_END_TAG = "No end tag."
EMPTY_NAME = {
    "attribute": "Attribute name can't be empty.",
    "tag": "Tag name can't be empty.",
}
FORBIDDEN = "`{character}` character is forbidden in the {what} name"
FIRST_CHARACTER = "The first character of the tag name should be an ASCII alphabetical character."
COMMENT_END = "Comment text shouldn't contain a comment-closing sequence."
NO_STREAM = (
    "Replacing content in HTML comments using a ReadableStream or Response object is not "
    "implemented. You must provide a string."
)

_FORBIDDEN = {"attribute": " \n\r\t\f/>=", "tag": " \n\r\t\f/>"}
_VOID_ELEMENTS = frozenset(
    {"area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img", "input",
     "keygen", "link", "meta", "param", "source", "track", "wbr"}
)  # fmt: skip
_COMMENT_ENDS = ("-->", "--!>")


def parser_error(problem: str) -> JsThrow:
    """An error of the engine."""
    return type_error(PARSER_ERROR.format(problem=problem))


def checked_name(name: str, what: str) -> str:
    """A name of a tag or an attribute that can be written."""
    if not name:
        raise parser_error(EMPTY_NAME[what])
    if what == "tag" and not (name[0].isascii() and name[0].isalpha()):
        raise parser_error(FIRST_CHARACTER)
    for character in name:
        if character in _FORBIDDEN[what]:
            raise parser_error(FORBIDDEN.format(character=character, what=what))
    return name


class ContentToken(JsObject):
    """A handle of a token's copy, which it loses when the handler is done."""

    __slots__ = ("_token",)

    def __init__(self, token: Any) -> None:
        super().__init__()
        self._token = token

    def invalidate(self) -> None:
        """The handler is done."""
        self._token = None

    @property
    def _live(self) -> Any:
        if self._token is None:
            raise type_error(NO_LONGER_VALID)
        return self._token

    def _content(self, member: str, value: JsValue, options: JsValue) -> tokens.Content:
        if value is MISSING:
            expected = "string or JsReadableStream or Response"
            raise wrong_parameter(self.js_class_name, member, 1, expected)
        if options is not None and options is not null and not isinstance(options, JsObject):
            raise wrong_parameter(self.js_class_name, member, 2, "ContentOptions")
        is_html = to_boolean(get_option(options, "html"))
        if isinstance(value, Response | ReadableStream):
            return tokens.Content("", is_html, self._stream_of(value))
        return tokens.Content(to_string(value), is_html)

    def _stream_of(self, value: Response | ReadableStream) -> JsValue:
        return value if isinstance(value, ReadableStream) else value.body

    def _insert(self, member: str, engine_method: str, value: JsValue, options: JsValue) -> Self:
        content = self._content(member, value, options)
        self._live.calls.append((engine_method, content))
        return self

    def _remove(self, engine_method: str = "remove") -> Self:
        token = self._live
        token.calls.append((engine_method, None))
        token.removed = True
        return self


class _Removable(ContentToken):
    """What elements, texts and comments have in common."""

    __slots__ = ()

    @getter
    def removed(self) -> bool:
        return bool(self._live.removed)

    @method
    def before(self, content: JsValue = MISSING, options: JsValue = None) -> Self:
        return self._insert("before", "before", content, options)

    @method
    def after(self, content: JsValue = MISSING, options: JsValue = None) -> Self:
        return self._insert("after", "after", content, options)

    @method
    def replace(self, content: JsValue = MISSING, options: JsValue = None) -> Self:
        replacement = self._content("replace", content, options)
        self._live.replacement = replacement
        return self._remove()

    @method
    def remove(self) -> Self:
        return self._remove()


class Element(_Removable, name="Element", constructible=False):
    """An element."""

    __slots__ = ()

    @getter
    def tagName(self) -> str:
        return str(self._live.tag_name)

    @tagName.setter
    def tagName(self, value: JsValue) -> None:
        name = to_string(value)
        token = self._live
        token.tag_name = token.new_tag_name = checked_name(name, "tag")

    @getter
    def attributes(self) -> AttributesIterator:
        return AttributesIterator(self, self._live)

    @getter
    def namespaceURI(self) -> str:
        return str(self._live.namespace_uri)

    @method
    def getAttribute(self, name: JsValue = MISSING) -> JsValue:
        key = string_argument(name, "Element", "getAttribute").lower()
        return dict(self._live.attributes).get(key, null)

    @method
    def hasAttribute(self, name: JsValue = MISSING) -> bool:
        key = string_argument(name, "Element", "hasAttribute").lower()
        return key in dict(self._live.attributes)

    @method
    def setAttribute(self, name: JsValue = MISSING, value: JsValue = MISSING) -> Self:
        key = string_argument(name, "Element", "setAttribute")
        text = string_argument(value, "Element", "setAttribute", 2)
        token = self._live
        token.set_attribute(checked_name(key, "attribute"), text)
        return self

    @method
    def removeAttribute(self, name: JsValue = MISSING) -> Self:
        key = string_argument(name, "Element", "removeAttribute")
        self._live.remove_attribute(key)
        return self

    @method
    def prepend(self, content: JsValue = MISSING, options: JsValue = None) -> Self:
        return self._insert("prepend", "prepend", content, options)

    @method
    def append(self, content: JsValue = MISSING, options: JsValue = None) -> Self:
        return self._insert("append", "append", content, options)

    @method
    def setInnerContent(self, content: JsValue = MISSING, options: JsValue = None) -> Self:
        return self._insert("setInnerContent", "set_inner_content", content, options)

    @method
    def removeAndKeepContent(self) -> Self:
        return self._remove("remove_and_keep_content")

    @method
    def onEndTag(self, handler: JsValue = MISSING) -> None:
        function = function_argument(handler, "Element", "onEndTag")
        token = self._live
        if token.tag_name in _VOID_ELEMENTS:
            raise parser_error(NO_END_TAG)
        token.end_handler = function


class AttributesIterator(JsIterator, name="AttributesIterator", constructible=False):
    """Iterates over `[name, value]` of an element's attributes."""

    __slots__ = ()

    def __init__(self, element: Element, token: tokens.Element) -> None:
        super().__init__(_Attributes(element, token))


class _Attributes:
    """Goes through the attributes as long as they stay as they were."""

    def __init__(self, element: Element, token: tokens.Element) -> None:
        self._element = element
        self._version = token.version
        self._left = iter(token.attributes)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> JsValue:
        token = self._element._live
        if token.version != self._version:
            raise error(MODIFIED)
        return JsArray(list(next(self._left)))


class EndTag(ContentToken, name="EndTag", constructible=False):
    """An end tag."""

    __slots__ = ()

    @getter
    def name(self) -> str:
        return str(self._live.name)

    @name.setter
    def name(self, value: JsValue) -> None:
        name = to_string(value)
        token = self._live
        # Not checked, as in the real runtime.
        token.name = token.new_name = name

    @method
    def before(self, content: JsValue = MISSING, options: JsValue = None) -> Self:
        return self._insert("before", "before", content, options)

    @method
    def after(self, content: JsValue = MISSING, options: JsValue = None) -> Self:
        return self._insert("after", "after", content, options)

    @method
    def remove(self) -> Self:
        return self._remove()


class Text(_Removable, name="Text", constructible=False):
    """A piece of text."""

    __slots__ = ()

    @method
    def replace(self, content: JsValue = MISSING, options: JsValue = None) -> Self:
        result = self._insert("replace", "replace", content, options)
        self._live.removed = True
        return result

    @getter
    def text(self) -> str:
        return str(self._live.text)

    @getter
    def lastInTextNode(self) -> bool:
        return bool(self._live.last_in_text_node)


class Comment(_Removable, name="Comment", constructible=False):
    """A comment."""

    __slots__ = ()

    @getter
    def text(self) -> str:
        return str(self._live.text)

    @text.setter
    def text(self, value: JsValue) -> None:
        text = to_string(value)
        token = self._live
        if any(end in text for end in _COMMENT_ENDS):
            raise parser_error(COMMENT_END)
        token.text = token.new_text = text

    def _stream_of(self, value: Response | ReadableStream) -> JsValue:
        raise type_error(NO_STREAM)


class Doctype(ContentToken, name="Doctype", constructible=False):
    """The document type."""

    __slots__ = ()

    @getter
    def name(self) -> JsValue:
        return _or_null(self._live.name)

    @getter
    def publicId(self) -> JsValue:
        return _or_null(self._live.public_id)

    @getter
    def systemId(self) -> JsValue:
        return _or_null(self._live.system_id)


def _or_null(text: str | None) -> JsValue:
    return null if text is None else text


class DocumentEnd(ContentToken, name="DocumentEnd", constructible=False):
    """The end of the document."""

    __slots__ = ()

    @method
    def append(self, content: JsValue = MISSING, options: JsValue = None) -> Self:
        return self._insert("append", "append", content, options)

    def _stream_of(self, value: Response | ReadableStream) -> JsValue:
        raise type_error(NO_STREAM)


_HANDLES: dict[type[tokens.Token], type[ContentToken]] = {
    tokens.Element: Element,
    tokens.EndTag: EndTag,
    tokens.Text: Text,
    tokens.Comment: Comment,
    tokens.Doctype: Doctype,
    tokens.DocumentEnd: DocumentEnd,
}


def handle_of(token: tokens.Token) -> ContentToken:
    """What a handler is given."""
    return _HANDLES[type(token)](token)
