from math import inf, nan
from urllib.parse import urlsplit

from js import Date
from pyodide.ffi import JsException, to_js
from workers import DurableObject, Response, WorkerEntrypoint

LATER = 4102444800000


def times():
    return {
        "zero": 0,
        "negative": -1,
        "half": 0.5,
        "fraction": LATER + 0.75,
        "past": 1.5,
        "nan": nan,
        "infinite": inf,
        "ancient": -1e18,
        "distant": 1e16,
        "last": 9223372036854,
        "afterLast": 9223372036855,
        "epoch": Date.new(0),
        "date": Date.new(LATER),
        "lastDate": Date.new(8.64e15),
        "invalidDate": Date.new(nan),
        "nothing": None,
        "text": "12",
        "boolean": True,
        "array": to_js([5]),
    }


async def outcome(promise):
    try:
        return await promise
    except JsException as error:
        return f"{error.name}: {error.message}"


class Subject(DurableObject):
    async def times(self):
        storage = self.ctx.storage
        out = {}
        for name, time in times().items():
            await storage.deleteAlarm()
            before = Date.now()
            result = await outcome(storage.setAlarm(time))
            found = await storage.getAlarm()
            is_now = found is not None and 0 <= found - before < 5000
            out[name] = [result, "now" if is_now else found]
        out["missing"] = await outcome(storage.setAlarm())
        await storage.deleteAlarm()
        return out

    async def options(self):
        async def in_transaction(txn):
            out.append(await outcome(txn.setAlarm("x")))

        storage = self.ctx.storage
        out = []
        for options in [None, 5, "x", {}, {"allowConcurrency": True, "allowUnconfirmed": 1}]:
            out.append(await outcome(storage.setAlarm(LATER, options)))
            out.append(await outcome(storage.getAlarm(options)))
            out.append(await outcome(storage.deleteAlarm(options)))
        await storage.transaction(in_transaction)
        return out

    async def alarm(self):
        pass


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        return Response.json(await getattr(self.env.SUBJECT.getByName("foo"), method)())
