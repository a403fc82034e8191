"""`fetch()`: builds the Request, judges its scheme and signal, and hands it to the host.

`data:` URLs are answered here, since they need no outside world.
Does not know: HTTP, redirects, service bindings.
Source: workerd src/workerd/api/http.c++ (fetchImpl); Fetch standard, "data: URL processor".
"""

from __future__ import annotations

import base64
import binascii
from urllib.parse import unquote_to_bytes

from emulator.js import host
from emulator.js.convert import call_function
from emulator.js.errors import throwable, type_error
from emulator.js.object import NativeFunction
from emulator.js.promise import Promise, as_promise, spawn
from emulator.js.request import Request, sent_request
from emulator.js.response import Response
from emulator.js.values import MISSING, JsValue, null

CANNOT_LOAD = "Fetch API cannot load: {url}"


def fetch(input: JsValue = MISSING, init: JsValue = None) -> Promise:
    """`fetch(input, init)`; every failure is a rejection."""
    return spawn(_fetch(input, init))


async def _fetch(input: JsValue, init: JsValue) -> JsValue:
    host.current().check_io_allowed()
    request = sent_request("ServiceWorkerGlobalScope", input, init)
    signal = request.abort_signal
    if signal is not None and signal.aborted:
        raise throwable(signal.reason)
    return await _send(request)


def _send(request: Request) -> Promise:
    if request.fetcher is not null:
        return as_promise(
            call_function(request.fetcher.js_get("fetch"), request, this=request.fetcher)
        )
    scheme = request.url.partition(":")[0]
    if scheme == "data":
        return as_promise(data_response(request))
    if scheme not in ("http", "https"):
        raise type_error(CANNOT_LOAD.format(url=request.url))
    return host.current().fetch(request)


def data_response(request: Request) -> Response:
    """The response that a `data:` URL stands for; it has a body for GET only."""
    failure = type_error(CANNOT_LOAD.format(url=request.url))
    head, comma, payload = request.url.removeprefix("data:").partition("#")[0].partition(",")
    if not comma:
        raise failure
    data = unquote_to_bytes(payload)
    media_type = head.strip()
    if media_type.lower().endswith(";base64"):
        media_type = media_type[: -len(";base64")].rstrip()
        try:
            data = base64.b64decode(data + b"=" * (-len(data) % 4), validate=True)
        except binascii.Error:
            raise failure from None
    if media_type.startswith(";"):
        media_type = "text/plain" + media_type
    headers = [("content-type", media_type or "text/plain;charset=US-ASCII")]
    return Response.received(200, "OK", headers, data if request.method == "GET" else None)


def _fetch_member(this: JsValue, input: JsValue = MISSING, init: JsValue = None) -> Promise:
    del this
    return fetch(input, init)


FETCH = NativeFunction("fetch", _fetch_member)
