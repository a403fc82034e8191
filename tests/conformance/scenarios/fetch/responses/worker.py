import json
from urllib.parse import quote

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


def pairs(headers):
    return [list(pair) for pair in headers]


async def seen(url, init):
    response = await js.fetch(url, options(**init))
    return {
        "status": response.status,
        "statusText": response.statusText,
        "ok": response.ok,
        "type": response.type,
        "redirected": response.redirected,
        "headers": pairs(response.headers),
        "body": await attempt(response.text),
        "noBody": response.body is js.JSON.parse("null"),
    }


def ask(url, **init):
    return attempt(seen, url, init)


VALUES = [
    "X-Latin: café", "X-Empty:", "X-Spaces:  a  b  ", "Connection: keep-alive", "Keep-Alive: timeout=5",
    "Trailer: x", "Date: today", "Server: me",
]  # fmt: skip


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        origin = request.headers.get("x-origin")

        def answer(query, **init):
            return ask(f"{origin}/answer?{query}", **init)

        cookies = await js.fetch(
            f"{origin}/answer?header=Set-Cookie:a=1;%20Path=/&header=Set-Cookie:b=2&header=X-A:1&header=X-A:2"
        )
        first = await js.fetch(f"{origin}/answer?body=once")
        copy = first.clone()
        immutable = await js.fetch(f"{origin}/answer")

        async def set_header():
            immutable.headers.set("a", "b")

        async def rebuilt():
            response = await js.fetch(f"{origin}/answer?status=201&reason=Yes&body=x&header=X-A:1")
            other = js.Response.new(response.body, response)
            other.headers.set("x-b", "2")
            return [
                other.status,
                other.statusText,
                other.url,
                pairs(other.headers),
                await other.text(),
            ]

        async def parsed():
            response = await js.fetch(f"{origin}/answer?body={quote(json.dumps({'a': [1]}))}")
            return (await response.json()).to_py()

        return Response.json(
            {
                "plain": await answer("body=hello&header=Content-Type:text/plain"),
                "noReason": await answer("reason="),
                "reason": await answer("status=404&reason=Nope%20nope"),
                "odd": await answer("status=299&reason=Odd"),
                "noContent": await answer("status=204"),
                "resetContent": await answer("status=205"),
                "notModified": await answer("status=304&header=ETag:x"),
                "head": await answer("body=hello", method="HEAD"),
                "chunked": await answer("chunk=one&chunk=two"),
                "untilClose": await answer("length=none&cut=1&body=rest"),
                "empty": await answer("body="),
                "values": await answer("&".join(f"header={quote(value)}" for value in VALUES)),
                "cookies": [
                    pairs(cookies.headers),
                    list(cookies.headers.getSetCookie()),
                    cookies.headers.get("set-cookie"),
                    cookies.headers.get("x-a"),
                ],
                "unknown": await ask(f"{origin}/nowhere"),
                "twice": [await first.text(), await attempt(first.text), await copy.text()],
                "immutable": await attempt(set_header),
                "url": (await js.fetch(f"{origin}/answer?a=1#b")).url,
                "json": await attempt(parsed),
                "rebuilt": await attempt(rebuilt),
                "data": await ask("data:text/plain;charset=utf-8,caf%C3%A9"),
                "dataBase64": await ask("data:;base64,aGk="),
                "dataBad": await ask("data:nothing"),
                "dataHead": await ask("data:,x", method="HEAD"),
                "dataPost": await ask("data:,x", method="POST", body="y"),
            }
        )
