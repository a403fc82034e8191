import json
from urllib.parse import parse_qs, urlsplit

from js import Array, Blob, Object
from pyodide.ffi import JsException, jsnull, to_js
from workers import DurableObject, Response, WorkerEntrypoint, import_from_javascript

LOCATIONS = {
    "/relative": "end?from=relative",
    "/absolute": "https://other:81/end",
    "/loop": "/loop",
    "/badLocation": "http://",
    "/otherScheme": "ftp://object/end",
    "/empty": "",
    "/fragment": "/end#new",
}


class Subject(DurableObject):
    async def fetch(self, request):
        url = urlsplit(request.url)
        query = {
            key: int(value) for key, (value,) in parse_qs(url.query).items() if value.isdigit()
        }
        status = query.get("status", 302)
        body = await request.text()
        location = LOCATIONS.get(url.path)
        if url.path == "/count":
            location = f"/count?n={query['n'] - 1}" if query["n"] else "/end"
        if location is not None or url.path == "/noLocation":
            headers = {} if location is None else {"location": location}
            return Response("moved", status=status, headers=headers)
        return Response.json(
            {
                "url": request.url,
                "method": request.method.value,
                "body": body,
                "type": request.headers["content-type"],
                "authorization": request.headers["authorization"],
                "test": request.headers["x-test"],
            }
        )


HEADERS = {"authorization": "secret", "x-test": "1"}
POST = {"method": "POST", "body": "hello", "headers": HEADERS}
PUT = {"method": "PUT", "body": "hello", "headers": HEADERS}

ROWS = {
    "relative": ["relative", {}],
    "absolute": ["absolute", {"headers": HEADERS}],
    "sameOrigin": ["relative", {"headers": HEADERS}],
    "fragment": ["fragment", {}],
    "manual": ["relative", {"redirect": "manual"}],
    "follow": ["relative", {"redirect": "follow"}],
    "twenty": ["count?n=19", {}],
    "twentyOne": ["count?n=20", {}],
    "loop": ["loop", {}],
    "noLocation": ["noLocation", {}],
    "badLocation": ["badLocation", {}],
    "empty": ["empty", {}],
    "otherScheme": ["otherScheme", {}],
    "status300": ["relative?status=300", {}],
    "status304": ["end", {}],
    "post301": ["relative?status=301", POST],
    "post302": ["relative?status=302", POST],
    "post303": ["relative?status=303", POST],
    "post307": ["relative?status=307", POST],
    "post308": ["relative?status=308", POST],
    "put301": ["relative?status=301", PUT],
    "put303": ["relative?status=303", PUT],
    "put307": ["relative?status=307", PUT],
    "head303": ["relative?status=303", {"method": "HEAD"}],
    "streamed302": ["relative?status=302", {"method": "POST", "body": "streamed"}],
    "streamed307": ["relative?status=307", {"method": "PUT", "body": "streamed"}],
    "streamed303": ["relative?status=303", {"method": "PUT", "body": "streamed"}],
    "manualStreamed": [
        "relative?status=307",
        {"method": "PUT", "body": "streamed", "redirect": "manual"},
    ],
}


async def outcome(stub, path, init):
    init = to_js(init, dict_converter=Object.fromEntries)
    if getattr(init, "body", None) == "streamed":
        init.body = Blob.new(Array.of("hello")).stream()
    try:
        answer = await stub.fetch(f"http://object/{path}", init)
        text = await answer.text()
    except JsException as error:
        return f"{error.name}: {error.message}"
    end = json.loads(text) if text.startswith("{") else text
    location = answer.headers.get("location")
    location = None if location is jsnull else location
    return [answer.status, answer.url, answer.redirected, location, end]


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        # The raw stub: the SDK's fetch has errors of its own.
        stub = import_from_javascript("cloudflare:workers").env.SUBJECT.getByName("foo")
        return Response.json(
            {key: await outcome(stub, path, init) for key, (path, init) in ROWS.items()}
        )
