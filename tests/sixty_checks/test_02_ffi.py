"""Checks 16 to 40: the FFI, inside a Worker; `tests/conformance/ffi` asks the real Pyodide."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Ask = Callable[..., Any]
OLD = "2026-08-01"
BORROWED = (
    "Error: This borrowed proxy was automatically destroyed at the end of a function call. "
    "Try using create_proxy or create_once_callable."
)


def test_16_null_is_jsnull(ask: Ask) -> None:
    assert ask("""
        return [js.JSON.parse("null") is jsnull, bool(jsnull), jsnull is None, json.dumps({"a": jsnull})]
    """) == [True, False, False, '{"a": null}']


def test_17_a_missing_header_is_jsnull_raw_and_none_in_the_sdk(ask: Ask) -> None:
    assert ask("""
        raw = js.Headers.new()
        return [raw.get("missing") is jsnull, request.headers.get("missing") is None]
    """) == [True, True]


def test_18_numbers(ask: Ask) -> None:
    assert ask("""
        one = js.Number(1.0)
        big = js.Number(2**53)
        return [type(one).__name__, type(big).__name__, type(python_from_rpc(python_to_rpc(1.0))).__name__,
                type(js.Array.of(2**60)[0]).__name__]
    """) == ["int", "float", "float", "JsBigInt"]


@pytest.mark.parametrize(
    ("date", "expected"),
    [("2026-11-17", ["Object", 1, False]), (OLD, ["LiteralMap", 1, True])],
)
def test_19_what_a_dict_becomes(ask: Ask, date: str, expected: list[object]) -> None:
    body = """
        made = to_js({"a": 1})
        return [made.constructor.name, made.a, hasattr(type(made), "__getitem__")]
    """
    assert ask(body, date=date) == expected


def test_20_deep_conversion(ask: Ask) -> None:
    assert ask("""
        made = to_js({"a": {"b": [1, (2,), {3}, b"x", frozenset()]}}, dict_converter=Object.fromEntries)
        items = made.a.b
        return [made.constructor.name, made.a.constructor.name, items.constructor.name,
                *(items[i].constructor.name for i in (1, 2, 3)), type(items[4]).__name__]
    """) == ["Object", "Object", "Array", "Array", "Set", "Uint8Array", "frozenset"]


def test_21_what_cannot_be_converted(ask: Ask) -> None:
    assert ask("""
        return [error_of(to_js, {(1, 2): 3}), error_of(to_js, object(), create_pyproxies=False)]
    """) == [
        "ConversionError: Cannot use (1, 2) as a key for a Javascript Map",
        "ConversionError: No conversion known for x.",
    ]


def test_22_the_default_converter(ask: Ask) -> None:
    assert ask("""
        import datetime
        seen = []
        def convert(value, convert, cache):
            seen.append([type(value).__name__, callable(convert), callable(cache)])
            return convert([str(type(value).__name__)])
        made = to_js([datetime.date(2024, 1, 2)], default_converter=convert)
        return [seen, made.to_py()]
    """) == [[["date", True, True]], [["date"]]]


def test_23_keywords_become_options(ask: Ask) -> None:
    assert ask("""
        answer = js.Response.new("x", status=201, headers=[("a", "b")])
        made = js.Array.new(1, a=2)
        return [answer.status, answer.headers.get("a"), made[0], made[1].to_py()]
    """) == [201, "b", 1, {"a": 2}]


def test_24_a_dict_is_options_but_no_headers(ask: Ask) -> None:
    status, text = ask("""
        return [js.Response.new("x", {"status": 201}).status, error_of(js.Response.new, "x", headers={"a": "b"})]
    """)
    assert status == 201
    assert text.endswith("TypeError: Incorrect type: the provided value is not of type 'Sequence'.")


def test_25_arrays(ask: Ask) -> None:
    assert ask("""
        a = to_js([1, 2, 3])
        a.append(4)
        a.extend([5])
        return [a[0], a[-1], list(a[1:3]), len(a), 2 in a, a.pop(), a.length, list(a.map(lambda x, *_: x * 2)),
                a == [1, 2, 3, 4], error_of(lambda: a[9])]
    """) == [1, 5, [2, 3], 5, True, 5, 4, [2, 4, 6, 8], False, "IndexError: 9"]


def test_26_maps(ask: Ask) -> None:
    assert ask("""
        m = js.Map.new([["k", 1]])
        m["a"] = 2
        return [m["k"], error_of(lambda: m["x"]), list(m), [list(i) for i in m.items()], m.get("x"), len(m),
                "a" in m, dict(m)]
    """) == [
        1, "KeyError: 'x'", ["k", "a"], [["k", 1], ["a", 2]], None, 2, True, {"k": 1, "a": 2},
    ]  # fmt: skip


def test_27_objects_are_no_containers(ask: Ask) -> None:
    *errors, rest = ask("""
        o = js.JSON.parse('{"a": 1}')
        return [error_of(lambda: o["a"]), error_of(len, o), error_of(iter, o), error_of(lambda: "a" in o),
                [o.as_py_json()["a"], o.to_py(), list(o.object_keys())]]
    """)
    assert all(error.startswith("TypeError: ") for error in errors)
    assert rest == [1, {"a": 1}, ["a"]]


def test_28_missing_attributes_and_throwing_getters(ask: Ask) -> None:
    assert ask("""
        o = js.Object.new()
        def fail():
            js.JSON.parse("{")
        descriptor = js.Object.new()
        descriptor.get = fail
        js.Object.defineProperty(o, "bad", descriptor)
        return [error_of(lambda: o.nope), error_of(lambda: hasattr(o, "bad"))[:24]]
    """) == ["AttributeError: nope", "JsException: SyntaxError"]


def test_29_names_that_are_keywords(ask: Ask) -> None:
    assert ask("""
        o = js.Object.new(**{"class": 1})
        return [list(js.Array.from_([1])), o.class_, callable(js.Promise.resolve(1).finally_)]
    """) == [[1], 1, True]


def test_30_identity_and_truth(ask: Ask) -> None:
    *values, text = ask("""
        o = js.Object.new()
        same = js.Array.of(o)[0]
        return [o == same, o is same, o.js_id == same.js_id, bool(js.Array.new()), bool(js.Map.new()),
                bool(js.URLSearchParams.new("")), bool(js.Headers.new()), bool(js.Object.new()), error_of(hash, o)]
    """)
    assert values == [True, False, True, False, False, False, True, True]
    assert text == "TypeError: unhashable type: 'pyodide.ffi.JsProxy'"


def test_31_text_is_javascripts(ask: Ask) -> None:
    assert ask("""
        return [str(js.Object.new()), repr(to_js([1, [2]])), str(js.URL.new("http://a")), str(js.Math.max),
                str(js.Date.new(0))[:15]]
    """) == [
        "[object Object]", "1,2", "http://a/", "function max() { [native code] }", "Thu Jan 01 1970",
    ]  # fmt: skip


def test_32_callbacks(ask: Ask) -> None:
    assert ask("""
        seen = []
        once = create_once_callable(lambda *args: seen.append("once"))
        once()
        proxy = create_proxy(lambda *args: seen.append("proxy"))
        proxy(), proxy()
        proxy.destroy()
        return [seen, error_of(once), error_of(proxy).split("\\n")[0]]
    """) == [
        ["once", "proxy", "proxy"],
        "JsException: Error: OnceProxy can only be called once",
        "JsException: Error: Object has already been destroyed",
    ]


def test_32_a_borrowed_callback_works_here_and_is_warned_of(worker: Any) -> None:
    found = worker("""
import asyncio, js, json
from workers import Response, WorkerEntrypoint
class Default(WorkerEntrypoint):
    async def fetch(self, request):
        seen = []
        js.setTimeout(lambda *args: seen.append("late"), 1)
        await asyncio.sleep(1)
        return Response(json.dumps(seen))
""")
    assert found.fetch("/").json == ["late"]
    (entry,) = found.observer.log
    assert entry.startswith("warn: ")
    assert BORROWED.removeprefix("Error: ") in entry


def test_33_an_exception_comes_back_as_itself(ask: Ask) -> None:
    assert ask("""
        failure = KeyError("mine")
        def fail(*args):
            raise failure
        try:
            to_js([1]).map(fail)
        except KeyError as error:
            return error is failure
    """)


def test_34_javascript_errors(ask: Ask) -> None:
    assert ask("""
        try:
            js.Array.new(-1)
        except Exception as error:
            caught = error
        error = js.Error.new("x", cause=5)
        error.code = 7
        return [caught.name, caught.message, caught.constructor.name, str(caught), type(caught.stack).__name__,
                error.cause, error.code, error_of(lambda: caught.cause)]
    """) == [
        "RangeError", "Invalid array length", "RangeError", "RangeError: Invalid array length", "str",
        5, 7, "AttributeError: cause",
    ]  # fmt: skip


def test_35_futures(ask: Ask) -> None:
    *values, error = ask("""
        promise = js.Promise.new(lambda resolve, reject: resolve(3))
        first = js.Promise.resolve(1)
        return [isinstance(first, asyncio.Future), await first.then(lambda v: v + 1),
                await js.Promise.reject(js.Error.new("x")).catch(lambda e: e.message), await asyncio.gather(first),
                await asyncio.wait_for(js.Promise.resolve(2), 1), await asyncio.shield(js.Promise.resolve(4)),
                await asyncio.ensure_future(promise), error_of(asyncio.gather, promise)]
    """)
    assert values == [True, 2, "x", [1], 2, 4, 3]
    assert error.startswith("TypeError: ")
    assert "unhashable type: 'pyodide.ffi.JsProxy'" in error


def test_36_promises(ask: Ask) -> None:
    assert ask("""
        async def coroutine():
            return "coroutine"
        both = await js.Promise.all(to_js([js.Promise.resolve(1), js.Promise.resolve(2)]))
        return [list(both), both.constructor.name, await js.Promise.new(lambda res, rej: res(5)),
                await js.Promise.resolve(coroutine())]
    """) == [[1, 2], "Array", 5, "coroutine"]


def test_37_run_sync(ask: Ask) -> None:
    assert ask("""
        async def value(x):
            await asyncio.sleep(1)
            return -x
        inside = to_js([1]).map(lambda *_: [can_run_sync(), error_of(run_sync, js.Promise.resolve(1))])[0]
        return [run_sync(value(1)), run_sync(js.Promise.resolve(2)),
                sorted([1, 3, 2], key=lambda x: run_sync(value(x))), error_of(run_sync, 5), inside, can_run_sync()]
    """) == [
        -1, 2, [3, 2, 1], "TypeError: object int is not awaitable",
        [False, (
            "RuntimeError: Cannot stack switch because the Python entrypoint was a synchronous function. "
            "Use pyFunc.callPromising() to fix."
        )], True,
    ]  # fmt: skip


def test_38_blocking_inside_a_handler(ask: Ask) -> None:
    assert ask("""
        async def value():
            return await asyncio.sleep(1, "value")
        return [asyncio.run(value()), asyncio.get_event_loop().run_until_complete(value())]
    """) == ["value", "value"]


def test_39_buffers(ask: Ask) -> None:
    assert ask("""
        u = js.Uint8Array.new([1, 2, 3, 4])
        part = u.subarray(1, 3)
        wrong = error_of(u.assign, b"abc")
        u.assign(b"abcd")
        return [list(part.to_bytes()), js.Float64Array.new(1).to_py().format, list(bytes(u)), wrong]
    """) == [
        [98, 99], "d", [97, 98, 99, 100],
        "ValueError: cannot assign to TypedArray of length 3 from buffer of length 4",
    ]  # fmt: skip


def test_40_code_from_strings_is_refused(ask: Ask) -> None:
    refusal = "JsException: EvalError: Code generation from strings disallowed for this context"
    assert ask("""
        return [error_of(js.eval, "1"), error_of(lambda: js.Function.new("return 1")())]
    """) == [refusal, refusal]
