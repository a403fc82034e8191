import asyncio
from urllib.parse import urlsplit

from js import setInterval, setTimeout
from pyodide.ffi import JsException, create_proxy
from workers import DurableObject, Response, WorkerEntrypoint

log = []


class Subject(DurableObject):
    async def note(self, text):
        log.append(text)
        await self.ctx.storage.put(text, True)

    async def slow(self):
        await asyncio.sleep(0.02)
        await self.note("slow went on")

    async def waiting(self):
        await asyncio.sleep(0.02)
        await self.note("waitUntil went on")

    async def stop(self):
        self.ctx.waitUntil(self.waiting())
        self.timers = [
            setTimeout(create_proxy(lambda: self.note("timer went on")), 20),
            setInterval(create_proxy(lambda: self.note("interval went on")), 30),
        ]
        await self.note("before")
        await self.ctx.storage.sync()
        log.append("aborting")
        try:
            self.ctx.abort("stop")
            log.append("after abort")
        except Exception:
            log.append("caught")

    async def stop_now(self):
        self.ctx.abort("stop")

    async def keys(self):
        return list(await self.ctx.storage.list())


async def outcome(awaitable):
    try:
        return await awaitable
    except JsException as error:
        reset = "true" if error.durableObjectReset is True else "undefined"
        return f"{error.message} {reset}"


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        if urlsplit(request.url).path == "/together":
            return await self.together()
        stub = self.env.SUBJECT.getByName("a")
        peer = self.env.SUBJECT.getByName("b")
        await peer.note("peer")
        slow = asyncio.ensure_future(outcome(stub.slow()))
        stop = await outcome(stub.stop())
        at_abort = list(log)
        await asyncio.sleep(0.06)
        return Response.json(
            {
                "stop": stop,
                "slow": await slow,
                "went": log[len(at_abort) :],
                "logged": at_abort,
                "kept": await self.env.SUBJECT.getByName("a").keys(),
                "peer": await peer.keys(),
            }
        )

    async def together(self):
        def fresh():
            return self.env.SUBJECT.getByName("c")

        await fresh().note("warm")
        calls = [fresh().slow(), fresh().keys(), fresh().stop_now(), fresh().keys()]
        return Response.json(await asyncio.gather(*map(outcome, calls)))
