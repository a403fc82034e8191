"""Checks 41 to 52: the web platform through the FFI and the SDK."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Ask = Callable[..., Any]


def test_41_headers_are_enumerated_in_order(ask: Ask) -> None:
    assert ask("""
        h = js.Headers.new([("B", "2"), ("a", 1), ("a", True), ("Set-Cookie", "x=1"), ("set-cookie", "y=2"), ("n", None)])
        return [[list(pair) for pair in h], list(h.getSetCookie()), dict(h)["a"]]
    """) == [
        [["a", "1, true"], ["b", "2"], ["n", "undefined"], ["set-cookie", "x=1"], ["set-cookie", "y=2"]],
        ["x=1", "y=2"], "1, true",
    ]  # fmt: skip


def test_42_statuses(ask: Ask) -> None:
    assert ask("""
        return [error_of(js.Response.new, "x", status=99), error_of(js.Response.new, "x", status=204),
                Response("", status=204).status]
    """) == [
        "JsException: RangeError: Responses may only be constructed with status codes in the range 200 to 599, inclusive.",
        "JsException: TypeError: Response with null body status (101, 204, 205, or 304) cannot have a body.",
        204,
    ]


def test_43_default_content_types(ask: Ask) -> None:
    text, form, multipart, blob, data = ask("""
        def kind(body):
            value = js.Response.new(body).headers.get("content-type")
            return None if value is jsnull else value
        return [kind("x"), kind(js.URLSearchParams.new("a=1")), kind(js.FormData.new()),
                kind(js.Blob.new(to_js(["x"]), type="text/x")), kind(to_js(b"x"))]
    """)
    assert text == "text/plain;charset=UTF-8"
    assert form == "application/x-www-form-urlencoded;charset=UTF-8"
    assert multipart.startswith("multipart/form-data; boundary=")
    assert (blob, data) == ("text/x", None)


def test_44_redirects(ask: Ask) -> None:
    assert ask("""
        found = Response.redirect("http://a.b")
        return [found.status, found.headers["location"], error_of(js.Response.redirect, "/rel"),
                error_of(js.Response.redirect, "http://a/", 200), error_of(Response.redirect, "http://a/", 200)]
    """) == [
        302, "http://a.b/", "JsException: TypeError: Unable to parse URL: /rel",
        "JsException: RangeError: 200 is not a redirect status code. It must be one of: 301, 302, 303, 307, or 308.",
        "ValueError: 200 is not a redirect status code. It must be one of: 301, 302, 303, 307, or 308.",
    ]  # fmt: skip


def test_45_a_body_is_read_once(ask: Ask) -> None:
    assert ask("""
        raw, sdk = js.Response.new("x"), Response("y")
        await raw.text(), await sdk.text()
        return [await failure_of(raw.text()), (await failure_of(sdk.text())).partition(":")[0],
                await Response("z").clone().text()]
    """) == [
        (
            "JsException: TypeError: Body has already been used. It can only be used once. "
            "Use tee() first if you need to read it twice."
        ),
        "BodyUsedError", "z",
    ]  # fmt: skip


def test_46_json_answers(ask: Ask) -> None:
    assert ask("""
        sdk = Response.json({"a": 1})
        raw = js.Response.json(to_js({"a": 1}))
        other = Response.json([], headers={"Content-Type": "text/x"})
        return [await sdk.text(), await raw.text(), sdk.headers["content-type"], other.headers["content-type"]]
    """) == ['{"a": 1}', '{"a":1}', "application/json", "text/x"]


def test_47_urls(ask: Ask) -> None:
    assert ask("""
        u = js.URL.new("HTTP://ExAmple.com:80/a b?x=1#f")
        u.searchParams.append("y", "ü")
        return [u.href, u.host, u.search, js.URL.new("http://bücher.de").hostname, error_of(js.URL.new, "nope"),
                js.URL.canParse("x"), js.URL.parse("x") is jsnull]
    """) == [
        "http://example.com/a%20b?x=1&y=%C3%BC#f", "example.com", "?x=1&y=%C3%BC", "xn--bcher-kva.de",
        "JsException: TypeError: Invalid URL string.", False, True,
    ]  # fmt: skip


def test_48_forms(ask: Ask) -> None:
    assert ask("""
        form = js.FormData.new()
        form.append("a", "1")
        form.append("f", js.Blob.new(to_js(["data"]), type="text/x"))
        answer = js.Response.new(form)
        boundary = answer.headers.get("content-type").partition("boundary=")[2]
        text = await answer.clone().text()
        back = await answer.formData()
        other = await js.Response.new(js.URLSearchParams.new("x=1&x=2")).formData()
        return [text.replace(boundary, "B"), back.get("a"), back.get("f").name, await back.get("f").text(),
                list(other.getAll("x"))]
    """) == [
        (
            '--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
            '--B\r\nContent-Disposition: form-data; name="f"; filename="f"\r\nContent-Type: text/x\r\n\r\ndata\r\n--B--'
        ),
        "1", "f", "data", ["1", "2"],
    ]  # fmt: skip


def test_50_streams(ask: Ask) -> None:
    assert ask("""
        chunks = []
        async for chunk in js.Response.new("text").body:
            chunks.append([chunk.constructor.name, chunk.to_bytes().decode()])
        numbers = iter(range(2))
        async def pull(controller):
            await asyncio.sleep(1)
            try:
                controller.enqueue(next(numbers))
            except StopIteration:
                controller.close()
        async def cancel(reason):
            chunks.append(["cancelled", reason])
        source = js.Object.new()
        source.pull, source.cancel = pull, cancel
        values = [value async for value in js.ReadableStream.new(source)]
        other = js.ReadableStream.new(source)
        await other.cancel("enough")
        pair = js.TransformStream.new()
        writer = pair.writable.getWriter()
        writing = asyncio.ensure_future(writer.write(to_js(b"through")))
        read = (await pair.readable.getReader().read()).value.to_bytes().decode()
        await writing
        return [chunks, values, read]
    """) == [[["Uint8Array", "text"], ["cancelled", "enough"]], [0, 1], "through"]


def test_51_cryptography(ask: Ask) -> None:
    digest, signed, verified, data_error, list_error, equal, uuid = ask("""
        subtle = js.crypto.subtle
        digest = await subtle.digest("SHA-256", to_js(b"abc"))
        algorithm = to_js({"name": "HMAC", "hash": "SHA-256"})
        key = await subtle.importKey("raw", to_js(b"key"), algorithm, False, to_js(["sign", "verify"]))
        signature = await subtle.sign("HMAC", key, to_js(b"data"))
        verified = await subtle.verify("HMAC", key, signature, to_js(b"data"))
        return [digest.to_bytes().hex()[:8], signature.byteLength, verified,
                await failure_of(subtle.digest("SHA-256", b"abc")),
                await failure_of(subtle.importKey("raw", to_js(b"key"), algorithm, False, ["sign"])),
                subtle.timingSafeEqual(to_js(b"a"), to_js(b"a")), js.crypto.randomUUID()]
    """)
    assert (digest, signed, verified, equal) == ("ba7816bf", 32, True, True)
    assert data_error == (
        "JsException: TypeError: Failed to execute 'digest' on 'SubtleCrypto': "
        "parameter 2 is not of type 'BufferSource'."
    )
    assert list_error.endswith("parameter 5 is not of type 'Array'.")
    assert len(uuid) == 36


def test_52_websocket_pairs(ask: Ask) -> None:
    found = ask("""
        client, server = js.WebSocketPair.new()
        early = error_of(client.send, "x")
        client.accept(), server.accept()
        seen = []
        server.addEventListener("message", create_proxy(lambda event: seen.append([event.type, event.data])))
        server.addEventListener("close", create_proxy(lambda event: seen.append([event.code, event.reason, event.wasClean])))
        client.send("hello")
        bad = error_of(client.close, 5)
        client.close(1000, "bye")
        await asyncio.sleep(1)
        return [early, bad, seen]
    """)
    early, bad, seen = found
    assert "accept()" in early
    assert "Invalid WebSocket close code: 5." in bad
    assert seen == [["message", "hello"], [1000, "bye", True]]
