from pyodide.ffi import JsException
from workers import DurableObject, Response, WorkerEntrypoint


class Base(DurableObject):
    async def inherited(self):
        return "inherited"

    async def overridden(self):
        return "base"


class Subject(Base):
    async def overridden(self):
        return f"sub of {await super().overridden()}"

    async def _one(self):
        return "one underscore"

    async def fetch_(self):
        return "not fetch"

    async def with_digits_2(self):
        return "digits"

    async def été(self):  # noqa: PLC2401 - such names are allowed
        return "accents"

    def plain(self):
        return "not async"

    async def alarm(self):
        return "alarm"

    async def webSocketMessage(self):
        return "message"

    async def webSocketClose(self):
        return "close"

    async def webSocketError(self):
        return "error"

    async def dup(self):
        return "dup"

    async def queue(self):
        return "queue"

    async def scheduled(self):
        return "scheduled"

    async def email(self):
        return "email"

    async def tail(self):
        return "tail"

    async def trace(self):
        return "trace"

    async def get(self):
        return "get"


NAMES = [
    "inherited",
    "overridden",
    "_one",
    "fetch_",
    "with_digits_2",
    "été",
    "plain",
    "alarm",
    "webSocketMessage",
    "webSocketClose",
    "webSocketError",
    "dup",
    "queue",
    "scheduled",
    "email",
    "tail",
    "trace",
    "get",
]


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        stub = self.env.SUBJECT.getByName("foo")
        return Response.json({name: await self.outcome(stub, name) for name in NAMES})

    async def outcome(self, stub, name):
        try:
            return await getattr(stub, name)()
        except JsException as error:
            flags = ("remote", "durableObjectReset")
            set_flags = [flag for flag in flags if getattr(error, flag, None) is True]
            known = getattr(error, "durableObjectId", None) is not None
            return [f"{error.name}: {error.message}", *set_flags, known]
