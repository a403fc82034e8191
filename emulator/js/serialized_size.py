"""How many bytes V8 would need for a value, where a limit of the platform is counted in them.

Works on the nodes of `emulator.js.clone`. Exact for primitives, strings, arrays, objects, maps,
sets, dates and buffers, but for the byte of padding before some strings beyond Latin-1; errors and
shared references may differ by a few bytes.
Source: V8's serialization format, version 15.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from emulator.js.clone import ARRAY, BOXED, BUFFER, DATE, MAP, OBJECT, REGEXP, SET, VIEW, Node, Ref
from emulator.js.values import MISSING, JsBigInt, JsValue, null

_HEADER_BYTES: Final = 2
_SMALLEST_INT: Final = -(2**31)
_LARGEST_INT: Final = 2**31 - 1


def serialized_size(nodes: Sequence[Node], root: JsValue) -> int:
    """Bytes of the root and everything it holds."""
    return _HEADER_BYTES + _field(root) + sum(_node(node) for node in nodes)


def _field(value: Any) -> int:
    """A value where it is used; what a reference points to is counted with the nodes."""
    if isinstance(value, Ref):
        return 0
    if value is None or value is null or value is MISSING or isinstance(value, bool):
        return 1
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, JsBigInt):
        return 2 + 8 * max(1, (abs(int(value)).bit_length() + 63) // 64)
    if isinstance(value, int) and _SMALLEST_INT <= value <= _LARGEST_INT:
        return 1 + _varint(value * 2 if value >= 0 else -value * 2 - 1)
    return 9


def _string(text: str) -> int:
    length = len(text)
    if all(character <= "\xff" for character in text):
        return 1 + _varint(length) + length
    units = len(text.encode("utf-16-le", "surrogatepass"))
    return 1 + _varint(units) + units


def _key(key: Any) -> int:
    if isinstance(key, str) and key.isdigit() and key.isascii() and str(int(key)) == key:
        return _field(int(key))
    return _field(key)


def _varint(number: int) -> int:
    return max(1, (number.bit_length() + 6) // 7)


def _properties(fields: Sequence[Any]) -> int:
    keys, values = fields[::2], fields[1::2]
    return sum(map(_key, keys)) + sum(map(_field, values))


def _object(node: Node) -> int:
    return 2 + _varint((len(node) - 1) // 2) + _properties(node[1:])


def _array(node: Node) -> int:
    items, extra = node[1], node[2:]
    count = _varint(len(items))
    end = 1 + _varint(len(extra) // 2) + count
    return 1 + count + sum(map(_field, items)) + _properties(extra) + end


def _collection(node: Node) -> int:
    return 2 + _varint(len(node) - 1) + sum(map(_field, node[1:]))


def _buffer(node: Node) -> int:
    size = len(node[1])
    return 1 + _varint(size) + size


def _view(node: Node) -> int:
    return 2 + _varint(node[3]) + _varint(node[4] or 0) + 1


_SIZES: Final[dict[Any, Callable[[Node], int]]] = {
    OBJECT: _object,
    ARRAY: _array,
    MAP: _collection,
    SET: _collection,
    DATE: lambda node: 9,
    REGEXP: lambda node: 2 + _string(node[1]),
    BUFFER: _buffer,
    VIEW: _view,
    BOXED: lambda node: 1 + _field(node[1]),
}


def _node(node: Node) -> int:
    size = _SIZES.get(node[0])
    if size is not None:
        return size(node)
    # Errors: a tag for each part.
    return 2 + sum(_field(value) for value in node[1:])
