"""The Cache API in a Worker: keys, names, time, and what a hit looks like."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from emulator.runtime.cache_store import CachedResponse, MemoryCacheStore
from emulator.runtime.http import HttpRequest, HttpResponse
from tests.host.fakes import ListStream
from tests.support.worker import VirtualWorker

OpenWorker = Callable[..., VirtualWorker]

SOURCE = """
    import asyncio
    import json
    import js
    from pyodide.ffi import JsException, to_js
    from workers import DurableObject, Response, WorkerEntrypoint

    KEY = "http://cache.test/a?b=1"

    def options(**init):
        return to_js(init, dict_converter=js.Object.fromEntries)

    def response(text="kept", status=200, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return js.Response.new(text, options(status=status, headers={"cache-control": "max-age=10", **named}))

    async def found(cache, key=KEY, **init):
        hit = await cache.match(js.Request.new(key, options(**init)) if init else key)
        return None if hit is None else await hit.text()

    class Object(DurableObject):
        async def put(self):
            await js.caches.default.put(KEY, response("from the object"))

    class Default(WorkerEntrypoint):
        async def fetch(self, request):
            name = js.URL.new(request.url).pathname[1:]
            return Response.json(await getattr(self, name)(js.caches.default))

        async def keys(self, cache):
            await cache.put(KEY, response())
            keys = [KEY, KEY + "#x", "http://CACHE.test:80/a?b=1", "http://cache.test/a", KEY + "&c"]
            return [await found(cache, key) for key in keys]

        async def names(self, cache):
            other = await js.caches.open("other")
            await other.put(KEY, response("other"))
            again = await js.caches.open("other")
            return [await found(cache), await found(again), await found(await js.caches.open("third"))]

        async def expiry(self, cache):
            await cache.put(KEY, response())
            log = [await found(cache)]
            for _ in range(2):
                await asyncio.sleep(6)
                log.append(await found(cache))
            log.append(await cache.delete(KEY))
            return log

        async def deleting(self, cache):
            await cache.put(KEY, response())
            return [await cache.delete(KEY), await cache.delete(KEY), await found(cache)]

        async def cache_key(self, cache):
            keyed = js.Request.new(KEY, options(cf={"cacheKey": "mine"}))
            await cache.put(keyed, response("keyed"))
            return [await found(cache), await found(cache, KEY, cf={"cacheKey": "mine"}), await found(cache, "http://else.test/", cf={"cacheKey": "mine"})]

        async def vary(self, cache):
            await cache.put(js.Request.new(KEY, options(headers={"a": "1"})), response(vary="a"))
            return await found(cache, KEY, headers={"a": "2"})

        async def replaced(self, cache):
            await cache.put(KEY, response("first"))
            await cache.put(KEY, response("second"))
            kept = await found(cache)
            await cache.put(KEY, response("uncacheable", status=500))
            return [kept, await found(cache)]

        async def hit(self, cache):
            await cache.put(KEY, response(x_own="1", etag='"e"', connection="close"))
            hit = await cache.match(KEY)
            unchanged = await cache.match(js.Request.new(KEY, options(headers={"if-none-match": '"e"'})))
            part = await cache.match(js.Request.new(KEY, options(headers={"range": "bytes=1-2"})))
            return [dict(hit.headers), hit.status, hit.url, unchanged.status, part.status, await part.text()]

        async def encoded(self, cache):
            await cache.put(KEY, response("zipped", content_encoding="gzip"))
            return await found(cache)

        async def stored_by_an_object(self, cache):
            await self.env.OBJECT.getByName("x").put()
            return await found(cache)

        async def behind_the_answer(self, cache):
            async def asked():
                hit = await cache.match(KEY)
                if hit is not None:
                    return hit
                response = await js.fetch(KEY)
                self.ctx.waitUntil(cache.put(KEY, response.clone()))
                return response
            log = []
            for _ in range(3):
                response = await asked()
                log.append([await response.text(), response.headers.get("cf-cache-status") == "HIT"])
            return log

        async def broken(self, cache):
            try:
                await cache.put(KEY, await js.fetch(KEY))
            except JsException as error:
                return [f"{error.name}: {error.message}", await found(cache)]

        async def ignored_method(self, cache):
            await cache.put(KEY, response())
            post = js.Request.new(KEY, options(method="POST"))
            hit = await cache.match(post, options(ignoreMethod=True))
            return [await hit.text(), await cache.match(post), await cache.delete(post), await cache.delete(post, options(ignoreMethod=True))]
"""


def ask(worker: OpenWorker, name: str) -> object:
    return worker(SOURCE).fetch(f"/{name}").json


def test_the_key_is_the_url_without_its_fragment(worker: OpenWorker) -> None:
    assert ask(worker, "keys") == ["kept", "kept", "kept", None, None]


def test_caches_of_other_names_are_others(worker: OpenWorker) -> None:
    assert ask(worker, "names") == [None, "other", None]


def test_what_has_expired_is_not_there(worker: OpenWorker) -> None:
    assert ask(worker, "expiry") == ["kept", "kept", None, False]


def test_what_was_deleted_is_not_there(worker: OpenWorker) -> None:
    assert ask(worker, "deleting") == [True, False, None]


def test_a_request_may_name_its_key(worker: OpenWorker) -> None:
    assert ask(worker, "cache_key") == [None, "keyed", "keyed"]


def test_vary_is_not_looked_at(worker: OpenWorker) -> None:
    assert ask(worker, "vary") == "kept"


def test_what_cannot_be_kept_leaves_what_is_there(worker: OpenWorker) -> None:
    assert ask(worker, "replaced") == ["second", "second"]


def test_what_a_hit_looks_like(worker: OpenWorker) -> None:
    headers, status, url, unchanged, part, text = ask(worker, "hit")  # type: ignore[misc]
    assert headers.pop("date")
    assert headers == {
        "age": "0",
        "cache-control": "max-age=10",
        "cf-cache-status": "HIT",
        "content-type": "text/plain;charset=UTF-8",
        "etag": '"e"',
        "x-own": "1",
    }
    assert (status, url, unchanged, part, text) == (200, "", 304, 206, "ep")


def test_an_encoding_is_put_on_and_taken_off(worker: OpenWorker) -> None:
    assert ask(worker, "encoded") == "zipped"


def test_objects_and_entrypoints_have_the_same_caches(worker: OpenWorker) -> None:
    assert ask(worker, "stored_by_an_object") == "from the object"


class Outside:
    """The world outside: one response for everything."""

    def __init__(self, *pieces: bytes | Exception) -> None:
        self._pieces = pieces
        self.asked = 0

    async def fetch(self, request: HttpRequest) -> HttpResponse:
        self.asked += 1
        headers = [("Cache-Control", "max-age=60")]
        return HttpResponse(200, "OK", headers, ListStream(*self._pieces))


def test_a_copy_is_kept_behind_the_answer(worker: OpenWorker) -> None:
    outside = Outside(b"from ", b"outside")
    log = worker(SOURCE, outbound=outside).fetch("/behind_the_answer").json
    assert log == [["from outside", False], ["from outside", True], ["from outside", True]]
    assert outside.asked == 1


def test_what_breaks_off_is_not_kept(worker: OpenWorker) -> None:
    outside = Outside(b"from ", ConnectionResetError("gone"))
    log = worker(SOURCE, outbound=outside).fetch("/broken").json
    assert log == ["Error: Network connection lost.", None]


def test_methods_are_ignored_when_asked(worker: OpenWorker) -> None:
    assert ask(worker, "ignored_method") == ["kept", None, False, True]


def test_memory_forgets_what_was_not_asked_for_longest() -> None:
    async def scenario() -> list[bool]:
        store = MemoryCacheStore(bytes_max=10)
        for key in ("a", "b"):
            await store.put(None, key, CachedResponse(200, (), b"xxxx", 0))
        assert await store.get(None, "a") is not None
        await store.put(None, "c", CachedResponse(200, (), b"xxxx", 0))
        return [await store.get(None, key) is not None for key in ("a", "b", "c")]

    assert asyncio.run(scenario()) == [True, False, True]


def test_memory_counts_what_it_replaces_and_deletes() -> None:
    async def scenario() -> str:
        store = MemoryCacheStore()
        await store.put(None, "a", CachedResponse(200, (), b"xxxx", 0))
        await store.put(None, "a", CachedResponse(200, (), b"yy", 0))
        await store.put("named", "a", CachedResponse(200, (), b"zzz", 0))
        await store.delete("named", "a")
        return repr(store)

    assert asyncio.run(scenario()) == "<MemoryCacheStore entries=1 bytes=2>"
