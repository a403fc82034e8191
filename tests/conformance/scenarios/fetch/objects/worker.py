import json

import js
from js import Object
from pyodide.ffi import JsException, to_js
from workers import DurableObject, Response, WorkerEntrypoint


def describe(error):
    return f"{error.name}: {error.message}"


async def attempt(function, *args, **kwargs):
    try:
        return await function(*args, **kwargs)
    except JsException as error:
        return describe(error)


def options(**init):
    return to_js(init, dict_converter=Object.fromEntries)


class Subject(DurableObject):
    async def fetch(self, request):
        origin = request.headers.get("x-origin")
        response = await js.fetch(f"{origin}/echo", method="POST", body="from the object")
        return Response.json((await response.json()).body)

    async def interleaved(self, origin):
        await self.ctx.storage.put("n", 1)
        response = await js.fetch(f"{origin}/echo")
        log = [await self.ctx.storage.get("n")]
        await response.text()
        return log

    async def passing(self, url):
        return await js.fetch(url)

    async def failing(self, url):
        return await attempt(js.fetch, url)

    async def received(self, response):
        response = getattr(response, "js_object", response)
        return [response.status, response.url, await response.text()]


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        origin = request.headers.get("x-origin")
        stub = self.env.SUBJECT.getByName("one")
        passed = await stub.passing(
            f"{origin}/answer?status=201&reason=Fine&body=passed&header=X-A:1"
        )
        passed = getattr(passed, "js_object", passed)
        given = await js.fetch(f"{origin}/answer?body=given")
        received = await stub.received(given)
        via = await js.fetch(
            f"{origin}/anything",
            options(fetcher=stub._binding, headers={"x-origin": origin}),
        )
        return Response.json(
            {
                "fetched": json.loads(await (await stub.fetch(request.js_object)).text()),
                "interleaved": await stub.interleaved(origin),
                "passed": [
                    passed.status,
                    passed.statusText,
                    passed.url,
                    [list(pair) for pair in passed.headers],
                    await passed.text(),
                ],
                "given": received,
                "failing": await stub.failing(request.headers.get("x-refused")),
                "fetcher": json.loads(await via.text()),
            }
        )
