"""Between HTTP messages (plain data) and the guest's Request and Response objects.

Functions that make guest objects run inside a turn of the context they are made for: a streaming
body belongs to that context, and reading it is an event of its own.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from emulator.js.array import JsArray
from emulator.js.errors import error_value, type_error
from emulator.js.headers import Pairs
from emulator.js.plain import PlainObject
from emulator.js.promise import Promise
from emulator.js.request import Request
from emulator.js.response import Response
from emulator.js.streams import (
    ReadableStream,
    cancel_stream,
    pull_chunk,
    take_native_source,
)
from emulator.js.values import JsValue, null
from emulator.js.websocket import WebSocket
from emulator.runtime.content_encoding import decoded, encoded, encoding_of, still_encoded
from emulator.runtime.errors import LOST, NOT_A_RESPONSE, GuestError, platform_error
from emulator.runtime.http import Body, ByteStream, HttpRequest, HttpResponse
from emulator.runtime.status_texts import default_status_text
from emulator.runtime.web_sockets import given_socket, received_socket

if TYPE_CHECKING:
    from emulator.runtime.io_context import IoContext
    from emulator.runtime.services import Services

CACHE_TTL: Final = "CacheTtl: {ttl}, is not compatible with cache: {mode} header."
DISCONNECTED_STREAM = "ReadableStream received over RPC disconnected prematurely."
ERROR_RESPONSE = (
    "Return value from serve handler must not be an error response (like Response.error())"
)


class IncomingBody:
    """A stream source for a body that the host delivers. Implements js.streams.NativeSource.

    The body is cancelled when nobody holds the stream any more, or the context ends.
    """

    __slots__ = ("__weakref__", "_context", "_dropped", "_stream", "on_end")

    def __init__(self, context: IoContext, stream: ByteStream) -> None:
        self._context = context
        self._stream = stream
        self.on_end: Callable[[], None] | None = None
        self._dropped = weakref.finalize(self, _cancel_soon, context.services, stream)
        self._dropped.atexit = False
        context.own_body(self)

    def pull(self) -> Promise:
        return self._context.external(self._read(), self._received)

    async def _read(self) -> bytes:
        try:
            return await self._stream.read()
        except ConnectionError as error:
            self._end()
            raise platform_error(LOST) from error
        except Exception:
            self._end()
            raise

    def _received(self, piece: bytes) -> JsValue:
        if piece:
            return piece
        self._end()
        return None

    def cancel(self, reason: JsValue) -> None:
        if self._dropped.alive:
            self._end()
            self._context.external(self._stream.cancel(), lambda _: None).handled = True

    def _end(self) -> None:
        self._dropped.detach()
        if self.on_end is not None:
            self.on_end()

    def hand_on(self) -> ByteStream:
        """The host's stream, for another reader than this context: it may outlive it."""
        self._end()
        return self._stream

    def drop(self) -> None:
        """The context ends."""
        if self._dropped.alive:
            self._end()
            self._context.services.spawn(self._stream.cancel())


def _cancel_soon(services: Services, stream: ByteStream) -> None:
    """A body was dropped. The collector may say so on any thread, or too late."""
    if not services.loop.is_closed():
        services.loop.call_soon_threadsafe(lambda: services.spawn(stream.cancel()))


class GuestBody:
    """A guest's stream as the host reads it. Implements ByteStream.

    Each piece waits until what was written before it is durable. A body that nobody holds any more
    counts as cancelled: who got it may never look at it.
    """

    __slots__ = ("_context", "_release", "_stream")

    def __init__(self, context: IoContext, stream: ReadableStream) -> None:
        self._context = context
        self._stream = stream
        self._release: Callable[[], None] | None = context.keep_alive()

    async def read(self) -> bytes:
        try:
            piece = await self._context.settle(lambda: pull_chunk(self._stream))
            await self._context.pass_output_gate()
        except GuestError as error:
            self._end()
            raise self._failed(error) from error.exception
        except BaseException:
            self._end()
            raise
        if piece is None:
            self._end()
            return b""
        assert isinstance(piece, bytes), "a body's stream gives bytes"
        return piece

    def _failed(self, error: GuestError) -> GuestError:
        """What the reader gets for an error of the stream."""
        return error.flagged(remote=True)

    async def cancel(self, reason: BaseException | None = None) -> None:
        value = None if reason is None else error_value(reason)
        self._context.deliver(lambda: cancel_stream(self._stream, value))
        self._end()

    def _end(self) -> None:
        release, self._release = self._release, None
        if release is not None:
            release()

    def __del__(self) -> None:
        # The collector may come on any thread, and after the loop has ended.
        release = getattr(self, "_release", None)
        loop = self._context.services.loop
        if release is not None and not loop.is_closed():
            loop.call_soon_threadsafe(_abandoned, self._context, self._stream, release)


def _abandoned(context: IoContext, stream: ReadableStream, release: Callable[[], None]) -> None:
    context.deliver(lambda: cancel_stream(stream))
    release()


class RpcBody(GuestBody):
    """A stream that was sent over RPC, whose readers learn less of what went wrong."""

    __slots__ = ()

    def _failed(self, error: GuestError) -> GuestError:
        return platform_error(DISCONNECTED_STREAM)


def _body_for_guest(
    context: IoContext, body: Body, headers: Pairs
) -> bytes | ReadableStream | None:
    if body is None or isinstance(body, bytes):
        return body
    return stream_for_guest(context, body, _declared_length(headers))


def _declared_length(headers: Pairs) -> int | None:
    for name, value in headers:
        if name == "content-length":
            return int(value) if value.isascii() and value.isdigit() else None
    return None


def stream_for_guest(
    context: IoContext, stream: ByteStream, length: int | None = None
) -> ReadableStream:
    """A stream of the host as the guest reads it."""
    return ReadableStream.from_source(IncomingBody(context, stream), length)


def _body_for_host(context: IoContext, body: bytes | ReadableStream | None) -> Body:
    if not isinstance(body, ReadableStream):
        return body
    # What came from the host and was never looked into need not pass through the guest.
    source = take_native_source(body)
    return source.hand_on() if isinstance(source, IncomingBody) else GuestBody(context, body)


def plain_value(value: Any) -> JsValue:
    """JSON-like Python data as JavaScript objects."""
    if isinstance(value, dict):
        return PlainObject({str(key): plain_value(item) for key, item in value.items()})
    if isinstance(value, list | tuple):
        return JsArray([plain_value(item) for item in value])
    return null if value is None else value


def incoming_request(context: IoContext, message: HttpRequest, redirect: str = "manual") -> Request:
    """The Request that a fetch handler receives."""
    cf = partial(plain_value, message.cf) if message.cf is not None else None
    headers = [(name.lower(), value) for name, value in message.headers]
    body = _body_for_guest(context, message.body, headers)
    return Request.incoming(message.method, message.url, headers, body, cf, redirect=redirect)


def outgoing_request(context: IoContext, request: Request) -> HttpRequest:
    """The message for a Request that the guest sends; its body counts as used from here on."""
    headers, cf = list(request.headers.raw_pairs()), _json_like(request.cf)
    if request.cache is not None:
        _ask_anew(headers, cf, request.cache)
    source = request.take_body_source()
    return HttpRequest(
        request.method,
        request.url,
        headers,
        _body_for_host(context, source),
        cf,
        request.redirect,
        source.expected_length if isinstance(source, ReadableStream) else None,
    )


def _ask_anew(headers: Pairs, cf: Any, mode: str) -> None:
    """What the cache mode of a request adds to it."""
    ttl = cf.get("cacheTtl") if isinstance(cf, dict) else None
    if ttl is not None:
        raise type_error(CACHE_TTL.format(ttl=ttl, mode=mode))
    names = {name for name, _ in headers}
    headers += [(name, "no-cache") for name in ("cache-control", "pragma") if name not in names]


def received_response(
    context: IoContext,
    message: HttpResponse,
    *,
    decodes: bool = True,
) -> Response:
    """The Response that a fetch of the guest resolves to."""
    channel = message.web_socket
    headers = [(name.lower(), value) for name, value in message.headers]
    encoding = encoding_of(headers, context.flag) if decodes else None
    if encoding is None:
        body = _body_for_guest(context, message.body, headers)
    else:
        body = _body_for_guest(context, decoded(message.body, encoding), [])
    return Response.received(
        message.status,
        message.status_text,
        headers,
        body,
        message.url,
        message.redirected,
        None if channel is None else received_socket(context, channel),
        "automatic" if decodes else "manual",
    )


def guest_response(context: IoContext, value: JsValue, request: HttpRequest) -> HttpResponse:
    """The message for what a fetch handler returned; a TypeError if that is no Response."""
    if not isinstance(value, Response):
        raise type_error(NOT_A_RESPONSE)
    head = value.head
    if head.type == "error":
        raise type_error(ERROR_RESPONSE)
    message = response_message(context, value)
    if head.status_text is None:
        message.status_text = default_status_text(head.status)
    if isinstance(head.web_socket, WebSocket):
        message.web_socket = given_socket(context, head.web_socket, request)
    return message


def response_message(context: IoContext, response: Response) -> HttpResponse:
    """The message for a Response, without its WebSocket; the body counts as used from here on."""
    headers = list(response.headers.raw_pairs())
    body = _body_for_host(context, response.take_body_source())
    if response.encode_body == "automatic" and body is not None:
        encoding = encoding_of(headers, context.flag)
        if encoding is not None:
            original = still_encoded(body, encoding)
            if original is None:
                headers = [pair for pair in headers if pair[0] != "content-length"]
            body = encoded(body, encoding) if original is None else original
    return HttpResponse(response.head.status, response.statusText, headers, body)


def _json_like(value: JsValue) -> Any:
    """A `cf` object as data; what JSON could not say is left out."""
    if isinstance(value, PlainObject):
        return {
            key: _json_like(value.js_get(key))
            for key in value.js_own_keys()
            if isinstance(key, str)
        }
    if isinstance(value, JsArray):
        return [_json_like(item) for item in value.items]
    return value if isinstance(value, str | bool | int | float) else None
