import asyncio
import json
import re

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


async def told(url, body, init):
    response = await js.fetch(url, options(method="POST", body=body, **init))
    return json.loads(await response.text())


def post(url, body, **init):
    return attempt(told, url, body, init)


async def bare(url, **init):
    return json.loads(await (await js.fetch(url, options(**init))).text())


def stream_of(*chunks):
    def start(controller):
        for chunk in chunks:
            controller.enqueue(to_js(chunk.encode()) if isinstance(chunk, str) else chunk)
        controller.close()

    return js.ReadableStream.new(start=start)


async def write(stream, *chunks):
    writer = stream.writable.getWriter()
    for chunk in chunks:
        await writer.write(to_js(chunk.encode()))
    await writer.close()


async def large(url):
    response = await js.fetch(url, options(method="POST", body="x" * 300_000))
    return len(json.loads(await response.text())["body"])


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        url = f"{request.headers.get('x-origin')}/echo"
        fixed = js.FixedLengthStream.new(5)
        writing = asyncio.ensure_future(write(fixed, "fixed"))
        identity = js.TransformStream.new()
        sending = asyncio.ensure_future(post(url, identity.readable))
        await write(identity, "one ", "two")
        form = js.FormData.new()
        form.append("a", "1")
        formed = await post(url, form)
        formed["headers"] = [
            [name, re.sub("boundary=.*", "boundary=B", value)] for name, value in formed["headers"]
        ]
        formed["body"] = re.sub("--[0-9a-f]{32}", "--B", formed["body"])
        used = js.Request.new(url, options(method="POST", body="once"))
        first = await post(used, None)
        locked = js.ReadableStream.new()
        locked.getReader()
        parameters = js.URLSearchParams.new(options(a="1 2"))
        answer = {
            "text": await post(url, "café"),
            "empty": await post(url, ""),
            "none": await attempt(bare, url, method="POST"),
            "nothing": await post(url, None),
            "bytes": await post(url, js.Uint8Array.new(to_js([97, 98]))),
            "noBytes": await post(url, js.Uint8Array.new(0)),
            "parameters": await post(url, parameters),
            "blob": await post(url, js.Blob.new(to_js(["blob"]), type="text/x")),
            "number": await post(url, 5),
            "ownType": await post(url, "x", headers={"content-type": "application/x"}),
            "form": formed,
            "stream": await post(url, stream_of("a", "b")),
            "emptyStream": await post(url, stream_of()),
            "fixed": await post(url, fixed.readable),
            "sending": await sending,
            "locked": await post(url, locked),
            "get": await attempt(bare, url, body="x"),
            "put": await attempt(bare, url, method="PUT"),
            "deleteBody": await attempt(bare, url, method="DELETE", body="gone"),
            "optionsBody": await attempt(bare, url, method="OPTIONS", body="o"),
            "first": first,
            "usedAfter": used.bodyUsed,
            "second": await post(used, None),
            "large": await attempt(large, url),
        }
        await writing
        return Response.json(answer)
