# ruff: noqa: PLC0415 - the modules of a guest exist only inside a realm
"""Buffers in Python (check 39), and Python buffers in JavaScript."""

from __future__ import annotations

import io

import pytest

pytestmark = pytest.mark.usefixtures("realm")


def test_bytes_and_views_of_typed_arrays():
    import js

    array = js.Uint8Array.new(js.Uint8Array.new([1, 2, 3, 4]).buffer, 1, 2)
    assert array.to_bytes() == b"\x02\x03"
    assert bytes(array) == b"\x02\x03"
    assert (len(array), 2 in array, array[0], array[-1]) == (2, True, 2, 3)
    array[0] = 300
    assert list(array) == [44, 3]
    assert list(reversed(array)) == [3, 44]
    assert (array.index(3), array.count(3)) == (1, 1)


@pytest.mark.parametrize(
    ("name", "code"),
    [("Int8Array", "b"), ("Uint16Array", "H"), ("Float64Array", "d"), ("BigInt64Array", "q")],
)
def test_to_py_gives_a_memoryview_with_the_format(name, code):
    import js

    view = getattr(js, name).new(2).to_py()
    assert (view.format, len(view), view.readonly) == (code, 2, False)
    assert getattr(js, name).new(2).to_memoryview().format == code


def test_the_memoryview_is_a_copy():
    from pyodide.ffi import to_js

    array = to_js(b"abc")
    array.to_memoryview()[0] = 0
    assert array.to_bytes() == b"abc"


def test_assign_copies_in_and_out():
    import js

    array = js.Uint8Array.new(3)
    array.assign(b"xyz")
    target = bytearray(3)
    array.assign_to(target)
    assert (array.to_bytes(), target) == (b"xyz", b"xyz")


def test_assign_wants_equal_sizes(text_of):
    import js

    array = js.Uint8Array.new(3)
    assert text_of(array.assign, b"abcd") == (
        "ValueError: cannot assign to TypedArray of length 4 from buffer of length 3"
    )
    assert text_of(array.assign_to, bytearray(1)).startswith("ValueError: cannot assign from")


def test_array_buffers_are_buffers_but_no_sequences(text_of):
    import js

    buffer = js.Uint8Array.new([104, 105]).buffer
    assert buffer.to_bytes() == b"hi"
    assert buffer.to_string() == "hi"
    assert buffer.to_py().tobytes() == b"hi"
    with pytest.raises(TypeError):
        len(buffer)
    assert text_of(memoryview, buffer) == (
        "TypeError: memoryview: a bytes-like object is required, not 'pyodide.ffi.JsProxy'"
    )


def test_typed_array_errors(text_of):
    from pyodide.ffi import to_js

    array = to_js(b"ab")
    assert text_of(lambda: array[0:1]) == (
        "NotImplementedError: Slice subscripting isn't implemented for typed arrays"
    )
    assert text_of(lambda: array[9]) == "IndexError: 9"
    assert text_of(lambda: array["a"]) == (
        "TypeError: list indices must be integers or slices, not str"
    )
    assert text_of(array.__delitem__, 0) == "TypeError: object doesn't support item deletion"


def test_files(tmp_path):
    import js

    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(b"abcdef")
    array = js.Uint8Array.new(3)
    with source.open("rb") as file:
        array.from_file(file)
    with target.open("wb") as file:
        array.to_file(file)
        array._into_file(file)
    assert target.read_bytes() == b"abcabc"


def test_only_files_of_the_operating_system_are_files():
    import js

    with pytest.raises(io.UnsupportedOperation, match="fileno"):
        js.Uint8Array.new(3).to_file(io.BytesIO())


def test_get_buffer_outlives_the_proxy(text_of):
    from pyodide.ffi import create_proxy

    proxy = create_proxy(b"abc")
    buffer = proxy.getBuffer()
    proxy.destroy()
    assert buffer.data.to_bytes() == b"abc"
    assert buffer.data.constructor.name == "Uint8Array"
    assert (buffer.nbytes, buffer.itemsize, buffer.ndim, buffer.readonly) == (3, 1, 1, True)
    assert buffer.shape.to_py() == [3]
    buffer.release()
    assert text_of(lambda: buffer.data) == "AttributeError: data"


def test_get_buffer_of_a_given_type(text_of):
    from pyodide.ffi import create_proxy

    proxy = create_proxy(bytes(8))
    assert proxy.getBuffer("u32").data.length == 2
    assert proxy.getBuffer("dataview").data.constructor.name == "DataView"
    assert text_of(proxy.getBuffer, "u7") == "JsException: Error: Unknown type u7"
    assert not hasattr(create_proxy([1]), "getBuffer")
