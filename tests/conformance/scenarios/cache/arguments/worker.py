import js
from js import Object
from pyodide.ffi import JsException, to_js
from workers import Response, WorkerEntrypoint

URL = "http://cache.test/x"


def options(**init):
    return to_js(init, dict_converter=Object.fromEntries)


def show(value):
    if value is None:
        return "undefined"
    return value if isinstance(value, bool | str) else "response"


async def attempt(function, *args):
    try:
        return await function(*args)
    except JsException as error:
        return f"{error.name}: {error.message}"


def shown(function, *args):
    async def call():
        return show(await function(*args))

    return attempt(call)


def response(body="x", **init):
    return js.Response.new(body, options(**init))


def ok():
    return response(headers={"cache-control": "max-age=10"})


def request(method):
    return js.Request.new(URL, options(method=method))


class Default(WorkerEntrypoint):
    async def fetch(self, _):
        caches, null = js.caches, js.JSON.parse("null")
        cache = caches.default
        used = ok()
        await used.text()
        kept = ok()
        await cache.put(URL, kept)

        async def opened(*name):
            return (await caches.open(*name)).constructor.name

        async def constructed(name):
            return getattr(js, name).new()

        def put(given, asked=URL):
            return shown(cache.put, asked, given)

        def stream():
            def start(controller):
                controller.enqueue(to_js(b"\1"))
                controller.close()

            return js.Response.new(js.ReadableStream.new(start=start))

        other = js.Request.new("http://cache.test/missing", options(method="POST"))
        ignoring = options(ignoreMethod=True)
        socket = js.Response.new(
            null, status=101, webSocket=js.Object.values(js.WebSocketPair.new())[0]
        )
        methods = {}
        for name in ["add", "addAll", "keys", "matchAll"]:
            methods[name] = await shown(getattr(cache, name), URL)
        for name in ["has", "keys", "delete", "match"]:
            methods[f"caches.{name}"] = await shown(getattr(caches, name), URL)
        return Response.json(
            {
                "names": [
                    cache.constructor.name,
                    caches.constructor.name,
                    await opened("n"),
                    caches.default == cache,
                ],
                "open": [
                    await attempt(opened),
                    await attempt(opened, 5),
                    await attempt(opened, ""),
                ],
                "longName": await attempt(opened, "n" * 2000),
                "match": {
                    "miss": await shown(cache.match, "http://cache.test/missing"),
                    "nothing": await shown(cache.match),
                    "relative": await shown(cache.match, "/x"),
                    "post": await shown(cache.match, request("POST")),
                    "postIgnored": await shown(cache.match, other, ignoring),
                    "head": await shown(cache.match, request("HEAD")),
                    "ftp": await shown(cache.match, "ftp://x.test/"),
                    "badOptions": await shown(cache.match, URL, 5),
                    "ignoreSearch": await shown(cache.match, URL, options(ignoreSearch=True)),
                    "ignoreVary": await shown(cache.match, URL, options(ignoreVary=True)),
                },
                "put": {
                    "plain": await put(ok()),
                    "nothing": await shown(cache.put),
                    "noResponse": await shown(cache.put, URL),
                    "text": await put("text"),
                    "post": await put(ok(), request("POST")),
                    "head": await put(ok(), request("HEAD")),
                    "relative": await put(ok(), "/x"),
                    "ftp": await put(ok(), "ftp://x.test/"),
                    "partial": await put(response(status=206)),
                    "varyAny": await put(response(headers={"vary": "*"})),
                    "varyAmong": await put(response(headers={"vary": "accept, *"})),
                    "vary": await put(response(headers={"vary": "accept"})),
                    "error": await put(js.Response.error()),
                    "notModified": await put(js.Response.new(null, status=304)),
                    "noContent": await put(js.Response.new(null, status=204)),
                    "serverError": await put(response(status=500)),
                    "socket": await put(socket),
                    "used": await put(used),
                    "usedAfter": [kept.bodyUsed, await attempt(kept.text)],
                    "stream": await put(stream()),
                    "cookie": await put(response(headers={"set-cookie": "a=1"})),
                },
                "delete": {
                    "missing": await shown(cache.delete, "http://cache.test/missing"),
                    "nothing": await shown(cache.delete),
                    "post": await shown(cache.delete, request("POST")),
                    "postIgnored": await shown(cache.delete, other, ignoring),
                    "relative": await shown(cache.delete, "/x"),
                },
                "methods": methods,
                "construct": [
                    await attempt(constructed, "Cache"),
                    await attempt(constructed, "CacheStorage"),
                ],
            }
        )
