# ruff: noqa: PLC0415 - the modules of a guest exist only inside a realm
"""Calls and construction in both directions (checks 23, 24, 32, 33)."""

from __future__ import annotations

import pytest

from emulator.ffi import diagnostics
from emulator.ffi.translate import js_to_py
from emulator.js.array import JsArray
from emulator.js.object import NativeFunction

pytestmark = pytest.mark.usefixtures("realm")


@pytest.fixture
def collect():
    """A JavaScript function that gives its arguments as an array."""
    return js_to_py(NativeFunction("collect", lambda this, *args: JsArray(list(args))))


@pytest.fixture
def keep():
    """A JavaScript function that keeps its last argument, and one that gives it back to Python."""
    kept = []
    return (
        js_to_py(NativeFunction("keep", lambda this, value=None: kept.append(value))),
        kept,
    )


def test_keywords_become_a_trailing_object(collect):
    result = collect(1, a=2, b="x")
    assert result.length == 2
    assert result[1].constructor.name == "Object"
    assert result[1].to_py() == {"a": 2, "b": "x"}


def test_the_options_object_is_not_converted_deeply(collect):
    inner = {"deep": 1}
    assert collect(a=inner)[0].a is inner


def test_construction_takes_keywords_too():
    import js

    assert js.Response.new("x", status=201, headers=[("a", "b")]).headers.get("a") == "b"
    assert js.Object.new(a=1).a == 1


def test_a_dict_works_as_options_where_properties_are_read():
    import js

    assert js.Response.new("x", {"status": 201}).status == 201


def test_python_headers_dict_is_refused():
    import js
    from pyodide.ffi import JsException

    for construct in (
        lambda: js.Response.new("x", headers={"a": "b"}),
        lambda: js.Headers.new({"a": "b"}),
    ):
        with pytest.raises(JsException) as caught:
            construct()
        assert str(caught.value) == (
            "TypeError: Incorrect type: the provided value is not of type 'Sequence'."
        )


def test_a_class_is_not_callable_without_new(text_of):
    import js

    assert text_of(js.Map) == "JsException: TypeError: Constructor Map requires 'new'"


def test_methods_keep_their_this():
    import js

    push = js.Array.new().push
    assert push(1) == 1
    assert push(2) == 2
    assert js.Math.max.call(None, 1, 3) == 3


def test_identity_survives_the_round_trip(collect):
    import js

    for value in ([1], {"a": 1}, object(), len, ValueError("x")):
        assert collect(value)[0] is value
    holder = js.Object.new()
    holder.d = inner = {}
    assert holder.d is inner


def test_javascript_passes_all_arguments(text_of):
    from pyodide.ffi import to_js

    array = to_js([1, 2])
    assert array.map(lambda x, *_: x + 1).to_py() == [2, 3]
    with pytest.raises(TypeError, match="takes 1 positional argument but 3 were given"):
        array.map(lambda x: x)


def test_a_python_exception_passes_through_javascript_as_itself():
    from pyodide.ffi import to_js

    boom = LookupError("boom")

    def fail(*args):
        raise boom

    with pytest.raises(LookupError) as caught:
        to_js([1]).map(fail)
    assert caught.value is boom


def test_a_late_use_of_a_borrowed_callable_works_and_is_reported_once(keep, warned):
    keep_it, kept = keep
    keep_it(lambda: 5)
    assert warned == []
    assert kept[0].js_call(None, ()) == 5
    assert kept[0].js_call(None, ()) == 5
    assert [code for code, _ in warned] == ["borrowed-proxy"]
    assert "This borrowed proxy was automatically destroyed" in warned[0][1]


def test_a_late_use_of_a_borrowed_container_is_reported(keep, warned):
    keep_it, kept = keep
    keep_it(a=[1])
    assert list(kept[0].js_get("a").js_iter()) == [1]
    assert [code for code, _ in warned] == ["borrowed-proxy"]


def test_strict_mode_raises_the_text_of_pyodide(keep, warned):
    from emulator.js.errors import JsThrow

    diagnostics.set_strict(enabled=True)
    keep_it, kept = keep
    keep_it(lambda: 5)
    with pytest.raises(JsThrow) as caught:
        kept[0].js_call(None, ())
    assert str(caught.value) == (
        "Error: This borrowed proxy was automatically destroyed at the end of a function call. "
        "Try using create_proxy or create_once_callable.\n"
        "For more information about the cause of this error, use `pyodide.setDebug(true)`"
    )


def test_uses_during_the_call_and_assigned_properties_are_not_late(keep, warned):
    import js
    from pyodide.ffi import to_js

    holder = js.Object.new()
    holder.f = lambda: 1
    assert to_js([1]).map(lambda *_: 2).to_py() == [2]
    js_to_py(holder.js_value.js_get("f"))
    assert holder.js_value.js_get("f").js_call(None, ()) == 1
    assert warned == []


def test_a_callback_is_borrowed_until_the_returned_promise_settles(guest, warned):
    from emulator.js.promise import Promise

    promise = Promise()
    kept = []

    def later(this, callback=None):
        kept.append(callback)
        return promise

    async def main():
        future = js_to_py(NativeFunction("later", later))(lambda: 7)
        assert kept[0].js_call(None, ()) == 7
        promise.resolve_with(None)
        await future
        assert warned == []
        kept[0].js_call(None, ())
        assert len(warned) == 1

    guest.run(main())


def test_create_proxy_may_be_used_again_and_again(keep, warned):
    from pyodide.ffi import create_proxy

    keep_it, kept = keep
    proxy = create_proxy(lambda x: x + 1)
    keep_it(proxy)
    assert [kept[0].js_call(None, (1,)) for _ in range(2)] == [2, 2]
    assert proxy(4) == 5
    assert warned == []


def test_a_destroyed_proxy_fails(text_of):
    from pyodide.ffi import create_proxy

    proxy = create_proxy([1])
    proxy.destroy()
    proxy.destroy()
    expected = (
        "JsException: Error: Object has already been destroyed\n"
        "For more information about the cause of this error, use `pyodide.setDebug(true)`"
    )
    assert text_of(proxy.unwrap) == expected
    assert text_of(lambda: proxy.length) == expected
    assert text_of(lambda: proxy[0]) == expected


def test_a_once_callable_is_callable_once(text_of):
    from pyodide.ffi import create_once_callable

    once = create_once_callable(lambda x: x)
    assert once(3) == 3
    assert text_of(once, 3) == "JsException: Error: OnceProxy can only be called once"
    assert text_of(once.destroy) == "JsException: Error: OnceProxy has already been destroyed"


def test_a_double_proxy_is_not_unwrapped_and_shows_the_object(collect):
    from pyodide.ffi import JsCallableDoubleProxy, JsDoubleProxy, create_proxy

    def function(x):
        return x

    proxy = create_proxy(function)
    assert proxy.__name__ == "function"
    assert proxy.constructor.name == "PyProxy"
    assert collect(proxy)[0] == proxy
    assert collect(proxy)[0].unwrap() is function
    assert isinstance(proxy, JsCallableDoubleProxy)
    assert not isinstance(create_proxy(5), JsCallableDoubleProxy)
    assert isinstance(create_proxy(5), JsDoubleProxy)
    assert create_proxy(5).unwrap() == 5
    copy = proxy.copy()
    proxy.destroy()
    assert copy(1) == 1


def test_without_roundtrip_a_proxy_is_unwrapped(collect):
    from pyodide.ffi import create_proxy

    value = [1]
    assert collect(create_proxy(value, roundtrip=False))[0] is value


def test_capture_this_passes_this_first():
    import js
    from pyodide.ffi import create_proxy

    holder = js.Object.new(name="holder")
    holder.f = create_proxy(lambda this, x: (this.name, x), capture_this=True)
    result = js_to_py(holder.js_value.js_get("f").js_call(holder.js_value, (3,)))
    assert result == ("holder", 3)


def test_a_double_proxy_of_a_container_is_one():
    from pyodide.ffi import create_proxy

    with create_proxy({"a": 1}) as proxy:
        proxy["b"] = 2
        del proxy["a"]
        assert (len(proxy), list(proxy), "b" in proxy, proxy.b) == (1, ["b"], True, 2)


def test_a_javascript_function_as_class_attribute_is_a_method():
    function = js_to_py(NativeFunction("f", lambda this, x=None: JsArray([this, x])))

    class Owner:
        method = function

    owner = Owner()
    result = owner.method(3)
    assert result[0] is owner
    assert result[1] == 3
    assert Owner.method == function


def test_eval_is_refused(text_of):
    """Check 40."""
    import js
    from pyodide.code import run_js

    expected = "JsException: EvalError: Code generation from strings disallowed for this context"
    assert text_of(js.eval, "1") == expected
    assert text_of(run_js, "1") == expected
    assert text_of(run_js, 5) == "TypeError: argument should have type 'string' not type 'int'"
    assert text_of(lambda: js.Function.new("return 1")()) == expected
