import js
from pyodide.ffi import JsException
from workers import DurableObject, Response, WorkerEntrypoint


def outcome(run):
    try:
        value = run()
    except JsException as error:
        return f"{error.name}: {error.message}"
    return "undefined" if value is None else js.String(value)


def pair():
    return js.WebSocketPair.new().object_values()


def respond(**init):
    return js.Response.new(init.pop("body", None), **init)


class Subject(DurableObject):
    async def run(self):
        accept = self.ctx.acceptWebSocket
        out = {}

        client, server = pair()
        out["sendBefore"] = outcome(lambda: server.send("x"))
        out["closeBefore"] = outcome(lambda: server.close())
        server.accept()
        out["acceptTwice"] = outcome(lambda: server.accept())
        out["hibernateAccepted"] = outcome(lambda: accept(server))
        out["hibernatePeerOfAccepted"] = outcome(lambda: accept(client))
        out["acceptPeerOfAccepted"] = outcome(lambda: client.accept())

        client2, server2 = pair()
        accept(server2)
        out["hibernateTwice"] = outcome(lambda: accept(server2))
        out["acceptHibernated"] = outcome(lambda: server2.accept())
        out["hibernatePeerOfHibernated"] = outcome(lambda: accept(client2))
        out["sendHibernated"] = outcome(lambda: server2.send("x"))

        out["hibernateNothing"] = outcome(lambda: accept())
        out["hibernateString"] = outcome(lambda: accept("x"))
        out["hibernateObject"] = outcome(lambda: accept(js.Object.new()))

        client3, _ = pair()
        out["wrongStatus"] = outcome(lambda: respond(status=200, webSocket=client3))
        out["noSocket"] = outcome(lambda: respond(status=101))
        out["noSocketType"] = outcome(lambda: respond(status=101, webSocket=js.Object.new()))
        out["withBody"] = outcome(lambda: respond(body="x", status=101, webSocket=client3))
        out["clone"] = outcome(lambda: respond(status=101, webSocket=client3).clone())
        out["same"] = respond(status=101, webSocket=client3).webSocket == client3
        out["acceptAfterConstruction"] = outcome(lambda: client3.accept())

        sockets = js.WebSocketPair.new()
        out["keys"] = list(js.Object.keys(sockets))
        out["name"] = sockets.constructor.name
        out["iterated"] = [socket.constructor.name for socket in sockets]
        out["pairText"] = js.String(sockets)
        out["socketText"] = js.String(getattr(sockets, "0"))
        out["pairWithoutNew"] = outcome(lambda: js.WebSocketPair())
        return out


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        return Response.json(await self.env.SUBJECT.getByName("foo").run())
