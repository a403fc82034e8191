"""`URLPattern`, over the `urlpattern` package (Rust's implementation of the standard).

Differs from the real runtime: regular expressions are Rust's, so look-around and back references
raise an error that names pyworkers; IPv6 literals in host names are refused.
Source: URL Pattern standard; workerd src/workerd/api/urlpattern-standard.c++.
"""

from __future__ import annotations

import re
from typing import Any

import urlpattern

from emulator.js.array import JsArray
from emulator.js.convert import get_option, to_boolean, to_string
from emulator.js.define import getter, method
from emulator.js.errors import not_supported, type_error
from emulator.js.object import JsObject
from emulator.js.plain import PlainObject
from emulator.js.values import JsValue, null
from emulator.js.webidl import wrong_constructor_parameter

FAILED = "Failed to {action} URLPattern"

_COMPONENTS = ("protocol", "username", "password", "hostname", "port", "pathname", "search", "hash")
_LOOK_AROUND = re.compile(r"\(\?<?[=!]|\\[1-9]|\\k<")
_Input = str | dict[str, str]
# Its overloads do not go with arguments that are put together.
_NativePattern: Any = urlpattern.URLPattern


class URLPattern(JsObject, name="URLPattern"):
    """`URLPattern`."""

    __slots__ = ("_pattern",)

    def __init__(self, pattern: Any) -> None:
        super().__init__()
        self._pattern = pattern

    @classmethod
    def js_new(
        cls, input: JsValue = None, base_url: JsValue = None, options: JsValue = None
    ) -> JsValue:
        if not _is_absent(options) and not isinstance(options, JsObject):
            raise wrong_constructor_parameter("URLPattern", 3, "URLPatternOptions")
        if isinstance(base_url, JsObject):
            base_url, options = None, base_url
        pattern = _input_of(input)
        base = () if _is_absent(base_url) else (to_string(base_url),)
        settings = {"ignoreCase": to_boolean(get_option(options, "ignoreCase"))}
        try:
            return cls(_NativePattern(pattern, *base, settings))
        except (ValueError, TypeError):
            text = " ".join(pattern.values()) if isinstance(pattern, dict) else pattern
            if _LOOK_AROUND.search(text):
                what = "look-around or back references in a URLPattern"
                raise not_supported(what) from None
            raise type_error(FAILED.format(action="construct")) from None

    @getter
    def protocol(self) -> str:
        return str(self._pattern.protocol)

    @getter
    def username(self) -> str:
        return str(self._pattern.username)

    @getter
    def password(self) -> str:
        return str(self._pattern.password)

    @getter
    def hostname(self) -> str:
        return str(self._pattern.hostname)

    @getter
    def port(self) -> str:
        return str(self._pattern.port)

    @getter
    def pathname(self) -> str:
        return str(self._pattern.pathname)

    @getter
    def search(self) -> str:
        return str(self._pattern.search)

    @getter
    def hash(self) -> str:
        return str(self._pattern.hash)

    @getter
    def hasRegExpGroups(self) -> bool:
        return bool(self._pattern.hasRegExpGroups)

    @method
    def test(self, input: JsValue = None, base_url: JsValue = None) -> bool:
        return self._match("test", _input_of(input), base_url) is not None

    @method
    def exec(self, input: JsValue = None, base_url: JsValue = None) -> JsValue:
        given = _input_of(input)
        match = self._match("exec", given, base_url)
        if match is None:
            return null
        inputs: list[JsValue] = [given if isinstance(given, str) else PlainObject(given)]
        if not _is_absent(base_url):
            inputs.append(to_string(base_url))
        members: dict[str, JsValue] = {"inputs": JsArray(inputs)}
        for component in _COMPONENTS:
            members[component] = self._component(component, match[component])
        return PlainObject(members)

    def _match(self, action: str, input: _Input, base_url: JsValue) -> dict[str, Any] | None:
        base = () if _is_absent(base_url) else (to_string(base_url),)
        try:
            match: dict[str, Any] | None = self._pattern.exec(input, *base)
        except TypeError:
            raise type_error(FAILED.format(action=action)) from None
        except ValueError:
            # A URL that cannot be parsed matches nothing.
            return None
        return match

    def _component(self, component: str, match: dict[str, Any]) -> PlainObject:
        pattern: str = getattr(self._pattern, component)
        groups = match["groups"]
        # The package has them in no order; here it is that of the pattern, unnamed ones last.
        names = sorted(groups, key=lambda name: (name.isdecimal(), pattern.find(f":{name}"), name))
        shown = PlainObject({name: groups[name] for name in names})
        return PlainObject({"input": match["input"], "groups": shown})


def _is_absent(value: JsValue) -> bool:
    return value is None or value is null


def _input_of(value: JsValue) -> _Input:
    if _is_absent(value):
        return {}
    if not isinstance(value, JsObject):
        return to_string(value)
    given: dict[str, str] = {}
    for name in (*_COMPONENTS, "baseURL"):
        member = get_option(value, name)
        if member is not None:
            given[name] = to_string(member)
    return given
