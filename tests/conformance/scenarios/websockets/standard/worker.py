import asyncio

import js
from pyodide.ffi import JsException, create_proxy, jsnull
from workers import Response, WorkerEntrypoint


def outcome(run):
    try:
        value = run()
    except JsException as error:
        return f"{error.name}: {error.message}"
    return "undefined" if value is None else js.String(value)


def pair():
    log = []

    def watch(name, socket):
        def on_message(event):
            data = event.data
            if isinstance(data, str):
                log.append(f"{name} String {data}")
            else:
                size = data.size if data.constructor.name == "Blob" else data.byteLength
                log.append(f"{name} {data.constructor.name} {size}")

        def on_close(event):
            clean = str(event.wasClean).lower()
            state = f"state={socket.readyState}"
            log.append(f"{name} close {event.code} {event.reason} {clean} {state}")

        def on_error(event):
            log.append(f"{name} error {event.message} state={socket.readyState}")

        socket.addEventListener("message", create_proxy(on_message))
        socket.addEventListener("close", create_proxy(on_close))
        socket.addEventListener("error", create_proxy(on_error))

    left, right = js.WebSocketPair.new()
    watch("left", left)
    watch("right", right)
    return left, right, log


def both(*args):
    left, right, log = pair()
    left.accept(*args)
    right.accept(*args)
    return left, right, log


async def wait():
    await asyncio.sleep(0.01)


def states(*sockets):
    return [socket.readyState for socket in sockets]


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        out = {}
        left, right, log = pair()
        out["stateBefore"] = left.readyState
        left.accept()
        left.send("before the other accepts")
        right.accept()
        out["acceptedState"] = right.readyState
        await wait()
        right.send(js.Uint8Array.new([1, 2]))
        right.binaryType = "arraybuffer"
        left.send(js.Uint8Array.new([1, 2, 3]))
        await wait()
        out["binaryTypes"] = [left.binaryType, right.binaryType]
        left.binaryType = "text"
        out["badBinaryType"] = left.binaryType
        left.close(4000, "done")
        out["closingStates"] = states(left, right)
        await wait()
        out["closedStates"] = states(left, right)
        out["sendAfterClose"] = outcome(lambda: right.send("x"))
        out["handshake"] = log

        left, right, log = both()
        left.close()
        await wait()
        out["codeless"] = log

        left, right, log = both()
        left.close(3000, "l")
        right.close(3001, "r")
        await wait()
        out["crossing"] = log

        left, right, log = both(js.JSON.parse('{"allowHalfOpen": true}'))
        left.close(3000, "l")
        await wait()
        right.send("still")
        right.close(3001, "r")
        await wait()
        out["halfOpen"] = log

        left, right, log = both()

        def fail(event):
            js.JSON.parse("{")

        right.addEventListener("message", create_proxy(fail))
        left.send("one")
        left.send("two")
        await wait()
        out["throwingListener"] = log
        out["throwingStates"] = states(left, right)
        out["throwingSend"] = [outcome(lambda: left.send("x")), outcome(lambda: right.send("x"))]

        left, right, log = pair()
        arrived = asyncio.get_running_loop().create_future()
        right.onmessage = create_proxy(arrived.set_result)
        left.accept()
        right.accept()
        left.send("attributes")
        event = await arrived
        out["event"] = {
            "type": event.type,
            "data": event.data,
            "origin": None if event.origin is jsnull else event.origin,
            "lastEventId": event.lastEventId,
            "ports": list(event.ports),
            "isTrusted": event.isTrusted,
            "target": event.target == right,
        }
        url = None if right.url is jsnull else right.url
        out["attributes"] = [url, right.protocol, right.extensions, right.binaryType]
        out["onopen"] = "undefined" if not hasattr(left, "onopen") else "other"
        return Response.json(out)
