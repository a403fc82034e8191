"""`Function`: its prototype's `call`, `apply` and `bind`, and the constructor that refuses.

Importing this module completes the classes of `emulator.js.object`; the package does.

Source: ECMA-262, 20.2. A Worker may not make code from strings, hence the EvalError.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Never

from emulator.js.array_like import array_like_items
from emulator.js.errors import JsEvalError, JsThrow, type_error
from emulator.js.object import Constructor, JsFunction, JsObject, Member, NativeFunction
from emulator.js.text import require_function
from emulator.js.values import JsValue, PropertyKey, null, typeof

NO_CODE_GENERATION = "Code generation from strings disallowed for this context"
BAD_ARGUMENT_LIST = "CreateListFromArrayLike called on non-object"


class FunctionConstructor(Constructor):
    """What the guest knows as `js.Function`."""

    __slots__ = ()

    def js_call(self, this: JsValue, args: tuple[JsValue, ...]) -> Never:
        raise JsThrow(JsEvalError(NO_CODE_GENERATION))

    def js_construct(self, args: tuple[JsValue, ...]) -> Never:
        raise JsThrow(JsEvalError(NO_CODE_GENERATION))


class BoundFunction(JsFunction):
    """What `bind` gives."""

    __slots__ = ("_args", "_target", "_this", "function_name")

    def __init__(self, target: JsObject, this: JsValue, args: tuple[JsValue, ...]) -> None:
        super().__init__()
        self._target = target
        self._this = this
        self._args = args
        name = target.js_get("name")
        self.function_name = f"bound {name if isinstance(name, str) else ''}"

    def js_call(self, this: JsValue, args: tuple[JsValue, ...]) -> JsValue:
        return self._target.js_call(self._this, self._args + args)

    def js_construct(self, args: tuple[JsValue, ...]) -> JsValue:
        return self._target.js_construct(self._args + args)

    def _get_inherited(self, key: PropertyKey) -> JsValue:
        return self.function_name if key == "name" else super()._get_inherited(key)

    def js_to_string(self) -> str:
        return "function () { [native code] }"


def _call(this: JsValue, receiver: JsValue = None, *args: JsValue) -> JsValue:
    return require_function(this).js_call(receiver, args)


def _apply(this: JsValue, receiver: JsValue = None, args: JsValue = None) -> JsValue:
    if not getattr(this, "js_callable", False):
        kind = typeof(this)
        raise type_error(
            f"Function.prototype.apply was called on {this}, which is a {kind} and not a function"
        )
    return this.js_call(receiver, argument_list(args))


def _bind(this: JsValue, receiver: JsValue = None, *args: JsValue) -> JsValue:
    if not getattr(this, "js_callable", False):
        raise type_error("Bind must be called on a function")
    return BoundFunction(this, receiver, args)


def argument_list(args: JsValue) -> tuple[JsValue, ...]:
    """The arguments that `apply` takes from an array-like object."""
    if args is None or args is null:
        return ()
    if not isinstance(args, JsObject):
        raise type_error(BAD_ARGUMENT_LIST)
    return tuple(array_like_items(args))


def _function_classes(cls: type[Any]) -> Iterator[type[Any]]:
    yield cls
    for subclass in cls.__subclasses__():
        yield from _function_classes(subclass)


_MEMBERS = (
    ("call", _call),
    ("apply", _apply),
    ("bind", _bind),
    ("toString", lambda this: this.js_to_string()),
)


def _install() -> None:
    JsFunction.js_class_name = "Function"
    JsFunction.js_tag = "Function"
    # Members are copied to subclasses when those are made, and some exist already.
    for cls in _function_classes(JsFunction):
        for name, function in _MEMBERS:
            cls.js_members.setdefault(name, Member(function=NativeFunction(name, function)))
    JsFunction.js_constructor = FunctionConstructor(JsFunction)


_install()
