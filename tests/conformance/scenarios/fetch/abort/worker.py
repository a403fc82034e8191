import asyncio

import js
from pyodide.ffi import JsException, create_proxy, to_js
from workers import Response, WorkerEntrypoint


def describe(error):
    return f"{error.name}: {error.message}"


async def attempt(function, *args, **kwargs):
    try:
        return await function(*args, **kwargs)
    except JsException as error:
        return describe(error)


def aborted(*reason):
    controller = js.AbortController.new()
    controller.abort(*reason)
    return controller.signal


def later(*reason):
    controller = js.AbortController.new()
    js.setTimeout(create_proxy(lambda: controller.abort(*reason)), 20)
    return controller.signal


async def text_of(reader):
    return (await reader.read()).value.to_bytes().decode()


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        origin = request.headers.get("x-origin")

        async def ask(path, **init):
            return (await js.fetch(origin + path, **init)).status

        streaming = await js.fetch(
            f"{origin}/answer?chunk=one&chunk=two", signal=js.AbortController.new().signal
        )
        part = (await text_of(streaming.body.getReader()))[:3]
        hung = js.AbortController.new()
        open_response = await js.fetch(f"{origin}/answer?length=100&body=start", signal=hung.signal)
        reader = open_response.body.getReader()
        open_part = await text_of(reader)
        waiting = asyncio.ensure_future(attempt(text_of, reader))
        await asyncio.sleep(0)
        hung.abort(js.RangeError.new("enough"))
        closed = await waiting
        before = js.AbortController.new()
        unread = await js.fetch(f"{origin}/answer?body=unread", signal=before.signal)
        before.abort()
        cancelled = await js.fetch(f"{origin}/answer?length=100&body=start")
        cancel = await cancelled.body.cancel("bored")
        sent = js.AbortController.new()
        pipe = js.TransformStream.new()
        sending = asyncio.ensure_future(
            attempt(ask, "/echo", method="POST", body=pipe.readable, signal=sent.signal)
        )
        await pipe.writable.getWriter().write(to_js(b"a"))
        sent.abort()
        null = js.JSON.parse("null")
        answer = {
            "already": await attempt(ask, "/echo", signal=aborted()),
            "alreadyReason": await attempt(ask, "/echo", signal=aborted(js.TypeError.new("mine"))),
            "hanging": await attempt(ask, "/hang", signal=later()),
            "hangingReason": await attempt(ask, "/hang", signal=later(js.TypeError.new("later"))),
            "timeout": await attempt(ask, "/hang", signal=js.AbortSignal.timeout(20)),
            "any": await attempt(
                ask,
                "/hang",
                signal=js.AbortSignal.any(
                    to_js([js.AbortSignal.timeout(20), js.AbortController.new().signal])
                ),
            ),
            "request": await attempt(js.fetch, js.Request.new(f"{origin}/hang", signal=later())),
            "part": part,
            "openPart": open_part,
            "closed": closed,
            "afterAbort": await attempt(unread.text),
            "cancel": "undefined" if cancel is None else cancel,
            "sendingOutcome": await sending,
            "nullSignal": await attempt(ask, "/echo", signal=null),
            "wrongSignal": await attempt(ask, "/echo", signal=js.Object.new()),
        }
        return Response.json(answer)
