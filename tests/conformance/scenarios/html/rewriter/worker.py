"""Rewrites what the request's body says: {html, chunks, headers, on: [[selector, handlers]...]}, where
handlers are lists of steps per event and a null selector is the document. Tells the result and
what the steps noted."""

import asyncio

from js import HTMLRewriter, Object, ReadableStream
from js import Response as JsResponse
from pyodide.ffi import JsException, create_proxy, jsnull, to_js
from workers import Response, WorkerEntrypoint

notes = []
kept = []


def text_stream(text):
    def start(controller):
        controller.enqueue(text)
        controller.close()

    return ReadableStream.new(start=create_proxy(start))


def argument(value):
    match value:
        case {"response": text}:
            return JsResponse.new(text)
        case {"stream": text}:
            return JsResponse.new(text).body
        case {"text_stream": text}:
            return text_stream(text)
        case dict():
            return to_js(value, dict_converter=Object.fromEntries)
        case None:
            return jsnull
    return value


def plain(value):
    """A value as JavaScript prints it."""
    if value is None:
        return "undefined"
    if value is jsnull:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


def describe(error):
    if error.name == "PythonError" and "IndexError: mine" in error.message:
        return "RangeError: mine"
    return f"{error.name}: {error.message}"


def step_get(token, name):
    notes.append(f"{name}: {plain(getattr(token, name))}")


def step_set(token, name, value):
    setattr(token, name, value)


def step_note(token, text):
    notes.append(text)


def step_result(token, method, *args):
    notes.append(f"{method}: {plain(getattr(token, method)(*args))}")


def step_call(token, method, *args):
    getattr(token, method)(*map(argument, args))


def step_same(token, method, *args):
    notes.append(f"{method}: {plain(getattr(token, method)(*args) == token)}")


def step_attributes(token):
    notes.append([list(pair) for pair in token.attributes])


def step_modify(token):
    iterator = token.attributes
    iterator.next()
    token.setAttribute("modified", "1")
    iterator.next()


def step_end(token, *steps):
    token.onEndTag(create_proxy(runner(steps)))


def step_keep(token):
    kept.append(token)


def step_kept(token, name):
    return getattr(kept[-1], name, None)


async def run_later(steps, token):
    for step in steps:
        if step[0] == "wait":
            await asyncio.sleep(0.001)
        else:
            run(step, token)


def run(step, token):
    name, *args = step
    if name == "throw":
        raise IndexError("mine")
    try:
        globals()[f"step_{name}"](token, *args)
    except JsException as error:
        notes.append(f"{name} {args[0] if args else ''}: {describe(error)}")


def runner(steps):
    if any(step[0] == "wait" for step in steps):

        async def handler(token):
            await run_later(steps, token)

    else:

        def handler(token):
            for step in steps:
                run(step, token)

    return handler


def body_of(work):
    if "bytes" in work:
        return to_js(bytes(work["bytes"]))
    if "chunks" not in work:
        return work["html"]

    def start(controller):
        for chunk in work["chunks"]:
            controller.enqueue(to_js(chunk.encode()))
        controller.close()

    return ReadableStream.new(start=create_proxy(start))


async def rewritten(work):
    rewriter = HTMLRewriter.new()
    for selector, events in work.get("on", ()):
        handlers = {name: create_proxy(runner(steps)) for name, steps in events.items()}
        options = to_js(handlers, dict_converter=Object.fromEntries)
        if selector is None:
            rewriter = rewriter.onDocument(options)
        else:
            rewriter = rewriter.on(selector, options)
    headers = to_js(work.get("headers", {}), dict_converter=Object.fromEntries)
    response = rewriter.transform(JsResponse.new(body_of(work), headers=headers))
    if "bytes" in work:
        return list((await response.arrayBuffer()).to_bytes())
    return await response.text()


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        results = []
        for work in await request.json():
            notes.clear()
            try:
                result = await rewritten(work)
            except JsException as error:
                result = describe(error)
            results.append({"title": work["title"], "result": result, "notes": list(notes)})
        return Response.json(results)
