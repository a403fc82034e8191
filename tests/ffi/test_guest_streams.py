"""Streams, blobs and forms as Python guests use them."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.ffi.guest_loop import GuestLoop

# ruff: noqa: PLC0415 - guest modules exist only while a realm is installed

pytestmark = pytest.mark.usefixtures("realm")


def test_python_callbacks_feed_a_body(guest: GuestLoop) -> None:
    async def main() -> tuple[str, list[bytes]]:
        import js
        from pyodide.ffi import create_proxy, to_js

        left = [b"a", b"b"]

        async def pull(controller: Any) -> None:
            if left:
                controller.enqueue(to_js(left.pop(0)))
            else:
                controller.close()

        text = await js.Response.new(js.ReadableStream.new(pull=create_proxy(pull))).text()
        left += [b"c", b"d"]
        source = to_js({"pull": pull}, dict_converter=js.Object.fromEntries)
        chunks = [chunk.to_bytes() async for chunk in js.ReadableStream.new(source)]
        return text, chunks

    assert guest.run(main()) == ("ab", [b"c", b"d"])


def test_an_async_generator_is_a_body(guest: GuestLoop) -> None:
    async def main() -> str:
        import js
        from pyodide.ffi import to_js

        async def chunks() -> AsyncIterator[Any]:
            yield to_js(b"x")
            yield to_js(b"y")

        return await js.Response.new(js.ReadableStream.from_(chunks())).text()

    assert guest.run(main()) == "xy"


def test_compression_is_written_before_it_is_read(guest: GuestLoop) -> None:
    async def main() -> tuple[bytes, str]:
        import js
        from pyodide.ffi import to_js

        stream = js.CompressionStream.new("gzip")
        writer = stream.writable.getWriter()
        await writer.write(to_js(b"hello"))
        await writer.close()
        data = (await js.Response.new(stream.readable).arrayBuffer()).to_bytes()
        body = js.Response.new(to_js(data)).body
        back = body.pipeThrough(js.DecompressionStream.new("gzip"))
        return gzip.decompress(data), await js.Response.new(back).text()

    assert guest.run(main()) == (b"hello", "hello")


def test_a_python_function_is_a_sink(guest: GuestLoop) -> None:
    async def main() -> list[bytes]:
        import js

        got: list[bytes] = []
        sink = js.WritableStream.new(write=lambda chunk, controller: got.append(chunk.to_bytes()))
        await js.Response.new("abc").body.pipeTo(sink)
        return got

    assert guest.run(main()) == [b"abc"]


def test_a_form_goes_through_a_response(guest: GuestLoop) -> None:
    async def main() -> tuple[Any, ...]:
        import js
        from pyodide.ffi import to_js

        form = js.FormData.new()
        form.append("a", 1)
        form.append("f", js.Blob.new(to_js(["x", "y"]), type="text/plain"), "n.txt")
        back = await js.Response.new(form).formData()
        names = [next(iter(pair)) for pair in back]
        return back["a"], back["f"].name, await back["f"].text(), names

    assert guest.run(main()) == ("1", "n.txt", "xy", ["a", "f"])
