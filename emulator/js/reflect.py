"""`Reflect`: the operations of the object model as functions.

Source: ECMA-262, 28.1. Error texts: V8.
"""

from __future__ import annotations

from emulator.js.array import JsArray
from emulator.js.convert import to_property_key
from emulator.js.define import method
from emulator.js.errors import JsThrow, JsTypeError, type_error
from emulator.js.function import BAD_ARGUMENT_LIST, argument_list
from emulator.js.object import JsObject
from emulator.js.object_statics import (
    STATICS,
    define_property,
    own_descriptor,
    own_names,
    own_symbols,
    prototype_of,
    set_prototype,
)
from emulator.js.text import value_text
from emulator.js.values import MISSING, JsValue, typeof


class JsReflect(JsObject, name="Reflect", constructible=False):
    """The `Reflect` namespace object."""

    __slots__ = ()

    @method
    def apply(
        self, function: JsValue = None, this: JsValue = None, args: JsValue = None
    ) -> JsValue:
        if not getattr(function, "js_callable", False):
            raise type_error(
                f"Function.prototype.apply was called on {value_text(function)}, which is "
                f"{_with_article(typeof(function))} and not a function"
            )
        if not isinstance(args, JsObject):
            raise type_error(BAD_ARGUMENT_LIST)
        return function.js_call(this, argument_list(args))

    @method
    def construct(self, target: JsValue = None, args: JsValue = None) -> JsValue:
        if not getattr(target, "js_callable", False):
            raise type_error(f"{value_text(target)} is not a constructor")
        return target.js_construct(argument_list(args))

    @method
    def get(self, target: JsValue = None, key: JsValue = None) -> JsValue:
        value = _object(target, "get").js_get(to_property_key(key))
        return None if value is MISSING else value

    @method
    def set(self, target: JsValue = None, key: JsValue = None, value: JsValue = None) -> bool:
        holder = _object(target, "set")
        return _succeeds(lambda: holder.js_set(to_property_key(key), value))

    @method
    def has(self, target: JsValue = None, key: JsValue = None) -> bool:
        return _object(target, "has").js_has(to_property_key(key))

    @method
    def deleteProperty(self, target: JsValue = None, key: JsValue = None) -> bool:
        holder = _object(target, "deleteProperty")
        return _succeeds(lambda: holder.js_delete(to_property_key(key)))

    @method
    def ownKeys(self, target: JsValue = None) -> JsValue:
        holder = _object(target, "ownKeys")
        return JsArray([*own_names(holder), *own_symbols(holder)])

    @method
    def defineProperty(
        self, target: JsValue = None, key: JsValue = None, descriptor: JsValue = None
    ) -> bool:
        holder = _object(target, "defineProperty")
        return _succeeds(lambda: define_property(holder, to_property_key(key), descriptor))

    @method
    def getOwnPropertyDescriptor(self, target: JsValue = None, key: JsValue = None) -> JsValue:
        return own_descriptor(_object(target, "getOwnPropertyDescriptor"), to_property_key(key))

    @method
    def getPrototypeOf(self, target: JsValue = None) -> JsValue:
        return prototype_of(_object(target, "getPrototypeOf"))

    @method
    def setPrototypeOf(self, target: JsValue = None, prototype: JsValue = None) -> bool:
        set_prototype(_object(target, "setPrototypeOf"), prototype)
        return True

    @method
    def isExtensible(self, target: JsValue = None) -> JsValue:
        return STATICS["isExtensible"].js_call(None, (_object(target, "isExtensible"),))

    @method
    def preventExtensions(self, target: JsValue = None) -> bool:
        STATICS["preventExtensions"].js_call(None, (_object(target, "preventExtensions"),))
        return True


def _object(value: JsValue, name: str) -> JsObject:
    if not isinstance(value, JsObject):
        raise type_error(f"Reflect.{name} called on non-object")
    return value


def _succeeds(action: object) -> bool:
    assert callable(action)
    try:
        action()
    except JsThrow as thrown:
        if isinstance(thrown.value, JsTypeError):
            return False
        raise
    return True


def _with_article(kind: str) -> str:
    return kind if kind == "undefined" else f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"
