"""Structured clone of JavaScript values to bytes, and back: what storage keeps.

    encode(value) -> bytes          throws the DataCloneError that Cloudflare throws
    decode(bytes) -> value          fresh objects every time; StorageFormatError for other bytes

Format, version 1
-----------------
One byte, the version; then one msgpack value.

    msgpack            JavaScript
    nil                undefined
    bool               boolean
    int, float 64      number
    str                string; lone surrogates as the three bytes they would have (WTF-8)
    array              Array
    map                plain object; keys are strings
    ext 1, empty       null
    ext 2              BigInt: big-endian two's complement, shortest form
    ext 3, 8 bytes     Date: milliseconds as a big-endian float 64; NaN is an invalid date
    ext 4              typed array over all of a buffer of its own: one byte, the element type
                       (order of `ELEMENT_TYPES`), then the bytes in little-endian order
    ext 5, empty       a hole in an array
    ext 6              graph: msgpack array [root, node, node, ...], only as the whole value
    ext 7              only in a graph: reference to a node; its number as a big-endian integer

A tree of the types above is written directly. Everything else is a graph: values that hold one
object twice or contain themselves, nesting deeper than msgpack's, and types that only nodes have
(Map, Set, RegExp, Error, DOMException, ArrayBuffer, views of shared buffers, boxed primitives,
arrays with extra properties). A node is a msgpack array, laid out as in `emulator.js.clone`, with
bytes as bin.

Rules for changes: a reader accepts every version up to its own; kinds and ext codes are never
reused; a writer that adds one raises the version.

Bytes are not a channel for live objects: values that only some contexts may pass on (functions,
streams, RPC targets) go to `Externals`, and the bytes keep their index.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgpack

from emulator.errors import StorageFormatError
from emulator.js.array import JsArray
from emulator.js.buffers import TYPED_ARRAY_CLASSES, ArrayBuffer, TypedArray
from emulator.js.clone import Externals, Ref, build, flatten
from emulator.js.date import JsDate
from emulator.js.errors import JsThrow
from emulator.js.object import JsObject
from emulator.js.plain import PlainObject
from emulator.js.values import MISSING, JsBigInt, JsValue, null

VERSION: Final = 1
_PREFIX: Final = bytes([VERSION])
_NULL, _BIGINT, _DATE, _TYPED, _HOLE, _GRAPH, _REF = range(1, 8)
_SCALARS: Final = frozenset({str, int, float, bool, type(None)})
_ELEMENTS: Final = tuple(TYPED_ARRAY_CLASSES.values())
_ELEMENT_INDEX: Final = {cls: index for index, cls in enumerate(_ELEMENTS)}
_NULL_EXT: Final = msgpack.ExtType(_NULL, b"")
_HOLE_EXT: Final = msgpack.ExtType(_HOLE, b"")
# What msgpack has and this format does not.
_FOREIGN: Final = frozenset({bytes, msgpack.Timestamp})
_SWAP_BYTES: Final = sys.byteorder != "little"

__all__ = ["VERSION", "Externals", "decode", "encode"]


class _NeedsGraph(Exception):
    """The value is not a plain tree."""


# -- encoding -----------------------------------------------------------------------------------


def encode(value: JsValue, externals: Externals | None = None) -> bytes:
    """The value's bytes; throws DataCloneError for what cannot be cloned."""
    kind = type(value)
    if kind in _SCALARS:
        return _PREFIX + _pack(value)
    # A tree is packed by C code that asks `_tree_default` about each object. No guest code runs
    # meanwhile, so the one packer and the one set serve every call.
    _seen.clear()
    try:
        return _PREFIX + _pack(value)
    except (_NeedsGraph, ValueError):
        return _PREFIX + _encode_graph(value, externals)


_seen: set[int] = set()


def _tree_default(value: Any) -> Any:
    """What the packer writes for an object; _NeedsGraph where only a graph will do."""
    kind = type(value)
    if kind is PlainObject:
        content = value._own
        if type(content) is not dict:
            raise _NeedsGraph
    elif kind is JsArray:
        content = value.items
        if value._own or type(content) is not list:
            raise _NeedsGraph
    elif value is null:
        return _NULL_EXT
    else:
        return _leaf(value)
    identity = id(value)
    if identity in _seen:
        raise _NeedsGraph
    _seen.add(identity)
    return content


def _leaf(value: Any) -> Any:
    if isinstance(value, JsBigInt) or type(value) is int:
        return _bigint_ext(value)
    if value is MISSING:
        return _HOLE_EXT
    if isinstance(value, JsObject):
        identity = id(value)
        if identity in _seen or value._own:
            raise _NeedsGraph
        _seen.add(identity)
        if type(value) is JsDate:
            return msgpack.ExtType(_DATE, struct.pack(">d", value.time_ms))
        if isinstance(value, TypedArray):
            return _typed_ext(value)
    raise _NeedsGraph


def _typed_ext(value: TypedArray) -> msgpack.ExtType:
    buffer = value.buffer
    whole = value.byte_offset == 0 and value.byte_size == len(buffer.data)
    plain = type(buffer) is ArrayBuffer and buffer.max_bytes is None and not buffer.detached_
    if not whole or not plain or id(buffer) in _seen:
        raise _NeedsGraph
    _seen.add(id(buffer))
    data = _little_endian(value.tobytes(), value.element.size)
    return msgpack.ExtType(_TYPED, bytes([_ELEMENT_INDEX[type(value)]]) + data)


def _bigint_ext(value: int) -> msgpack.ExtType:
    number = int(value)
    return msgpack.ExtType(
        _BIGINT, number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True)
    )


def _encode_graph(value: JsValue, externals: Externals | None) -> bytes:
    nodes, root = flatten(value, externals)
    packer = msgpack.Packer(
        default=_graph_default, strict_types=True, unicode_errors="surrogatepass"
    )
    payload = packer.pack([root, *nodes])
    return bytes(msgpack.packb(msgpack.ExtType(_GRAPH, payload)))


def _graph_default(value: Any) -> Any:
    if isinstance(value, Ref):
        size = (value.index.bit_length() + 7) // 8
        return msgpack.ExtType(_REF, value.index.to_bytes(size, "big"))
    if value is null:
        return _NULL_EXT
    if value is MISSING:
        return _HOLE_EXT
    return _bigint_ext(value)


_pack: Final[Callable[[Any], bytes]] = msgpack.Packer(
    default=_tree_default, strict_types=True, unicode_errors="surrogatepass"
).pack


# -- decoding -----------------------------------------------------------------------------------


def decode(data: bytes, externals: Sequence[JsValue] | None = None) -> JsValue:
    """The value of bytes that `encode` made."""
    if data[:1] != _PREFIX:
        raise _bad_version(data)
    try:
        value = _unpack(data[1:], externals)
    except _MALFORMED as problem:
        raise StorageFormatError(f"a stored value is damaged: {problem}") from problem
    if type(value) in _FOREIGN:
        raise StorageFormatError("a stored value is damaged: foreign type")
    return value


# Everything that wrong bytes can make the reader run into.
_MALFORMED: Final = (
    ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError, MemoryError,
    AssertionError, struct.error, msgpack.UnpackException, JsThrow,
)  # fmt: skip


def _bad_version(data: bytes) -> StorageFormatError:
    if not data:
        return StorageFormatError("a stored value is empty")
    return StorageFormatError(
        f"a stored value has format version {data[0]}; this pyworkers reads up to {VERSION}",
        hint="it was written by a newer pyworkers, or is not a stored value",
    )


def _unpack(data: bytes, externals: Sequence[JsValue] | None) -> JsValue:
    def extension(code: int, payload: bytes) -> JsValue:
        if code == _GRAPH:
            return _decode_graph(payload, externals)
        return _extension(code, payload)

    return msgpack.unpackb(
        data,
        ext_hook=_extension_without_externals if externals is None else extension,
        object_hook=_object,
        list_hook=_array,
        unicode_errors="surrogatepass",
        max_bin_len=0,
    )


def _object(properties: dict[str, JsValue]) -> PlainObject:
    if not _FOREIGN.isdisjoint(map(type, properties.values())) or b"" in properties:  # type: ignore[comparison-overlap]
        raise ValueError("foreign type")
    result = PlainObject.__new__(PlainObject)
    result._own = properties  # type: ignore[assignment]
    result.null_prototype = False
    return result


def _array(items: list[JsValue]) -> JsArray:
    if not _FOREIGN.isdisjoint(map(type, items)):
        raise ValueError("foreign type")
    return JsArray(items)


def _extension_without_externals(code: int, payload: bytes) -> JsValue:
    return _decode_graph(payload, None) if code == _GRAPH else _extension(code, payload)


def _extension(code: int, payload: bytes) -> JsValue:
    if code == _NULL:
        return null
    if code == _BIGINT:
        return JsBigInt(int.from_bytes(payload, "big", signed=True))
    if code == _DATE:
        return JsDate(struct.unpack(">d", payload)[0])
    if code == _HOLE:
        return MISSING
    if code == _TYPED:
        cls = _ELEMENTS[payload[0]]
        size = cls.element.size
        if (len(payload) - 1) % size:
            raise ValueError("a typed array with a part of an element")
        return cls.from_bytes(bytearray(_little_endian(payload[1:], size)))
    raise ValueError(f"unknown extension {code}")


def _decode_graph(payload: bytes, externals: Sequence[JsValue] | None) -> JsValue:
    root, *nodes = msgpack.unpackb(
        payload, ext_hook=_graph_extension, unicode_errors="surrogatepass"
    )
    _check_nodes(nodes)
    return build(nodes, root, externals)


def _check_nodes(nodes: list[Any]) -> None:
    """Nodes are arrays of fields; only arrays' first field and buffers' bytes are containers."""
    for node in nodes:
        if type(node) is not list or not node or type(node[0]) is not int:
            raise ValueError("a node that is not one")
        fields = node[1:]
        if fields and type(fields[0]) is list:
            fields = [*fields[0], *fields[1:]] if node[0] == 1 else fields
        elif fields and type(fields[0]) is bytes and node[0] == 7:
            fields = fields[1:]
        if not _NOT_FIELDS.isdisjoint(map(type, fields)):
            raise ValueError("a field of a foreign type")


_NOT_FIELDS: Final = frozenset({bytes, list, dict, msgpack.Timestamp})


def _graph_extension(code: int, payload: bytes) -> Any:
    if code == _REF:
        return Ref(int.from_bytes(payload, "big"))
    if code in (_TYPED, _GRAPH):
        raise ValueError(f"extension {code} inside a graph")
    return _extension(code, payload)


def _little_endian(data: bytes, size: int) -> bytes:
    if not _SWAP_BYTES or size == 1:
        return data
    return b"".join(data[at : at + size][::-1] for at in range(0, len(data), size))
