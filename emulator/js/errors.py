"""JavaScript errors: the Error classes, DOMException, and JsThrow which carries a thrown value.

Inside this package a JavaScript `throw v` is `raise JsThrow(v)`. The FFI turns it into the guest's
`pyodide.ffi.JsException`, and back. Helpers (`type_error(text)`, ...) build the throwable in one
call, so that a module's error texts can stand as constants at its top.

A Python exception that reaches JavaScript becomes a PythonError object that remembers the
exception, so that it is the same object again when it comes back to Python.
"""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Callable
from typing import Any

from emulator.js.define import getter, method, static
from emulator.js.object import JsObject, Member
from emulator.js.plain import PlainObject
from emulator.js.values import MISSING, JsValue, PropertyKey, null


class JsThrow(Exception):
    """A JavaScript value in flight as an exception."""

    def __init__(self, value: JsValue) -> None:
        super().__init__(value)
        self.value = value

    def __str__(self) -> str:
        return self.value.js_to_string() if isinstance(self.value, JsObject) else str(self.value)


class JsError(JsObject, name="Error"):
    """`Error`. `name` and `message` are ordinary properties, as in JavaScript."""

    __slots__ = ("python_exception",)
    js_dynamic = True
    default_name = "Error"

    def __init__(self, message: str = "", *, cause: JsValue = MISSING, name: str = "") -> None:
        super().__init__()
        self.python_exception: BaseException | None = None
        shown = name or self.default_name
        self._own = {"stack": f"{shown}: {message}" if message else shown, "message": message}
        if name and name != self.default_name:
            self._own["name"] = name
        if cause is not MISSING:
            self._own["cause"] = cause

    def js_get(self, key: PropertyKey) -> JsValue:
        value = super().js_get(key)
        return self.default_name if value is MISSING and key == "name" else value

    def js_own_keys(self) -> list[PropertyKey]:
        # message, stack and cause are own but not enumerable.
        return [key for key in super().js_own_keys() if key not in ("message", "stack", "cause")]

    @property
    def name(self) -> str:
        return str(self.js_get("name"))

    @property
    def message(self) -> str:
        message = self.js_get("message")
        return "" if message is MISSING or message is None else str(message)

    @method
    def toString(self) -> str:
        return self.js_to_string()

    def js_to_string(self) -> str:
        name, message = self.name, self.message
        return f"{name}: {message}" if name and message else name or message

    @classmethod
    def js_prototype_value(cls, key: PropertyKey) -> JsValue:
        return {"name": cls.default_name, "message": ""}.get(str(key), MISSING)

    @classmethod
    def js_new(cls, message: JsValue = None, options: JsValue = None) -> JsValue:
        from emulator.js.convert import to_string  # noqa: PLC0415 - convert raises our errors

        cause = options.js_get("cause") if isinstance(options, JsObject) else MISSING
        return cls("" if message is None else to_string(message), cause=cause)

    @classmethod
    def js_call_constructor(cls, *args: JsValue) -> JsValue:
        return cls.js_new(*args[:2])

    @static
    def captureStackTrace(cls, target: JsValue = None) -> None:
        """V8's extension; stacks are fixed at construction here."""
        del target


class JsTypeError(JsError, name="TypeError", tag="Error"):
    __slots__ = ()
    default_name = "TypeError"


class JsRangeError(JsError, name="RangeError", tag="Error"):
    __slots__ = ()
    default_name = "RangeError"


class JsSyntaxError(JsError, name="SyntaxError", tag="Error"):
    __slots__ = ()
    default_name = "SyntaxError"


class JsReferenceError(JsError, name="ReferenceError", tag="Error"):
    __slots__ = ()
    default_name = "ReferenceError"


class JsEvalError(JsError, name="EvalError", tag="Error"):
    __slots__ = ()
    default_name = "EvalError"


class JsURIError(JsError, name="URIError", tag="Error"):
    __slots__ = ()
    default_name = "URIError"


class JsAggregateError(JsError, name="AggregateError", tag="Error"):
    """Several errors in one; made by Promise.any."""

    __slots__ = ()
    default_name = "AggregateError"

    @classmethod
    def js_new(  # type: ignore[override]  # AggregateError takes the errors first
        cls, errors: JsValue = None, message: JsValue = None, options: JsValue = None
    ) -> JsValue:
        from emulator.js.array import JsArray  # noqa: PLC0415
        from emulator.js.convert import iterate, to_string  # noqa: PLC0415

        error = cls("" if message is None else to_string(message))
        error.js_set("errors", JsArray(list(iterate(errors))))
        return error


def constant(value: JsValue) -> Callable[[Any], JsValue]:
    """A getter that always gives the value."""
    return lambda this: value


# Legacy codes of the names that have one (WebIDL, table of DOMException names).
DOM_EXCEPTION_CODES = {
    "IndexSizeError": 1, "HierarchyRequestError": 3, "WrongDocumentError": 4,
    "InvalidCharacterError": 5, "NoModificationAllowedError": 7, "NotFoundError": 8,
    "NotSupportedError": 9, "InUseAttributeError": 10, "InvalidStateError": 11,
    "SyntaxError": 12, "InvalidModificationError": 13, "NamespaceError": 14,
    "InvalidAccessError": 15, "TypeMismatchError": 17, "SecurityError": 18, "NetworkError": 19,
    "AbortError": 20, "URLMismatchError": 21, "QuotaExceededError": 22, "TimeoutError": 23,
    "InvalidNodeTypeError": 24, "DataCloneError": 25,
}  # fmt: skip


class DOMException(JsError, name="DOMException"):
    """The web platform's error with a name, e.g. `AbortError`."""

    __slots__ = ()

    def __init__(self, message: str = "", name: str = "Error") -> None:
        super().__init__(message)
        assert self._own is not None
        self._own["name"] = name
        self._own["stack"] = f"{name}: {message}"

    def js_own_keys(self) -> list[PropertyKey]:
        return [key for key in super().js_own_keys() if key != "name"]

    @getter
    def code(self) -> int:
        return DOM_EXCEPTION_CODES.get(self.name, 0)

    @classmethod
    def js_new(cls, message: JsValue = None, name: JsValue = None) -> JsValue:
        from emulator.js.convert import to_string  # noqa: PLC0415

        error_name = name.js_get("name") if isinstance(name, JsObject) else name
        return cls(
            "" if message is None else to_string(message),
            "Error" if error_name is None or error_name is MISSING else to_string(error_name),
        )


DOM_EXCEPTION_CONSTANTS = {
    "INDEX_SIZE_ERR": 1, "DOMSTRING_SIZE_ERR": 2, "HIERARCHY_REQUEST_ERR": 3,
    "WRONG_DOCUMENT_ERR": 4, "INVALID_CHARACTER_ERR": 5, "NO_DATA_ALLOWED_ERR": 6,
    "NO_MODIFICATION_ALLOWED_ERR": 7, "NOT_FOUND_ERR": 8, "NOT_SUPPORTED_ERR": 9,
    "INUSE_ATTRIBUTE_ERR": 10, "INVALID_STATE_ERR": 11, "SYNTAX_ERR": 12,
    "INVALID_MODIFICATION_ERR": 13, "NAMESPACE_ERR": 14, "INVALID_ACCESS_ERR": 15,
    "VALIDATION_ERR": 16, "TYPE_MISMATCH_ERR": 17, "SECURITY_ERR": 18, "NETWORK_ERR": 19,
    "ABORT_ERR": 20, "URL_MISMATCH_ERR": 21, "QUOTA_EXCEEDED_ERR": 22, "TIMEOUT_ERR": 23,
    "INVALID_NODE_TYPE_ERR": 24, "DATA_CLONE_ERR": 25,
}  # fmt: skip
DOMException.js_statics.update(DOM_EXCEPTION_CONSTANTS)
DOMException.js_members.update(
    {name: Member(reader=constant(code)) for name, code in DOM_EXCEPTION_CONSTANTS.items()}
)


class PythonError(JsError, name="PythonError", tag="Error"):
    """A Python exception as JavaScript sees it: the message is the whole formatted traceback."""

    __slots__ = ()
    default_name = "PythonError"


ERROR_CLASSES: dict[str, type[JsError]] = {
    "Error": JsError,
    "TypeError": JsTypeError,
    "RangeError": JsRangeError,
    "SyntaxError": JsSyntaxError,
    "ReferenceError": JsReferenceError,
    "EvalError": JsEvalError,
    "URIError": JsURIError,
    "AggregateError": JsAggregateError,
}


def error(message: str) -> JsThrow:
    """A throwable `Error`."""
    return JsThrow(JsError(message))


def type_error(message: str) -> JsThrow:
    """A throwable `TypeError`."""
    return JsThrow(JsTypeError(message))


def range_error(message: str) -> JsThrow:
    """A throwable `RangeError`."""
    return JsThrow(JsRangeError(message))


def syntax_error(message: str) -> JsThrow:
    """A throwable `SyntaxError`."""
    return JsThrow(JsSyntaxError(message))


def dom_exception(name: str, message: str) -> JsThrow:
    """A throwable `DOMException` with that name."""
    return JsThrow(DOMException(message, name))


def not_supported(what: str) -> JsThrow:
    """The API exists on Cloudflare and pyworkers does not have it; names it for the developer."""
    return JsThrow(JsError(f"pyworkers does not support {what} yet."))


def _format_exception(exception: BaseException) -> str:
    return "".join(traceback.format_exception(exception))


# How a Python exception's text is made; the loader's maps paths and hides our frames.
format_exception: Callable[[BaseException], str] = _format_exception


def error_value(exception: BaseException) -> JsValue:
    """The JavaScript value that stands for a Python exception caught by JavaScript code.

    Also a JsException that Python code let through becomes a PythonError, as in Pyodide.
    """
    if isinstance(exception, JsThrow):
        return exception.value
    known = getattr(exception, "__js_error__", None)
    if known is not None:
        return known
    result = PythonError(format_exception(exception))
    result.python_exception = exception
    assert result._own is not None
    result._own["type"] = type(exception).__name__
    result._own["__error_address"] = id(exception)
    # An exception class with __slots__ refuses; a second conversion then makes a second object.
    with contextlib.suppress(AttributeError):
        exception.__js_error__ = result  # type: ignore[attr-defined]
    return result


def throwable(value: JsValue) -> BaseException:
    """The exception to raise for a thrown JavaScript value; a guest's own comes back as it was."""
    if isinstance(value, JsError) and value.python_exception is not None:
        return value.python_exception
    return JsThrow(value)


def describe(value: JsValue) -> str:
    """`Name: message` of an error, or the value's text; for logs."""
    if isinstance(value, JsObject):
        return value.js_to_string()
    return "null" if value is null else "undefined" if value is None else str(value)


def plain_properties(target: JsError, properties: dict[str, Any]) -> JsError:
    """Sets several properties on an error (`remote`, `retryable`, ...), and returns it."""
    for key, value in properties.items():
        target.js_set(key, value)
    return target


__all__ = [
    "DOMException", "JsError", "JsThrow", "PlainObject", "PythonError", "describe",
    "dom_exception", "error", "error_value", "not_supported", "range_error", "syntax_error",
    "throwable", "type_error",
]  # fmt: skip
