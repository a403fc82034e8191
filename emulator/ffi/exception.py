"""JsException: a JavaScript error as a Python exception, which is also its handle.

There is one JsException per error object for as long as somebody holds it, so that raising,
catching and raising again gives the same exception. What is thrown without being an Error is put
into one first, with Pyodide's texts.
"""

from __future__ import annotations

import weakref
from typing import Any, cast

from emulator.ffi import capabilities, semantics
from emulator.ffi.attributes import reader
from emulator.ffi.proxy import MODULE, JsProxy, _JsProxyMetaClass
from emulator.ffi.translate import TO_JS
from emulator.js.convert import to_string
from emulator.js.errors import ERROR_CLASSES, JsError
from emulator.js.object import OBJECT_PROTOTYPE_TO_STRING
from emulator.js.values import JsValue, null, typeof

_NOT_AN_ERROR = "A value of type {type} with tag {tag} was thrown as an error!"
_INTERPOLATION = 'String interpolation of the thrown value gives """{text}""".'
_INTERPOLATION_FAILS = "String interpolation of the thrown value fails."
_TO_STRING = 'The thrown value\'s toString method returns """{text}""".'
_TO_STRING_FAILS = "The thrown value's toString method fails."


class _Namespace:
    """The body of class JsException; a template, as JsProxy's is."""

    __slots__ = ("__weakref__", "js_value")
    __qualname__ = "JsException"
    __module__ = MODULE
    __hash__ = None  # type: ignore[assignment]
    _js_type_flags = capabilities.ERROR

    js_value: Any

    def __new__(cls, name: Any, message: Any = "", stack: Any = "") -> Any:
        for position, argument in enumerate((name, message, stack), 1):
            if not isinstance(argument, str):
                kind = type(argument)
                where = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
                raise TypeError(
                    f"__new__() argument {position} must be str, not {where}{kind.__name__}"
                )
        named = ERROR_CLASSES.get(name, JsError)
        made_of = named if semantics.current.exceptions_have_classes else JsError
        error = made_of(message, name=name)
        if stack:
            error.js_set("stack", stack)
        return error_handle(error)

    def __init__(self, *args: Any, **keywords: Any) -> None:
        """Nothing is left to do: the error object has everything."""

    @property
    def js_error(self) -> Any:
        """The error itself; kept for programs written when it was another object."""
        return self

    @property
    def args(self) -> tuple[Any, ...]:
        """A tuple of the exception itself, as in Pyodide."""
        return (self,)

    def __setattr__(self, name: str, value: Any) -> None:
        # Python's own bookkeeping (__notes__, __traceback__, ...) stays on the Python side.
        if name.startswith("__") or name == "args":
            if name != "args":
                Exception.__setattr__(cast("Any", self), name, value)
            return
        JsProxy.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        if name.startswith("__"):
            Exception.__delattr__(cast("Any", self), name)
            return
        JsProxy.__delattr__(self, name)

    def __reduce_ex__(self, protocol: Any) -> Any:
        error = self.js_value
        parts = (error.js_get(part) for part in ("name", "message", "stack"))
        return JsException, tuple(part if isinstance(part, str) else "" for part in parts)


_template = {**vars(_Namespace), "__qualname__": "JsException"}
for _name in ("js_value", "__dict__", "__weakref__", "__annotations__"):
    _template.pop(_name, None)

JsException: Any = type.__new__(
    _JsProxyMetaClass, f"{MODULE}.JsException", (JsProxy, Exception), _template
)
JsException.__getattr__ = reader(JsException)
JsException.__doc__ = "A JavaScript error as a Python exception."

_set_value = JsException.js_value.__set__
TO_JS[JsException] = JsException.js_value.__get__

_handles: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()


def error_handle(error: JsError) -> Any:
    """The exception of an error object."""
    known = _handles.get(error.js_id)
    if known is not None:
        return known
    made = Exception.__new__(JsException)
    _set_value(made, error)
    _handles[error.js_id] = made
    return made


def js_exception(value: JsValue) -> Any:
    """The JsException for any thrown value."""
    return error_handle(value if isinstance(value, JsError) else _as_error(value))


def exception_for(value: JsValue) -> BaseException:
    """What to raise in Python for a thrown value: a Python exception comes back as it was."""
    if isinstance(value, JsError):
        if value.python_exception is not None:
            return value.python_exception
        return cast("BaseException", error_handle(value))
    return cast("BaseException", error_handle(_as_error(value)))


def _as_error(value: JsValue) -> JsError:
    if isinstance(value, str):
        return JsError(value)
    tag = "[object Null]" if value is null else OBJECT_PROTOTYPE_TO_STRING.js_call(value, ())
    lines = [_NOT_AN_ERROR.format(type=typeof(value), tag=tag)]
    try:
        text = to_string(value)
    except Exception:  # noqa: BLE001 - any failure is what the text says
        lines += [_INTERPOLATION_FAILS, _TO_STRING_FAILS]
    else:
        lines.append(_INTERPOLATION.format(text=text))
        has_method = value is not None and value is not null
        lines.append(_TO_STRING.format(text=text) if has_method else _TO_STRING_FAILS)
    return JsError("\n".join(lines))
