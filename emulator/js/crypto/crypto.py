"""`crypto`: random values, and where `subtle` and `DigestStream` are found."""

from __future__ import annotations

import uuid

from emulator.js import host
from emulator.js.buffers import ArrayBuffer, TypedArray
from emulator.js.crypto.subtle import SubtleCrypto
from emulator.js.define import getter, method
from emulator.js.errors import dom_exception
from emulator.js.object import JsObject
from emulator.js.values import JsValue
from emulator.js.webidl import wrong_parameter

TOO_MANY_BYTES = "getRandomValues() only accepts buffers of size <= 64K but provided {count} bytes."
NOT_INTEGERS = "ArrayBufferView argument to getRandomValues() must be an integer-typed view."

_MOST_RANDOM_BYTES = 65536
_INTEGER_ARRAY_NAMES = """
Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array BigInt64Array
BigUint64Array"""
_INTEGER_ARRAYS = frozenset(_INTEGER_ARRAY_NAMES.split())


class Crypto(JsObject, name="Crypto", constructible=False):
    """The `crypto` global."""

    __slots__ = ("_subtle",)

    def __init__(self) -> None:
        super().__init__()
        self._subtle = SubtleCrypto()

    @getter
    def subtle(self) -> SubtleCrypto:
        return self._subtle

    @getter
    def DigestStream(self) -> JsValue:
        from emulator.js.crypto.digest_stream import DigestStream  # noqa: PLC0415 - rarely used

        return DigestStream.js_constructor

    @method
    def randomUUID(self) -> str:
        host.current().check_io_allowed()
        return str(uuid.UUID(bytes=host.current().random_bytes(16), version=4))

    @method
    def getRandomValues(self, view: JsValue = None) -> JsValue:
        if not isinstance(view, JsObject) or not ArrayBuffer.isView(view):
            raise wrong_parameter("Crypto", "getRandomValues", 1, "ArrayBufferView")
        if not isinstance(view, TypedArray) or view.js_class_name not in _INTEGER_ARRAYS:
            raise dom_exception("TypeMismatchError", NOT_INTEGERS)
        count = len(view.tobytes())
        if count > _MOST_RANDOM_BYTES:
            raise dom_exception("QuotaExceededError", TOO_MANY_BYTES.format(count=count))
        host.current().check_io_allowed()
        start = view.byte_offset
        view.buffer.data[start : start + count] = host.current().random_bytes(count)
        return view
