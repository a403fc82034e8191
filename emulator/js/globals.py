"""The global object: what `js` is to a Worker.

Theory of operation: a table says where each global comes from. `make_global` gives an object that
looks a name up at its first read, so that a program pays only for the modules that it uses. What
is assigned belongs to one object alone; classes are shared by all of them, as they are stateless.

Guarantees: the names are those of Cloudflare's runtime; browser globals (`window`, `document`,
`process`, ...) are absent, not undefined.
Source: the own and inherited names of workerd's global object.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from emulator.js.array import JsArray
from emulator.js.errors import ERROR_CLASSES, DOMException
from emulator.js.events import EventTarget
from emulator.js.object import JsFunction, JsIterator, JsObject
from emulator.js.promise import Promise
from emulator.js.unsupported import Unsupported
from emulator.js.values import MISSING, JsValue, PropertyKey, null

# Module -> names of classes in it. `Python name=JavaScript name` where the two differ.
_CLASSES: Final = {
    "blob": "Blob File",
    "body": "Body",
    "boxed": "JsBoolean=Boolean JsNumber=Number JsString=String BoxedBigInt=BigInt "
    "BoxedSymbol=Symbol",
    "buffers": "ArrayBuffer DataView SharedArrayBuffer Int8Array Uint8Array Uint8ClampedArray "
    "Int16Array Uint16Array Int32Array Uint32Array Float16Array Float32Array Float64Array "
    "BigInt64Array BigUint64Array",
    "cache": "Cache CacheStorage",
    "collections": "JsMap=Map JsSet=Set",
    "crypto": "Crypto CryptoKey SubtleCrypto",
    "date": "JsDate=Date",
    "eventsource": "EventSource",
    "event": "FetchEvent ScheduledEvent TailEvent",
    "encoding": "TextDecoder TextEncoder",
    "events": "AbortController AbortSignal CloseEvent CustomEvent ErrorEvent Event EventTarget "
    "ExtendableEvent MessageEvent PromiseRejectionEvent",
    "formdata": "FormData",
    "headers": "Headers",
    "html": "HTMLRewriter",
    "message_channel": "MessageChannel MessagePort",
    "platform": "Navigator",
    "regexp": "JsRegExp=RegExp",
    "request": "Request",
    "response": "Response",
    "streams": "ByteLengthQueuingStrategy CompressionStream CountQueuingStrategy "
    "DecompressionStream FixedLengthStream IdentityTransformStream ReadableByteStreamController "
    "ReadableStream ReadableStreamBYOBReader ReadableStreamBYOBRequest "
    "ReadableStreamDefaultController ReadableStreamDefaultReader TextDecoderStream "
    "TextEncoderStream TransformStream TransformStreamDefaultController WritableStream "
    "WritableStreamDefaultController WritableStreamDefaultWriter",
    "url": "URL URLSearchParams",
    "url_pattern": "URLPattern",
    "websocket": "WebSocket",
    "websocket_pair": "WebSocketPair WebSocketRequestResponsePair",
    "weak": "JsWeakMap=WeakMap JsWeakSet=WeakSet JsWeakRef=WeakRef "
    "JsFinalizationRegistry=FinalizationRegistry",
}

# Module -> names of functions in its table `FUNCTIONS`.
_FUNCTIONS: Final = {
    "encoding": "atob btoa",
    "global_functions": "decodeURI decodeURIComponent encodeURI encodeURIComponent escape isFinite "
    "isNaN parseFloat parseInt structuredClone unescape",
    "timers": "clearInterval clearTimeout queueMicrotask setInterval setTimeout",
}

_UNSUPPORTED: Final = """
AsyncDisposableStack Atomics DisposableStack Proxy SuppressedError WebAssembly"""

_CONSTANTS: Final[dict[PropertyKey, JsValue]] = {
    "Infinity": math.inf,
    "NaN": math.nan,
    "origin": null,
    "undefined": None,
}


def _class(module: str, name: str) -> JsValue:
    return _load(module, name).js_constructor


def _instance(module: str, name: str) -> JsValue:
    return _load(module, name)()


def _member(module: str, table: str, name: str) -> JsValue:
    return _load(module, table)[name]


def _load(module: str, name: str) -> Any:
    return getattr(importlib.import_module(f"emulator.js.{module}"), name)


def _sources() -> dict[str, Callable[[], JsValue]]:
    sources: dict[str, Callable[[], JsValue]] = {}
    for module, names in _CLASSES.items():
        for entry in names.split():
            python_name, _, name = entry.partition("=")
            sources[name or python_name] = partial(_class, module, python_name)
    for name in _UNSUPPORTED.split():
        sources[name] = partial(Unsupported, name)
    for module, names in _FUNCTIONS.items():
        for name in names.split():
            sources[name] = partial(_member, module, "FUNCTIONS", name)
    # The runtime has one class under two names.
    sources["TraceEvent"] = partial(_class, "event", "TailEvent")
    sources["scheduler"] = partial(_instance, "timers", "Scheduler")
    sources["fetch"] = partial(_load, "fetch", "FETCH")
    sources["caches"] = partial(_instance, "cache", "CacheStorage")
    sources["console"] = partial(_instance, "console", "Console")
    sources["crypto"] = partial(_instance, "crypto", "Crypto")
    sources["performance"] = partial(_instance, "platform", "Performance")
    sources["navigator"] = partial(_instance, "platform", "Navigator")
    sources["eval"] = partial(_load, "platform", "EVAL")
    sources["reportError"] = partial(_load, "platform", "REPORT_ERROR")
    sources["Math"] = partial(_instance, "maths", "JsMath")
    sources["Reflect"] = partial(_instance, "reflect", "JsReflect")
    sources["Intl"] = partial(_instance, "intl", "Intl")
    sources["JSON"] = partial(_instance, "json", "JsJSON")
    return sources


_SOURCES: Final = _sources()

# Cheap, and needed by every program.
_LOADED: Final[dict[PropertyKey, JsValue]] = {
    **_CONSTANTS,
    **{name: cls.js_constructor for name, cls in ERROR_CLASSES.items()},
    "Array": JsArray.js_constructor,
    "DOMException": DOMException.js_constructor,
    "Function": JsFunction.js_constructor,
    "Iterator": JsIterator.js_constructor,
    "Object": JsObject.js_constructor,
    "Promise": Promise.js_constructor,
}


class WorkerGlobalScope(EventTarget, name="WorkerGlobalScope", constructible=False):
    """Base class of the global object; the guest sees only its name."""

    __slots__ = ()


class GlobalObject(WorkerGlobalScope, name="ServiceWorkerGlobalScope", constructible=False):
    """`globalThis`. Its names can be assigned, and deleted."""

    __slots__ = ("_hidden",)
    _own: dict[PropertyKey, JsValue]

    def __init__(self, flags: Mapping[str, bool]) -> None:
        super().__init__()
        self._own = dict(_LOADED)
        self._own["globalThis"] = self
        self._own["self"] = self
        self._own["WorkerGlobalScope"] = WorkerGlobalScope.js_constructor
        self._own["ServiceWorkerGlobalScope"] = GlobalObject.js_constructor
        self._own["Cloudflare"] = _LazyFlags(flags)
        # Names that the guest has deleted: not to be loaded again.
        self._hidden: set[PropertyKey] = set()

    def js_get(self, key: PropertyKey) -> JsValue:
        own = self._own
        value = own.get(key, MISSING)
        if value is not MISSING:
            if type(value) is _LazyFlags:
                value = own[key] = _load("platform", "Cloudflare")(value.flags)
            return value
        source = _SOURCES.get(key) if isinstance(key, str) else None
        if source is None or key in self._hidden:
            return super().js_get(key)
        value = own[key] = source()
        return value

    def js_get_own(self, key: PropertyKey) -> JsValue:
        if key in self._own or key in _SOURCES:
            return self.js_get(key)
        return MISSING

    def js_has(self, key: PropertyKey) -> bool:
        # Does not load: asking whether a name exists must not cost an import.
        if key in self._own or (key in _SOURCES and key not in self._hidden):
            return True
        return super().js_has(key)

    def js_delete(self, key: PropertyKey) -> bool:
        self._hidden.add(key)
        return super().js_delete(key)

    def js_set(self, key: PropertyKey, value: JsValue) -> None:
        self._own[key] = value

    def js_own_keys(self) -> list[PropertyKey]:
        # Builtins are not enumerable.
        builtin = (*_LOADED, *_SOURCES, *_SCOPE_NAMES)
        return [key for key in super().js_own_keys() if key not in builtin]

    def js_all_keys(self) -> list[str]:
        lazy = (name for name in _SOURCES if name not in self._hidden)
        own = (key for key in self._own if isinstance(key, str))
        return [*dict.fromkeys([*own, *lazy, *super().js_all_keys()])]

    def js_to_string(self) -> str:
        return "[object ServiceWorkerGlobalScope]"


_SCOPE_NAMES: Final = (
    "globalThis", "self", "WorkerGlobalScope", "ServiceWorkerGlobalScope", "Cloudflare",
)  # fmt: skip


class _LazyFlags:
    """Holds the realm's flags until somebody reads `Cloudflare`."""

    __slots__ = ("flags",)

    def __init__(self, flags: Mapping[str, bool]) -> None:
        self.flags = flags


def make_global(flags: Mapping[str, bool]) -> GlobalObject:
    """A new global object for a program that runs under these compatibility flags."""
    return GlobalObject(flags)
