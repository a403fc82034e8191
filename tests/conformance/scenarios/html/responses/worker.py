from urllib.parse import urlsplit

from js import HTMLRewriter, RangeError, ReadableStream
from js import Response as JsResponse
from pyodide.ffi import JsException, create_proxy, jsnull
from workers import Response, WorkerEntrypoint


def plain(value):
    return "undefined" if value is None else value


def outcome(work):
    try:
        return plain(work())
    except JsException as error:
        return f"{error.name}: {error.message}"


async def outcome_of(awaitable):
    try:
        return plain(await awaitable)
    except JsException as error:
        return f"{error.name}: {error.message}"


class Marker:
    def __init__(self, mark):
        self.mark = mark

    def element(self, element):
        element.after(self.mark)

    def comments(self, comment):
        comment.remove()

    def text(self, text):
        if text.lastInTextNode:
            text.after("|")


def marked(selector, mark):
    return HTMLRewriter.new().on(selector, create_proxy(Marker(mark)))


async def copied():
    headers = {"a": "b", "content-length": "8", "content-type": "application/json"}
    made = Response("<p>x</p>", status=201, status_text="Made", headers=headers).js_object
    response = marked("p", "!").transform(made)
    response.headers.set("c", "d")
    shown = [list(pair) for pair in response.headers]
    return [response.status, response.statusText, shown, await response.text()]


async def used():
    response = JsResponse.new("<p>")
    await response.text()
    return await HTMLRewriter.new().transform(response).text()


async def locks():
    response = JsResponse.new("<p>")
    rewritten = HTMLRewriter.new().transform(response)
    return [response.bodyUsed, await rewritten.text(), response.bodyUsed]


async def without_body():
    response = JsResponse.new(jsnull, status=204)
    rewriter = HTMLRewriter.new().onDocument(end=create_proxy(lambda end: end.append("x")))
    return [rewriter.transform(response) == response, await response.text()]


async def twice():
    rewriter = marked("p", "!")
    first = await rewriter.transform(JsResponse.new("<p></p>")).text()
    rewriter.on("b", create_proxy(Marker("?")))
    return [first, await rewriter.transform(JsResponse.new("<p></p><b></b>")).text()]


async def chained():
    append = create_proxy(lambda p: p.append("<b>", html=True))
    after = create_proxy(lambda b: b.after("outer"))
    inner = HTMLRewriter.new().on("p", element=append)
    outer = HTMLRewriter.new().on("b", element=after)
    return await outer.transform(inner.transform(JsResponse.new("<p>x</p>"))).text()


async def cancelled():
    response = marked("p", "!").transform(JsResponse.new("<p>x</p>"))
    await response.body.cancel("enough")
    return response.bodyUsed


async def large():
    seen = []
    rewriter = HTMLRewriter.new().on("p", element=create_proxy(lambda p: seen.append(1)))
    text = await rewriter.transform(JsResponse.new("<p>x</p>" * 5000)).text()
    return [len(seen), len(text)]


def failing_stream():
    def start(controller):
        controller.error(RangeError.new("bad"))

    return ReadableStream.new(start=create_proxy(start))


async def inserted_streams():
    notes = []
    response = JsResponse.new("<b>r</b>")

    def element(p):
        p.before(response, html=True)
        notes.append(response.bodyUsed)

    rewriter = HTMLRewriter.new().on("p", element=create_proxy(element))
    first = await rewriter.transform(JsResponse.new("<p>x</p>")).text()
    second = await outcome_of(rewriter.transform(JsResponse.new("<p>y</p>")).text())
    return [first, second, notes]


async def inserted_failure():
    before = create_proxy(lambda p: p.before(failing_stream()))
    rewriter = HTMLRewriter.new().on("p", element=before)
    return await rewriter.transform(JsResponse.new("<p>x</p>")).text()


async def errors():
    rewriter = HTMLRewriter.new()
    nothing = create_proxy(object())
    works = [
        lambda: rewriter.on(),
        lambda: rewriter.on("p"),
        lambda: rewriter.on("p", 5),
        lambda: rewriter.on("p", element=5),
        lambda: rewriter.on("p", comments="x"),
        lambda: rewriter.on(5, nothing),
        lambda: rewriter.onDocument(),
        lambda: rewriter.onDocument(5),
        lambda: rewriter.onDocument(end=5),
        lambda: rewriter.transform(),
        lambda: rewriter.transform("x"),
        lambda: rewriter.transform(JsResponse.error()),
        lambda: str(rewriter),
        lambda: [rewriter.on("p", nothing) == rewriter, rewriter.onDocument(nothing) == rewriter],
    ]
    return [outcome(work) for work in works]


WORKS = {
    "copied": copied, "used": used, "locks": locks, "withoutBody": without_body, "twice": twice,
    "chained": chained, "cancelled": cancelled, "large": large,
    "insertedStreams": inserted_streams, "insertedFailure": inserted_failure, "errors": errors,
}  # fmt: skip


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        name = urlsplit(request.url).path[1:]
        if name == "served":
            page = Response("<p>x<!--c--></p>", headers={"x-a": "b"})
            return marked("p", "!").transform(page.js_object)
        return Response.json(await outcome_of(WORKS[name]()))
