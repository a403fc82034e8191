"""Requests on their way to the Outbound port: what leaves, what failures become, who ends them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from emulator.runtime.errors import GuestError
from emulator.runtime.http import HttpRequest, HttpResponse
from emulator.runtime.services import OutboundFailure
from tests.host.fakes import ListStream
from tests.support.worker import VirtualWorker

OpenWorker = Callable[..., VirtualWorker]


class Outside:
    """The world outside, which does one thing and keeps what it was asked."""

    def __init__(self, action: Callable[[HttpRequest], HttpResponse] | Exception) -> None:
        self._action = action
        self.requests: list[HttpRequest] = []
        self.cancelled = 0

    async def fetch(self, request: HttpRequest) -> HttpResponse:
        self.requests.append(request)
        if isinstance(self._action, Exception):
            raise self._action
        try:
            await asyncio.sleep(1)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return self._action(request)


def ok(request: HttpRequest) -> HttpResponse:
    return HttpResponse(200, "OK", [], b"ok")


SOURCE = """
    import asyncio
    import js
    from js import Object as JsObject
    from pyodide.ffi import JsException, create_proxy, to_js
    from workers import DurableObject, Response, WorkerEntrypoint

    def options(**init):
        return to_js(init, dict_converter=JsObject.fromEntries)

    async def outcome(promise):
        try:
            response = await promise
            return await response.text()
        except JsException as error:
            return f"{error.name}: {error.message}"

    class Object(DurableObject):
        async def fetch(self, request):
            self.ctx.storage.put("a", 1)
            return Response(await outcome(js.fetch("http://outside.test/")))

    class Default(WorkerEntrypoint):
        async def fetch(self, request):
            name = js.URL.new(request.url).pathname[1:]
            return Response(await getattr(self, name)())

        async def plain(self):
            headers = {"Host": "x", "Connection": "close", "TE": "trailers", "CF-Worker": "me", "X": "y"}
            return await outcome(js.fetch("http://me:secret@outside.test/p?q#f", options(headers=headers)))

        async def body(self):
            return await outcome(js.fetch("http://outside.test/", options(method="POST", body="x")))

        async def aborted(self):
            controller = js.AbortController.new()
            js.setTimeout(create_proxy(controller.abort), 500)
            return await outcome(js.fetch("http://outside.test/", options(signal=controller.signal)))

        async def forgotten(self):
            js.fetch("http://outside.test/")
            await asyncio.sleep(0.5)
            return "gone"

        async def unread(self):
            response = await js.fetch("http://outside.test/")
            self.ctx.waitUntil(asyncio.sleep(1))
            return str(response.status)

        async def dropped(self):
            import gc
            await js.fetch("http://outside.test/")
            await asyncio.sleep(0.1)  # the turn that received it is over
            gc.collect()
            await asyncio.sleep(1)
            return "still here"

        async def redirected(self):
            return await outcome(js.fetch("http://outside.test/from"))
"""


def test_what_belongs_to_the_connection_or_to_the_edge_is_not_sent(worker: OpenWorker) -> None:
    outside = Outside(ok)
    assert worker(SOURCE, outbound=outside).text("/plain") == "ok"
    (request,) = outside.requests
    assert request.url == "http://outside.test/p?q"
    assert sorted(request.headers) == [("CF-Worker", "worker.example.com"), ("x", "y")]


@pytest.mark.parametrize(
    "failure", [ConnectionResetError("by peer"), ConnectionRefusedError(), BrokenPipeError()]
)
def test_a_lost_connection_is_the_platforms_error(worker: OpenWorker, failure: Exception) -> None:
    opened = worker(SOURCE, outbound=Outside(failure))
    assert opened.text("/body") == "Error: Network connection lost."
    assert opened.observer.errors == []


def test_other_failures_hide_behind_a_reference(worker: OpenWorker) -> None:
    opened = worker(SOURCE, outbound=Outside(OutboundFailure("no such name")))
    text = opened.text("/body").removeprefix("Error: ")
    assert text.startswith("internal error; reference = ")
    assert len(text.rpartition(" ")[2]) == 24
    assert opened.observer.errors == [
        f"{text}\n  caused by: fetch() of http://outside.test/ failed: no such name"
    ]


def test_an_error_of_a_guest_stays_what_it_is(worker: OpenWorker) -> None:
    failure = GuestError("RangeError", "from the body")
    assert worker(SOURCE, outbound=Outside(failure)).text("/body") == "RangeError: from the body"


def test_an_abort_ends_the_request(worker: OpenWorker) -> None:
    outside = Outside(ok)
    opened = worker(SOURCE, outbound=outside)
    assert opened.text("/aborted") == "AbortError: The operation was aborted"
    assert outside.cancelled == 1
    assert opened.loop.time() == pytest.approx(0.5)


def test_a_request_that_nobody_waits_for_ends_with_its_handler(worker: OpenWorker) -> None:
    outside = Outside(ok)
    opened = worker(SOURCE, outbound=outside)
    assert opened.text("/forgotten") == "gone"
    opened.advance(0)
    assert outside.cancelled == 1


def test_a_body_that_nobody_reads_is_cancelled_at_the_end(worker: OpenWorker) -> None:
    body = ListStream(b"never read")
    outside = Outside(lambda request: HttpResponse(200, "OK", [], body))
    opened = worker(SOURCE, outbound=outside)
    assert opened.text("/unread") == "200"
    opened.advance(2)
    assert body.cancelled == [None]


def test_a_body_that_nobody_holds_is_cancelled_before(worker: OpenWorker) -> None:
    body = ListStream(b"never read")
    outside = Outside(lambda request: HttpResponse(200, "OK", [], body))
    opened = worker(SOURCE, outbound=outside)
    request = opened.start("/dropped")
    opened.advance(1.5)
    assert body.cancelled == [None]
    opened.advance(1)
    assert request.result().text == "still here"


def test_a_redirect_leads_out_of_the_protocols(worker: OpenWorker) -> None:
    outside = Outside(
        lambda request: HttpResponse(302, "", [("Location", "ftp://files.test/a")], None)
    )
    text = worker(SOURCE, outbound=outside).text("/redirected")
    assert text.startswith("Error: internal error; reference = ")
    assert len(outside.requests) == 1
