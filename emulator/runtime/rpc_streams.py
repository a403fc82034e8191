"""WritableStreams over RPC: the receiver writes bytes, and the sender's stream gets them in order.

A stream that was sent is locked, and keeps its context alive until it is closed or the other side
lets go of it. It is closed only if the receiver closes it: whatever else ends the writing (an
abort, the end of the receiving context, a stream that nobody holds any more) aborts it.
Source: workerd src/workerd/api/streams/writable.c++ (`WritableStreamRpcAdapter`).
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from emulator.js.buffers import ArrayBuffer
from emulator.js.errors import JsError
from emulator.js.promise import Promise
from emulator.js.streams import WritableStream, WritableStreamDefaultWriter
from emulator.js.streams.callbacks import Outcome
from emulator.js.streams.identity import written_bytes
from emulator.js.values import JsValue
from emulator.runtime.io_context import IoContext

DISCONNECTED: Final = (
    "WritableStream received over RPC was disconnected because the remote execution context has "
    "ended."
)


class _Writing:
    """The sender's side, which outlives the channel by the message that it is gone."""

    __slots__ = ("context", "over", "release", "writer")

    def __init__(self, context: IoContext, stream: WritableStream) -> None:
        self.context = context
        self.writer = WritableStreamDefaultWriter(stream)
        self.release = context.keep_alive()
        self.over = False

    def end(self) -> bool:
        """Whether it has not ended before."""
        over, self.over = self.over, True
        return not over

    def disconnect(self) -> None:
        if self.end():
            self.context.deliver(self._abort)
            self.release()

    def _abort(self) -> None:
        aborted: Promise = self.writer.js_get("abort").js_call(
            self.writer, (JsError(DISCONNECTED),)
        )
        aborted.handled = True


class WritableChannel:
    """A WritableStream of a context, as others write to it."""

    __slots__ = ("__weakref__", "_writing")

    def __init__(self, context: IoContext, stream: WritableStream) -> None:
        self._writing = _Writing(context, stream)
        loop = context.services.loop

        def dropped(disconnect: Callable[[], None]) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(disconnect)

        weakref.finalize(self, dropped, self._writing.disconnect).atexit = False

    async def write(self, data: bytes) -> None:
        """Writes bytes; raises GuestError as the stream refuses them."""
        await self._do(lambda writer: writer.write(ArrayBuffer(bytearray(data))))

    async def close(self) -> None:
        """Closes the stream."""
        writing = self._writing
        if writing.end():
            try:
                await self._do(lambda writer: writer.js_get("close").js_call(writer, ()))
            finally:
                writing.release()

    async def _do(self, job: Callable[[WritableStreamDefaultWriter], JsValue]) -> None:
        context = self._writing.context
        await context.settle(partial(job, self._writing.writer))
        await context.pass_output_gate()

    def abort(self) -> None:
        """Nothing more will be written."""
        self._writing.disconnect()


class _ContextEnd:
    """Ends a channel together with the context that writes to it, without keeping either alive."""

    __slots__ = ("_channel",)

    def __init__(self, context: IoContext, channel: WritableChannel) -> None:
        self._channel = weakref.ref(channel, lambda _: context.disown_socket(self))
        context.own_socket(self)

    def abort(self) -> None:
        channel = self._channel()
        if channel is not None:
            channel.abort()


class RemoteSink:
    """The receiver's side. Implements WritableSink."""

    __slots__ = ("_channel", "_context", "_end")

    def __init__(self, context: IoContext, channel: WritableChannel) -> None:
        self._context = context
        self._channel = channel
        self._end = _ContextEnd(context, channel)

    def start(self, controller: JsValue) -> Outcome:
        return None

    def write(self, chunk: JsValue, controller: JsValue) -> Outcome:
        return self._send(self._channel.write(chunk))

    def close(self) -> Outcome:
        self._let_go()
        return self._send(self._channel.close())

    def abort(self, reason: JsValue) -> Outcome:
        self._let_go()
        self._context.services.post(self._channel.abort)
        return None

    def _send(self, work: Any) -> Promise:
        return self._context.external(self._context.outgoing(work))

    def _let_go(self) -> None:
        self._context.disown_socket(self._end)


def writable_for_guest(context: IoContext, channel: WritableChannel) -> WritableStream:
    """A stream that writes to another context."""
    return WritableStream(RemoteSink(context, channel), chunk_filter=written_bytes)
