"""The same counter in the plain style: no base classes, the JavaScript API used as it is.

The Worker is a module-level function, the Durable Object any class that takes `(state, env)` and
has a `fetch` method.
"""

from js import URL, Response

USAGE = (
    "Select a Durable Object to contact by using the `name` URL query string parameter. "
    "e.g. ?name=A"
)


class Counter:
    def __init__(self, state, env):
        self.state = state
        self.env = env

    async def fetch(self, request):
        value = await self.state.storage.get("value") or 0
        match URL.new(request.url).pathname:
            case "/increment":
                value += 1
                await self.state.storage.put("value", value)
            case "/decrement":
                value -= 1
                await self.state.storage.put("value", value)
            case "/":
                pass
            case _:
                return Response.new("Not found", status=404)
        return Response.new(str(value))


async def fetch(request, env):
    name = URL.new(request.url).searchParams.get("name")
    if not name:
        return Response.new(USAGE)

    counter = env.COUNTERS.get(env.COUNTERS.idFromName(name))
    answer = await counter.fetch(request)
    if answer.status == 404:
        return answer
    return Response.new(f"Durable Object '{name}' count: {await answer.text()}")
