import asyncio
from urllib.parse import urlsplit

from pyodide.ffi import JsException
from workers import DurableObject, Response, WorkerEntrypoint


class Other(DurableObject):
    async def fetch(self, request):
        await asyncio.sleep(0.015)
        return Response("slow")

    async def slow(self):
        await asyncio.sleep(0.015)
        return "slow"

    async def back(self, name):
        return await self.env.SUBJECT.getByName(name).note("called back")

    async def ask(self, callback):
        return f"told {await callback('question')}"

    async def fail(self):
        self.ctx.abort("other stopped")


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.log = []
        self.me = env.SUBJECT.getByName(ctx.id.name)
        self.other = env.OTHER.getByName(ctx.id.name)

    async def note(self, label):
        self.log.append(label)
        return label

    async def slow_fetch(self):
        self.log.append("start")
        response = await self.other.fetch("http://x/")
        self.log.append(await response.text())
        return self.log

    async def slow_call(self):
        self.log.append("start")
        self.log.append(await self.other.slow())
        return self.log

    async def calls_itself(self):
        self.log.append("start")
        self.log.append(f"got {await self.me.note('by itself')}")
        return self.log

    async def called_back(self):
        self.log.append("start")
        self.log.append(f"got {await self.other.back(self.ctx.id.name)}")
        return self.log

    async def callback(self):
        def answer(question):
            self.log.append(question)
            return "answer"

        self.log.append("start")
        self.log.append(await self.other.ask(answer))
        return self.log

    async def together(self):
        self.log.append("start")
        calls = [asyncio.ensure_future(self.me.note(label)) for label in "abc"]
        self.log.append("called")
        self.log.append(",".join(await asyncio.gather(*calls)))
        return self.log

    async def failing(self):
        self.log.append("start")
        try:
            await self.other.fail()
        except JsException as error:
            reset = str(error.durableObjectReset).lower()
            self.log.append(f"{error.message} {reset}")
        return self.log


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        stub = self.env.SUBJECT.getByName(method)
        calls = [getattr(stub, method)()]
        if method.startswith("slow"):
            calls.append(stub.note("meanwhile"))
        return Response.json((await asyncio.gather(*calls))[0])
