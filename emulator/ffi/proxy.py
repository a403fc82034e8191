"""JsProxy: the handle through which Python code holds a JavaScript object.

A handle is cheap and made anew at each crossing: the object, and for functions also what `this`
is. It has no state of its own, so two handles of one object are equal and interchangeable.

`callable(p)`, `len(p)`, `await p` must depend on the object, and Python looks such protocols up on
the type; so there is one Python type per set of capability flags, made when first needed, with the
functions of `containers`, `functions`, ... copied into it. All are named `JsProxy` in module
`pyodide.ffi`, and their MRO is `[JsProxy, JsProxy, object]`, as in Pyodide.

Names that JsProxy defines win over JavaScript properties of the same name.
"""

from __future__ import annotations

import keyword
from collections.abc import Callable, Iterable
from types import FunctionType
from typing import Any, ClassVar, Final, cast

from emulator.ffi import capabilities
from emulator.ffi.attributes import install_reads, python_name
from emulator.ffi.translate import TO_JS, js_to_py, makers, py_to_js
from emulator.js.array import JsArray
from emulator.js.convert import to_primitive
from emulator.js.errors import JsThrow
from emulator.js.object import OBJECT_PROTOTYPE_TO_STRING, Constructor, JsObject
from emulator.js.values import MISSING, JsValue, typeof

MODULE: Final = "pyodide.ffi"
NOT_INSTANTIABLE: Final = "{} cannot be instantiated."


_INTERNAL_NAMES: Final = {"js_value", "_js_this", "_js_type_flags"}
# What objects without a `toString` of their own inherit; it asks the object itself.
_DEFAULT_TO_STRING: Final = OBJECT_PROTOTYPE_TO_STRING


class _JsProxyMetaClass(type):
    """The type of handle types.

    CPython's messages name a type by what it was created with, which must be the qualified name
    (`'pyodide.ffi.JsProxy' object is not iterable`); guests read `__name__`, which must not be.
    """

    @property
    def __name__(cls) -> str:  # type: ignore[override]
        return cls.__qualname__


_JsProxyMetaClass.__module__ = MODULE


def exception_for(value: JsValue) -> BaseException:
    """The Python exception for a thrown JavaScript value; set by `exception`."""
    from emulator.ffi import exception  # noqa: PLC0415 - it is built on this module

    return exception.exception_for(value)


def call_js(function: JsValue, this: JsValue, *args: JsValue) -> JsValue:
    """Calls a JavaScript function with JavaScript values; what it throws is raised for Python."""
    try:
        return function.js_call(this, args)
    except JsThrow as thrown:
        failure = thrown.value
    raise exception_for(failure)


def get_js(value: JsObject, key: Any) -> JsValue:
    """Reads a property for Python code: a throwing getter raises its JsException."""
    try:
        return value.js_get(key)
    except JsThrow as thrown:
        failure = thrown.value
    raise exception_for(failure)


class _Namespace:
    """The body of class JsProxy; a template, so that the class can be made under both names."""

    __slots__ = ()
    __qualname__ = "JsProxy"
    __module__ = MODULE
    __hash__ = None  # type: ignore[assignment]

    js_value: JsObject
    # Handle types have the flags of their objects.
    _js_type_flags: int | None = None

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:  # noqa: ARG004 - whatever it gets
        if cls._js_type_flags is None:
            raise TypeError(NOT_INSTANTIABLE.format(cls.__name__))
        raise TypeError(f"cannot create '{MODULE}.JsProxy' instances")

    # -- attributes -----------------------------------------------------------------------------

    def __setattr__(self, name: str, value: Any) -> None:
        try:
            self.js_value.js_set(python_name(name), py_to_js(value))
        except JsThrow as thrown:
            failure = thrown.value
        else:
            return
        raise exception_for(failure)

    def __delattr__(self, name: str) -> None:
        try:
            self.js_value.js_delete(python_name(name))
        except JsThrow as thrown:
            failure = thrown.value
        else:
            return
        raise exception_for(failure)

    def __dir__(self) -> Iterable[str]:
        names = self.js_value.js_all_keys()
        if isinstance(self.js_value, JsArray):
            names = ["length", *(name for name in names if not name.isdecimal())]
        shown = [f"{name}_" if keyword.iskeyword(name) else name for name in names]
        return sorted({*object.__dir__(self), *shown} - _INTERNAL_NAMES)

    # -- identity, comparison, text -----------------------------------------------------------

    def __eq__(self, other: object) -> bool:
        return isinstance(other, JsProxy) and self.js_value is other.js_value

    def __lt__(self, other: object) -> Any:
        return _compare(self, other, lambda a, b: a < b)

    def __le__(self, other: object) -> Any:
        return _compare(self, other, lambda a, b: a <= b)

    def __gt__(self, other: object) -> Any:
        return _compare(self, other, lambda a, b: a > b)

    def __ge__(self, other: object) -> Any:
        return _compare(self, other, lambda a, b: a >= b)

    def __repr__(self) -> str:
        js = self.js_value
        to_string = get_js(js, "toString")
        if to_string is not _DEFAULT_TO_STRING and getattr(to_string, "js_callable", False):
            # Python refuses what is no string.
            return cast("str", call_js(to_string, js))
        return js.js_to_string()

    __str__ = __repr__

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError(f"cannot pickle '{MODULE}.{type(self).__name__}' object")

    # -- Python-side helpers --------------------------------------------------------------------

    @property
    def js_id(self) -> int:
        """An id of the JavaScript object, the same for all of its handles."""
        return self.js_value.js_id

    @property
    def typeof(self) -> str:
        """JavaScript's `typeof` of the object."""
        return typeof(self.js_value)

    def object_keys(self) -> Any:
        """`Object.keys(x)`."""
        return _array(self.js_value, lambda key, value: key)

    def object_values(self) -> Any:
        """`Object.values(x)`."""
        return _array(self.js_value, lambda key, value: value)

    def object_entries(self) -> Any:
        """`Object.entries(x)`."""
        return _array(self.js_value, _pair)

    def to_py(self, *, depth: int = -1, default_converter: Any = None) -> Any:
        """The object as Python data, as deep as it goes."""
        from emulator.ffi.to_py import to_py  # noqa: PLC0415 - it is built on this module

        return to_py(cast("Any", self), depth, default_converter)

    def as_py_json(self) -> Any:
        """A view in which plain objects are mutable mappings and arrays are lists."""
        from emulator.ffi.views import as_py_json  # noqa: PLC0415

        return as_py_json(self.js_value)

    def as_object_map(self, *, hereditary: bool = False) -> Any:
        """A mapping view of the object's own properties."""
        from emulator.ffi.views import as_object_map  # noqa: PLC0415

        return as_object_map(self.js_value, hereditary=hereditary)

    def to_weakref(self) -> Any:
        """A WeakRef of the object."""
        from emulator.js.weak import JsWeakRef  # noqa: PLC0415

        return js_to_py(JsWeakRef(self.js_value))

    def bind_sig(self, signature: Any) -> Any:
        """Signatures are not used: every call translates by the implicit rules."""
        return self

    def bind_class(self, cls: Any) -> Any:
        """Like `bind_sig`."""
        return self


for _name, _function in vars(_Namespace).items():
    if isinstance(_function, FunctionType):
        _function.__qualname__ = f"JsProxy.{_name}"

JsProxy: Any = type.__new__(
    _JsProxyMetaClass,
    f"{MODULE}.JsProxy",
    (),
    {
        name: value
        for name, value in {**vars(_Namespace), "__qualname__": "JsProxy"}.items()
        if name not in ("js_value", "__dict__", "__weakref__", "__annotations__")
    },
)
JsProxy.__doc__ = "A handle on a JavaScript object."


def _compare(left: Any, right: object, operation: Callable[[Any, Any], bool]) -> Any:
    if not isinstance(right, JsProxy):
        return NotImplemented
    try:
        return operation(
            to_primitive(left.js_value, "number"),
            to_primitive(cast("Any", right).js_value, "number"),
        )
    except TypeError:
        return False


def _pair(key: str, value: JsValue) -> JsValue:
    return JsArray([key, value])


def _array(js: JsObject, select: Callable[[str, JsValue], JsValue]) -> Any:
    items = []
    for key in js.js_own_keys():
        if isinstance(key, str):
            value = get_js(js, key)
            items.append(select(key, None if value is MISSING else value))
    return js_to_py(JsArray(items))


# -- handle types -------------------------------------------------------------------------------

_new: Final = object.__new__
_handle_types: dict[int, type] = {}


class _Members:
    """Fills a handle type's namespace; `handle_types` sets it (it is built on this module)."""

    namespace_for: ClassVar[Callable[[int], dict[str, Any]]]
    finish: ClassVar[Callable[[Any, int], None]]


def handle_type(flags: int) -> type:
    """The Python type for a set of capabilities."""
    known = _handle_types.get(flags)
    if known is not None:
        return known
    namespace = {
        "__slots__": _slots(flags),
        "__qualname__": "JsProxy",
        "__module__": MODULE,
        "__hash__": None,
        "_js_type_flags": flags,
        **_Members.namespace_for(flags),
    }
    made = type.__new__(_JsProxyMetaClass, f"{MODULE}.JsProxy", (JsProxy,), namespace)
    arrays = capabilities.ARRAY | capabilities.TYPED_ARRAY
    install_reads(made, hide_keys=bool(flags & arrays))
    _Members.finish(made, flags)
    TO_JS[made] = made.js_value.__get__  # type: ignore[attr-defined]
    _handle_types[flags] = made
    return made


def _slots(flags: int) -> tuple[str, ...]:
    slots: tuple[str, ...] = ("js_value",)
    if flags & capabilities.CALLABLE:
        slots = (*slots, "_js_this")
    if flags & capabilities.MODULE:
        slots = (
            *slots,
            "__name__",
            "__spec__",
            "__loader__",
            "__package__",
            "__path__",
            "__file__",
        )
    return slots


def make_handle(value: JsObject, flags: int, this: JsValue = None) -> Any:
    """A handle of a given kind."""
    kind: Any = handle_type(flags)
    handle = _new(kind)
    kind.js_value.__set__(handle, value)
    if flags & capabilities.CALLABLE:
        kind._js_this.__set__(handle, this)
    return handle


def _constructor_handle(value: JsValue, this: JsValue) -> Any:
    """The handle of a class, kept with it: the SDK asks every value for its class many times."""
    handle = value.handle
    if handle is None or value._own:
        handle = value.handle = make_handle(value, capabilities.object_flags(value))
    return handle


def handle_maker(cls: type[JsObject]) -> Callable[[JsValue, JsValue], Any]:
    """The converter to Python for all instances of a class."""
    flags = capabilities.class_flags(cls)
    if flags & capabilities.ERROR:
        from emulator.ffi.exception import error_handle  # noqa: PLC0415 - built on this module

        return lambda value, this: error_handle(value)
    if cls is Constructor:
        return _constructor_handle
    kind: Any = handle_type(flags)
    set_value = kind.js_value.__set__

    def vary(value: JsObject, this: JsValue) -> Any:
        return make_handle(value, capabilities.object_flags(value), this)

    if flags & capabilities.CALLABLE:
        set_this = kind._js_this.__set__

        def make_function(value: JsObject, this: JsValue) -> Any:
            if value._own:
                return vary(value, this)
            handle = _new(kind)
            set_value(handle, value)
            set_this(handle, this)
            return handle

        return make_function

    def make(value: JsObject, this: JsValue) -> Any:
        if value._own:
            return vary(value, this)
        handle = _new(kind)
        set_value(handle, value)
        return handle

    return make


makers.handle_maker = handle_maker
