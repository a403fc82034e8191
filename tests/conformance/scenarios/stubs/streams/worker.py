import asyncio
from urllib.parse import urlsplit

import js
from js import IdentityTransformStream, TextDecoder, TextEncoder
from pyodide.ffi import JsException
from workers import DurableObject, Response, WorkerEntrypoint, import_from_javascript


def encoded(text):
    return TextEncoder.new().encode(text)


def decoded(value):
    return TextDecoder.new().decode(value)


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.log = []

    async def fetch(self, request):
        how = urlsplit(request.url).path[1:]
        if how == "upload":
            reader = request.body.getReader()
            text = ""
            while not (piece := await reader.read()).done:
                text += decoded(piece.value)
            return Response(f"got {text}")
        transform = IdentityTransformStream.new()
        self.ctx.waitUntil(self.write(transform.writable.getWriter(), how))
        return Response(transform.readable)

    async def write(self, writer, how):
        try:
            await writer.write(encoded("one "))
            self.log.append("one written")
            await asyncio.sleep(0.005)
            if how == "failed":
                await writer.abort(js.TypeError.new("broken off"))
                return
            if how == "reset":
                self.ctx.abort("reset while sending")
            await writer.write(encoded("two"))
            self.log.append("two written")
            await writer.close()
            self.log.append("closed")
        except JsException:
            self.log.append("write failed")

    async def read(self):
        await asyncio.sleep(0.02)
        return self.log


async def pieces(body, limit=100):
    reader = body.getReader()
    text = ""
    try:
        for _ in range(limit):
            piece = await reader.read()
            if piece.done:
                return {"text": text, "done": True}
            text += decoded(piece.value)
        await reader.cancel(js.Error.new("enough"))
    except JsException as error:
        reset = getattr(error, "durableObjectReset", None) is True
        return {"text": text, "name": error.name, "message": error.message, "reset": reset}
    return {"text": text, "done": False}


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        how = urlsplit(request.url).path[1:]
        # The raw stub: the SDK's fetch has errors of its own.
        stub = import_from_javascript("cloudflare:workers").env.SUBJECT.getByName(how)
        if how == "upload":
            transform = IdentityTransformStream.new()
            writer = transform.writable.getWriter()
            answer = stub.fetch("http://object/upload", method="POST", body=transform.readable)
            await writer.write(encoded("a"))
            await asyncio.sleep(0.005)
            await writer.write(encoded("b"))
            await writer.close()
            return Response.json(await (await answer).text())
        answer = await stub.fetch(f"http://object/{how}")
        got = await pieces(answer.body, 1 if how == "cancelled" else 100)
        log = [] if how == "reset" else await self.env.SUBJECT.getByName(how).read()
        return Response.json({"got": got, "log": log})
