import asyncio
import json
import re

import js
from pyodide.ffi import create_proxy, to_js
from workers import Response, WorkerEntrypoint

LIVE = 0.3


def show(data):
    if isinstance(data, str):
        return f"text {data}"
    size = getattr(data, "byteLength", None)
    return f"{data.constructor.name} {data.size if size is None else size}"


async def converse(url, protocols=None, send=(), close=None, messages=None):
    """Opens a socket, sends what it is told, and tells everything that it heard."""
    messages = len(send) if messages is None else messages
    offer = () if protocols is None else (to_js(protocols),)
    socket = js.WebSocket.new(url, *offer)
    log = []
    done = asyncio.Event()
    count = 0

    def null(value):
        return value if isinstance(value, str) else "null"

    def on_open(event):
        agreed = f"protocol={null(socket.protocol)} extensions={null(socket.extensions)}"
        log.append(f"open state={socket.readyState} {agreed}")
        for message in send:
            socket.send(to_js(message))
        if close is not None and messages == 0:
            socket.close(*close)

    def on_message(event):
        nonlocal count
        log.append(show(event.data))
        count += 1
        if count == messages and close is not None:
            socket.close(*close)

    def on_error(event):
        log.append(f"error {event.message} state={socket.readyState}")

    def on_close(event):
        clean = str(event.wasClean).lower()
        log.append(f"close {event.code} {event.reason} {clean} state={socket.readyState}")
        done.set()

    handlers = {"open": on_open, "message": on_message, "error": on_error, "close": on_close}
    for name, handler in handlers.items():
        socket.addEventListener(name, create_proxy(handler))
    try:
        await asyncio.wait_for(done.wait(), LIVE)
    except TimeoutError:
        return [*log, "and nothing more"]
    return list(log)


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        origin = request.headers.get("x-origin").replace("http:", "ws:")
        refused = request.headers.get("x-refused").replace("http:", "ws:")

        def socket(query):
            return f"{origin}/socket{query}"

        heard = await converse(socket(""), send=["head"], close=[1000])
        sent = [
            [name, len(value) if name == "sec-websocket-key" else value]
            for name, value in json.loads(heard[1][5:])
        ]
        offered = await converse(
            socket("?protocol=b"), protocols=["a", "b"], send=["head"], close=[1000]
        )
        pairs = json.loads(offered[1][5:])
        offers = [pair for pair in pairs if pair[0] == "sec-websocket-protocol"]
        first, long, last = await converse(socket(""), send=["x" * 70000], close=[1000])
        answer = {
            "sent": sent,
            "echo": await converse(
                socket(""), send=["one", b"\1\2\3", "two", ""], close=[1000, "bye"]
            ),
            "offers": offers,
            "offered": [offered[0], offered[2]],
            "unaskedProtocol": await converse(socket("?protocol=surprise"), close=[1000]),
            "noAgreement": await converse(socket(""), protocols="a", close=[1000]),
            "extensions": await converse(
                socket("?header=Sec-WebSocket-Extensions:x"), close=[1000]
            ),
            "greeting": await converse(socket("?greet=hello"), messages=1, close=[4000, "enough"]),
            "peerCloses": await converse(socket(""), send=["close 4321 because"]),
            "peerClosesBare": await converse(socket(""), send=["close"]),
            "peerDrops": await converse(socket(""), send=["drop"]),
            "garbage": await converse(socket(""), send=["garbage"]),
            "ping": await converse(socket(""), send=["ping"], messages=1, close=[1000]),
            "closeNoCode": await converse(socket(""), close=[], messages=0),
            "refused": await converse(f"{refused}/"),
            "notFound": await converse(f"{origin}/nowhere"),
            "forbidden": await converse(socket("?refuse=403")),
            "redirect": await converse(f"{origin}/redirect/302?to=/socket"),
            "plain": await converse(f"{origin}/answer?body=hello"),
            "unknownHost": [
                re.sub(r"reference = \w+", "reference = R", line)
                for line in await converse("ws://does-not-exist.invalid/")
            ],
            "large": [first, len(long), last],
        }
        return Response.json(answer)
