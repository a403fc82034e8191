import asyncio
import contextlib
import json

import js
from pyodide.ffi import JsException, create_proxy, to_js
from workers import Response, WorkerEntrypoint


def stream_of(*chunks):
    def start(controller):
        for chunk in chunks:
            controller.enqueue(to_js(chunk.encode()))
        controller.close()

    return js.ReadableStream.new(start=start)


def describe(value):
    return value.toString() if hasattr(value, "toString") else str(value)


async def listen(source, types=()):
    """Everything that an EventSource tells."""
    log = []
    done = asyncio.Event()

    def on_event(event):
        data = json.dumps(event.data, ensure_ascii=False)
        origin = event.origin if isinstance(event.origin, str) else "null"
        log.append(f"{event.type} {data} id={event.lastEventId} origin={origin}")

    def on_open(event):
        log.append(f"open {source.readyState} {event.constructor.name}")

    def on_error(event):
        kind = event.constructor.name
        log.append(f"error {source.readyState} {kind} {event.message} {describe(event.error)}")
        done.set()

    for name in ("message", *types):
        source.addEventListener(name, create_proxy(on_event))
    source.addEventListener("open", create_proxy(on_open))
    source.addEventListener("error", create_proxy(on_error))
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(done.wait(), 0.1)
    return log


def hear(types, *chunks):
    return listen(js.EventSource.from_(stream_of(*chunks)), types)


def outcome(function, *args):
    try:
        return str(function(*args))
    except JsException as error:
        return f"{error.name}: {error.message}"


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        source = js.EventSource.from_(stream_of("data: x\n\n"))
        handlers = []
        source.onopen = create_proxy(lambda event: handlers.append("open"))
        source.onmessage = create_proxy(lambda event: handlers.append(event.data))
        source.onerror = create_proxy(lambda event: handlers.append("error"))
        early = [source.readyState, source.url, source.withCredentials]
        await asyncio.sleep(0.03)
        late = [source.readyState, "function" if callable(source.onmessage) else "?"]
        source.close()
        closed = js.EventSource.from_(stream_of("data: never\n\n"))
        closed_log = asyncio.ensure_future(listen(closed))
        closed.close()

        def pull(controller):
            controller.error(js.RangeError.new("broken"))

        failing = js.ReadableStream.new(pull=pull)
        locked = stream_of("x")
        locked.getReader()
        named = (
            "event: ping\ndata: 1\n\nevent: other\ndata: 2\n\nevent: empty\n\nevent:\ndata: 3\n\n"
        )
        source_class = js.EventSource
        return Response.json(
            {
                "early": early,
                "handlers": handlers,
                "late": late,
                "simple": await hear([], "data: one\n\ndata: two\n\n"),
                "lines": await hear([], "data: a\ndata: b\ndata:\ndata:c\n\n"),
                "endings": await hear([], "data: cr\r\rdata: crlf\r\n\r\ndata: lf\n\n"),
                "named": await hear(["ping", "empty"], named),
                "ids": await hear(
                    [], "id: 7\ndata: a\n\ndata: b\n\nid\ndata: c\n\nid: x\u0000y\ndata: d\n\n"
                ),
                "comments": await hear([], ": nothing\ndata: a\n: more\n\n:\n\n"),
                "unknown": await hear([], "foo: bar\nretry: 5\nretry: x\ndata: a\n\ndata\n\n"),
                "colon": await hear([], "data:: a: b\n\ndata:  two spaces\n\n"),
                "unfinished": await hear([], "data: done\n\ndata: not finished"),
                "bom": await hear([], "\ufeffdata: first\n\n"),
                "pieces": await hear(
                    [], "da", "ta: spl", "it\n", "\ndata: caf", "\u00e9\r", "\n\r\n"
                ),
                "empty": await hear([]),
                "closed": [await closed_log, closed.readyState],
                "failing": await listen(js.EventSource.from_(failing)),
                "locked": outcome(source_class.from_, locked),
                "nothing": outcome(source_class.from_),
                "text": outcome(source_class.from_, "x"),
                "constants": [
                    source_class.CONNECTING,
                    source_class.OPEN,
                    source_class.CLOSED,
                    source.CONNECTING,
                    source.OPEN,
                    source.CLOSED,
                ],
            }
        )
