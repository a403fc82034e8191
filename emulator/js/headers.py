"""`Headers`: a case-insensitive multi-map of names and values.

Content is a list of (lower-case name, value) pairs in the order of addition. Names are few, so that
a scan of the list beats an index, and a request's headers are adopted as they come without copying:
copies share the list until one of them writes.

Guarantees: enumeration is sorted by name, joins repeated values with ", ", and gives `set-cookie`
once per value. An immutable object (incoming request, fetched response) refuses every change.
Does not know: HTTP. The wire's letter case is not kept.
Source: workerd src/workerd/api/headers.c++; Fetch standard, section 5.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from emulator.js.array import JsArray
from emulator.js.convert import call_function, is_iterable, iterate, to_string
from emulator.js.define import method
from emulator.js.errors import type_error
from emulator.js.object import JsIterator, JsObject
from emulator.js.values import MISSING, JsValue, null
from emulator.js.webidl import (
    function_argument,
    not_a_sequence,
    string_argument,
    wrong_constructor_parameter,
)

INVALID_NAME = "Invalid header name."
INVALID_VALUE = "Invalid header value."
IMMUTABLE = "Can't modify immutable headers."
PAIR_LENGTH = (
    "To initialize a Headers object from a sequence, each inner sequence must have exactly two "
    "elements."
)
GET_ALL_ONLY_COOKIES = 'getAll() can only be used with the header name "Set-Cookie".'

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]*")
_FORBIDDEN_IN_VALUE = re.compile(r"[\0\r\n]")
_WHITESPACE = "\t\n\r "
_COOKIE = "set-cookie"

Pairs = list[tuple[str, str]]


class Headers(JsObject, name="Headers"):
    """A multi-map of header names and values."""

    __slots__ = ("_pairs", "_shared", "immutable")
    js_iterable = True

    def __init__(self, pairs: Pairs | None = None, *, immutable: bool = False) -> None:
        self._own = None
        self._pairs: Pairs = [] if pairs is None else pairs
        # The list may belong to somebody else: copy before the first write.
        self._shared = pairs is not None
        self.immutable = immutable

    # -- for the emulator ---------------------------------------------------------------------

    @classmethod
    def from_pairs(cls, pairs: Iterable[tuple[str, str]], *, immutable: bool = False) -> Headers:
        """Headers of pairs whose names may be in any case."""
        return cls([(name.lower(), value) for name, value in pairs], immutable=immutable)

    def raw_pairs(self) -> Pairs:
        """All pairs in order of addition, values not joined; not to be changed by the caller."""
        return self._pairs

    def first(self, name: str) -> str | None:
        """The joined value of a lower-case name, or None."""
        found: str | None = None
        for key, value in self._pairs:
            if key == name:
                found = value if found is None else f"{found}, {value}"
        return found

    def copy(self, *, immutable: bool = False) -> Headers:
        """An equal object; content is shared until one of the two changes."""
        self._shared = True
        return Headers(self._pairs, immutable=immutable)

    def set_default(self, name: str, value: str) -> None:
        """Adds a header unless there is one of that (lower-case) name; ignores the guard."""
        if self.first(name) is None:
            self._writable().append((name, value))

    def replace(self, name: str, value: str) -> None:
        """`set` for names and values known to be valid; ignores the guard."""
        pairs = self._writable()
        for index, (key, _) in enumerate(pairs):
            if key == name:
                pairs[index] = (name, value)
                rest = [pair for pair in pairs[index + 1 :] if pair[0] != name]
                pairs[index + 1 :] = rest
                return
        pairs.append((name, value))

    def remove(self, name: str) -> None:
        """`delete` for a lower-case name; ignores the guard."""
        self._pairs = [pair for pair in self._pairs if pair[0] != name]
        self._shared = False

    def entries_list(self) -> Pairs:
        """What enumeration yields."""
        joined: dict[str, str] = {}
        cookies: Pairs = []
        for name, value in self._pairs:
            if name == _COOKIE:
                cookies.append((name, value))
            elif name in joined:
                joined[name] = f"{joined[name]}, {value}"
            else:
                joined[name] = value
        # A stable sort keeps cookies in order of addition.
        return sorted([*joined.items(), *cookies], key=lambda pair: pair[0])

    def _writable(self) -> Pairs:
        if self._shared:
            self._pairs = list(self._pairs)
            self._shared = False
        return self._pairs

    def _check_guard(self) -> None:
        if self.immutable:
            raise type_error(IMMUTABLE)

    # -- JavaScript members -------------------------------------------------------------------

    @classmethod
    def js_new(cls, init: JsValue = None) -> JsValue:
        return headers_from(init)

    @method
    def get(self, name: JsValue = MISSING) -> JsValue:
        value = self.first(_name(name, "get"))
        return null if value is None else value

    @method
    def getAll(self, name: JsValue = MISSING) -> JsValue:
        if _name(name, "getAll") != _COOKIE:
            raise type_error(GET_ALL_ONLY_COOKIES)
        return self.getSetCookie()

    @method
    def getSetCookie(self) -> JsValue:
        return JsArray([value for name, value in self._pairs if name == _COOKIE])

    @method
    def has(self, name: JsValue = MISSING) -> JsValue:
        return self.first(_name(name, "has")) is not None

    @method
    def set(self, name: JsValue = MISSING, value: JsValue = MISSING) -> None:
        text = string_argument(name, "Headers", "set")
        content = string_argument(value, "Headers", "set", 2)
        self._check_guard()
        self.replace(valid_name(text), valid_value(content))

    @method
    def append(self, name: JsValue = MISSING, value: JsValue = MISSING) -> None:
        text = string_argument(name, "Headers", "append")
        content = string_argument(value, "Headers", "append", 2)
        self._check_guard()
        pair = (valid_name(text), valid_value(content))
        self._writable().append(pair)

    @method
    def delete(self, name: JsValue = MISSING) -> None:
        text = string_argument(name, "Headers", "delete")
        self._check_guard()
        self.remove(valid_name(text))

    @method
    def forEach(self, callback: JsValue = None, this: JsValue = None) -> None:
        function_argument(callback, "Headers", "forEach")
        for name, value in self.entries_list():
            call_function(callback, value, name, self, this=this)

    @method
    def entries(self) -> JsValue:
        return JsIterator(self.js_iter())

    @method
    def keys(self) -> JsValue:
        return JsIterator(name for name, _ in self.entries_list())

    @method
    def values(self) -> JsValue:
        return JsIterator(value for _, value in self.entries_list())

    def js_iter(self) -> Iterator[JsValue]:
        return iter([JsArray([name, value]) for name, value in self.entries_list()])


def _name(name: JsValue, member: str) -> str:
    return valid_name(string_argument(name, "Headers", member))


def valid_name(name: str) -> str:
    """The lower-case name, if it is a token of HTTP (an empty one passes, and is never found)."""
    if _TOKEN.fullmatch(name) is None:
        raise type_error(INVALID_NAME)
    return name.lower()


def valid_value(value: str) -> str:
    """The value without surrounding whitespace, if it may stand in a header."""
    value = value.strip(_WHITESPACE)
    if _FORBIDDEN_IN_VALUE.search(value) is not None:
        raise type_error(INVALID_VALUE)
    return value


def headers_from(init: JsValue) -> Headers:
    """`new Headers(init)`: from Headers, an iterable of pairs, an object, or undefined."""
    if init is None:
        return Headers()
    if isinstance(init, Headers):
        return init.copy()
    if not isinstance(init, JsObject):
        raise wrong_constructor_parameter("Headers", 1, "Headers or Sequence or object")
    pairs = _pairs_of_sequence(init) if is_iterable(init) else _pairs_of_object(init)
    return Headers([(valid_name(name), valid_value(value)) for name, value in pairs])


def _pairs_of_sequence(init: JsObject) -> Iterator[tuple[str, str]]:
    # Everything is read before anything is judged, as WebIDL's conversion does.
    pairs = [sequence_of_strings(item) for item in iterate(init)]
    for pair in pairs:
        if len(pair) != 2:
            raise type_error(PAIR_LENGTH)
        yield pair[0], pair[1]


def sequence_of_strings(item: JsValue) -> list[str]:
    """One inner sequence of an initializer; a string (a Python dict's key) is not one."""
    if not isinstance(item, JsObject) or not is_iterable(item):
        raise not_a_sequence()
    return [to_string(part) for part in iterate(item)]


def _pairs_of_object(init: JsObject) -> Iterator[tuple[str, str]]:
    for key in init.js_own_keys():
        if isinstance(key, str):
            value = init.js_get(key)
            yield key, to_string(None if value is MISSING else value)
