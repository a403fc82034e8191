import re
from urllib.parse import quote

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


async def seen(url, init):
    response = await js.fetch(url, **init)
    names = [name for name, _ in response.headers]
    return [response.status, names, await attempt(response.text)]


async def ask(url, **init):
    answer = await attempt(seen, url, init)
    return (
        re.sub("reference = [a-z0-9]+", "reference = R", answer)
        if isinstance(answer, str)
        else answer
    )


URLS = [
    "nope", "/relative", "", "http://", "ftp://x.test/", "file:///etc/passwd", "ws://x.test/", "blob:x",
    "javascript:1", "about:blank",
]  # fmt: skip


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        origin = request.headers.get("x-origin")
        refused = request.headers.get("x-refused")

        def raw(text):
            return ask(f"{origin}/raw?text={quote(text, safe='')}")

        partial = await js.fetch(f"{origin}/answer?chunk=one&cut=1")
        reader = partial.body.getReader()

        async def read():
            return (await reader.read()).value.to_bytes().decode()

        async def closed():
            return await reader.closed

        return Response.json(
            {
                "urls": {url: await ask(url) for url in URLS},
                "noArguments": await attempt(lambda: js.fetch()),
                "undefinedUrl": await ask(None),
                "refused": await ask(refused),
                "refusedPost": await ask(refused, method="POST", body="x"),
                "unknownHost": await ask("http://does-not-exist.invalid/"),
                "closed": await raw(""),
                "garbage": await raw("what is this\r\n\r\n"),
                "halfHead": await raw("HTTP/1.1 200 OK\r\nContent-"),
                "badStatus": await raw("HTTP/1.1 abc OK\r\n\r\n"),
                "badHeader": await raw("HTTP/1.1 200 OK\r\nno colon here\r\n\r\n"),
                "badChunk": await raw(
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"
                ),
                "badLength": await raw("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"),
                "shortBody": await raw("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort"),
                "longBody": await raw("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nlonger"),
                "http10": await raw("HTTP/1.0 200 OK\r\n\r\nold"),
                "oldNewlines": await raw("HTTP/1.1 200 OK\n\nbare"),
                "unasked101": await raw("HTTP/1.1 101 Switching Protocols\r\n\r\n"),
                "informational": await raw(
                    "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
                ),
                "reads": [await read(), await attempt(read), await attempt(closed)],
                "tls": await ask(origin.replace("http:", "https:")),
                "early": await ask(f"{origin}/early", method="POST", body="abc"),
            }
        )
