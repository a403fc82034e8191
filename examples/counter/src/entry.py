"""A counter per name, kept in a Durable Object: Cloudflare's Durable Objects tutorial in Python.

https://developers.cloudflare.com/durable-objects/examples/build-a-counter/
"""

from urllib.parse import parse_qs, urlsplit

from workers import DurableObject, Response, WorkerEntrypoint

USAGE = (
    "Select a Durable Object to contact by using the `name` URL query string parameter. "
    "e.g. ?name=A"
)


class Counter(DurableObject):
    """One counter. Only its Worker can reach it, by calling its methods."""

    async def get_counter_value(self):
        return await self.ctx.storage.get("value") or 0

    async def increment(self, amount=1):
        # No other request is let in while storage is awaited, so this is safe without a lock.
        value = await self.get_counter_value() + amount
        await self.ctx.storage.put("value", value)
        return value

    async def decrement(self, amount=1):
        return await self.increment(-amount)


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        url = urlsplit(request.url)
        name = parse_qs(url.query).get("name", [""])[0]
        if not name:
            return Response(USAGE)

        counter = self.env.COUNTERS.getByName(name)
        match url.path:
            case "/increment":
                count = await counter.increment()
            case "/decrement":
                count = await counter.decrement()
            case "/":
                count = await counter.get_counter_value()
            case _:
                return Response("Not found", status=404)

        return Response(f"Durable Object '{name}' count: {count}")
