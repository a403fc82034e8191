import asyncio
from urllib.parse import urlsplit

import js
from pyodide.ffi import create_proxy
from workers import Response, WorkerEntrypoint


def pair():
    left, right = js.WebSocketPair.new().object_values()
    return left, right, []


def on(socket, event_type, listener, **options):
    proxy = create_proxy(listener)
    socket.addEventListener(event_type, proxy, **options)
    return proxy


async def wait():
    await asyncio.sleep(0.01)


async def attributes():
    left, right, log = pair()

    def listener(event):
        flags = [event.target == right, event.currentTarget == right, event.srcElement == right]
        names = ("bubbles", "cancelable", "defaultPrevented", "composed", "eventPhase")
        flags += [getattr(event, name) for name in (*names, "isTrusted")]
        fields = [getattr(event, name, None) for name in ("data", "code", "reason", "wasClean")]
        kind = event.constructor.name
        log.append([event.type, kind, *flags, *fields, len(event.composedPath())])

    on(right, "message", listener)
    on(right, "close", listener)
    left.accept()
    right.accept()
    left.send("text")
    left.close(3000, "why")
    await wait()
    return log


async def order():
    left, right, log = pair()

    def second(event):
        data = event.data
        log.append(f"second {data}")
        js.queueMicrotask(create_proxy(lambda: log.append(f"microtask {data}")))

    async def slow(event):
        data = event.data
        await asyncio.sleep(0.02 if data == "a" else 0.001)
        log.append(f"slow {data}")

    on(right, "message", lambda event: log.append(f"first {event.data}"))
    on(right, "message", second)
    on(right, "message", slow)
    on(right, "close", lambda _: log.append("close"))
    left.accept()
    right.accept()
    left.send("a")
    left.send("b")
    left.close()
    log.append("sent")
    await asyncio.sleep(0.04)
    return log


async def options():
    left, right, log = pair()

    def stops(event):
        log.append("stops")
        event.stopImmediatePropagation()

    twice = on(right, "message", lambda _: log.append("added twice"))
    right.addEventListener("message", twice)
    on(right, "message", lambda _: log.append("once"), once=True)
    removed = on(right, "message", lambda _: log.append("removed"))
    right.removeEventListener("message", removed)
    handler = js.Object.new()
    handler.handleEvent = create_proxy(lambda event: log.append(f"object {event.type}"))
    right.addEventListener("message", handler)
    on(right, "message", stops)
    on(right, "message", lambda _: log.append("never"))
    left.accept()
    right.accept()
    left.send("a")
    left.send("b")
    await wait()
    return log


async def late():
    left, right, log = pair()
    left.accept()
    left.send("early")
    right.accept()
    on(right, "message", lambda event: log.append(f"same turn {event.data}"))
    await wait()
    left.send("later")
    await wait()
    on(right, "message", lambda event: log.append(f"added late {event.data}"))
    left.send("last")
    await wait()
    return log


async def dispatched():
    _, right, log = pair()

    def custom(event):
        event.preventDefault()
        log.append([event.type, event.defaultPrevented])

    def message(event):
        log.append([event.constructor.name, event.data, event.isTrusted])

    on(right, "message", message)
    on(right, "custom", custom)
    results = [
        right.dispatchEvent(js.MessageEvent.new("message", data="made")),
        right.dispatchEvent(js.Event.new("custom", cancelable=True)),
    ]
    return [*log, *results, right.readyState]


async def properties():
    left, right, log = pair()
    right.onmessage = create_proxy(lambda event: log.append(f"onmessage {event.data}"))
    right.onclose = create_proxy(lambda _: log.append("onclose"))
    left.accept()
    right.accept()
    left.send("a")
    left.close()
    await wait()
    return ["function" if callable(right.onmessage) else "object", *log]


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        return Response.json(await globals()[urlsplit(request.url).path[1:]]())
