import json

import js
from pyodide.ffi import JsException
from workers import Response, WorkerEntrypoint


def describe(error):
    return f"{error.name}: {error.message}"


async def attempt(function, *args, **kwargs):
    try:
        return await function(*args, **kwargs)
    except JsException as error:
        return describe(error)


def hide(told):
    told["headers"] = [
        pair for pair in told["headers"] if not pair[0].startswith("x-") or pair[0] == "x-client"
    ]
    return told


async def told(response):
    return hide(json.loads(await response.text()))


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        request = request.js_object
        origin = request.headers.get("x-origin")
        path = js.URL.new(request.url).pathname
        target = f"{origin}/echo?from={path[1:]}"
        match path:
            case "/as-init":
                return Response.json(await told(await js.fetch(target, request)))
            case "/copied":
                return Response.json(await told(await js.fetch(js.Request.new(target, request))))
            case "/streamed":
                response = await js.fetch(
                    target, method=request.method, headers=request.headers, body=request.body
                )
                return Response.json(await told(response))
            case "/redirected":
                response = await js.fetch(
                    js.Request.new(f"{origin}/redirect/302?to=/echo", request)
                )
                return Response.json([response.status, response.url, request.redirect])
            case "/answered":
                query = "&".join(
                    f"header={header}"
                    for header in [
                        "X-Pot:yes",
                        "Set-Cookie:a=1",
                        "Set-Cookie:b=2",
                        "Connection:close",
                        "Keep-Alive:x",
                    ]
                )
                return await js.fetch(
                    f"{origin}/answer?status=418&reason=Short&body=and+stout&{query}", request
                )
            case "/clone":
                copy = request.clone()
                return Response.json(
                    [await request.text(), await told(await js.fetch(target, copy))]
                )
            case "/read-before":
                await request.text()
                return Response.json(await attempt(js.fetch, target, request))
