import json

import js
from js import Object
from pyodide.ffi import JsException, to_js
from workers import Response, WorkerEntrypoint


def describe(error):
    return f"{error.name}: {error.message}"


async def attempt(function, *args, **kwargs):
    try:
        return await function(*args, **kwargs)
    except JsException as error:
        return describe(error)


def options(**init):
    return to_js(init, dict_converter=Object.fromEntries)


METHODS = (
    "GET HEAD POST PUT DELETE PATCH OPTIONS TRACE PURGE PROPFIND patch UNSUBSCRIBE CONNECT FOO"
)
CONNECTION = [
    ("connection", "close"), ("connection", "x-hop"), ("keep-alive", "timeout=5"), ("te", "trailers"),
    ("trailer", "x-t"), ("transfer-encoding", "chunked"), ("upgrade", "h2c"), ("content-length", "7"),
    ("expect", "100-continue"), ("proxy-connection", "close"), ("sec-websocket-key", "abc"),
    ("host", "other.test"), ("content-type", "text/x"),
]  # fmt: skip
HEADERS = {
    "X-Mixed-Case": "Value", "x-latin": "café", "x-wide": "中", "x-empty": "", "cookie": "a=1; b=2",
    "user-agent": "mine", "accept": "text/html", "accept-encoding": "identity",
    "authorization": "Bearer x", "origin": "http://elsewhere.test", "referer": "http://r.test/",
    "date": "today", "via": "me",
}  # fmt: skip


async def told(url, init):
    response = await js.fetch(url, options(**init))
    text = await response.text()
    return json.loads(text) if text else response.status


def echo(url, **init):
    return attempt(told, url, init)


async def url_of(url):
    return (await js.fetch(url)).url


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        origin = request.headers.get("x-origin")
        target = f"{origin}/echo"

        async def with_credentials():
            response = await js.fetch(target.replace("//", "//user:secret@"))
            return [response.url, json.loads(await response.text())]

        repeated = js.Headers.new(
            to_js([["x-a", "1"], ["x-a", "2"], ["set-cookie", "a=1"], ["set-cookie", "b=2"]])
        )
        own = {"cache-control": "max-age=5"}
        answer = {
            "methods": {method: await echo(target, method=method) for method in METHODS.split()},
            "headers": await echo(target, headers=HEADERS),
            "repeated": await echo(target, headers=repeated),
            "connection": {
                f"{name}: {value}": await echo(target, headers={name: value})
                for name, value in CONNECTION
            },
            "lengthOnPost": await echo(
                target, method="POST", body="abc", headers={"content-length": "7"}
            ),
            "chunkedOnPost": await echo(
                target, method="POST", body="abc", headers={"transfer-encoding": "chunked"}
            ),
            "target": (await echo(f"{target}?q=a b&c=%20%7e|^é#fragment"))["target"],
            "noPath": await url_of(origin + "?x"),
            "credentials": await with_credentials(),
            "fragment": await url_of(f"{target}#there"),
            "noStore": await echo(target, cache="no-store"),
            "noCache": await echo(target, cache="no-cache"),
            "noStoreWithOwn": await echo(target, cache="no-store", headers={**own, "pragma": "x"}),
            "noCacheWithOwn": await echo(target, cache="no-cache", headers=own),
            "cacheAndTtl": await echo(target, cache="no-store", cf={"cacheTtl": 5}),
            "cf": await echo(target, cf={"cacheTtl": 5, "cacheEverything": True}),
        }
        return Response.json(answer)
