from urllib.parse import parse_qs, quote, urlsplit

import js
from js import Object
from workers import DurableObject, Response, WorkerEntrypoint

GIVEN = ["Fine", "", " ", "OK", "Not Found", "a  b", "~!@#"]


class Subject(DurableObject):
    async def fetch(self, request):
        query = parse_qs(urlsplit(request.url).query, keep_blank_values=True)
        (status,), (text,) = query["status"], query.get("text", [""])
        # Not the SDK's Response, which does not pass on a text that is empty.
        init = {"status": int(status)} | ({"statusText": text} if "text" in query else {})
        return js.Response.new(None, **init)


def local():
    new = js.Response.new
    made = {
        "plain": new(""),
        "missing": new("", status=404),
        "odd": new("", status=299),
        "empty": new("", statusText=""),
        "undefined": new("", status=201, statusText=None),
        "given": new("", status=201, statusText="Mine"),
        "json": js.Response.json(Object.new(), status=202),
        "redirect": js.Response.redirect("http://a/"),
        "error": js.Response.error(),
        "copied": new("", new("", status=410)),
        "copiedGiven": new("", new("", status=410, statusText="Off")),
        "clone": new("", status=203).clone(),
    }
    return {key: value.statusText for key, value in made.items()}


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        out = {}
        if urlsplit(request.url).path == "/local":
            return Response.json(local())
        if urlsplit(request.url).path == "/default":
            for status in range(200, 600):
                out.setdefault(await self.ask(f"status={status}"), []).append(status)
        else:
            for text in GIVEN:
                for status in (200, 404):
                    query = f"status={status}&text={quote(text, safe='')}"
                    out[f"{status} {text}"] = await self.ask(query)
        return Response.json(out)

    async def ask(self, query):
        stub = self.env.SUBJECT.getByName("foo")
        return (await stub.fetch(f"http://object/?{query}", redirect="manual")).status_text
