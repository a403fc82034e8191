"""Values as they cross RPC: structured clone, and live things by reference.

Requests, responses, headers and streams travel as messages; functions as channels back to the
context they belong to; stubs as the channels that they hold. A payload is plain data, so that it
may cross a process.

A function that was sent keeps its context alive until the receiver drops its stub; after the
context is gone, calling it fails. Source: workerd src/workerd/api/worker-rpc.c++.
"""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from emulator import codec
from emulator.js.array import JsArray
from emulator.js.body import Body
from emulator.js.errors import error, error_value, type_error
from emulator.js.headers import Headers
from emulator.js.object import JsFunction, JsObject
from emulator.js.promise import Promise, as_promise, rejected
from emulator.js.request import Request
from emulator.js.response import Response
from emulator.js.streams import ReadableStream
from emulator.js.streams.readable import SENT_LOCKED
from emulator.js.values import JsValue
from emulator.runtime.errors import GuestError, platform_error
from emulator.runtime.http import ByteStream, HttpRequest, HttpResponse
from emulator.runtime.io_context import IoContext, current_context
from emulator.runtime.web import (
    RpcBody,
    incoming_request,
    outgoing_request,
    received_response,
    response_message,
    stream_for_guest,
)
from emulator.runtime.worker_interface import ClassReference, RpcCall, RpcPayload, WorkerInterface

CALLBACK_GONE: Final = "The execution context which hosts this callback is no longer running."
MAX_BYTES: Final = 32 * 1024 * 1024
TOO_LARGE: Final = (
    "Serialized RPC arguments or return values are limited to 32MiB, but the size of this value "
    "was: {} bytes."
)


@dataclass(frozen=True, slots=True)
class HeaderPairs:
    """Headers in a payload."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class FunctionChannel:
    """A function in a payload."""

    channel: WorkerInterface


@dataclass(frozen=True, slots=True)
class StubChannel:
    """A stub in a payload; it arrives as a plain service stub."""

    channel: WorkerInterface


External = (
    HttpRequest
    | HttpResponse
    | HeaderPairs
    | ByteStream
    | FunctionChannel
    | StubChannel
    | ClassReference
)


class _Sender:
    """Collects what cannot be cloned. Implements codec.Externals."""

    __slots__ = ("_context", "items")

    def __init__(self, context: IoContext) -> None:
        self._context = context
        self.items: list[External] = []

    def add(self, value: JsObject) -> int | None:
        external = self._external(value)
        if external is None:
            return None
        self.items.append(external)
        return len(self.items) - 1

    def _external(self, value: JsObject) -> External | None:
        if isinstance(value, Body) and value.bodyUsed:
            raise type_error(SENT_LOCKED)
        if isinstance(value, Request):
            return outgoing_request(self._context, value)
        if isinstance(value, Response):
            return response_message(self._context, value)
        if isinstance(value, Headers):
            return HeaderPairs(tuple(value.raw_pairs()))
        if isinstance(value, ReadableStream):
            if value.locked:
                raise type_error(SENT_LOCKED)
            return RpcBody(self._context, value)
        reference: ClassReference | None = getattr(value, "rpc_class", None)
        if reference is not None:
            return reference
        channel = getattr(value, "rpc_channel", None)
        if channel is not None:
            return FunctionChannel(channel) if value.js_callable else StubChannel(channel)
        if value.js_callable:
            return FunctionChannel(CallbackChannel(self._context, value))
        return None


def pack(context: IoContext, value: JsValue) -> RpcPayload:
    """The payload of a value of the context; throws DataCloneError for what RPC refuses."""
    sender = _Sender(context)
    data = codec.encode(value, sender)
    if len(data) > MAX_BYTES:
        raise error(TOO_LARGE.format(len(data)))
    return RpcPayload(data, tuple(sender.items))


def unpack(context: IoContext, payload: RpcPayload) -> JsValue:
    """The value of a payload, for guests of the context. Runs in a turn of it."""
    if not payload.externals:
        return codec.decode(payload.data)
    live = [_receive(context, external) for external in payload.externals]
    return codec.decode(payload.data, live)


def _receive(context: IoContext, external: External) -> JsValue:
    if isinstance(external, HttpRequest):
        return incoming_request(context, external, external.redirect)
    if isinstance(external, HttpResponse):
        return received_response(context, external)
    if isinstance(external, HeaderPairs):
        return Headers(list(external.pairs))
    if isinstance(external, FunctionChannel):
        return RpcFunction(external.channel)
    if isinstance(external, StubChannel):
        from emulator.runtime.stub import ServiceStub  # noqa: PLC0415 - it is built on this module

        return ServiceStub(external.channel)
    if isinstance(external, ClassReference):
        from emulator.runtime.loopback import DurableObjectClass  # noqa: PLC0415 - likewise

        return DurableObjectClass(external)
    return stream_for_guest(context, external)


def _dropped(loop: asyncio.AbstractEventLoop, release: Callable[[], None]) -> None:
    """The last stub of a function is gone. The collector may say so on any thread, or too late."""
    if not loop.is_closed():
        loop.call_soon_threadsafe(release)


class CallbackChannel:
    """A function of a context, as others reach it. Implements WorkerInterface."""

    __slots__ = ("__weakref__", "_context", "_function")

    def __init__(self, context: IoContext, function: JsObject) -> None:
        self._context = context
        self._function = function
        dropped = weakref.finalize(self, _dropped, context.services.loop, context.keep_alive())
        dropped.atexit = False

    async def fetch(self, request: HttpRequest) -> HttpResponse:
        raise platform_error("A function has no fetch().", "TypeError")

    async def call(self, call: RpcCall) -> RpcPayload:
        context = self._context
        if context.closed:
            raise platform_error(CALLBACK_GONE)

        def run() -> JsValue:
            arguments = unpack(context, call.arguments)
            assert isinstance(arguments, JsArray)
            result = as_promise(self._function.js_call(None, tuple(arguments.items)))
            packed = Promise()
            result.subscribe(
                lambda value: _settle_packed(context, packed, value), packed.reject_with
            )
            return packed

        try:
            return await self._outcome(run)
        except GuestError as error:
            raise error.flagged(remote=True) from error.exception

    async def _outcome(self, run: Callable[[], JsValue]) -> RpcPayload:
        """What the function gives or throws, once what it wrote is durable."""
        context = self._context
        try:
            payload = await context.settle(run)
        except GuestError:
            await context.pass_output_gate()
            raise
        await context.pass_output_gate()
        return payload.payload  # type: ignore[no-any-return]


class _Packed:
    """A payload on its way through a promise, which would follow a JavaScript value."""

    __slots__ = ("payload",)

    def __init__(self, payload: RpcPayload) -> None:
        self.payload = payload


def _settle_packed(context: IoContext, promise: Promise, value: JsValue) -> None:
    try:
        promise.resolve_with(_Packed(pack(context, value)))
    except Exception as exception:  # noqa: BLE001 - a value that cannot be sent is a rejection
        promise.reject_with(error_value(exception))


def send_call(channel: WorkerInterface, method: str, args: tuple[JsValue, ...]) -> Promise:
    """Sends a call from the current context; the promise of its result."""
    context = current_context()
    try:
        context.check_io_allowed()
        call = RpcCall(method, pack(context, JsArray(list(args))))
    except Exception as exception:  # noqa: BLE001 - a call that cannot be sent is a rejection
        return rejected(error_value(exception))
    return context.external(
        context.outgoing(channel.call(call)), lambda payload: unpack(context, payload)
    )


class RpcFunction(JsFunction, name="RpcStub", constructible=False):
    """A function that was received: calling it runs it where it came from."""

    __slots__ = ("rpc_channel",)

    def __init__(self, channel: WorkerInterface) -> None:
        super().__init__()
        self.rpc_channel = channel

    @property
    def function_name(self) -> str:  # type: ignore[override]
        return "RpcStub"

    def js_call(self, this: JsValue, args: tuple[JsValue, ...]) -> Promise:
        return send_call(self.rpc_channel, "", args)
