from urllib.parse import urlsplit

from js import EventSource, RangeError, ReadableStream, scheduler
from pyodide.ffi import JsException, create_proxy, jsnull, to_js
from workers import DurableObject, Response, WorkerEntrypoint


def outcome(work):
    try:
        value = work()
    except JsException as error:
        return f"{error.name}: {error.message}"
    return "undefined" if value is None else value


def plain(value):
    return None if value is jsnull else value


def stream_of(chunks):
    def start(controller):
        for chunk in chunks:
            controller.enqueue(to_js(chunk.encode()))
        controller.close()

    return ReadableStream.new(start=create_proxy(start))


def listen(source, notes):
    def message(event):
        facts = [event.data, event.lastEventId, event.origin, event.source]
        notes.append(["message", *map(plain, facts)])

    def error(event):
        name, text = event.error.name, event.error.message
        # Python's own exceptions are known by other names.
        if name == "PythonError":
            name, text = "RangeError", text.strip().rpartition(": ")[2]
        notes.append(["error", event.message, f"{name}: {text}", source.readyState])

    source.onopen = create_proxy(
        lambda event: notes.append(["open", event.type, source.readyState])
    )
    source.onmessage = create_proxy(message)
    source.onerror = create_proxy(error)
    foo = create_proxy(lambda event: notes.append(["foo", event.data, event.lastEventId]))
    source.addEventListener("foo", foo)


CHUNKS = {
    "fields": [
        "data: hello\n\n", "data:x\ndata: y\n\n", ": comment\n\n", "id: 7\ndata: z\n\n",
        "event: foo\ndata: bar\n\n", "data\n\n", "data:\n\n", "id\ndata: no id\n\n",
        "retry: 10\n\n", "foo: bar\ndata: unknown\n\n", "data:  spaces\n\n",
        "event: \ndata: nobody\n\n", "data: lost",
    ],
    "lines": [
        "data: a\r\n\r\ndata: b\r\rdata: c\n\n", "da", "ta: sp", "lit\n", "\n", "data: d\r",
        "\n\r", "\ndata: e\n\n",
    ],
    "bom": ["\ufeffdata: a\n\n", "id: a\0b\ndata: x\n\n", "data: é\n\n"],
    "nothing": [],
}  # fmt: skip


async def parse():
    results = {}
    for name, chunks in CHUNKS.items():
        source = EventSource.from_(stream_of(chunks))
        notes = [[source.readyState, source.url, source.withCredentials]]
        listen(source, notes)
        await scheduler.wait(3)
        results[name] = [*notes, source.readyState]
    return results


async def closing():
    notes = []
    source = EventSource.from_(stream_of(["data: 1\n\ndata: 2\n\n", "data: 3\n\n"]))

    def heard(event):
        notes.append(event.data)
        source.close()
        notes.append(source.readyState)

    source.onmessage = create_proxy(heard)
    source.onerror = create_proxy(lambda event: notes.append("error"))
    await scheduler.wait(3)
    source.close()
    return [*notes, source.readyState]


async def failing():
    notes = []
    start = create_proxy(lambda controller: controller.error(RangeError.new("bad")))
    listen(EventSource.from_(ReadableStream.new(start=start)), notes)
    await scheduler.wait(3)
    return notes


async def errors():
    locked = stream_of([])
    locked.getReader()

    def handlers():
        source = EventSource.from_(stream_of([]))
        source.onopen = 5
        return [plain(source.onopen), plain(source.onmessage), plain(source.onerror)]

    works = [
        lambda: EventSource.from_(),
        lambda: EventSource.from_(5),
        lambda: EventSource.from_(locked),
        lambda: [EventSource.CONNECTING, EventSource.OPEN, EventSource.CLOSED],
        lambda: EventSource.new(),
        lambda: EventSource.new("/rel"),
        lambda: EventSource.new("http://x/", 5),
        lambda: EventSource.new("http://x/", withCredentials=True),
        lambda: EventSource.new("http://x/", fetcher=5),
        lambda: EventSource.new("http://x/", fetcher=to_js({})),
        lambda: EventSource("http://x/"),
        handlers,
    ]
    return [outcome(work) for work in works]


RESPONSES = {
    "/ok": ("id: 1\ndata: m\n\n", 200, "text/event-stream"),
    "/charset": ("data: m\n\n", 200, "text/event-stream; charset=utf-8"),
    "/created": ("data: m\n\n", 201, "text/event-stream"),
    "/empty": (None, 200, "text/event-stream"),
    "/none": (None, 204, "text/event-stream"),
    "/failed": ("x", 500, "text/event-stream"),
    "/text": ("x", 200, "text/plain"),
    "/throws": None,
}


class Subject(DurableObject):
    async def fetch(self, request):
        found = RESPONSES[urlsplit(request.url).path]
        if found is None:
            raise IndexError("boom")
        body, status, content_type = found
        return Response(body, status=status, headers={"content-type": content_type})


def stub_of(env):
    return env.SUBJECT.get(env.SUBJECT.idFromName("a"))


def connect(env, path):
    stub = stub_of(env)
    return EventSource.new(f"http://x{path}", fetcher=getattr(stub, "_binding", stub))


async def connections(env):
    results = {}
    for path in RESPONSES:
        source = connect(env, path)
        notes = [[source.readyState, source.url]]
        listen(source, notes)
        await scheduler.wait(100)
        notes.append(source.readyState)
        source.close()
        results[path] = [*notes, source.readyState]
    return results


WORKS = {"parse": parse, "closing": closing, "failing": failing, "errors": errors}


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        name = urlsplit(request.url).path[1:]
        if name == "connections":
            return Response.json(await connections(self.env))
        return Response.json(await WORKS[name]())
