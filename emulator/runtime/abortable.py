"""Responses to a fetch with an AbortSignal: once it is aborted, no more of the body is read."""

from __future__ import annotations

import asyncio
import weakref
from typing import TYPE_CHECKING

from emulator.js.values import JsValue
from emulator.runtime.errors import guest_error_from_value
from emulator.runtime.web import received_response

if TYPE_CHECKING:
    from emulator.js.events import AbortSignal
    from emulator.js.response import Response
    from emulator.runtime.http import ByteStream, HttpResponse
    from emulator.runtime.io_context import IoContext


def abortable_response(
    context: IoContext, message: HttpResponse, signal: AbortSignal | None
) -> Response:
    """The guest's response; from an abort on, what was not read of it fails with the reason."""
    if signal is None or message.body is None:
        return received_response(context, message)
    if not isinstance(message.body, bytes):
        message.body = AbortableBody(message.body, signal)
        return received_response(context, message)
    # All of it is here already: it stays bytes, as nearly every fetch of the SDK has a signal.
    response = received_response(context, message)
    known = weakref.ref(response)

    def fail(reason: JsValue) -> None:
        unread = known()
        if unread is not None:
            unread.fail_body(reason)

    signal.on_abort(fail)
    return response


class AbortableBody:
    """A stream that ends with its signal. Implements ByteStream."""

    __slots__ = ("_aborted", "_body", "_stop")

    def __init__(self, body: ByteStream, signal: AbortSignal) -> None:
        self._body = body
        self._aborted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._stop = signal.on_abort(self._abort)

    def _abort(self, reason: JsValue) -> None:
        if not self._aborted.done():
            self._aborted.set_exception(guest_error_from_value(reason))
            self._aborted.exception()  # seen, also if nobody reads any more

    async def read(self) -> bytes:
        if self._aborted.done():
            await self._aborted
        reading = asyncio.ensure_future(self._body.read())
        await asyncio.wait((reading, self._aborted), return_when=asyncio.FIRST_COMPLETED)
        if self._aborted.done():
            reading.cancel()
            await self._body.cancel(self._aborted.exception())
            await self._aborted
        return await reading

    async def cancel(self, reason: BaseException | None = None) -> None:
        self._stop()
        await self._body.cancel(reason)
