"""`pyodide.code`."""

from __future__ import annotations

import asyncio
import functools
import tokenize

import pytest

from emulator.ffi.code import (
    CodeRunner,
    eval_code,
    eval_code_async,
    find_imports,
    should_quiet,
)
from emulator.ffi.relaxed import relaxed_call, relaxed_wrap


def test_relaxed_call_drops_what_is_too_much():
    assert relaxed_call(lambda a, b=2: (a, b), 1, 2, 3, z=5) == (1, 2)
    assert relaxed_call(lambda: 1, 1, 2) == 1
    assert relaxed_call(lambda *args: args, 1, 2) == (1, 2)
    assert relaxed_call(lambda a, *, k=1: (a, k), 1, 2, k=5) == (1, 5)
    assert relaxed_call(lambda a, **rest: rest, 1, b=2) == {"b": 2}
    with pytest.raises(TypeError, match="multiple values for argument 'a'"):
        relaxed_call(lambda a, b=0: (a, b), 1, a=5)


def test_relaxed_call_of_methods_and_other_callables():
    class Handler:
        def method(self, a):
            return a

        @classmethod
        def on_class(cls, a):
            return a

        @staticmethod
        def static(a):
            return a

        def __call__(self, a):
            return a

    handler = Handler()
    for function in (handler.method, Handler.on_class, Handler.static, handler):
        assert relaxed_call(function, 1, 2, 3) == 1
    assert relaxed_call(functools.partial(lambda a, b: (a, b), 0), 1, 2) == (0, 1)


def test_relaxed_call_follows_wrapped_functions():
    def original(a):
        return a

    @functools.wraps(original)
    def wrapper(*args):
        return original(*args)

    assert relaxed_call(wrapper, 1, 2) == 1


def test_relaxed_call_names_what_is_missing(text_of):
    expected = "TypeError: missing a required argument: 'b'"
    assert text_of(relaxed_call, lambda a, b: None, 1) == expected
    assert text_of(relaxed_call, lambda a, b: None, 1, z=1) == expected


def test_relaxed_wrap():
    @relaxed_wrap
    def function(a):
        return a

    assert function(1, 2, x=3) == 1
    assert function.__name__ == "function"


@pytest.mark.parametrize(
    ("source", "value"),
    [("1 + 1", 2), ("x = 5", None), ("x = 5; x", 5), ("1;", None), ("", None), ("  1\n  2", 2)],
)
def test_the_value_is_that_of_the_last_expression(source, value):
    assert eval_code(source) == value


def test_other_return_modes():
    assert eval_code("x = 5", return_mode="last_expr_or_assign") == 5
    assert eval_code("x: int = 6", return_mode="last_expr_or_assign") == 6
    assert eval_code("5", return_mode="none") is None
    assert eval_code("5", return_mode="other") is None


def test_namespaces_are_used():
    namespace = {"a": 1}
    eval_code("b = a + 1", namespace)
    assert namespace["b"] == 2


def test_top_level_await():
    async def main():
        return await eval_code_async("import asyncio\nx = await asyncio.sleep(0, 5)\nx + 1")

    assert asyncio.run(main()) == 6


def test_the_runner_wants_to_be_compiled_once(text_of):
    runner = CodeRunner("1 + 1")
    assert text_of(runner.run) == "RuntimeError: Not yet compiled"
    assert runner.compile().run() == 2
    assert text_of(runner.compile) == "RuntimeError: Already compiled"


def test_should_quiet_looks_at_the_last_token():
    cases = {"1;": True, "1": False, "1; # hi": True, "'a;'": False}
    assert {source: should_quiet(source) for source in cases} == cases
    with pytest.raises(tokenize.TokenError):
        should_quiet("(")


def test_find_imports_lists_parents():
    assert find_imports("import a.b\nfrom c import d\nfrom . import e") == ["a", "a.b", "c"]
    assert find_imports("not python") == []
