import asyncio
import contextlib

from pyodide.ffi import JsException
from workers import DurableObject, Response, WorkerEntrypoint


class Subject(DurableObject):
    async def put_abort(self):
        self.ctx.storage.put("a", 1)
        self.ctx.abort("stop")

    async def awaited_put_abort(self):
        await self.ctx.storage.put("a", 1)
        await self.ctx.storage.get("a")
        self.ctx.abort("stop")

    async def put_sleep_put_abort(self):
        self.ctx.storage.put("a", 1)
        await asyncio.sleep(0.005)
        self.ctx.storage.put("b", 2)
        self.ctx.abort("stop")

    async def put_sync_put_abort(self):
        self.ctx.storage.put("a", 1)
        await self.ctx.storage.sync()
        self.ctx.storage.put("b", 2)
        self.ctx.abort("stop")

    async def transaction_abort(self):
        async def closure(txn):
            await txn.put("a", 1)

        await self.ctx.storage.transaction(closure)
        self.ctx.abort("stop")

    async def unconfirmed_put_abort(self):
        self.ctx.storage.put("a", 1, allowUnconfirmed=True)
        self.ctx.abort("stop")

    async def abort_in_transaction(self):
        async def closure(txn):
            await txn.put("a", 1)
            self.ctx.abort("stop")

        await self.ctx.storage.transaction(closure)

    async def put_throw(self):
        self.ctx.storage.put("a", 1)
        raise ValueError("stop")

    async def keys(self):
        return list(await self.ctx.storage.list())


ATOMS = [
    "put_abort",
    "awaited_put_abort",
    "put_sleep_put_abort",
    "put_sync_put_abort",
    "transaction_abort",
    "unconfirmed_put_abort",
    "abort_in_transaction",
    "put_throw",
]


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        kept = {}
        for atom in ATOMS:
            with contextlib.suppress(JsException):
                await getattr(self.env.SUBJECT.getByName(atom), atom)()
            kept[atom] = await self.env.SUBJECT.getByName(atom).keys()
        return Response.json(kept)
