"""`Object`: the constructor and its static methods.

Importing this module gives JsObject its constructor; the package does, before anybody can have
seen another one.

Source: ECMA-262, 20.1. Error texts: V8.
Differs: prototypes are given by `Object.create` only, and are no class's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emulator.js.array import JsArray
from emulator.js.array_like import array_index
from emulator.js.boxed import box
from emulator.js.buffers import TypedArray
from emulator.js.collections import group_by_property, iterate_argument, undefined_if_missing
from emulator.js.convert import to_boolean, to_property_key
from emulator.js.equality import same_value
from emulator.js.errors import JsError, not_supported, type_error
from emulator.js.object import (
    OBJECT_PROTOTYPE_TO_STRING,
    Constructor,
    JsFunction,
    JsObject,
    NativeFunction,
    Prototype,
)
from emulator.js.plain import HeirObject, PlainObject
from emulator.js.properties import Accessor, FrozenItems, PropertyTable, property_table
from emulator.js.text import value_text
from emulator.js.values import MISSING, JsSymbol, JsValue, PropertyKey, null

NOT_AN_OBJECT = "Cannot convert undefined or null to object"
NO_ITERABLE = "undefined is not iterable"
CUSTOM_PROTOTYPE = "objects whose prototype is exchanged"
CLASS_PROTOTYPE = "Object.create() with the prototype of a class"


class ObjectConstructor(Constructor):
    """What the guest knows as `js.Object`."""

    __slots__ = ()

    def js_get(self, key: PropertyKey) -> JsValue:
        if self._own is None or key not in self._own:
            static = STATICS.get(key)
            if static is not None:
                return static
        return super().js_get(key)

    def js_all_keys(self) -> list[str]:
        return [*dict.fromkeys([*STATICS, *super().js_all_keys()])]

    def js_call(self, this: JsValue, args: tuple[JsValue, ...]) -> JsValue:
        return self.js_construct(args)

    def js_construct(self, args: tuple[JsValue, ...]) -> JsValue:
        if not args or args[0] is None or args[0] is null:
            return PlainObject()
        return box(args[0])

    def js_to_string(self) -> str:
        return "function Object() { [native code] }"


# -- enumeration --------------------------------------------------------------------------------


def _enumerable(value: JsValue) -> list[str]:
    return [key for key in box(value).js_own_keys() if isinstance(key, str)]


def _keys(this: JsValue, value: JsValue = None) -> JsValue:
    return JsArray(list(_enumerable(value)))


def _values(this: JsValue, value: JsValue = None) -> JsValue:
    target = box(value)
    return JsArray([undefined_if_missing(target.js_get(key)) for key in _enumerable(target)])


def _entries(this: JsValue, value: JsValue = None) -> JsValue:
    target = box(value)
    return JsArray(
        [JsArray([key, undefined_if_missing(target.js_get(key))]) for key in _enumerable(target)]
    )


def _from_entries(this: JsValue, entries: JsValue = None) -> JsValue:
    if entries is None or entries is null:
        raise type_error(f"{value_text(entries)} is not iterable")
    result: dict[PropertyKey, JsValue] = {}
    for pair in iterate_argument(entries):
        if not isinstance(pair, JsObject):
            raise type_error(f"Iterator value {value_text(pair)} is not an entry object")
        key = to_property_key(undefined_if_missing(pair.js_get("0")))
        result[key] = undefined_if_missing(pair.js_get("1"))
    return PlainObject(result)


def _assign(this: JsValue, target: JsValue = None, *sources: JsValue) -> JsValue:
    result = box(target)
    for source in sources:
        if source is None or source is null:
            continue
        holder = box(source)
        for key in [*holder.js_own_keys(), *own_symbols(holder)]:
            value = holder.js_get(key)
            if value is not MISSING:
                result.js_set(key, value)
    return result


def _own_names(this: JsValue, value: JsValue = None) -> JsValue:
    return JsArray(list(own_names(box(value))))


def _own_symbols(this: JsValue, value: JsValue = None) -> JsValue:
    return JsArray(list(own_symbols(box(value))))


def own_names(target: JsObject) -> list[str]:
    """Own string keys, those that do not enumerate too."""
    names = [key for key in target.js_own_keys() if isinstance(key, str)]
    if isinstance(target, Constructor):
        names += ["length", "name", "prototype"]
        names += [key for key in target.cls.js_statics if isinstance(key, str)]
    elif isinstance(target, Prototype):
        names += ["constructor", *(key for key in target.cls.js_members if isinstance(key, str))]
    elif isinstance(target, JsFunction):
        names += ["length", "name"]
    elif isinstance(target, JsArray):
        names.append("length")
    if isinstance(target, JsError | PlainObject) or isinstance(target._own, PropertyTable):
        names += [key for key in target._own or () if isinstance(key, str)]
    return list(dict.fromkeys(names))


def own_symbols(target: JsObject) -> list[JsSymbol]:
    """Own symbol keys."""
    return [key for key in target._own or () if isinstance(key, JsSymbol)]


# -- attributes ---------------------------------------------------------------------------------


def _freeze(this: JsValue, value: JsValue = None) -> JsValue:
    if isinstance(value, TypedArray) and len(value.view):
        raise type_error("Cannot freeze array buffer views with elements")
    return _seal_properties(value, freeze=True)


def _seal(this: JsValue, value: JsValue = None) -> JsValue:
    return _seal_properties(value, freeze=False)


def _seal_properties(value: JsValue, *, freeze: bool) -> JsValue:
    if isinstance(value, JsObject):
        property_table(value).seal(freeze=freeze)
        if isinstance(value, JsArray):
            value.items = FrozenItems(value.items, writable=not freeze)
    return value


def _prevent_extensions(this: JsValue, value: JsValue = None) -> JsValue:
    if isinstance(value, JsArray):
        # Differs: a V8 array that cannot grow may still shrink.
        return _seal(None, value)
    if isinstance(value, JsObject):
        property_table(value).extensible = False
    return value


def _is_extensible(this: JsValue, value: JsValue = None) -> bool:
    if not isinstance(value, JsObject):
        return False
    return not isinstance(value._own, PropertyTable) or value._own.extensible


def _is_sealed(this: JsValue, value: JsValue = None) -> bool:
    return _all_are(value, lambda table, key: key in table.permanent)


def _is_frozen(this: JsValue, value: JsValue = None) -> bool:
    if isinstance(value, JsArray) and value.items and not frozen_items(value):
        return False
    return _all_are(
        value,
        lambda table, key: (
            key in table.permanent and (key in table.readonly or key in table.accessors)
        ),
    )


def frozen_items(value: JsValue) -> bool:
    """Whether the value is an array whose items cannot be assigned."""
    items = getattr(value, "items", None)
    return isinstance(items, FrozenItems) and not items.writable


def _all_are(value: JsValue, test: Callable[[PropertyTable, PropertyKey], bool]) -> bool:
    if not isinstance(value, JsObject):
        return True
    table = value._own
    if not isinstance(table, PropertyTable) or table.extensible:
        return False
    return all(test(table, key) for key in table)


def define_property(target: JsObject, key: PropertyKey, descriptor: JsValue) -> None:
    """`Object.defineProperty` with a descriptor object."""
    if not isinstance(descriptor, JsObject):
        raise type_error(f"Property description must be an object: {value_text(descriptor)}")
    content = _described_content(descriptor)
    flags = {name: descriptor.js_get(name) for name in ("writable", "enumerable", "configurable")}
    if isinstance(target, JsArray | TypedArray) and array_index(key) is not None:
        if isinstance(content, Accessor):
            raise not_supported("accessor properties of array elements")
        target.js_set(key, undefined_if_missing(content))
        return
    table = property_table(target)
    existing = key in table
    before = {
        "writable": existing and key not in table.readonly and key not in table.accessors,
        "enumerable": existing and key not in table.hidden,
        "configurable": existing and key not in table.permanent,
    }
    chosen = {
        name: before[name] if value is MISSING else to_boolean(value)
        for name, value in flags.items()
    }
    if content is MISSING:
        kept = table.accessors.get(key) if flags["writable"] is MISSING else None
        content = kept or (dict.get(table, key) if existing else None)
    table.define(key, content, **chosen)


def _described_content(descriptor: JsObject) -> JsValue:
    """The value, an Accessor, or MISSING if the descriptor says neither."""
    getter, setter = descriptor.js_get("get"), descriptor.js_get("set")
    value = descriptor.js_get("value")
    if getter is MISSING and setter is MISSING:
        return value
    for name, function in (("Getter", getter), ("Setter", setter)):
        absent = function is MISSING or function is None
        if not absent and not getattr(function, "js_callable", False):
            raise type_error(f"{name} must be a function: {value_text(function)}")
    if value is not MISSING or descriptor.js_has("writable"):
        raise type_error(
            "Invalid property descriptor. Cannot both specify accessors and a value or writable "
            f"attribute, {value_text(descriptor)}"
        )
    return Accessor(undefined_if_missing(getter), undefined_if_missing(setter))


def _define_property(
    this: JsValue, target: JsValue = None, key: JsValue = None, descriptor: JsValue = None
) -> JsValue:
    if not isinstance(target, JsObject):
        raise type_error("Object.defineProperty called on non-object")
    define_property(target, to_property_key(key), descriptor)
    return target


def _define_properties(
    this: JsValue, target: JsValue = None, descriptors: JsValue = None
) -> JsValue:
    if not isinstance(target, JsObject):
        raise type_error("Object.defineProperties called on non-object")
    holder = box(descriptors)
    for key in holder.js_own_keys():
        define_property(target, key, holder.js_get(key))
    return target


def own_descriptor(target: JsObject, key: PropertyKey) -> JsValue:
    """A property's descriptor object; undefined if there is no such own property."""
    table = target._own if isinstance(target._own, PropertyTable) else PropertyTable(target, None)
    if key in table.accessors:
        accessor = table.accessors[key]
        result: dict[str, Any] = {"get": accessor.getter, "set": accessor.setter}
    else:
        value = target.js_get_own(key)
        if value is MISSING:
            return None
        result = {
            "value": value,
            "writable": key not in table.readonly and not frozen_items(target),
        }
    enumerable = isinstance(key, JsSymbol) or key in target.js_own_keys()
    result["enumerable"] = enumerable and key not in table.hidden
    result["configurable"] = key not in table.permanent
    return PlainObject(result)


def _own_descriptor(this: JsValue, value: JsValue = None, key: JsValue = None) -> JsValue:
    return own_descriptor(box(value), to_property_key(key))


def _own_descriptors(this: JsValue, value: JsValue = None) -> JsValue:
    target = box(value)
    keys: list[PropertyKey] = [*own_names(target), *own_symbols(target)]
    return PlainObject({key: own_descriptor(target, key) for key in keys})


# -- prototypes ---------------------------------------------------------------------------------


def prototype_of(target: JsObject) -> JsValue:
    """`Object.getPrototypeOf`."""
    if isinstance(target, PlainObject) and target.null_prototype:
        return null
    if isinstance(target, HeirObject):
        return target.prototype
    if not isinstance(target, Prototype):
        return target.js_constructor.prototype
    for base in target.cls.__mro__[1:]:
        if "js_constructor" in base.__dict__:
            return base.__dict__["js_constructor"].prototype
    return null


def _prototype_of(this: JsValue, value: JsValue = None) -> JsValue:
    return prototype_of(box(value))


def set_prototype(target: JsObject, prototype: JsValue) -> None:
    """`Object.setPrototypeOf`, as far as it is supported."""
    if prototype is prototype_of(target):
        return
    supported = prototype is null or prototype is JsObject.js_constructor.prototype
    if isinstance(target, PlainObject) and supported:
        target.null_prototype = prototype is null
        return
    raise not_supported(CUSTOM_PROTOTYPE)


def _set_prototype_of(this: JsValue, target: JsValue = None, prototype: JsValue = None) -> JsValue:
    if target is None or target is null:
        raise type_error("Object.setPrototypeOf called on null or undefined")
    _check_prototype(prototype)
    if isinstance(target, JsObject):
        set_prototype(target, prototype)
    return target


def _create(this: JsValue, prototype: JsValue = None, descriptors: JsValue = None) -> JsValue:
    _check_prototype(prototype)
    result = _with_prototype(prototype)
    if descriptors is not None:
        _define_properties(None, result, descriptors)
    return result


def _with_prototype(prototype: JsValue) -> PlainObject:
    if prototype is null or prototype is JsObject.js_constructor.prototype:
        return PlainObject(null_prototype=prototype is null)
    if isinstance(prototype, Prototype):
        # Its instances would need the class's own state.
        raise not_supported(CLASS_PROTOTYPE)
    return HeirObject(prototype)


def _check_prototype(prototype: JsValue) -> None:
    if prototype is not null and not isinstance(prototype, JsObject):
        raise type_error(f"Object prototype may only be an Object or null: {value_text(prototype)}")


# -- the rest -----------------------------------------------------------------------------------


def _is(this: JsValue, left: JsValue = None, right: JsValue = None) -> bool:
    return same_value(left, right)


def _has_own(this: JsValue, value: JsValue = None, key: JsValue = None) -> bool:
    return box(value).js_get_own(to_property_key(key)) is not MISSING


def _group_by(this: JsValue, items: JsValue = None, callback: JsValue = None) -> JsValue:
    return group_by_property(items, callback)


_FUNCTIONS: dict[str, Callable[..., JsValue]] = {
    "assign": _assign,
    "create": _create,
    "defineProperties": _define_properties,
    "defineProperty": _define_property,
    "entries": _entries,
    "freeze": _freeze,
    "fromEntries": _from_entries,
    "getOwnPropertyDescriptor": _own_descriptor,
    "getOwnPropertyDescriptors": _own_descriptors,
    "getOwnPropertyNames": _own_names,
    "getOwnPropertySymbols": _own_symbols,
    "getPrototypeOf": _prototype_of,
    "groupBy": _group_by,
    "hasOwn": _has_own,
    "is": _is,
    "isExtensible": _is_extensible,
    "isFrozen": _is_frozen,
    "isSealed": _is_sealed,
    "keys": _keys,
    "preventExtensions": _prevent_extensions,
    "seal": _seal,
    "setPrototypeOf": _set_prototype_of,
    "values": _values,
}
STATICS: dict[Any, NativeFunction] = {
    name: NativeFunction(name, function) for name, function in _FUNCTIONS.items()
}
JsObject.js_constructor = ObjectConstructor(JsObject)
property_table(JsObject.js_constructor.prototype).define(
    "toString", OBJECT_PROTOTYPE_TO_STRING, writable=True, enumerable=False, configurable=True
)
