"""The object model: JsObject, functions, constructors, prototypes.

A JavaScript class is a Python class; its members are declared with the decorators of
`emulator.js.define` and collected when the class is created. An instance has own properties only
if somebody sets one. Property reads go through `js_get`, which returns MISSING for an absent
property, so that "undefined" and "absent" stay apart (Python code sees AttributeError only for the
latter).

Guarantees: one constructor object per class, one function object per method (so identity works as
in JavaScript); `constructor.name` is what the platform reports.
Does not know: Python callers. Values in and out are JavaScript values (see values.py); exceptions
are JsThrow, or a Python exception of guest code passing through.
"""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from emulator.js.define import getter, js_name, positional_limit
from emulator.js.values import (
    ITERATOR,
    MISSING,
    TO_STRING_TAG,
    JsBigInt,
    JsSymbol,
    JsValue,
    PropertyKey,
)

_ids = itertools.count(1)

ECMASCRIPT_CLASSES = frozenset(
    {
        "Boolean", "FinalizationRegistry", "Iterator", "Map", "Number", "Promise", "RegExp", "Set",
        "String", "WeakMap", "WeakRef", "WeakSet",
    }
)  # fmt: skip
"""Classes whose methods name themselves when they are called on something else."""


class JsObject:
    """Any JavaScript object. Subclasses are the platform's classes.

    Class options: `name` is `constructor.name` (omit it for an abstract Python base whose members
    its subclasses inherit); `tag` is the `Symbol.toStringTag` (default: the name);
    `constructible=False` makes `new X()` fail with `Illegal constructor`.
    """

    __slots__ = ("__weakref__", "_id", "_own")

    js_class_name: ClassVar[str] = "Object"
    js_tag: ClassVar[str] = "Object"
    js_members: ClassVar[dict[PropertyKey, Member]] = {}
    js_statics: ClassVar[dict[PropertyKey, JsValue]] = {}
    js_constructor: ClassVar[Constructor]
    js_callable: ClassVar[bool] = False
    js_constructible: ClassVar[bool] = True
    # Instances whose shape (which duck-typed protocols they offer) can differ from each other.
    js_dynamic: ClassVar[bool] = False
    js_iterable: ClassVar[bool] = False
    js_async_iterable: ClassVar[bool] = False

    _own: dict[PropertyKey, JsValue] | None
    _id: int

    def __init__(self) -> None:
        self._own = None

    def __init_subclass__(
        cls,
        *,
        name: str | None = None,
        tag: str | None = None,
        constructible: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init_subclass__(**kwargs)
        if name is not None:
            cls.js_class_name = name
            cls.js_tag = tag if tag is not None else name
            cls.js_constructible = constructible
        _collect_members(cls)
        if name is not None:
            cls.js_constructor = Constructor(cls)

    @classmethod
    def js_define(cls, python_name: str, member: Any) -> None:
        """Adds a decorated member after the class was made, e.g. one of a family."""
        setattr(cls, python_name, member)
        _collect_members(cls)

    # -- properties ---------------------------------------------------------------------------

    def js_get(self, key: PropertyKey) -> JsValue:
        """The property's value, through own properties and the class; MISSING if absent."""
        own = self._own
        if own is not None and key in own:
            return own[key]
        member = self.js_members.get(key)
        if member is not None:
            return member.read(self)
        if key == "constructor":
            return self.js_constructor
        return self._get_inherited(key)

    def _get_inherited(self, key: PropertyKey) -> JsValue:
        """Rare reads: symbols that every object answers, and properties set on a prototype."""
        if key is TO_STRING_TAG:
            return self.js_tag
        if key is ITERATOR and self.js_iterable:
            return NativeFunction("[Symbol.iterator]", lambda this: JsIterator(this.js_iter()))
        for cls in type(self).__mro__:
            constructor = cls.__dict__.get("js_constructor")
            if constructor is not None and constructor.has_prototype_properties:
                value = constructor.prototype.js_get_own(key)
                if value is not MISSING:
                    return value
        return _OBJECT_MEMBERS.get(key, MISSING)

    def js_get_own(self, key: PropertyKey) -> JsValue:
        """An own property's value, or MISSING."""
        return self._own.get(key, MISSING) if self._own is not None else MISSING

    def js_set(self, key: PropertyKey, value: JsValue) -> None:
        """Assigns a property; an accessor without setter throws as in strict mode."""
        member = self.js_members.get(key)
        if member is not None and member.is_accessor and member.writer is None:
            raise js_type_error(
                f"Cannot assign to read only property '{_key_text(key)}' of object "
                f"'#<{self.js_class_name}>'"
            )
        if member is not None and member.writer is not None:
            member.writer(self, value)
            return
        if self._own is None:
            self._own = {}
        self._own[key] = value

    def js_has(self, key: PropertyKey) -> bool:
        """JavaScript's `key in object`."""
        return self.js_get(key) is not MISSING

    def js_delete(self, key: PropertyKey) -> bool:
        """Removes an own property; True also if there was none."""
        if self._own is not None:
            self._own.pop(key, None)
        return True

    def js_own_keys(self) -> list[PropertyKey]:
        """Own enumerable keys in JavaScript's order: integer keys ascending, then insertion."""
        return order_keys(self._own) if self._own else []

    def js_all_keys(self) -> list[str]:
        """Names of own and inherited properties, for `dir()`."""
        names = [key for key in self.js_own_keys() if isinstance(key, str)]
        names.extend(key for key in self.js_members if isinstance(key, str))
        names.extend(key for key in _OBJECT_MEMBERS if isinstance(key, str))
        return [*dict.fromkeys(names), "constructor"]

    # -- behaviour ----------------------------------------------------------------------------

    def js_call(self, this: JsValue, args: tuple[JsValue, ...]) -> JsValue:
        """Calls the object as a function."""
        raise js_type_error(f"{self.js_to_string()} is not a function")

    def js_construct(self, args: tuple[JsValue, ...]) -> JsValue:
        """JavaScript's `new object(...args)`."""
        raise js_type_error(f"{self.js_to_string()} is not a constructor")

    def js_iter(self) -> Iterator[JsValue]:
        """Iterates as `for (x of object)` does."""
        factory = self.js_get(ITERATOR)
        if factory is MISSING or not getattr(factory, "js_callable", False):
            raise js_type_error(f"{self.js_to_string()} is not iterable")
        iterator = factory.js_call(self, ())
        return iterate_protocol(iterator)

    def js_to_string(self) -> str:
        """What `String(object)` gives."""
        return f"[object {self.js_tag}]"

    @property
    def js_id(self) -> int:
        """A number that is the same for the same object, assigned at first use."""
        try:
            return self._id
        except AttributeError:
            self._id = next(_ids)
            return self._id

    @classmethod
    def js_new(cls, *args: JsValue) -> JsValue:
        """Guest-facing construction (`new X(...)`); the Python constructor is internal."""
        del args
        raise js_type_error("Illegal constructor")

    @classmethod
    def js_call_constructor(cls, *args: JsValue) -> JsValue:
        """Calling the class without `new`. ECMAScript's own classes override it."""
        del args
        raise js_type_error(
            f"Failed to construct '{cls.js_class_name}': Please use the 'new' operator, this "
            "object constructor cannot be called as a function."
        )

    @classmethod
    def js_foreign_receiver(cls, method: str, this: JsValue) -> JsValue:
        """What a method works on that was called on something that is no instance; or throws."""
        if cls.js_class_name not in ECMASCRIPT_CLASSES:
            raise js_type_error("Illegal invocation")
        from emulator.js.text import value_text  # noqa: PLC0415 - text.py is built on this module

        raise js_type_error(
            f"Method {cls.js_class_name}.prototype.{method} called on incompatible receiver "
            f"{value_text(this)}"
        )

    @classmethod
    def js_prototype_value(cls, key: PropertyKey) -> JsValue:
        """A property of the prototype that is no function; MISSING if there is none."""
        del key
        return MISSING

    def __repr__(self) -> str:
        return f"<js {self.js_class_name}>"


class Member:
    """One member of a class: a method (value is a shared function) or an accessor."""

    __slots__ = ("function", "is_accessor", "reader", "writer")

    def __init__(
        self,
        *,
        function: JsFunction | None = None,
        reader: Callable[[Any], JsValue] | None = None,
        writer: Callable[[Any, JsValue], None] | None = None,
    ) -> None:
        self.function = function
        self.reader = reader
        self.writer = writer
        self.is_accessor = reader is not None

    def read(self, this: JsObject) -> JsValue:
        """The member's value on an instance."""
        return self.function if self.reader is None else self.reader(this)


def _collect_members(cls: type[JsObject]) -> None:
    members: dict[PropertyKey, Member] = {}
    statics: dict[PropertyKey, JsValue] = {}
    for base in (*reversed(cls.__bases__), cls):
        members |= vars(base).get("js_members", {})
        statics |= vars(base).get("js_statics", {})
    for python_name, attribute in cls.__dict__.items():
        key = js_name(python_name)
        if isinstance(attribute, getter):
            members[key] = Member(reader=attribute.fget, writer=attribute.fset)
            continue
        function = attribute.__func__ if isinstance(attribute, classmethod) else attribute
        kind = getattr(function, "__js_kind__", None)
        if kind == "method":
            members[key] = Member(function=Method(key, function, cls))
        elif kind == "async_method":
            members[key] = Member(function=Method(key, _promising(function), cls))
        elif kind == "static":
            statics[key] = NativeFunction(key, _static_call(cls, function))
        elif kind == "async_static":
            statics[key] = NativeFunction(key, _static_call(cls, _promising(function)))
    cls.js_members = members
    cls.js_statics = statics


def _static_call(cls: type[JsObject], function: Callable[..., Any]) -> Callable[..., Any]:
    limit = positional_limit(function, 1)

    def call(this: JsValue, *args: JsValue) -> JsValue:
        # A subclass that inherits the method is the class it works for.
        inherited = isinstance(this, Constructor) and issubclass(this.cls, cls)
        target = this.cls if inherited else cls
        return function(target, *(args[:limit] if limit >= 0 else args))

    return call


def _promising(function: Callable[..., Any]) -> Callable[..., Any]:
    """What calls an `async def`, or a `def` that never has to wait, and gives a promise."""
    limit = positional_limit(function, 1)
    if not inspect.iscoroutinefunction(function):
        return _settling(function, limit)

    def call(this: JsValue, *args: JsValue) -> JsValue:
        from emulator.js.promise import spawn  # noqa: PLC0415 - promise.py is built on this module

        return spawn(function(this, *(args[:limit] if limit >= 0 else args)))

    return call


def _settling(function: Callable[..., Any], limit: int) -> Callable[..., Any]:
    def call(this: JsValue, *args: JsValue) -> JsValue:
        from emulator.js.promise import outcome  # noqa: PLC0415 - promise.py is built on this module

        return outcome(function, this, *(args[:limit] if limit >= 0 else args))

    return call


class JsFunction(JsObject):
    """Base of everything callable."""

    __slots__ = ()
    js_callable = True
    function_name: str

    def js_to_string(self) -> str:
        return f"function {self.function_name}() {{ [native code] }}"


class NativeFunction(JsFunction):
    """A function implemented in Python: called with `this` first, then the arguments."""

    __slots__ = ("_function", "_limit", "function_name")

    def __init__(self, name: str, function: Callable[..., JsValue]) -> None:
        super().__init__()
        self.function_name = name
        self._function = function
        self._limit = positional_limit(function, 1)

    def js_call(self, this: JsValue, args: tuple[JsValue, ...]) -> JsValue:
        limit = self._limit
        if 0 <= limit < len(args):
            args = args[:limit]
        return self._function(this, *args)

    def _get_inherited(self, key: PropertyKey) -> JsValue:
        if key == "name":
            return self.function_name
        if key == "length":
            return max(self._limit, 0)
        return super()._get_inherited(key)


class Method(NativeFunction):
    """A prototype's function, which may be called on any value (`Map.prototype.get.call(5)`)."""

    __slots__ = ("owner",)

    def __init__(self, name: str, function: Callable[..., JsValue], owner: type[JsObject]) -> None:
        super().__init__(name, function)
        self.owner = owner

    def js_call(self, this: JsValue, args: tuple[JsValue, ...]) -> JsValue:
        limit = self._limit
        if 0 <= limit < len(args):
            args = args[:limit]
        try:
            return self._function(this, *args)
        except AttributeError:
            # Asked only now, so that a call costs nothing more.
            if isinstance(this, self.owner):
                raise
        this = self.owner.js_foreign_receiver(self.function_name, this)
        return self._function(this, *args)


class Constructor(JsFunction):
    """The constructor function of a class, e.g. what the guest knows as `js.Response`."""

    __slots__ = ("_prototype", "cls", "handle")

    def __init__(self, cls: type[JsObject]) -> None:
        super().__init__()
        self.cls = cls
        # A place for the layer above to keep what it shows of the class.
        self.handle: Any = None
        self._prototype: Prototype | None = None

    @property
    def function_name(self) -> str:  # type: ignore[override]
        return self.cls.js_class_name

    @property
    def prototype(self) -> Prototype:
        if self._prototype is None:
            self._prototype = Prototype(self.cls)
        return self._prototype

    @property
    def has_prototype_properties(self) -> bool:
        return self._prototype is not None and bool(self._prototype._own)

    def js_get(self, key: PropertyKey) -> JsValue:
        own = self._own
        if own is not None and key in own:
            return own[key]
        if key == "name":
            return self.cls.js_class_name
        if key == "prototype":
            return self.prototype
        value = self.cls.js_statics.get(key, MISSING)
        if value is not MISSING:
            return value
        return super().js_get(key)

    def js_all_keys(self) -> list[str]:
        statics = [key for key in self.cls.js_statics if isinstance(key, str)]
        return [*dict.fromkeys([*statics, "name", "prototype", *super().js_all_keys()])]

    def js_call(self, this: JsValue, args: tuple[JsValue, ...]) -> JsValue:
        return self.cls.js_call_constructor(*args)

    def js_construct(self, args: tuple[JsValue, ...]) -> JsValue:
        if not self.cls.js_constructible:
            raise js_type_error("Illegal constructor")
        limit = _new_limit(self.cls)
        if 0 <= limit < len(args):
            args = args[:limit]
        return self.cls.js_new(*args)

    def is_instance(self, value: JsValue) -> bool:
        """JavaScript's `value instanceof this`."""
        return isinstance(value, self.cls)


class Prototype(JsObject):
    """`X.prototype`: reads give the class's methods, writes add properties to all instances."""

    __slots__ = ("cls",)

    def __init__(self, cls: type[JsObject]) -> None:
        super().__init__()
        self.cls = cls

    def js_get(self, key: PropertyKey) -> JsValue:
        value = self.js_get_own(key)
        if value is not MISSING:
            return value
        if key == "constructor":
            return self.cls.js_constructor
        member = self.cls.js_members.get(key)
        if member is not None and member.function is not None:
            return member.function
        value = self.cls.js_prototype_value(key)
        return _OBJECT_MEMBERS.get(key, MISSING) if value is MISSING else value


class JsIterator(JsObject, name="Iterator", tag="Iterator", constructible=False):
    """A JavaScript iterator over a Python one."""

    __slots__ = ("_source",)
    js_iterable = True

    def __init__(self, source: Iterator[JsValue]) -> None:
        super().__init__()
        self._source = source

    def next_(self) -> JsValue:
        """The JavaScript `next()`; registered below because the class table exists by then."""
        from emulator.js.plain import iterator_result  # noqa: PLC0415 - cycle at import time

        for value in self._source:
            return iterator_result(value, done=False)
        return iterator_result(None, done=True)

    def js_iter(self) -> Iterator[JsValue]:
        return self._source


def iterate_protocol(iterator: JsValue) -> Iterator[JsValue]:
    """Drives an object's `next()` method."""
    if isinstance(iterator, JsIterator):
        yield from iterator.js_iter()
        return
    step = iterator.js_get("next")
    while True:
        result = step.js_call(iterator, ())
        if not isinstance(result, JsObject):
            raise js_type_error("Iterator result is not an object")
        done = result.js_get("done")
        if done is not MISSING and done:
            return
        value = result.js_get("value")
        yield None if value is MISSING else value


def order_keys(own: dict[PropertyKey, JsValue]) -> list[PropertyKey]:
    """JavaScript's order of own enumerable keys; symbols are left out."""
    hidden = () if type(own) is dict else getattr(own, "hidden", ())
    strings = [key for key in own if isinstance(key, str) and key not in hidden]
    integers = [key for key in strings if is_array_index(key)]
    if not integers:
        return list(strings)
    indices = set(integers)
    return [*sorted(integers, key=int), *(key for key in strings if key not in indices)]


def is_array_index(key: str) -> bool:
    """Whether a property name is one of an array's indices."""
    return (
        key.isascii() and key.isdigit() and (key == "0" or key[0] != "0") and int(key) < 2**32 - 1
    )


def _key_text(key: PropertyKey) -> str:
    return key if isinstance(key, str) else repr(key)


_new_limits: dict[type[JsObject], int] = {}


def _new_limit(cls: type[JsObject]) -> int:
    limit = _new_limits.get(cls)
    if limit is None:
        limit = _new_limits[cls] = positional_limit(cls.js_new, 0)
    return limit


def js_type_error(message: str) -> Exception:
    """A throwable TypeError; errors.py is built on this module, hence the late import."""
    from emulator.js.errors import type_error  # noqa: PLC0415

    return type_error(message)


def _has_own(this: JsValue, key: JsValue = None) -> bool:
    wanted = key if isinstance(key, JsSymbol) else str(key)
    return isinstance(this, JsObject) and this.js_get_own(wanted) is not MISSING


def _to_string_tag(this: JsValue) -> str:
    if this is None:
        return "[object Undefined]"
    if isinstance(this, JsObject):
        tag = this.js_get(TO_STRING_TAG)
        return f"[object {tag if isinstance(tag, str) else this.js_tag}]"
    return f"[object {_PRIMITIVE_TAGS.get(type(this), 'Null')}]"


_PRIMITIVE_TAGS: dict[type, str] = {
    str: "String", bool: "Boolean", int: "Number", float: "Number", JsBigInt: "BigInt",
    JsSymbol: "Symbol",
}  # fmt: skip


_OBJECT_MEMBERS: dict[PropertyKey, JsValue] = {}
JsObject.js_constructor = Constructor(JsObject)
_OBJECT_MEMBERS.update(
    {
        "hasOwnProperty": NativeFunction("hasOwnProperty", _has_own),
        "toString": NativeFunction("toString", lambda this: this.js_to_string()),
        "valueOf": NativeFunction("valueOf", lambda this: this),
    }
)
OBJECT_PROTOTYPE_TO_STRING = NativeFunction("toString", _to_string_tag)
JsIterator.js_members["next"] = Member(function=NativeFunction("next", JsIterator.next_))
