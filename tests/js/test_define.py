"""What the declarations make of Python functions."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest

from emulator.js.define import positional_limit


def two(this: Any, a: Any = None, b: Any = None) -> None:
    del this, a, b


def any_number(this: Any, *rest: Any) -> None:
    del this, rest


def with_options(this: Any, a: Any = None, /, *, option: Any = None, **others: Any) -> None:
    del this, a, option, others


@functools.wraps(two)
def wrapper(*args: Any) -> None:
    two(*args)


@pytest.mark.parametrize(
    ("function", "limit"),
    [
        (two, 2),
        (any_number, -1),
        (with_options, 1),
        (wrapper, 2),
        (functools.partial(two, None), 1),
        (lambda this: this, 0),
    ],
)
def test_a_call_may_pass_as_many_arguments_as_the_function_takes(
    function: Callable[..., Any], limit: int
) -> None:
    assert positional_limit(function, 1) == limit
