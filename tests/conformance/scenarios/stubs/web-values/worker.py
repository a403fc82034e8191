import js
from js import Array, Blob, Object
from pyodide.ffi import JsException, jsnull, to_js
from workers import DurableObject, Request, Response, WorkerEntrypoint


def stream(text):
    return Blob.new(Array.of(text)).stream()


def plain(value):
    return None if value is jsnull else value


async def text_of(body):
    return await js.Response.new(body).text()


async def outcome(call):
    try:
        return await call()
    except JsException as error:
        return f"{error.name}: {error.message}"


class Subject(DurableObject):
    async def request(self, given):
        method, text = given.method.value, await given.text()
        return [method, given.url, given.headers["x-a"], given.redirect, text]

    async def response(self, given):
        raw = given.js_object
        header = plain(raw.headers.get("x-a"))
        return [raw.status, raw.statusText, header, raw.url, await given.text()]

    async def headers(self, given):
        return [f"{name}={value}" for name, value in given]

    async def stream(self, given):
        return await text_of(given)

    async def both(self, left, right):
        return await text_of(right) + await text_of(left)

    async def makeRequest(self):
        return Request("http://a/b", method="POST", headers={"x-a": "1"}, body="sent")

    async def makeResponse(self):
        return Response("made", status=201, status_text="Mine", headers={"x-a": "2"})

    async def makeHeaders(self):
        pairs = [["x-a", "1"], ["x-a", "2"], ["set-cookie", "c=1"], ["set-cookie", "d=2"]]
        return js.Headers.new(to_js(pairs))

    async def makeStream(self, text):
        return stream(text)

    async def echo(self, value):
        return value

    async def nested(self):
        return {"body": stream("nested"), "list": [Response("inner")]}


def options(**entries):
    return to_js(entries, dict_converter=Object.fromEntries)


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        stub = self.env.SUBJECT.getByName("foo")
        out = {}
        headers = {"x-a": "1"}
        out["request"] = await stub.request(
            Request("http://x/y#z", method="PUT", headers=headers, body="b")
        )
        out["plainRequest"] = await stub.request(Request("http://x/", redirect="manual"))
        out["streamRequest"] = await stub.request(
            Request("http://x/", method="POST", body=stream("s"))
        )
        out["response"] = await stub.response(
            Response("b", status=202, status_text="T", headers=headers)
        )
        out["emptyResponse"] = await stub.response(Response(None, status=204))
        pairs = [["B", "1"], ["a", "2"], ["b", "3"]]
        out["headers"] = await stub.headers(js.Headers.new(to_js(pairs)))
        out["stream"] = await stub.stream(stream("hello"))
        out["long"] = len(await stub.stream(stream("x" * 300_000)))
        out["both"] = await stub.both(stream("left"), stream("right"))
        made = await stub.makeRequest()
        out["madeRequest"] = [
            made.method.value,
            made.url,
            made.headers["x-a"],
            await made.text(),
        ]
        answer = await stub.makeResponse()
        raw = answer.js_object
        out["madeResponse"] = [
            raw.status,
            raw.statusText,
            raw.headers.get("x-a"),
            raw.url,
            await answer.text(),
        ]
        given = await stub.makeHeaders()
        out["madeHeaders"] = [given.get("x-a"), list(given.getSetCookie())]
        out["madeStream"] = await text_of(await stub.makeStream("made"))
        out["through"] = await text_of(await stub.echo(stream("there and back")))
        nested = await stub.nested()
        out["nested"] = [await text_of(nested["body"]), await nested["list"][0].text()]
        once = stream("once")
        await stub.stream(once)
        out["again"] = await outcome(lambda: stub.stream(once))
        used = Response("used")
        await used.text()
        out["used"] = await outcome(lambda: stub.response(used))
        sent = Request("http://x/", method="POST", body="b")
        await stub.request(sent)
        out["sentAgain"] = await outcome(lambda: stub.request(sent))
        out["usedAfter"] = [sent.body_used, once.locked]
        out["errorResponse"] = await outcome(lambda: stub.response(js.Response.error()))
        return Response.json(out)
