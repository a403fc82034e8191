"""The error texts of argument checks, as Cloudflare's runtime words them.

Every web class checks its arguments with these, so that one mistake has one wording. A parameter
that may be left out in Python but not in JavaScript defaults to MISSING, which stays apart from a
passed undefined (undefined is converted to text, an absent argument is an error).
"""

from __future__ import annotations

from emulator.js.convert import to_string
from emulator.js.errors import JsThrow, type_error
from emulator.js.object import JsObject
from emulator.js.values import MISSING, JsValue, null


def wrong_parameter(interface: str, method: str, index: int, expected: str) -> JsThrow:
    """A method was called with an argument of another type, or without it."""
    return type_error(
        f"Failed to execute '{method}' on '{interface}': parameter {index} is not of type "
        f"'{expected}'."
    )


def wrong_constructor_parameter(interface: str, index: int, expected: str) -> JsThrow:
    """As `wrong_parameter`, for `new interface(...)`."""
    return type_error(
        f"Failed to construct '{interface}': constructor parameter {index} is not of type "
        f"'{expected}'."
    )


def wrong_field(dictionary: str, field: str, expected: str) -> JsThrow:
    """A member of an options object has another type."""
    return type_error(
        f"Incorrect type for the '{field}' field on '{dictionary}': the provided value is not of "
        f"type '{expected}'."
    )


def not_a_sequence() -> JsThrow:
    """An iterable was expected where something else, or a Python dict's key, was found."""
    return type_error("Incorrect type: the provided value is not of type 'Sequence'.")


def string_argument(
    value: JsValue, interface: str, method: str, index: int = 1, expected: str = "string"
) -> str:
    """A required string parameter."""
    if type(value) is str:
        return value
    if value is MISSING:
        raise wrong_parameter(interface, method, index, expected)
    return to_string(value)


def function_argument(value: JsValue, interface: str, method: str, index: int = 1) -> JsValue:
    """A required function parameter."""
    if not getattr(value, "js_callable", False):
        raise wrong_parameter(interface, method, index, "function")
    return value


def options_argument(
    value: JsValue, interface: str, method: str, index: int, expected: str
) -> JsValue:
    """An optional parameter that is a dictionary: undefined, null, or any object."""
    if value is None or value is null or isinstance(value, JsObject):
        return value
    raise wrong_parameter(interface, method, index, expected)


def scalar_text(text: str) -> str:
    """WebIDL's USVString: lone surrogates become U+FFFD."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
