"""Handles of ArrayBuffer and its views, and the buffer that `create_proxy(x).getBuffer()` gives.

Everything copies: a memoryview that guests get never aliases JavaScript memory, as in Pyodide,
where the two live in different heaps.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping
from typing import IO, Any, Final

from emulator.ffi import capabilities
from emulator.ffi.containers import public
from emulator.ffi.proxy import exception_for
from emulator.ffi.translate import js_to_py, py_to_js
from emulator.js import buffers
from emulator.js.array import JsArray
from emulator.js.errors import JsThrow, error
from emulator.js.object import JsObject, NativeFunction
from emulator.js.plain import PlainObject
from emulator.js.values import JsValue

NO_SLICES: Final = "Slice subscripting isn't implemented for typed arrays"
NO_SLICE_ASSIGNMENT: Final = "Slice assignment isn't implemented for typed arrays"
UNDECODABLE: Final = "Failed to decode Javascript TypedArray as {}"
NO_BUFFER: Final = "a bytes-like object is required, not '{}'"
NOT_WRITABLE: Final = "Object is not writable."
OTHER_FORMAT: Final = "TypedArray and memorybuffer have incompatible formats"
UNKNOWN_FORMAT: Final = "Unrecognized format character '{}'."
NO_DELETION: Final = "object doesn't support item deletion"
BAD_INDEX: Final = "list indices must be integers or slices, not {}"
# Pyodide's first text names the two the wrong way round.
WRONG_SOURCE: Final = "cannot assign to TypedArray of length {buffer} from buffer of length {array}"
WRONG_TARGET: Final = "cannot assign from TypedArray of length {array} to buffer of length {buffer}"

CLASS_OF_FORMAT: Final[Mapping[str, Any]] = {
    "b": buffers.Int8Array, "B": buffers.Uint8Array, "c": buffers.Uint8Array,
    "?": buffers.Uint8Array, "h": buffers.Int16Array, "H": buffers.Uint16Array,
    "i": buffers.Int32Array, "I": buffers.Uint32Array, "q": buffers.BigInt64Array,
    "Q": buffers.BigUint64Array, "f": buffers.Float32Array, "d": buffers.Float64Array,
    "e": buffers.Float16Array,
}  # fmt: skip
_LONGS: Final = {("l", 4): "i", ("L", 4): "I", ("l", 8): "q", ("L", 8): "Q", ("n", 8): "q"}
_NAMED: Final[Mapping[str, Any]] = {
    "i8": buffers.Int8Array, "u8": buffers.Uint8Array, "u8clamped": buffers.Uint8ClampedArray,
    "i16": buffers.Int16Array, "u16": buffers.Uint16Array, "i32": buffers.Int32Array,
    "u32": buffers.Uint32Array, "i64": buffers.BigInt64Array, "u64": buffers.BigUint64Array,
    "f32": buffers.Float32Array, "f64": buffers.Float64Array, "dataview": buffers.DataView,
}  # fmt: skip


def class_of_view(view: memoryview) -> Any:
    """The typed array class for a buffer's format; throws JavaScript's Error if there is none."""
    code = view.format.lstrip("@=<")
    cls = CLASS_OF_FORMAT.get(_LONGS.get((code, view.itemsize), code))
    if cls is None:
        raise error(UNKNOWN_FORMAT.format(code[:1]))
    return cls


def typed_array_of(value: Any) -> JsValue:
    """A new typed array with a copy of a Python buffer; arrays of arrays for more dimensions."""
    with memoryview(value) as view:
        if view.ndim > 1:
            return JsArray(_rows(view.tobytes(), list(view.shape or ()), class_of_view(view)))
        if view.format == "?":
            return JsArray(view.tolist())
        return class_of_view(view).from_bytes(bytearray(view.tobytes()))


def _rows(data: bytes, shape: list[int], cls: Any) -> list[JsValue]:
    count, *inner = shape
    size = len(data) // count if count else 0
    parts = [data[index * size : (index + 1) * size] for index in range(count)]
    if len(inner) == 1:
        return [cls.from_bytes(bytearray(part)) for part in parts]
    return [JsArray(_rows(part, inner, cls)) for part in parts]


def memoryview_of(js: Any) -> memoryview:
    """A memoryview over a copy, with the elements' format."""
    data = memoryview(bytearray(buffers.bytes_of(js) or b""))
    if not isinstance(js, buffers.TypedArray):
        return data
    code = js.element.code
    # Python cannot cast a memoryview to 16-bit floats; their bytes are better than nothing.
    return data if code in "Be" else data.cast(code)  # type: ignore[call-overload]


def _memory(js: Any) -> memoryview:
    view = buffers.view_of(js)
    assert view is not None
    return view


def _view_of(value: Any) -> memoryview:
    try:
        return memoryview(value)
    except TypeError:
        raise TypeError(NO_BUFFER.format(type(value).__name__)) from None


def _check_format(js: Any, view: memoryview) -> None:
    """The elements must be as large as a typed array's; plain memory takes all."""
    if isinstance(js, buffers.TypedArray) and js.element.size != view.itemsize:
        raise ValueError(OTHER_FORMAT)


def _for_python(function: Any, *args: Any) -> Any:
    """Calls into JavaScript; what it throws is raised for Python."""
    try:
        return function(*args)
    except JsThrow as thrown:
        failure = thrown.value
    raise exception_for(failure)


class Buffers:
    """ArrayBuffer and views; copied into handle types."""

    js_value: Any

    def __bool__(self) -> bool:
        return len(_memory(self.js_value)) > 0

    def to_bytes(self) -> bytes:
        """A copy of the bytes."""
        return buffers.bytes_of(self.js_value) or b""

    def to_memoryview(self) -> memoryview:
        """A copy, with the elements' format."""
        return memoryview_of(self.js_value)

    def to_string(self, encoding: Any = None) -> str:
        """The bytes decoded, UTF-8 unless said otherwise; a byte order mark is kept."""
        from emulator.js.encoding import TextDecoder  # noqa: PLC0415 - rare

        if not isinstance(encoding, str | None):
            kind = type(encoding).__name__
            raise TypeError(f"to_string() argument 1 must be str, not {kind}")
        options = PlainObject({"fatal": True, "ignoreBOM": True})
        decoder: Any = _for_python(TextDecoder.js_constructor.js_construct, (encoding, options))
        try:
            return str(decoder.decode(self.js_value))
        except JsThrow:
            pass
        raise ValueError(UNDECODABLE.format(encoding or "utf8"))

    def assign(self, source: Any) -> None:
        """Copies a Python buffer in; the sizes must be equal."""
        target = _memory(self.js_value)
        with _view_of(source) as view, view.cast("B") as raw:
            if len(raw) != len(target):
                raise ValueError(WRONG_SOURCE.format(buffer=len(raw), array=len(target)))
            _check_format(self.js_value, view)
            target[:] = raw

    def assign_to(self, target: Any) -> None:
        """Copies out into a writable Python buffer of the same size."""
        source = _memory(self.js_value)
        with _view_of(target) as view, view.cast("B") as raw:
            if view.readonly:
                raise BufferError(NOT_WRITABLE)
            if len(raw) != len(source):
                raise ValueError(WRONG_TARGET.format(buffer=len(raw), array=len(source)))
            _check_format(self.js_value, view)
            raw[:] = source

    def to_file(self, file: IO[bytes]) -> None:
        """Writes all bytes to a file, which must be one of the operating system's."""
        file.fileno()
        file.write(_memory(self.js_value))

    def from_file(self, file: IO[bytes]) -> None:
        """Fills the buffer from a file."""
        file.fileno()
        target = _memory(self.js_value)
        data = file.read(len(target))
        target[: len(data)] = data

    def _into_file(self, file: IO[bytes]) -> None:
        """Pyodide's name for moving a buffer into a file; here it copies."""
        file.fileno()
        file.write(_memory(self.js_value))


class TypedArrays:
    """Typed arrays are sequences of numbers of fixed length."""

    js_value: Any

    def __len__(self) -> int:
        return len(self.js_value.view)

    def __bool__(self) -> bool:
        return len(self.js_value.view) > 0

    def __iter__(self) -> Iterator[Any]:
        return map(js_to_py, self.js_value.js_iter())

    def __reversed__(self) -> Iterator[Any]:
        return map(js_to_py, reversed(list(self.js_value.items)))

    def __contains__(self, value: Any) -> bool:
        return bool(self.js_value.js_get("includes").js_call(self.js_value, (py_to_js(value),)))

    def __getitem__(self, key: Any) -> Any:
        return js_to_py(self.js_value.items[_index(self.js_value, key)])

    def reverse(self) -> None:
        """Reverses in place; returns nothing, unlike JavaScript's."""
        self.js_value.js_get("reverse").js_call(self.js_value, ())

    def __setitem__(self, key: Any, value: Any) -> None:
        if isinstance(key, slice):
            raise NotImplementedError(NO_SLICE_ASSIGNMENT)
        # What is beyond the end is ignored, as in JavaScript.
        index = _index(self.js_value, key, check=False)
        try:
            self.js_value.js_set(str(index), py_to_js(value))
        except JsThrow as thrown:
            failure = thrown.value
        else:
            return
        raise exception_for(failure)

    def __delitem__(self, key: Any) -> None:
        raise TypeError(NO_DELETION)

    def index(self, value: Any, start: Any = 0, stop: Any = None) -> int:
        """The first index of a value."""
        items = list(self.js_value.items)
        return items.index(value, *slice(start, stop).indices(len(items))[:2])

    def count(self, value: Any) -> int:
        """How often a value occurs."""
        return list(self.js_value.items).count(value)


def _index(array: Any, key: Any, *, check: bool = True) -> int:
    if isinstance(key, slice):
        raise NotImplementedError(NO_SLICES)
    try:
        index = operator.index(key)
    except TypeError:
        raise TypeError(BAD_INDEX.format(type(key).__name__)) from None
    size = len(array.view)
    if check and not -size <= index < size:
        raise IndexError(key)
    return index + size if index < 0 else index


class PyBuffer(JsObject, name="PyBufferView", constructible=False):
    """What `getBuffer()` gives: the data of a Python buffer as a typed array."""

    __slots__ = ()

    def __init__(self, value: Any, kind: str | None) -> None:
        with memoryview(value) as view:
            data = bytearray(view.tobytes())
            cls = class_of_view(view) if kind is None else _NAMED.get(kind)
            if cls is None:
                raise error(f"Unknown type {kind}")
            self._own = {
                "data": cls(buffers.ArrayBuffer(data)),
                "offset": 0,
                "readonly": int(view.readonly),
                "format": view.format,
                "itemsize": view.itemsize,
                "ndim": view.ndim,
                "nbytes": view.nbytes,
                "shape": _numbers(view.shape),
                "strides": _numbers(view.strides),
                "c_contiguous": int(view.c_contiguous),
                "f_contiguous": int(view.f_contiguous),
                "release": _RELEASE,
            }


def _numbers(values: Any) -> JsValue:
    return JsArray(list(values))


def _release(this: Any) -> None:
    this.js_delete("data")


_RELEASE: Final = NativeFunction("release", _release)


def members(flags: int) -> Mapping[str, Any]:
    """The functions for a handle type with these capabilities."""
    if not flags & capabilities.BUFFER:
        return {}
    helpers = {**public(Buffers), "_into_file": Buffers._into_file}
    return {**helpers, **(public(TypedArrays) if flags & capabilities.TYPED_ARRAY else {})}
