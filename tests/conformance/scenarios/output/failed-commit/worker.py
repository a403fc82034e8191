import asyncio
from urllib.parse import urlsplit

import js
from pyodide.ffi import JsException, create_proxy
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

    async def before(self):
        self.memory = "kept"
        await self.ctx.storage.put("before", 1)

    async def value(self):
        self.bad()
        return "value"

    async def exception(self):
        await self.ctx.storage.put("lost", 1)
        self.bad()
        raise TypeError("own")

    async def caught(self):
        try:
            self.bad()
            await asyncio.sleep(0.005)
        except Exception:
            return "caught"
        else:
            return "not reached"
        finally:
            await self.ctx.storage.put("finally", 1)

    async def synced(self):
        self.bad()
        try:
            await self.ctx.storage.sync()
        except Exception:
            return "caught"
        return "synced"

    async def section(self):
        async def section():
            self.bad()
            return "out of the section"

        return await self.ctx.blockConcurrencyWhile(section)

    async def fetch(self, request):
        self.bad()
        return Response("answer")

    async def repaired(self):
        self.bad()
        await self.ctx.storage.get("x")
        self.sql.exec("insert into p values(9)")
        return "repaired"

    async def repaired_too_late(self):
        self.bad()
        await asyncio.sleep(0.001)
        self.sql.exec("insert into p values(9)")
        return "repaired"

    async def sibling(self):
        await asyncio.sleep(0.03)
        return "not reached"

    async def later(self):
        js.setTimeout(create_proxy(self.bad), 10)
        return "answered before"

    async def after(self):
        return {
            "memory": getattr(self, "memory", "lost"),
            "rows": len(self.sql.exec("select * from c").toArray()),
            "keys": list(await self.ctx.storage.list()),
        }


async def outcome(awaitable):
    try:
        return await awaitable
    except JsException as error:
        flags = {
            flag: bool(getattr(error.js_error, name, False))
            for flag, name in (
                ("reset", "durableObjectReset"),
                ("remote", "remote"),
                ("retryable", "retryable"),
            )
        }
        return {"failed": f"{error.name}: {error.message}", **flags}


async def text_of(stub):
    # The SDK's fetch() has one exception for all that may go wrong.
    return await (await stub._binding.fetch("http://x/")).text()


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        stub = self.env.SUBJECT.getByName(method)
        out = {}
        await stub.before()
        if method == "fetch":
            out["first"] = await outcome(text_of(stub))
        else:
            calls = [outcome(getattr(stub, method)())]
            if method == "sibling":
                calls.append(outcome(stub.value()))
            answers = await asyncio.gather(*calls)
            out.update(zip(("first", "second"), answers, strict=False))
        if method == "later":
            await asyncio.sleep(0.03)
        out["sameStub"] = await outcome(stub.after())
        out["freshStub"] = await outcome(self.env.SUBJECT.getByName(method).after())
        return Response.json(out)
