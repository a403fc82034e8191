"""Properties: what goes over and comes back is the same."""

from __future__ import annotations

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.ffi.to_js import to_js
from emulator.ffi.translate import js_to_py, py_to_js

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 2, 2**53 - 2)
    | st.floats(allow_nan=False)
    | st.text()
)
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)


@pytest.mark.parametrize("repeat", [1, 2])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tree=trees)
def test_a_json_like_tree_survives_to_js_and_to_py(tree, repeat):
    value = tree
    for _ in range(repeat):
        converted = to_js(value)
        value = converted.to_py() if isinstance(value, list | dict) else converted
    assert value == tree


@settings(max_examples=100, deadline=None)
@given(value=st.integers() | st.floats())
def test_numbers_keep_their_value(value):
    back = js_to_py(py_to_js(value))
    assert back == value or (math.isnan(value) and math.isnan(back))


@settings(max_examples=50, deadline=None)
@given(data=st.binary())
def test_bytes_survive(data):
    assert to_js(data).to_bytes() == data
    assert to_js(bytearray(data)).to_py().tobytes() == data
