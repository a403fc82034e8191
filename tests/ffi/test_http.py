# ruff: noqa: PLC0415 - the modules of a guest exist only inside a realm
"""`pyodide.http`."""

from __future__ import annotations

import asyncio
import io
import tarfile

import pytest


def js_response(text="body", **options):
    import js

    return js.Response.new(text, **options)


@pytest.fixture
def fetcher():
    """A fetch function that records its calls."""
    calls = []

    async def fetch(*args):
        calls.append(args)
        return js_response("fetched", status=201)

    fetch.calls = calls
    return fetch


def test_options_are_converted_deeply(realm, guest, fetcher):
    from pyodide.http import pyfetch

    async def main():
        response = await pyfetch(
            "http://x/", fetcher=fetcher, method="POST", body="data", headers={"A": "b"}
        )
        assert (response.status, response.ok, await response.text()) == (201, True, "fetched")
        ((request, options),) = fetcher.calls
        assert request.constructor.name == "Request"
        assert (request.method, request.headers.get("a")) == ("POST", "b")
        assert options.headers.constructor.name == "Object"
        assert options.signal.constructor.name == "AbortSignal"

    guest.run(main())


def test_028_passes_the_url_itself(old_realm, guest, fetcher):
    from pyodide.http import pyfetch

    async def main():
        response = await pyfetch("http://x/", fetcher=fetcher)
        assert fetcher.calls[0][0] == "http://x/"
        assert response.status == 201

    guest.run(main())


def test_failures_become_abort_errors(any_version, guest):
    import js
    from pyodide.ffi import JsException
    from pyodide.http import AbortError, pyfetch

    async def broken(*args):
        raise js.Error.new("Network connection lost.")

    async def main():
        with pytest.raises(AbortError, match=r"Network connection lost\."):
            await pyfetch("http://x/", fetcher=broken)
        kind = JsException if any_version.startswith("314") else AbortError
        with pytest.raises(kind, match="Invalid URL"):
            await pyfetch("nope")

    guest.run(main())


def test_cancelling_aborts_the_request(realm, guest):
    from pyodide.http import pyfetch

    async def main():
        signals = []

        async def hang(request, options):
            signals.append(options.signal)
            await asyncio.Event().wait()

        task = asyncio.create_task(pyfetch("http://x/", fetcher=hang))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert signals[0].aborted

    guest.run(main())


def test_reading_the_body(realm, guest):
    from pyodide.http import FetchResponse

    async def main():
        def response():
            return FetchResponse("http://x/", js_response('{"a": 1}'))

        assert await response().json() == {"a": 1}
        assert await response().string() == '{"a": 1}'
        assert await response().bytes() == b'{"a": 1}'
        assert bytes(await response().memoryview()) == b'{"a": 1}'
        assert (await response().buffer()).to_bytes() == b'{"a": 1}'
        one = response()
        other = one.clone()
        assert one.headers["content-type"] == "text/plain;charset=UTF-8"
        assert not one.body_used
        await one.text()
        assert one.body_used
        assert await other.text() == '{"a": 1}'

    guest.run(main())


def test_a_body_is_read_once(realm, guest, text_of):
    from pyodide.http import BodyUsedError, FetchResponse

    async def main():
        response = FetchResponse("http://x/", js_response())
        await response.text()
        for read in (response.text, response.json, response.bytes):
            with pytest.raises(BodyUsedError) as caught:
                await read()
            assert str(caught.value) == "Response body is already used"
        assert issubclass(BodyUsedError, OSError)
        assert text_of(response.clone) == "BodyUsedError: Response body is already used"

    guest.run(main())


@pytest.mark.parametrize(
    ("status", "reason", "text"),
    [
        (404, "Not Found", "404 Client Error: Not Found for url: "),
        (500, "Oh No", "500 Server Error: Oh No for url: "),
    ],
)
def test_raise_for_status(realm, guest, status, reason, text):
    from pyodide.http import FetchResponse, HttpStatusError

    def check():
        response = FetchResponse("http://x/", js_response("", status=status, statusText=reason))
        with pytest.raises(HttpStatusError) as caught:
            response.raise_for_status()
        assert str(caught.value) == text
        assert (caught.value.status, caught.value.url) == (status, "")
        FetchResponse("", js_response()).raise_for_status()

    guest.call(check)


def test_unpacking_an_archive(realm, guest, tmp_path):
    from pyodide.ffi import to_js
    from pyodide.http import FetchResponse

    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        member = tarfile.TarInfo("hello.txt")
        member.size = 2
        tar.addfile(member, io.BytesIO(b"hi"))

    async def main():
        response = FetchResponse("http://x/a.tar", js_response(to_js(archive.getvalue())))
        if hasattr(tarfile, "data_filter"):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(
                    tarfile.TarFile, "extraction_filter", staticmethod(tarfile.data_filter),
                    raising=False,
                )  # fmt: skip
                await response.unpack_archive(extract_dir=str(tmp_path))
        else:
            await response.unpack_archive(extract_dir=str(tmp_path))

    guest.run(main())
    assert (tmp_path / "hello.txt").read_text() == "hi"


def test_aborting_needs_a_controller(realm, guest, text_of):
    import js
    from pyodide.http import FetchResponse

    def check():
        response = FetchResponse("http://x/", js_response())
        assert text_of(response.abort) == "ValueError: abort_controller is not set"
        controller = js.AbortController.new()
        with_one = FetchResponse("http://x/", js_response(), controller)
        with_one.abort()
        assert controller.signal.aborted

    guest.call(check)


def test_synchronous_requests_do_not_exist(realm, text_of):
    from pyodide.http import open_url, pyxhr

    expected = "NameError: name 'XMLHttpRequest' is not defined"
    assert text_of(open_url, "http://x/") == expected
    assert text_of(pyxhr.get, "http://x/") == expected
