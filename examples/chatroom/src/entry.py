"""Chat rooms: a page, and one Durable Object for each room.

The room keeps its WebSockets with the Hibernation API, so that a quiet room costs nothing, and its
latest messages in SQLite, so that who comes later can read them.
"""

import json
from urllib.parse import unquote, urlsplit

from js import WebSocketPair
from page import PAGE
from workers import DurableObject, Response, WorkerEntrypoint

MAX_NAME = 32
MAX_TEXT = 1000
HISTORY = 50


class Room(DurableObject):
    """One room."""

    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        ctx.storage.sql.exec(
            "CREATE TABLE IF NOT EXISTS messages"
            " (id INTEGER PRIMARY KEY, name TEXT NOT NULL, text TEXT NOT NULL)"
        )

    async def fetch(self, request):
        if (request.headers.get("Upgrade") or "").lower() != "websocket":
            return Response("Expected a WebSocket", status=426)
        name = unquote(urlsplit(request.url).query.removeprefix("name=")).strip()[:MAX_NAME]
        if not name:
            return Response("Who are you? Add ?name=", status=400)

        client, server = WebSocketPair.new().object_values()
        self.ctx.acceptWebSocket(server)
        server.serializeAttachment(name)
        for message in self.latest():
            server.send(json.dumps(message))
        self.tell_all({"joined": name, "present": self.present()})
        return Response(None, status=101, web_socket=client)

    def latest(self):
        rows = self.ctx.storage.sql.exec(
            "SELECT name, text FROM messages ORDER BY id DESC LIMIT ?", HISTORY
        )
        return [{"name": row.name, "text": row.text} for row in reversed(rows.toArray())]

    def others(self, but):
        return [socket for socket in self.ctx.getWebSockets() if socket != but]

    def present(self, but=None):
        return sorted({socket.deserializeAttachment() for socket in self.others(but)})

    def tell_all(self, message, but=None):
        for socket in self.others(but):
            socket.send(json.dumps(message))

    async def webSocketMessage(self, socket, message):
        if not isinstance(message, str) or len(message) > MAX_TEXT:
            socket.close(1009, f"Up to {MAX_TEXT} characters of text, please")
            return
        name = socket.deserializeAttachment()
        # Nobody reads a message before it is on disk: what is sent waits for what was written.
        self.ctx.storage.sql.exec("INSERT INTO messages (name, text) VALUES (?, ?)", name, message)
        self.tell_all({"name": name, "text": message})

    async def webSocketClose(self, socket, code, reason, was_clean):
        self.left(socket)

    async def webSocketError(self, socket, error):
        self.left(socket)

    def left(self, gone):
        message = {"left": gone.deserializeAttachment(), "present": self.present(but=gone)}
        self.tell_all(message, but=gone)


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        parts = urlsplit(request.url).path.strip("/").split("/")
        match parts:
            case [""]:
                return Response(PAGE, headers={"Content-Type": "text/html; charset=utf-8"})
            case ["room", room, "websocket"] if room:
                return await self.env.ROOMS.getByName(unquote(room)).fetch(request)
            case _:
                return Response("Not found", status=404)
