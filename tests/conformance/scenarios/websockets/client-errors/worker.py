import asyncio

import js
from pyodide.ffi import JsException, create_proxy, to_js
from workers import Response, WorkerEntrypoint


def outcome(run):
    try:
        value = run()
    except JsException as error:
        return f"{error.name}: {error.message}"
    return "undefined" if value is None else js.String(value)


def attempt(*args):
    return outcome(lambda: js.WebSocket.new(*map(to_js, args)).readyState)


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        connecting = js.WebSocket.new("ws://127.0.0.1:1/chat", to_js(["a", "b"]))
        log = []
        closed = asyncio.Event()

        def on_close(event):
            clean = str(event.wasClean).lower()
            state = f"state={connecting.readyState}"
            log.append(f"close {event.code} {event.reason} {clean} {state}")
            closed.set()

        def on_error(event):
            log.append(f"{event.type} {event.message[:15]}")

        connecting.addEventListener("open", create_proxy(lambda event: log.append("open")))
        connecting.addEventListener("error", create_proxy(on_error))
        connecting.addEventListener("close", create_proxy(on_close))
        early = {
            "state": connecting.readyState,
            "url": connecting.url,
            "protocol": connecting.protocol,
            "extensions": connecting.extensions,
            "accept": outcome(lambda: connecting.accept()),
            "send": outcome(lambda: connecting.send("x")),
            "inResponse": outcome(lambda: js.Response.new(None, status=101, webSocket=connecting)),
        }
        await closed.wait()
        late = {
            "state": connecting.readyState,
            "send": outcome(lambda: connecting.send("x")),
            "close": outcome(lambda: connecting.close()),
        }
        return Response.json(
            {
                "early": early,
                "log": log,
                "late": late,
                "nothing": attempt(),
                "notUrl": attempt("nope"),
                "ftp": attempt("ftp://x.test/"),
                "http": attempt("http://x.test/"),
                "https": attempt("https://x.test/"),
                "fragment": attempt("ws://x.test/#f"),
                "emptyFragment": attempt("ws://x.test/#"),
                "protocols": attempt("ws://x.test/", ["a", "a"]),
                "badProtocol": attempt("ws://x.test/", "a b"),
                "badProtocols": attempt("ws://x.test/", ["a", "b,c"]),
                "emptyProtocol": attempt("ws://x.test/", ""),
                "number": attempt(5),
                "noNew": outcome(lambda: js.WebSocket("ws://x.test/")),
            }
        )
