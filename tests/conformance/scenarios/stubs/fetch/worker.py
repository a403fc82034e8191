from urllib.parse import urlsplit

from pyodide.ffi import JsException
from workers import DurableObject, Response, WorkerEntrypoint


class Subject(DurableObject):
    async def fetch(self, request):
        return Response.json(
            {
                "method": request.method.value,
                "url": request.url,
                "header": request.headers["x-test"],
                "body": await request.text(),
            },
            status=201,
            headers={"x-answer": "yes"},
        )


async def failure(call):
    try:
        await call()
    except JsException as error:
        return f"{error.name}: {error.message}"
    return None


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        stub = self.env.SUBJECT.getByName("foo")
        path = urlsplit(request.url).path
        if path == "/forward":
            return await stub.fetch(request)
        if path == "/relative":
            return Response.json(await failure(lambda: stub.fetch("/path")))
        answer = await stub.fetch(
            "https://object.example:8443/a/b?q=1",
            method="PUT",
            headers={"x-test": "1"},
            body="hé",
        )
        return Response.json(
            {
                "status": answer.status,
                "header": answer.headers["x-answer"],
                "body": await answer.json(),
            }
        )
