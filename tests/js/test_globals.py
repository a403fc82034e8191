"""The global object: names, laziness, isolation, stand-ins."""

from __future__ import annotations

import math
import subprocess
import sys

import pytest

from emulator.js import globals as js_globals
from emulator.js.errors import JsThrow
from emulator.js.globals import GlobalObject, make_global
from emulator.js.object import JsObject
from emulator.js.plain import PlainObject
from emulator.js.values import MISSING, null
from tests.js.guest_values import call, forbid_io, recorder
from tests.support.js_host import FakeHost

# Own and inherited names of workerd's global object (compatibility date 2026-01-01).
WORKERD_NAMES = [
    "AggregateError",
    "Array",
    "ArrayBuffer",
    "AsyncDisposableStack",
    "Atomics",
    "BigInt",
    "BigInt64Array",
    "BigUint64Array",
    "Boolean",
    "Cloudflare",
    "DataView",
    "Date",
    "DisposableStack",
    "Error",
    "EvalError",
    "FinalizationRegistry",
    "Float16Array",
    "Float32Array",
    "Float64Array",
    "Function",
    "Infinity",
    "Int16Array",
    "Int32Array",
    "Int8Array",
    "Intl",
    "Iterator",
    "JSON",
    "Map",
    "Math",
    "NaN",
    "Number",
    "Object",
    "Promise",
    "Proxy",
    "RangeError",
    "ReferenceError",
    "Reflect",
    "RegExp",
    "ServiceWorkerGlobalScope",
    "Set",
    "SharedArrayBuffer",
    "String",
    "SuppressedError",
    "Symbol",
    "SyntaxError",
    "TypeError",
    "URIError",
    "Uint16Array",
    "Uint32Array",
    "Uint8Array",
    "Uint8ClampedArray",
    "WeakMap",
    "WeakRef",
    "WeakSet",
    "WebAssembly",
    "caches",
    "console",
    "crypto",
    "decodeURI",
    "decodeURIComponent",
    "encodeURI",
    "encodeURIComponent",
    "escape",
    "eval",
    "globalThis",
    "isFinite",
    "isNaN",
    "navigator",
    "origin",
    "parseFloat",
    "parseInt",
    "performance",
    "scheduler",
    "self",
    "undefined",
    "unescape",
    "AbortController",
    "AbortSignal",
    "Blob",
    "Body",
    "ByteLengthQueuingStrategy",
    "Cache",
    "CacheStorage",
    "CloseEvent",
    "CompressionStream",
    "CountQueuingStrategy",
    "Crypto",
    "CryptoKey",
    "CustomEvent",
    "DOMException",
    "DecompressionStream",
    "ErrorEvent",
    "Event",
    "EventSource",
    "ExtendableEvent",
    "FetchEvent",
    "File",
    "FixedLengthStream",
    "FormData",
    "HTMLRewriter",
    "Headers",
    "IdentityTransformStream",
    "MessageChannel",
    "MessageEvent",
    "MessagePort",
    "Navigator",
    "PromiseRejectionEvent",
    "ReadableByteStreamController",
    "ReadableStream",
    "ReadableStreamBYOBReader",
    "ReadableStreamBYOBRequest",
    "ReadableStreamDefaultController",
    "ReadableStreamDefaultReader",
    "Request",
    "Response",
    "ScheduledEvent",
    "SubtleCrypto",
    "TailEvent",
    "TextDecoder",
    "TextDecoderStream",
    "TextEncoder",
    "TextEncoderStream",
    "TraceEvent",
    "TransformStream",
    "TransformStreamDefaultController",
    "URL",
    "URLPattern",
    "URLSearchParams",
    "WebSocket",
    "WebSocketPair",
    "WebSocketRequestResponsePair",
    "WorkerGlobalScope",
    "WritableStream",
    "WritableStreamDefaultController",
    "WritableStreamDefaultWriter",
    "atob",
    "btoa",
    "clearInterval",
    "clearTimeout",
    "constructor",
    "fetch",
    "queueMicrotask",
    "reportError",
    "setInterval",
    "setTimeout",
    "structuredClone",
    "EventTarget",
    "addEventListener",
    "dispatchEvent",
    "removeEventListener",
]
UNDEFINED = ("undefined",)


@pytest.fixture
def realm() -> GlobalObject:
    return make_global({"python_workers": True, "nodejs_compat": False})


@pytest.mark.parametrize("name", WORKERD_NAMES)
def test_every_global_of_the_runtime_is_there(realm: GlobalObject, name: str) -> None:
    assert realm.js_has(name) is True
    value = realm.js_get(name)
    assert value is not MISSING
    assert (value is None) == (name in UNDEFINED)
    assert realm.js_get(name) is value or math.isnan(value)
    assert name in realm.js_all_keys()


def test_there_are_no_other_builtin_globals(realm: GlobalObject) -> None:
    ours = set(realm.js_all_keys()) - set(WORKERD_NAMES)
    assert ours == {"hasOwnProperty", "toString", "valueOf", *OBJECT_MEMBERS} - set(WORKERD_NAMES)


OBJECT_MEMBERS = set(PlainObject().js_all_keys())


@pytest.mark.parametrize(
    "name",
    ["window", "document", "process", "Buffer", "XMLHttpRequest", "localStorage", "Worker", "env",
     "BroadcastChannel", "indexedDB", "require", "nosuch"],
)  # fmt: skip
def test_browser_and_node_globals_are_absent(realm: GlobalObject, name: str) -> None:
    assert realm.js_has(name) is False
    assert realm.js_get(name) is MISSING


def test_constructors_have_the_names_of_their_globals(realm: GlobalObject) -> None:
    # The real runtime has one class under two names.
    assert realm.js_get("TraceEvent") is realm.js_get("TailEvent")
    for name in WORKERD_NAMES:
        value = realm.js_get(name)
        if name != "TraceEvent" and name[0].isupper() and getattr(value, "js_callable", False):
            assert name == value.js_get("name")


def test_the_global_object_is_itself(realm: GlobalObject) -> None:
    assert realm.js_get("globalThis") is realm.js_get("self") is realm
    assert realm.js_to_string() == "[object ServiceWorkerGlobalScope]"
    assert realm.js_get("constructor").js_get("name") == "ServiceWorkerGlobalScope"
    assert (realm.js_get("origin"), realm.js_get("Infinity")) == (null, math.inf)


def test_assignments_stay_in_one_global_object(realm: GlobalObject) -> None:
    other = make_global({})
    realm.js_set("foo", 5)
    realm.js_set("fetch", 6)
    assert (realm.js_get("foo"), realm.js_get("fetch")) == (5, 6)
    assert realm.js_own_keys() == ["foo"]
    assert other.js_get("foo") is MISSING
    assert other.js_get("fetch").js_get("name") == "fetch"
    assert realm.js_get("console") is not other.js_get("console")


def test_a_deleted_global_is_gone_until_it_is_assigned(realm: GlobalObject) -> None:
    realm.js_get("fetch")
    realm.js_delete("fetch")
    assert realm.js_has("fetch") is False
    assert realm.js_get("fetch") is MISSING
    realm.js_set("fetch", 1)
    assert realm.js_get("fetch") == 1


def test_flags_are_shown(realm: GlobalObject) -> None:
    flags = realm.js_get("Cloudflare").js_get("compatibilityFlags")
    assert (flags.js_get("python_workers"), flags.js_get("nodejs_compat")) == (True, False)


@pytest.mark.parametrize("name", ["WebAssembly", "Proxy"])
def test_a_stand_in_fails_on_use_by_name(realm: GlobalObject, name: str) -> None:
    stand_in = realm.js_get(name)
    assert isinstance(stand_in, JsObject)
    for use in (
        lambda: stand_in.js_construct(()),
        lambda: stand_in.js_call(None, ()),
    ):
        with pytest.raises(JsThrow) as thrown:
            use()
        assert str(thrown.value) == f"Error: pyworkers does not support {name} yet."
    with pytest.raises(JsThrow, match=f"does not support {name}.default yet"):
        stand_in.js_get("default")
    with pytest.raises(JsThrow, match=f"does not support {name}.x yet"):
        stand_in.js_set("x", 1)


@pytest.mark.parametrize("name", ["eval", "Function"])
def test_code_is_not_made_of_strings(realm: GlobalObject, name: str) -> None:
    expected = "EvalError: Code generation from strings disallowed for this context"
    with pytest.raises(JsThrow) as thrown:
        realm.js_get(name).js_call(None, ("1",))
    assert expected == str(thrown.value)


def test_the_function_constructor_refuses_too(realm: GlobalObject) -> None:
    with pytest.raises(JsThrow, match=r"^EvalError: "):
        realm.js_get("Function").js_construct(("return 1",))


def test_the_global_object_is_an_event_target(realm: GlobalObject) -> None:
    calls: list[tuple[object, ...]] = []
    call(realm, "addEventListener", "x", recorder(calls))
    call(realm, "dispatchEvent", call_new(realm, "Event", "x"))
    assert len(calls) == 1


def call_new(realm: GlobalObject, name: str, *args: object) -> JsObject:
    made: JsObject = realm.js_get(name).js_construct(args)
    return made


@pytest.mark.parametrize(
    ("name", "argument", "expected"),
    [
        ("encodeURIComponent", "a b&é;!'()*~", "a%20b%26%C3%A9%3B!'()*~"),
        ("encodeURI", "http://a/b c?d=é#e", "http://a/b%20c?d=%C3%A9#e"),
        ("decodeURIComponent", "a%20b%26%C3%A9%F0%9F%98%80", "a b&é😀"),
        ("decodeURI", "%C3%A9%26%20", "é%26 "),
        ("escape", "a é€", "a%20%E9%u20AC"),
        ("unescape", "a%20%E9%u20AC%zz", "a é€%zz"),
        ("isNaN", "x", True),
        ("isFinite", "5", True),
        ("parseInt", "42px", 42),
        ("parseFloat", "1.5x", 1.5),
    ],
)
def test_global_functions(
    realm: GlobalObject, name: str, argument: object, expected: object
) -> None:
    assert expected == realm.js_get(name).js_call(None, (argument,))


@pytest.mark.parametrize(
    ("name", "argument"),
    [("decodeURIComponent", "%"), ("decodeURIComponent", "%zz"), ("decodeURIComponent", "%C3"),
     ("decodeURIComponent", "%FF%FF%FF%FF"), ("encodeURIComponent", "\ud800")],
)  # fmt: skip
def test_malformed_uris_are_refused(realm: GlobalObject, name: str, argument: str) -> None:
    with pytest.raises(JsThrow, match=r"^URIError: URI malformed$"):
        realm.js_get(name).js_call(None, (argument,))


def test_platform_objects(js_host: FakeHost, realm: GlobalObject) -> None:
    performance, navigator = realm.js_get("performance"), realm.js_get("navigator")
    assert (performance.js_get("timeOrigin"), call(performance, "now")) == (0, js_host.time_ms)
    assert navigator.js_get("userAgent") == "Cloudflare-Workers"
    assert navigator.js_get("hardwareConcurrency") == 1
    realm.js_get("reportError").js_call(None, (5,))
    assert js_host.reported == [5]


def test_a_beacon_is_a_post(js_host: FakeHost, realm: GlobalObject) -> None:
    sent = []

    def answer(request: JsObject) -> object:
        sent.append((request.js_get("method"), request.js_get("url")))
        return realm.js_get("Promise").js_get("resolve").js_call(None, (None,))

    js_host.fetch_handler = answer  # type: ignore[assignment]
    assert call(realm.js_get("navigator"), "sendBeacon", "http://a", "x") is True
    assert sent == [("POST", "http://a/")]


def test_making_a_global_object_does_no_io(
    js_host: FakeHost, realm: GlobalObject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(js_host, "check_io_allowed", forbid_io)
    for name in WORKERD_NAMES:
        assert realm.js_get(name) is not MISSING


def test_heavy_modules_are_loaded_at_first_use() -> None:
    program = (
        "import sys; from emulator.js.globals import make_global; make_global({});"
        "print(sorted(m for m in sys.modules if m.startswith('emulator.js.')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    for module in ("response", "url", "crypto", "streams", "clone"):
        assert f"'emulator.js.{module}'" not in done.stdout


def test_every_source_of_the_table_exists() -> None:
    for name, source in js_globals._SOURCES.items():
        assert source() is not MISSING, name
