import js
from pyodide.ffi import JsException
from workers import DurableObject, Response, WorkerEntrypoint


def outcome(run):
    try:
        value = run()
    except JsException as error:
        return f"{error.name}: {error.message}"
    return "undefined" if value is None else js.String(value)


class Subject(DurableObject):
    used = None

    async def fetch(self, request):
        client, server = js.WebSocketPair.new()
        if request.url.endswith("/accepted"):
            client.accept()
        elif request.url.endswith("/hibernated"):
            self.ctx.acceptWebSocket(client)
        else:
            server.accept()
        if request.url.endswith("/used"):
            self.used = self.used or client
            server.send("hello")
            return Response(None, status=101, web_socket=self.used)
        return Response(None, status=101, web_socket=client)

    async def acceptUsed(self):
        return outcome(lambda: self.used.accept())

    async def hibernateUsed(self):
        return outcome(lambda: self.ctx.acceptWebSocket(self.used))

    async def stateOfUsed(self):
        return self.used.readyState

    async def sendOnUsed(self):
        return outcome(lambda: self.used.send("x"))


async def failure(promise):
    try:
        response = (await promise).js_object
    except OSError as error:  # what the SDK makes of every error of a fetch, without its name
        return f"TypeError: {error}"
    kind = "socket" if getattr(response.webSocket, "constructor", None) else "null"
    return f"{response.status} {kind}"


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        stub = self.env.SUBJECT.getByName("foo")

        async def ask(path, upgrade="websocket", **init):
            headers = {"Upgrade": upgrade} if upgrade else {}
            return await failure(stub.fetch(f"http://object/{path}", headers=headers, **init))

        return Response.json(
            {
                "accepted": await ask("accepted"),
                "hibernated": await ask("hibernated"),
                "used": await ask("used"),
                "acceptUsed": await stub.acceptUsed(),
                "hibernateUsed": await stub.hibernateUsed(),
                "sendOnUsed": await stub.sendOnUsed(),
                "stateOfUsed": await stub.stateOfUsed(),
                "usedTwice": await ask("used"),
                "upperCase": await ask("ok", "WebSocket"),
                "post": await ask("ok", method="POST"),
                "notAsked": await ask("ok", ""),
                "otherUpgrade": await ask("ok", "h2c"),
            }
        )
