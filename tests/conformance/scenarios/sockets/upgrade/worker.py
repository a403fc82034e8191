import asyncio
import json

import js
from js import Object
from pyodide.ffi import JsException, create_proxy, to_js
from workers import Response, WorkerEntrypoint


async def attempt(function, *args, **kwargs):
    try:
        return await function(*args, **kwargs)
    except JsException as error:
        return f"{error.name}: {error.message}"


def options(**init):
    return to_js(init, dict_converter=Object.fromEntries)


def upgrade(url, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return js.fetch(url, options(headers={"Upgrade": "websocket", **named}))


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        origin = request.headers.get("x-origin")
        null = js.JSON.parse("null")
        response = await upgrade(
            f"{origin}/socket?header=X-Own:1&protocol=chat",
            sec_websocket_protocol="chat",
            x_mine="2",
            sec_websocket_key="mine",
            sec_websocket_version="7",
        )
        socket = response.webSocket
        log = []
        closed = asyncio.Event()

        async def send_early():
            socket.send("too early")

        def on_close(event):
            log.append(f"close {event.code} {event.reason} {str(event.wasClean).lower()}")
            closed.set()

        early = await attempt(send_early)
        socket.accept()
        socket.addEventListener("message", create_proxy(lambda event: log.append(event.data)))
        socket.addEventListener("close", create_proxy(on_close))
        socket.send("head")
        socket.send("hello")
        socket.send("close 4000 enough")
        await closed.wait()
        log[0] = [
            [name, len(value) if name == "sec-websocket-key" else value]
            for name, value in json.loads(log[0])
        ]
        headers = [
            [name, len(value) if name == "sec-websocket-accept" else value]
            for name, value in response.headers
        ]
        plain = await upgrade(f"{origin}/socket?refuse=403")
        no_upgrade = await js.fetch(f"{origin}/socket?refuse=426")
        abandoned = await upgrade(f"{origin}/socket")
        upper = await js.fetch(f"{origin}/socket", options(headers={"Upgrade": "WebSocket"}))
        other = await js.fetch(f"{origin}/echo", options(headers={"Upgrade": "h2c"}))

        async def posted():
            init = options(method="POST", body="x", headers={"Upgrade": "websocket"})
            return (await js.fetch(f"{origin}/socket", init)).status

        async def clone():
            response.clone()

        def shown(response):
            return None if response.webSocket is null else "socket"

        return Response.json(
            {
                "status": [
                    response.status,
                    response.statusText,
                    response.url,
                    response.body is null,
                ],
                "headers": headers,
                "early": early,
                "log": log,
                "plain": [plain.status, shown(plain), await plain.text()],
                "noUpgrade": [no_upgrade.status, shown(no_upgrade)],
                "abandoned": [abandoned.status, abandoned.webSocket.readyState],
                "upper": [upper.status, upper.webSocket is null],
                "other": [other.status, shown(other)],
                "posted": await attempt(posted),
                "clone": await attempt(clone),
                "scheme": await attempt(upgrade, f"{origin.replace('http:', 'ws:')}/socket"),
                "refused": await attempt(upgrade, request.headers.get("x-refused")),
            }
        )
