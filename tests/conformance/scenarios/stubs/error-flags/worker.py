from urllib.parse import urlsplit

from pyodide.ffi import JsException
from workers import DurableObject, Response, WorkerEntrypoint


class CustomError(Exception):
    pass


async def failing_start():
    raise TypeError("no start")


async def failing_section():
    raise TypeError("inside")


class Subject(DurableObject):
    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        if ctx.id.name == "section":
            ctx.blockConcurrencyWhile(failing_start)

    async def raising(self):
        raise TypeError("boom")

    async def custom(self):
        raise CustomError("boom")

    async def section(self):
        pass

    async def blocking(self):
        await self.ctx.blockConcurrencyWhile(failing_section)

    async def aborting(self):
        self.ctx.abort("stop it")

    async def silent(self):
        self.ctx.abort()

    async def fetch(self, request):
        if urlsplit(request.url).path == "/abort":
            self.ctx.abort("stop it")
        raise ValueError("in fetch")


FLAGS = ("remote", "retryable", "overloaded", "durableObjectReset")


def describe(error):
    return {"name": error.name, "message": error.message} | {
        flag: getattr(error, flag, None) is True for flag in FLAGS
    }


def describe_native(error):
    return {"name": type(error).__name__, "message": str(error)} | dict.fromkeys(FLAGS, False)


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        method = urlsplit(request.url).path[1:]
        stub = self.env.SUBJECT.getByName(method)
        try:
            if method == "fetching":
                await stub.fetch("http://object/throw")
            elif method == "fetchabort":
                await stub.fetch("http://object/abort")
            else:
                await getattr(stub, method)()
        except JsException as error:
            return Response.json(describe(error))
        except OSError as error:
            return Response.json(describe_native(error))
        return Response.json(None)
