"""Requests with an AbortSignal: it ends them, and what was not read of their responses.

Does not know: where requests go.
"""

from __future__ import annotations

import weakref
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from emulator.js.errors import throwable
from emulator.js.promise import Promise
from emulator.js.request import Request
from emulator.js.streams import ReadableStream, fail_native_stream, native_source
from emulator.js.values import JsValue
from emulator.runtime.web import IncomingBody, outgoing_request, received_response

if TYPE_CHECKING:
    from emulator.js.events import AbortSignal
    from emulator.js.response import Response
    from emulator.runtime.http import HttpRequest, HttpResponse
    from emulator.runtime.io_context import IoContext


def send_request(
    context: IoContext,
    request: Request,
    send: Callable[[HttpRequest], Awaitable[HttpResponse]],
) -> Promise:
    """Sends a Request of the guest; its signal cancels that, and the response's body."""
    signal = request.abort_signal
    if signal is not None and signal.aborted:
        raise throwable(signal.reason)
    message = outgoing_request(context, request)
    decodes = request.decodes_response

    def received(response: HttpResponse) -> Response:
        answer = received_response(context, response, decodes=decodes)
        if signal is not None:
            _cancelled_by(signal, answer)
        return answer

    return context.external(context.outgoing(send(message)), received, signal=signal)


def _cancelled_by(signal: AbortSignal, response: Response) -> None:
    """From an abort on, what was not read of the response fails with the reason."""
    body = response.body_source
    if isinstance(body, ReadableStream):
        stop = signal.on_abort(partial(fail_native_stream, body))
        source = native_source(body)
        if isinstance(source, IncomingBody):
            source.on_end = stop
    elif body is not None:
        # All of it is here already: it stays bytes, as nearly every fetch of the SDK has a signal.
        known = weakref.ref(response)

        def fail(reason: JsValue) -> None:
            unread = known()
            if unread is not None:
                unread.fail_body(reason)

        signal.on_abort(fail)
