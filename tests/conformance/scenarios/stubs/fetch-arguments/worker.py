from urllib.parse import urlsplit

import js
from js import Array, Object
from pyodide.ffi import JsException, jsnull, to_js
from workers import DurableObject, Response, WorkerEntrypoint, import_from_javascript

U = "http://object/p"


class Subject(DurableObject):
    async def fetch(self, request):
        kind = request.headers["content-type"]
        return Response.json(
            {
                "method": request.js_object.method,
                "url": request.url,
                "headers": request.headers["x-test"],
                "type": kind and kind.split("boundary")[0],
                "body": await request.text(),
                "redirect": request.redirect,
                "isRequest": request.js_object.constructor.name == "Request",
            }
        )


def js_object(**entries):
    return to_js(entries, dict_converter=Object.fromEntries)


def new_request(**init):
    return js.Request.new(U, **init)


def blob(text, **options):
    return js.Blob.new(Array.of(text), js_object(**options))


def encoded(text):
    return js.TextEncoder.new().encode(text)


def form():
    data = js.FormData.new()
    data.append("a", "1")
    return data


FORMS = {
    "text": lambda: [U],
    "url": lambda: [js.URL.new(U)],
    "request": lambda: [new_request(method="PUT", headers=js_object(**{"x-test": "1"}), body="b")],
    "requestAndInit": lambda: [
        new_request(method="PUT", headers=js_object(**{"x-test": "1"}), body="b"),
        js_object(method="DELETE", headers=js_object(**{"x-test": "2"})),
    ],
    "requestAndBody": lambda: [new_request(method="PUT", body="b"), js_object(body="other")],
    "emptyInit": lambda: [U, Object.new()],
    "undefinedInit": lambda: [U, None],
    "nullInit": lambda: [U, jsnull],
    "objectHeaders": lambda: [U, js_object(headers=js_object(**{"x-test": "1"}))],
    "pairHeaders": lambda: [U, js_object(headers=to_js([["x-test", "1"], ["X-Test", "2"]]))],
    "headers": lambda: [
        U,
        js_object(headers=js.Headers.new(js_object(**{"X-TEST": " padded "}))),
    ],
    "lowerMethod": lambda: [U, js_object(method="put")],
    "customMethod": lambda: [U, js_object(method="PURGE")],
    "head": lambda: [U, js_object(method="OPTIONS")],
    "manual": lambda: [U, js_object(redirect="manual")],
}

BODIES = {
    "text": lambda: "text",
    "empty": lambda: "",
    "bytes": lambda: encoded("bytes"),
    "buffer": lambda: encoded("buffer").buffer,
    "parameters": lambda: js.URLSearchParams.new(js_object(a="1 2", b="é")),
    "blob": lambda: blob("blob", type="text/x-blob"),
    "plainBlob": lambda: blob("blob"),
    "stream": lambda: blob("streamed").stream(),
    "nothing": lambda: jsnull,
    "undefined": lambda: None,
    "number": lambda: 5,
}

URLS = {
    "upper": "HTTP://OBJECT/P",
    "port": "https://object:443/",
    "otherPort": "https://object:80/",
    "dots": "http://object/a/../b/./c",
    "query": "http://object?q=a b",
    "fragment": "http://object/#frag",
    "credentials": "http://user:pass@object/",
    "unicode": "http://ex\u00e4mple/\u00e4",
    "spaces": "  http://object/  ",
    "backslash": "http:\\\\object\\p",
    "otherScheme": "ftp://object/",
}


async def used_request(stub):
    request = new_request(method="POST", body="b")
    await request.text()
    return [request]


async def sent_request(stub):
    request = new_request(method="POST", body="b")
    await stub.fetch(request)
    return [request]


async def locked_stream(stub):
    body = blob("streamed").stream()
    body.getReader()
    return [U, js_object(method="POST", body=body)]


async def locked_request(stub):
    request = new_request(method="POST", body=blob("streamed").stream())
    request.body.getReader()
    return [request]


def given(*arguments):
    async def row(stub):
        return list(arguments)

    return row


ERRORS = {
    "getWithBody": given(U, js_object(body="b")),
    "headWithBody": given(U, js_object(method="HEAD", body="b")),
    "badMethod": given(U, js_object(method="a b")),
    "badHeaderName": given(U, js_object(headers=js_object(**{"a b": "1"}))),
    "badHeaderValue": given(U, js_object(headers=js_object(**{"x-test": "a\nb"}))),
    "badRedirect": given(U, js_object(redirect="bogus")),
    "errorRedirect": given(U, js_object(redirect="error")),
    "emptyUrl": given(""),
    "word": given("foo"),
    "noHost": given("http://"),
    "badPort": given("http://object:99999/"),
    "number": given(5),
    "nothing": given(jsnull),
    "undefined": given(None),
    "object": given(Object.new()),
    "numberInit": given(U, 5),
    "usedRequest": used_request,
    "sentRequest": sent_request,
    "lockedRequest": locked_request,
    "lockedStream": locked_stream,
}


async def outcome(call):
    try:
        answer = await call
        return (await answer.json()).to_py()
    except JsException as error:
        return f"{error.name}: {error.message}"


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        # The raw stub: the SDK's fetch has errors of its own.
        stub = import_from_javascript("cloudflare:workers").env.SUBJECT.getByName("foo")
        table = urlsplit(request.url).path[1:]
        out = {}
        if table == "urls":
            out = {key: await outcome(stub.fetch(url)) for key, url in URLS.items()}
        elif table == "forms":
            out = {key: await outcome(stub.fetch(*row())) for key, row in FORMS.items()}
        elif table == "errors":
            for key, row in ERRORS.items():
                out[key] = await outcome(self.send(stub, row))
        else:
            for key, body in BODIES.items():
                out[key] = await outcome(stub.fetch(U, method="POST", body=body()))
            sent = await outcome(stub.fetch(U, method="POST", body=form()))
            out["form"] = [sent["type"], 'name="a"' in sent["body"]]
        return Response.json(nulls(out))

    async def send(self, stub, row):
        return await stub.fetch(*await row(stub))


def nulls(value):
    """JavaScript's null as Python's."""
    if isinstance(value, dict):
        return {key: nulls(item) for key, item in value.items()}
    return None if value is jsnull else value
