import asyncio
from urllib.parse import urlsplit

from pyodide.ffi import JsException
from workers import DurableObject, Response, WorkerEntrypoint


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        self.sql = ctx.storage.sql
        self.sql.exec("create table if not exists p(id integer primary key)")
        self.sql.exec(
            "create table if not exists c(p references p(id) deferrable initially deferred)"
        )

    def bad(self):
        """Allowed until the commit."""
        self.sql.exec("insert into c values(9)")

    async def good(self, callback):
        await self.ctx.storage.put("x", 1)
        return await callback("stored")

    async def bad_after(self, callback):
        answer = await callback("before")
        self.bad()
        return answer

    async def bad_before(self, callback):
        self.bad()
        return await callback("after")

    async def answer_of_callback(self, callback):
        await self.ctx.storage.put("x", 1)
        answer = await callback("question")
        await self.ctx.storage.put("answer", answer)
        return await self.ctx.storage.get("answer")

    async def kept(self):
        calls = []

        def count(_):
            calls.append(1)
            return len(calls)

        return count

    async def kept_until_reset(self):
        def act(how):
            if how == "bad":
                self.bad()
            return how

        return act


async def outcome(awaitable):
    try:
        return await awaitable
    except JsException as error:
        reset = bool(getattr(error.js_error, "durableObjectReset", False))
        return {"failed": error.message, "reset": reset}


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        stub = self.env.SUBJECT.getByName(method)
        told = []
        out = {"told": told}
        if method.startswith("kept"):
            remote = await getattr(stub, method)()
            words = ["a", "b"] if method == "kept" else ["fine", "bad", "fine"]
            told += [await outcome(remote(word)) for word in words]
            out["again"] = await outcome(remote("again"))
        else:

            def callback(word):
                told.append(word)
                return f"answer to {word}"

            out["result"] = await outcome(getattr(stub, method)(callback))
        await asyncio.sleep(0.01)
        return Response.json(out)
