"""The classes of `pyodide.ffi` that only `isinstance` and annotations know: JsMap, JsArray, ...

They are never instantiated: whether an object is a JsMap follows from its capability flags.
"""

from __future__ import annotations

from types import GenericAlias
from typing import Any, Final

from emulator.ffi import capabilities as can
from emulator.ffi.proxy import MODULE, JsProxy, _JsProxyMetaClass


class _CapabilityMeta(_JsProxyMetaClass):
    """The type of capability classes."""

    required_flags: tuple[int, ...]
    """Sets of flags, of which an object needs one."""

    def __instancecheck__(cls, instance: object) -> bool:  # noqa: N805 - a metaclass
        return _meets(type(instance), cls.required_flags)

    def __subclasscheck__(cls, subclass: type) -> bool:  # noqa: N805
        return _meets(subclass, cls.required_flags) or type.__subclasscheck__(cls, subclass)

    def __getitem__(cls, parameters: Any) -> Any:  # noqa: N805
        """`JsMap[str, int]` in an annotation."""
        return GenericAlias(cls, parameters)


def _meets(kind: type, required_flags: tuple[int, ...]) -> bool:
    flags: int | None = getattr(kind, "_js_type_flags", None)
    return flags is not None and any(flags & needed == needed for needed in required_flags)


def _capability(name: str, flags: int | tuple[int, ...], *bases: Any) -> Any:
    required = flags if isinstance(flags, tuple) else (flags,)
    return _CapabilityMeta(
        f"{MODULE}.{name}",
        bases or (JsProxy,),
        {"__slots__": (), "__module__": MODULE, "__qualname__": name, "required_flags": required},
    )


JsCallable: Final = _capability("JsCallable", can.CALLABLE)
JsIterable: Final = _capability("JsIterable", can.ITERABLE)
JsIterator: Final = _capability("JsIterator", can.ITERATOR_FLAG)
JsAsyncIterable: Final = _capability("JsAsyncIterable", can.ASYNC_ITERABLE)
JsAsyncIterator: Final = _capability("JsAsyncIterator", can.ASYNC_ITERATOR_FLAG)
JsGenerator: Final = _capability("JsGenerator", can.GENERATOR, JsIterable)
JsAsyncGenerator: Final = _capability("JsAsyncGenerator", can.ASYNC_GENERATOR, JsAsyncIterable)
JsArray: Final = _capability("JsArray", (can.ARRAY, can.TYPED_ARRAY), JsIterable)
JsBuffer: Final = _capability("JsBuffer", can.BUFFER)
JsTypedArray: Final = _capability("JsTypedArray", can.BUFFER | can.TYPED_ARRAY, JsBuffer)
JsMap: Final = _capability("JsMap", can.MAP, JsIterable)
JsMutableMap: Final = _capability("JsMutableMap", can.MUTABLE_MAP, JsMap)
JsPromise: Final = _capability("JsPromise", can.AWAITABLE)
JsDoubleProxy: Final = _capability("JsDoubleProxy", can.DOUBLE_PROXY)
JsCallableDoubleProxy: Final = _capability(
    "JsCallableDoubleProxy", can.DOUBLE_PROXY | can.CALLABLE, JsCallable, JsDoubleProxy
)
# Pyodide tells these two by no flag of their own.
JsOnceCallable: Final = _capability("JsOnceCallable", can.CALLABLE, JsCallable)
JsWeakRef: Final = _capability("JsWeakRef", 0)
JsFetchResponse: Final = _capability("JsFetchResponse", can.RESPONSE)
JsDomElement: Final = _capability("JsDomElement", can.DOM_ELEMENT)

__all__ = [
    "JsArray", "JsAsyncGenerator", "JsAsyncIterable", "JsAsyncIterator", "JsBuffer", "JsCallable",
    "JsCallableDoubleProxy", "JsDomElement", "JsDoubleProxy", "JsFetchResponse", "JsGenerator",
    "JsIterable", "JsIterator", "JsMap", "JsMutableMap", "JsOnceCallable", "JsPromise",
    "JsTypedArray", "JsWeakRef",
]  # fmt: skip
