import asyncio
from urllib.parse import quote

import js
from js import Object
from pyodide.ffi import JsException, create_proxy, to_js
from workers import Response, WorkerEntrypoint


def options(**init):
    return to_js(init, dict_converter=Object.fromEntries)


async def listen(source):
    """What an EventSource tells until the first error."""
    log = []
    done = asyncio.Event()

    def on_message(event):
        log.append(f"{event.type} {event.data} id={event.lastEventId} origin={event.origin}")

    def on_error(event):
        log.append(f"error {source.readyState} {event.message} {event.error.toString()}")
        source.close()
        done.set()

    source.addEventListener("message", create_proxy(on_message))
    source.addEventListener(
        "open", create_proxy(lambda event: log.append(f"open {source.readyState}"))
    )
    source.addEventListener("error", create_proxy(on_error))
    await done.wait()
    return log


def opened(*args):
    return listen(js.EventSource.new(*args))


def outcome(*args):
    try:
        return str(js.EventSource.new(*args))
    except JsException as error:
        return f"{error.name}: {error.message}"


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        origin = request.headers.get("x-origin")
        kind = "header=Content-Type:text/event-stream"
        mixed = "header=Content-Type:Text/Event-Stream;charset%3Dutf-8"

        def answer(query):
            return f"{origin}/answer?{query}"

        source = js.EventSource.new(answer(f"{kind}&chunk=data:+x%0A%0A"))
        early = [source.readyState, source.url, source.withCredentials]
        source.close()
        moved = quote(answer(f"{kind}&chunk=data:+moved%0A%0A"), safe="")
        return Response.json(
            {
                "early": [early, source.readyState],
                "stream": await opened(
                    answer(f"{kind}&chunk=data:+one%0A%0A&chunk=id:+5%0Adata:+two%0A%0A")
                ),
                "parameters": await opened(answer(f"{mixed}&chunk=data:+one%0A%0A")),
                "wrongType": await opened(
                    answer("header=Content-Type:text/plain&body=data:+x%0A%0A")
                ),
                "cut": await opened(answer(f"{kind}&chunk=data:+one%0A%0A&cut=1")),
                "created": await opened(answer(f"{kind}&status=201&body=data:+x%0A%0A")),
                "noType": await opened(answer("body=data:+x%0A%0A")),
                "notFound": await opened(answer(f"{kind}&status=404&body=data:+x%0A%0A")),
                "noContent": await opened(answer(f"{kind}&status=204")),
                "serverError": await opened(answer(f"{kind}&status=500")),
                "refused": await opened(request.headers.get("x-refused")),
                "redirect": await opened(f"{origin}/redirect/302?to={moved}"),
                "echo": await opened(f"{origin}/echo"),
                "headers": await opened(f"{origin}/events"),
                "badUrl": outcome("nope"),
                "credentials": outcome(answer(kind), options(withCredentials=True)),
                "nothing": outcome(),
                "fetcher": outcome(f"{origin}/x", options(fetcher={})),
                "ftp": await opened("ftp://x.test/"),
            }
        )
