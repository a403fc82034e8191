"""Structured clone: any value as a flat table of nodes, and back.

`flatten` walks a value as V8's serializer does (depth first, getters run, symbols and holes as
there) and gives a list of nodes; `build` makes fresh objects of it. A node is a list: a kind, then
the fields of that kind; a field is a primitive, or a `Ref` to another node. Flat tables keep cycles
and shared references, need no recursion, and are what `emulator.codec` writes to disk.

    OBJECT    key, value, key, value, ...
    ARRAY     [items; MISSING is a hole], key, value, ...   (extra properties)
    MAP       key, value, ...
    SET       value, ...
    DATE      time in ms
    REGEXP    source, flags
    ERROR     class name, message | None, stack | None, cause | MISSING, key, value, ...
    BUFFER    bytes, maximal length | None
    VIEW      class name, Ref of the buffer, byte offset, byte length | None
    BOXED     primitive
    EXTERNAL  index given by Externals
    DOM       name, message, stack   (DOMException)

Error texts: V8 and workerd (`Could not serialize object of type ...`).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from typing import Any, Final, Protocol

from emulator.js import host
from emulator.js.array import JsArray
from emulator.js.boxed import BoxedPrimitive, BoxedSymbol, box
from emulator.js.buffers import TYPED_ARRAY_CLASSES, ArrayBuffer, DataView, TypedArray
from emulator.js.buffers.array_buffer import BufferView
from emulator.js.collections import JsMap, JsSet, LiteralMap
from emulator.js.convert import get_option, to_string
from emulator.js.date import JsDate
from emulator.js.errors import (
    ERROR_CLASSES,
    DOMException,
    JsError,
    JsThrow,
    dom_exception,
    type_error,
)
from emulator.js.json import JsJSON
from emulator.js.maths import JsMath
from emulator.js.object import JsIterator, JsObject
from emulator.js.plain import PlainObject
from emulator.js.promise import Promise
from emulator.js.regexp import JsRegExp
from emulator.js.text import object_text
from emulator.js.values import MISSING, JsBigInt, JsSymbol, JsValue, PropertyKey, null
from emulator.js.weak import JsFinalizationRegistry, JsWeakMap, JsWeakRef, JsWeakSet

OBJECT, ARRAY, MAP, SET, DATE, REGEXP, ERROR, BUFFER, VIEW, BOXED, EXTERNAL, DOM = range(12)

DETACHED = "An ArrayBuffer is detached and could not be cloned."
UNSUPPORTED_TYPE = (
    'Could not serialize object of type "{}". This type does not support serialization.'
)
NOT_TRANSFERABLE = "Object is not transferable"
BAD_TRANSFER = (
    "Incorrect type for the 'transfer' field on 'StructuredCloneOptions': the provided value is "
    "not of type 'Array'."
)
# Texts of platform classes that have their own. A class elsewhere may carry `js_clone_refusal`.
_REFUSALS: Final = {
    "ReadableStream": "ReadableStream can only be serialized for RPC.",
    "WritableStream": "WritableStream can only be serialized for RPC.",
    "Request": "ReadableStream can only be serialized for RPC.",
    "Response": "ReadableStream can only be serialized for RPC.",
    "AbortSignal": "AbortSignal serialization is not enabled.",
}
# Classes that workerd accepts and clones to `{}`: messages if they have no body.
_EMPTY_CLONES: Final = frozenset({"Request", "Response", "Headers", "Blob"})
# Objects of the language itself, which V8 refuses by their text.
_UNCLONEABLE: Final = (
    JsIterator, Promise, JsWeakMap, JsWeakSet, JsWeakRef, JsFinalizationRegistry, LiteralMap,
    BoxedSymbol,
)  # fmt: skip
_STANDARD_NAMES: Final = frozenset(ERROR_CLASSES) - {"AggregateError"}
_PRIMITIVES: Final = frozenset({str, int, float, bool, type(None), JsBigInt, type(null)})

Node = list[Any]
_Visitor = Callable[["_Walk", Any, Node], Iterable[JsObject]]


class Ref:
    """A field that stands for another node."""

    __slots__ = ("index",)

    def __init__(self, index: int) -> None:
        self.index = index


class Externals(Protocol):
    """Takes objects that only some contexts can serialise: functions, streams, RpcTargets."""

    def add(self, value: JsObject) -> int | None:
        """An index under which `build` will find the object's stand-in; None to refuse it."""
        ...


def structured_clone(value: JsValue, options: JsValue = None) -> JsValue:
    """`structuredClone(value, {transfer})`."""
    transfer = _transfer_list(options)
    if type(value) in _PRIMITIVES and not transfer:
        return value
    nodes, root = flatten(value, transfer=transfer, as_functions=True)
    result = build(nodes, root)
    for buffer in transfer:
        buffer.detach()
    return result


def _transfer_list(options: JsValue) -> list[ArrayBuffer]:
    transfer = get_option(options, "transfer")
    if transfer is None:
        return []
    if not isinstance(transfer, JsArray):
        raise type_error(BAD_TRANSFER)
    for item in transfer.items:
        if not isinstance(item, ArrayBuffer):
            raise type_error(NOT_TRANSFERABLE)
    return transfer.items


def flatten(
    value: JsValue,
    externals: Externals | None = None,
    transfer: Sequence[ArrayBuffer] = (),
    *,
    as_functions: bool = False,
) -> tuple[list[Node], JsValue]:
    """(nodes, root): the root is a field. Throws DataCloneError for what cannot be cloned.

    `as_functions`: platform objects that can be called are refused as functions are.
    """
    walk = _Walk(externals, transfer, as_functions=as_functions)
    return walk.nodes, walk.run(value)


def data_clone_error(text: str) -> JsThrow:
    """The DOMException of everything that refuses to be cloned."""
    return dom_exception("DataCloneError", text)


def refusal(value: JsObject) -> str:
    """Why an object that is not one of the cloneable types cannot be cloned."""
    own = getattr(value, "js_clone_refusal", None)
    if own is not None:
        return str(own)
    known = hasattr(value, "python_value") or value.js_callable or isinstance(value, _UNCLONEABLE)
    if not known:
        special = _REFUSALS.get(value.js_class_name)
        return special or UNSUPPORTED_TYPE.format(value.js_class_name)
    return f"{object_text(value)} could not be cloned."


class _Walk:
    """One flattening; its stack of generators replaces recursion."""

    def __init__(
        self,
        externals: Externals | None,
        transfer: Sequence[ArrayBuffer],
        *,
        as_functions: bool = False,
    ) -> None:
        self.nodes: list[Node] = []
        self._externals = externals
        self._as_functions = as_functions
        self._transfer = transfer
        self._index: dict[int, int] = {}
        # Objects that getters returned must not die and give their id to another one.
        self._kept: list[JsObject] = []

    def run(self, value: JsValue) -> JsValue:
        root: Node = []
        fresh = self.place(value, root)
        stack = [iter(self._visit(fresh))] if fresh is not None else []
        while stack:
            for child in stack[-1]:
                stack.append(iter(self._visit(child)))
                break
            else:
                stack.pop()
        return root[0]

    def place(self, value: JsValue, node: Node) -> JsObject | None:
        """Appends a value to a node as a field; returns an object seen for the first time."""
        if type(value) in _PRIMITIVES:
            node.append(value)
            return None
        if isinstance(value, JsObject):
            known = self._index.get(id(value))
            if known is not None:
                node.append(Ref(known))
                return None
            node.append(Ref(len(self.nodes)))
            self._index[id(value)] = len(self.nodes)
            self._kept.append(value)
            self.nodes.append([])
            return value
        if isinstance(value, JsSymbol):
            raise data_clone_error(f"{value!r} could not be cloned.")
        if value is MISSING:
            node.append(None)
        elif isinstance(value, str | int | float):
            # Subclasses of Python's scalars, e.g. enumerations, are their base value.
            base = str if isinstance(value, str) else int if isinstance(value, int) else float
            node.append(base(value))
        else:
            raise data_clone_error("[object Object] could not be cloned.")
        return None

    def _visit(self, value: JsObject) -> Iterable[JsObject]:
        node = self.nodes[self._index[id(value)]]
        visitor = _VISITORS.get(type(value)) or _visitor_of(value)
        if visitor is not None:
            return visitor(self, value, node)
        index = None if self._externals is None else self._externals.add(value)
        if index is not None:
            node += [EXTERNAL, index]
        elif _clones_to_nothing(value):
            node.append(OBJECT)
        elif self._as_functions and value.js_callable and hasattr(value, "js_clone_refusal"):
            raise data_clone_error(f"#<{value.js_class_name}> could not be cloned.")
        else:
            raise data_clone_error(refusal(value))
        return ()

    def properties(
        self, value: JsObject, keys: Iterable[PropertyKey], node: Node
    ) -> Generator[JsObject]:
        """Places key, value pairs; keys that a getter deleted meanwhile are skipped."""
        for key in keys:
            item = value.js_get(key)
            if item is MISSING or not isinstance(key, str):
                continue
            node.append(key)
            fresh = self.place(item, node)
            if fresh is not None:
                yield fresh

    def object(self, value: JsObject, node: Node) -> Generator[JsObject]:
        node.append(OBJECT)
        yield from self.properties(value, value.js_own_keys(), node)

    def array(self, value: JsArray, node: Node) -> Generator[JsObject]:
        items: Node = []
        node += [ARRAY, items]
        for item in list(value.items):
            if item is MISSING:
                items.append(MISSING)
                continue
            fresh = self.place(item, items)
            if fresh is not None:
                yield fresh
        if value._own:
            extra = JsObject.js_own_keys(value)
            yield from self.properties(value, extra, node)

    def map(self, value: JsMap, node: Node) -> Generator[JsObject]:
        node.append(MAP)
        for pair in value.entries_list():
            for item in pair:
                fresh = self.place(item, node)
                if fresh is not None:
                    yield fresh

    def set(self, value: JsSet, node: Node) -> Generator[JsObject]:
        node.append(SET)
        for item in value.items_list():
            fresh = self.place(item, node)
            if fresh is not None:
                yield fresh

    def error(self, value: JsError, node: Node) -> Generator[JsObject]:
        if isinstance(value, DOMException):
            node += [DOM, value.name, value.message, _text_or_none(value.js_get("stack"))]
            return
        enhanced = _errors_keep_properties()
        names = ERROR_CLASSES if enhanced else _STANDARD_NAMES
        name = value.js_get("name")
        known = name if isinstance(name, str) and name in names else "Error"
        message, stack = value.js_get_own("message"), value.js_get("stack")
        node += [ERROR, known, _text_or_none(message), _text_or_none(stack)]
        cause = value.js_get_own("cause")
        if cause is MISSING:
            node.append(MISSING)
        else:
            fresh = self.place(cause, node)
            if fresh is not None:
                yield fresh
        if enhanced:
            if name != known and isinstance(name, str):
                node += ["name", name]
            own = [key for key in value.js_own_keys() if key != "name"]
            yield from self.properties(value, own, node)

    def date(self, value: JsDate, node: Node) -> Iterable[JsObject]:
        node += [DATE, value.time_ms]
        return ()

    def regexp(self, value: JsRegExp, node: Node) -> Iterable[JsObject]:
        node += [REGEXP, value.pattern_text, value.flag_text]
        return ()

    def boxed(self, value: BoxedPrimitive, node: Node) -> Iterable[JsObject]:
        if isinstance(value, BoxedSymbol):
            raise data_clone_error("[object Symbol] could not be cloned.")
        node += [BOXED, value.primitive]
        return ()

    def buffer(self, value: ArrayBuffer, node: Node) -> Iterable[JsObject]:
        if value.detached_ and not any(value is buffer for buffer in self._transfer):
            raise data_clone_error(DETACHED)
        node += [BUFFER, bytes(value.data), value.max_bytes]
        return ()

    def view(self, value: BufferView, node: Node) -> Generator[JsObject]:
        if value.buffer.detached_:
            raise data_clone_error(DETACHED)
        node += [VIEW, value.js_class_name]
        fresh = self.place(value.buffer, node)
        size = None if value.follows_length else value.byte_size
        node += [value.byte_offset, size]
        if fresh is not None:
            yield fresh


def _clones_to_nothing(value: JsObject) -> bool:
    if type(value).js_class_name in _EMPTY_CLONES:
        return getattr(value, "body_source", None) is None
    # V8 sees no property of namespaces.
    return isinstance(value, JsMath | JsJSON)


def _errors_keep_properties() -> bool:
    current = host.slot.host
    return isinstance(current, host.NoHost) or bool(current.flag("enhanced_error_serialization"))


def _text_or_none(value: JsValue) -> str | None:
    return None if value is MISSING or value is None else to_string(value)


_VISITORS: dict[type, _Visitor] = {PlainObject: _Walk.object, JsArray: _Walk.array}
_VISITORS_BY_BASE: Final[tuple[tuple[type, _Visitor], ...]] = (
    (PlainObject, _Walk.object),
    (JsArray, _Walk.array),
    (JsMap, _Walk.map),
    (JsSet, _Walk.set),
    (JsDate, _Walk.date),
    (JsRegExp, _Walk.regexp),
    (JsError, _Walk.error),
    (ArrayBuffer, _Walk.buffer),
    (BufferView, _Walk.view),
    (BoxedPrimitive, _Walk.boxed),
)


def _visitor_of(value: JsObject) -> _Visitor | None:
    if isinstance(value, LiteralMap) or hasattr(value, "python_value"):
        return None
    for base, visitor in _VISITORS_BY_BASE:
        if isinstance(value, base):
            _VISITORS[type(value)] = visitor
            return visitor
    return None


# -- building -----------------------------------------------------------------------------------


def build(
    nodes: Sequence[Node], root: JsValue, externals: Sequence[JsValue] | None = None
) -> JsValue:
    """Fresh objects from nodes. Malformed nodes raise LookupError, TypeError or ValueError."""
    if not isinstance(root, Ref):
        return root
    objects: list[Any] = [_allocate(node, externals) for node in nodes]
    for index, node in enumerate(nodes):
        if node[0] == VIEW:
            objects[index] = _make_view(node, objects)
    for node, target in zip(nodes, objects, strict=True):
        fill = _FILLERS.get(node[0])
        if fill is not None:
            fill(target, node, objects)
    return objects[root.index]


def _field(value: JsValue, objects: list[Any]) -> JsValue:
    return objects[value.index] if isinstance(value, Ref) else value


def _allocate(node: Node, externals: Sequence[JsValue] | None) -> JsValue:
    kind = node[0]
    if kind == OBJECT:
        return PlainObject()
    if kind == ARRAY:
        return JsArray([])
    if kind == MAP:
        return JsMap()
    if kind == SET:
        return JsSet()
    if kind == DATE:
        return JsDate(node[1])
    if kind == REGEXP:
        return JsRegExp(node[1], node[2])
    if kind == ERROR:
        return _make_error(node)
    if kind == DOM:
        exception = DOMException(node[2], node[1])
        exception.js_set("stack", node[3])
        return exception
    if kind == BUFFER:
        return ArrayBuffer(bytearray(node[1]), max_bytes=node[2])
    if kind == BOXED:
        return box(node[1])
    if kind == EXTERNAL:
        if externals is None:
            raise LookupError("external value outside of its context")
        return externals[node[1]]
    if kind == VIEW:
        return None
    raise ValueError(f"unknown node kind {kind!r}")


def _make_error(node: Node) -> JsError:
    name, message, stack = node[1], node[2], node[3]
    error = ERROR_CLASSES[name]("" if message is None else message)
    assert error._own is not None
    if message is None:
        del error._own["message"]
    if stack is None:
        del error._own["stack"]
    else:
        error._own["stack"] = stack
    return error


def _make_view(node: Node, objects: list[Any]) -> JsValue:
    buffer = objects[node[2].index]
    offset, size = node[3], node[4]
    if not isinstance(buffer, ArrayBuffer) or not 0 <= offset + (size or 0) <= len(buffer.data):
        raise ValueError("a view outside of its buffer")
    if node[1] == "DataView":
        return DataView(buffer, offset, size)
    cls: type[TypedArray] = TYPED_ARRAY_CLASSES[node[1]]
    if offset % cls.element.size or (size or 0) % cls.element.size or offset < 0:
        raise ValueError("a misaligned view")
    return cls(buffer, offset, None if size is None else size // cls.element.size)


def _fill_object(target: PlainObject, node: Node, objects: list[Any]) -> None:
    target._own = {
        node[index]: _field(node[index + 1], objects) for index in range(1, len(node), 2)
    }


def _fill_array(target: JsArray, node: Node, objects: list[Any]) -> None:
    target.items = [_field(item, objects) for item in node[1]]
    if len(node) > 2:
        target._own = {
            node[index]: _field(node[index + 1], objects) for index in range(2, len(node), 2)
        }


def _fill_map(target: JsMap, node: Node, objects: list[Any]) -> None:
    for index in range(1, len(node), 2):
        target.set_item(_field(node[index], objects), _field(node[index + 1], objects))


def _fill_set(target: JsSet, node: Node, objects: list[Any]) -> None:
    for item in node[1:]:
        target.add_item(_field(item, objects))


def _fill_error(target: JsError, node: Node, objects: list[Any]) -> None:
    assert target._own is not None
    if len(node) > 4 and node[4] is not MISSING:
        target._own["cause"] = _field(node[4], objects)
    for index in range(5, len(node), 2):
        target._own[node[index]] = _field(node[index + 1], objects)


_FILLERS: Final[dict[int, Callable[[Any, Node, list[Any]], None]]] = {
    OBJECT: _fill_object,
    ARRAY: _fill_array,
    MAP: _fill_map,
    SET: _fill_set,
    ERROR: _fill_error,
}
