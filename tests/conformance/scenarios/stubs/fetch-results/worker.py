from urllib.parse import urlsplit

import js
from js import Array, Blob, Object
from pyodide.ffi import JsException, jsnull, to_js
from workers import DurableObject, Request, Response, WorkerEntrypoint, import_from_javascript

kept = []


async def used():
    response = Response("used")
    await response.text()
    return response


def locked():
    response = Response("locked")
    response.body.getReader()
    return response


def twice():
    if not kept:
        kept.append(js.Response.new("twice"))
    return kept[0]


def cookies():
    pairs = [("set-cookie", "a=1"), ("set-cookie", "b=2"), ("x-a", "1"), ("x-a", "2")]
    return Response("", headers=pairs)


def changed():
    options = {"status": 201, "headers": {"x-a": "c"}}
    first = js.Response.new("", to_js(options, dict_converter=Object.fromEntries))
    return js.Response.new("changed", first)


ANSWERS = {
    "undefined": lambda: None,
    "nothing": lambda: jsnull,
    "text": lambda: "text",
    "number": lambda: 5,
    "object": lambda: {"status": 200},
    "list": list,
    "request": lambda: Request("http://a/"),
    "errorResponse": lambda: js.Response.error(),
    "used": used,
    "locked": locked,
    "twice": twice,
    "twiceAgain": twice,
    "nullBody": lambda: Response(None),
    "noBody": Response,
    "noContent": lambda: Response(None, status=204),
    "notModified": lambda: Response(None, status=304, headers={"etag": "x"}),
    "teapot": lambda: Response("short", status=418, status_text="Short and stout"),
    "noText": lambda: Response("", status=599),
    "redirect": lambda: Response.redirect("http://a/b", 307),
    "cookies": cookies,
    "stream": lambda: Response(Blob.new(Array.of("streamed")).stream(), headers={"x-a": "s"}),
    "clone": lambda: js.Response.new("cloned").clone(),
    "changed": changed,
}


class Subject(DurableObject):
    async def fetch(self, request):
        result = ANSWERS[urlsplit(request.url).path[1:]]()
        return await result if hasattr(result, "__await__") else result


def plain(value):
    return None if value is jsnull else value


async def outcome(stub, key, method="GET"):
    try:
        answer = await stub.fetch(f"http://object/{key}", redirect="manual", method=method)
        return {
            "status": answer.status,
            "text": answer.statusText,
            "ok": answer.ok,
            "body": await answer.text(),
            "type": plain(answer.headers.get("content-type")),
            "a": plain(answer.headers.get("x-a")),
            "cookies": list(answer.headers.getSetCookie()),
            "used": answer.bodyUsed,
            "url": answer.url,
            "kind": answer.type,
            "redirected": answer.redirected,
            "hasBody": answer.body is not jsnull,
        }
    except JsException as error:
        flags = [getattr(error, flag, None) for flag in ("remote", "retryable")]
        return [f"{error.name}: {error.message}", *flags]


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        # The raw stub: the SDK's fetch has errors of its own.
        stub = import_from_javascript("cloudflare:workers").env.SUBJECT.getByName("foo")
        out = {key: await outcome(stub, key) for key in ANSWERS}
        for key in ("teapot", "nullBody", "stream", "noContent"):
            out[f"head {key}"] = await outcome(stub, key, "HEAD")
        return Response.json(out)
