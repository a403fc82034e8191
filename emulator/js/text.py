"""How V8 writes a value inside an error message.

`call_site(5)` in "5 is not a function", `#<Promise>` in "#<Promise> could not be cloned.". No
guest code runs: getters and `toString` overrides are not consulted.
"""

from __future__ import annotations

from emulator.js.convert import to_string
from emulator.js.errors import JsError, type_error
from emulator.js.object import JsObject
from emulator.js.values import MISSING, JsSymbol, JsValue

# Classes that V8 recognises without looking at Symbol.toStringTag.
_BUILTIN_TAGS = frozenset(
    {"Array", "Boolean", "Date", "Error", "Generator", "Number", "RegExp", "String"}
)


def value_text(value: JsValue) -> str:
    """The value as V8's messages name it."""
    if isinstance(value, JsSymbol):
        return repr(value)
    if value is MISSING:
        return "undefined"
    if not isinstance(value, JsObject):
        return to_string(value)
    return object_text(value)


def object_text(value: JsObject) -> str:
    """An object as V8's messages name it: source of functions, `#<Class>`, or `[object Tag]`."""
    if hasattr(value, "python_value"):
        return "function() { }" if value.js_callable else "[object Object]"
    if value.js_callable or isinstance(value, JsError):
        return value.js_to_string()
    tag = value.js_tag
    if tag.endswith(" Iterator") or tag in _BUILTIN_TAGS:
        return f"[object {tag}]"
    return f"#<{value.js_class_name}>"


def require_function(value: JsValue) -> JsObject:
    """The value, if it can be called; else throws `5 is not a function`."""
    if not getattr(value, "js_callable", False):
        raise type_error(f"{value_text(value)} is not a function")
    function: JsObject = value
    return function
