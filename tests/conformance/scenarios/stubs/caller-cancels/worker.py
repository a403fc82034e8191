import asyncio
from urllib.parse import urlsplit

import js
from pyodide.ffi import JsException
from workers import DurableObject, Response, WorkerEntrypoint, import_from_javascript


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.log = []

    async def fetch(self, request):
        self.log.append("start")
        if request.url.endswith("stream"):
            transform = js.IdentityTransformStream.new()
            self.writer = transform.writable.getWriter()
            self.first = self.writer.write(js.TextEncoder.new().encode("first"))
            self.ctx.waitUntil(self.finish())
            return Response(transform.readable)
        await asyncio.sleep(0.06)
        await self.ctx.storage.put("done", True)
        self.log.append("end")
        return Response("done")

    async def finish(self):
        await asyncio.sleep(0.1)
        self.log.append("end")
        try:
            await self.writer.close()
        except JsException:
            self.log.append("cannot close")

    async def result(self):
        for _ in range(50):
            if self.log != ["start"]:
                break
            await asyncio.sleep(0.01)
        return [self.log, await self.ctx.storage.get("done")]


URL = "http://object/"


def reasons():
    controller = js.AbortController.new()
    controller.abort()
    given = js.AbortController.new()
    given.abort(js.Error.new("mine"))
    signals = [controller.signal, js.AbortSignal.abort(), given.signal]
    return [
        [
            signal.reason.name,
            signal.reason.message,
            getattr(signal.reason, "retryable", None),
        ]
        for signal in signals
    ]


async def aborting(controller, *reason):
    await asyncio.sleep(0.02)
    controller.abort(*reason)


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        if method == "reasons":
            return Response.json(reasons())
        # The raw stub: the SDK's fetch has errors of its own.
        self.stub = import_from_javascript("cloudflare:workers").env.SUBJECT.getByName(method)
        answer = await self.outcome(getattr(self, method)(js.AbortController.new()))
        result = await self.env.SUBJECT.getByName(method).result()
        return Response.json({"answer": answer, "object": result})

    async def outcome(self, call):
        try:
            return await (await call).text()
        except JsException as error:
            flags = ("remote", "retryable", "overloaded", "durableObjectReset")
            set_flags = [flag for flag in flags if getattr(error, flag, None) is True]
            return [error.name, error.message, error.constructor.name, *set_flags]

    async def abort(self, controller):
        self.task = asyncio.create_task(aborting(controller))
        return await self.stub.fetch(URL, signal=controller.signal)

    async def reason(self, controller):
        self.task = asyncio.create_task(aborting(controller, js.TypeError.new("enough")))
        return await self.stub.fetch(URL, signal=controller.signal)

    async def before(self, controller):
        controller.abort()
        return await self.stub.fetch(URL, signal=controller.signal)

    async def timeout(self, controller):
        return await self.stub.fetch(URL, signal=js.AbortSignal.timeout(20))

    async def late(self, controller):
        answer = await self.stub.fetch(URL, signal=controller.signal)
        controller.abort()
        return answer

    async def streamed(self, controller):
        answer = await self.stub.fetch(f"{URL}stream", signal=controller.signal)
        self.task = asyncio.create_task(aborting(controller))
        return answer

    async def clone(self, controller):
        self.task = asyncio.create_task(aborting(controller))
        return await self.stub.fetch(js.Request.new(URL, signal=controller.signal))
