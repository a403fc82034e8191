"""Errors of Durable Objects as callers see them: classes, texts, flags; abort; broken stubs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from emulator.runtime.errors import platform_error
from tests.runtime.objects import Box
from tests.support.worker import Answer, VirtualWorker

Open = Callable[..., VirtualWorker]

# -- thrown by user code -------------------------------------------------------------------------

PLAIN = """
    class MyError(Exception):
        pass
    class Object(DurableObject):
        async def python(self):
            raise MyError("mm")
        def synchronous(self):
            raise MyError("sync")
        async def interrupted(self):
            raise KeyboardInterrupt
        async def cancelled(self):
            raise asyncio.CancelledError
        async def chained(self):
            try:
                raise ValueError("first")
            except ValueError as error:
                raise MyError("second") from error
        async def from_js(self):
            await self.ctx.storage.put("f", lambda: 1)
        async def fetch(self, request):
            raise MyError("fetching")
        async def tuple(self):
            return (1, 2)
        async def ok(self):
            return "ok"
        async def arguments(self, one):
            return one
"""


@pytest.mark.rule("ST-11", "ST-12", "PY-9")
@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("python", "PythonError: entry.MyError: mm [remote]"),
        ("synchronous", "PythonError: entry.MyError: sync [remote]"),
        ("interrupted", "PythonError: KeyboardInterrupt [remote]"),
        ("cancelled", "PythonError: asyncio.exceptions.CancelledError [remote]"),
        ("chained", "PythonError: entry.MyError: second [remote]"),
        ("@fetched", "PythonError: entry.MyError: fetching [remote]"),
        (
            "tuple",
            "PythonError: TypeError: <class 'tuple'> cannot be sent over RPC. [remote]",
        ),
    ],
)
def test_what_user_code_raises_reaches_the_caller(worker: Open, method: str, expected: str) -> None:
    """The object is none the worse for it."""
    box = Box(worker, PLAIN)
    assert box.call(method) == expected
    assert box.call("ok") == "ok"
    assert box.events == ["started Object"]


@pytest.mark.rule("PY-9", "ST-12")
def test_the_message_of_an_error_is_the_guests_traceback(worker: Open) -> None:
    box = Box(
        worker,
        PLAIN,
        """
        async def message(self, stub):
            try:
                await stub.chained()
            except JsException as error:
                found = error.js_error
                return [found.message, found.durableObjectId, str(stub._binding.id)]
        """,
    )
    message, inner_id, own_id = box.call("@message")
    assert message.startswith("Traceback (most recent call last):\n")
    assert message.endswith("\n")
    assert "ValueError: first" in message
    assert "direct cause" in message
    assert message.count('entry.py"') == 2
    assert "dispatch.py" not in message
    assert inner_id == own_id


def test_wrong_arguments_are_pythons_type_error(worker: Open) -> None:
    box = Box(worker, PLAIN)
    assert box.call("arguments", 1) == 1
    assert "missing 1 required positional argument: 'one'" in box.call("arguments")


@pytest.mark.rule("ST-5", "PY-9")
@pytest.mark.parametrize("name", ["nope", "ctx", "env", "number"])
def test_only_methods_can_be_called(worker: Open, name: str) -> None:
    box = Box(
        worker,
        """
        class Object(DurableObject):
            number = 5
            async def _private(self):
                return "private"
        """,
    )
    assert box.call(name) == f"TypeError: Method {name} does not exist [remote]"
    assert box.call("_private") == "private"


@pytest.mark.rule("ST-4")
@pytest.mark.parametrize(
    "name", ["alarm", "webSocketMessage", "webSocketClose", "webSocketError", "dup"]
)
def test_reserved_names_cannot_be_called(worker: Open, name: str) -> None:
    box = Box(worker, f"class Object(DurableObject):\n    async def {name}(self):\n        pass\n")
    assert box.call(name).startswith(
        f"TypeError: '{name}' is a reserved method and cannot be called over RPC."
    )


@pytest.mark.rule("ST-6")
def test_a_class_that_is_no_durable_object_has_fetch_and_no_methods(worker: Open) -> None:
    """That it runs at all is ours, with a warning."""
    box = Box(
        worker,
        """
        class Object:
            def __init__(self, ctx, env):
                self.ctx = ctx
            async def fetch(self, request):
                return Response("plain")
            async def method(self):
                return 1
        """,
    )
    assert box.call("@fetched") == "plain"
    assert box.call("method").startswith(
        "TypeError: The receiving Durable Object does not support RPC, because its class was not "
        "declared with `extends DurableObject`. In order to enable RPC, make sure your class "
        'extends the special class `DurableObject`, which can be imported from the module "cloudfl'
    )
    assert len(box.worker.emulator.notes) == 1
    assert "class Object does not derive from DurableObject" in box.worker.emulator.notes[0]


@pytest.mark.rule("PY-9")
def test_keywords_of_a_caller_are_one_more_argument(worker: Open) -> None:
    box = Box(
        worker,
        """
        class Object(DurableObject):
            async def method(self, one, two=None):
                return [one, dict(two)]
        """,
        """
        async def keywords(self, stub):
            return list(await stub.method(1, b=5))
        """,
    )
    assert box.call("@keywords") == [1, {"b": 5}]


@pytest.mark.rule("ST-3")
def test_fetch_needs_a_response(worker: Open) -> None:
    box = Box(
        worker,
        "class Object(DurableObject):\n    async def fetch(self, request):\n        return 'text'\n",
    )
    assert box.call("@fetched") == (
        "TypeError: Incorrect type for Promise: the Promise did not resolve to 'Response'. [remote]"
    )


@pytest.mark.rule("ST-3")
def test_fetch_needs_an_absolute_url(worker: Open) -> None:
    box = Box(
        worker,
        "class Object(DurableObject):\n    async def fetch(self, request):\n        pass\n",
        """
        async def relative(self, stub):
            return await outcome(stub._binding.fetch("/foo"))
        async def nothing(self, stub):
            return await outcome(stub._binding.fetch())
        """,
    )
    assert box.call("@relative") == "TypeError: Invalid URL: /foo"
    assert box.call("@nothing") == (
        "TypeError: Failed to execute 'fetch' on 'Fetcher': "
        "parameter 1 is not of type 'Request or string'."
    )


@pytest.mark.rule("ST-3")
def test_redirects_of_an_object_are_given_to_the_caller_that_asks_for_them(worker: Open) -> None:
    box = Box(
        worker,
        """
        class Object(DurableObject):
            async def fetch(self, request):
                if request.url.endswith("/to"):
                    return Response(f"at {request.url}")
                return Response("", status=302, headers={"Location": "/to"})
        """,
        """
        async def follow(self, stub):
            followed = await stub.fetch("http://object/from")
            kept = await stub.fetch("http://object/from", redirect="manual")
            return [await followed.text(), kept.status]
        """,
    )
    assert box.call("@follow") == ["at http://object/to", 302]


@pytest.mark.rule("ST-16")
def test_an_error_of_one_object_is_an_exception_in_another(worker: Open) -> None:
    box = Box(
        worker,
        """
        class Object(DurableObject):
            async def outer(self):
                try:
                    await self.env.OBJECT.getByName("inner").abort()
                except JsException as error:
                    return describe(error)
            async def through(self):
                return await self.env.OBJECT.getByName("inner").fail()
            async def abort(self):
                self.ctx.abort("gone")
            async def fail(self):
                raise ValueError("inside")
        """,
    )
    assert box.call("outer") == "Error: gone [durableObjectReset]"
    assert box.call("outer") == "Error: gone [durableObjectReset]"
    assert box.call("through").endswith("ValueError: inside [remote]")
    assert box.events.count("reset Object: Error: gone") == 2


# -- abort ---------------------------------------------------------------------------------------

ABORTING = """
    after = []
    class Object(DurableObject):
        async def abort(self, reason):
            try:
                self.ctx.abort(reason)
            except Exception:
                after.append("except")
            after.append("after")
        async def abort_plainly(self):
            self.ctx.abort()
        async def wait(self):
            await asyncio.sleep(1)
            after.append("continuation")
        async def fetch(self, request):
            if request.url.endswith("/slow"):
                await asyncio.sleep(5)
                return Response("slow")
            return Response("ok")
        async def work(self):
            async def later():
                await asyncio.sleep(1)
                after.append("task")
            self.task = asyncio.create_task(later())
            self.ctx.waitUntil(later())
            from js import setTimeout
            setTimeout(create_proxy(lambda *_: after.append("timer")), 500)
        async def after(self):
            return list(after)
        async def ok(self):
            return "ok"
"""
GONE = "Error: gone [durableObjectReset]"


@pytest.mark.rule("LC-14", "LC-16", "ST-14")
def test_abort_ends_every_call_and_nothing_runs_any_more(worker: Open) -> None:
    """Also a call through a stub of its own that was made before the reset."""
    box = Box(worker, ABORTING)
    box.call("work")
    assert box.together("wait", "wait", ("abort", "gone"), "ok") == [GONE] * 4
    box.advance(10)
    assert box.call("after") == []


@pytest.mark.rule("LC-14")
@pytest.mark.parametrize(
    ("reason", "expected"),
    [("gone", GONE), (5, "Error: 5 [durableObjectReset]"), ("", "Error:  [durableObjectReset]")],
)
def test_the_reason_is_text(worker: Open, reason: object, expected: str) -> None:
    assert Box(worker, ABORTING).call("abort", reason) == expected


@pytest.mark.rule("LC-14")
def test_abort_has_a_text_of_its_own(worker: Open) -> None:
    assert Box(worker, ABORTING).call("abort_plainly") == (
        "Error: Application called abort() to reset Durable Object. [durableObjectReset]"
    )


@pytest.mark.rule("ST-12")
def test_a_fetch_in_flight_sees_a_remote_error(worker: Open) -> None:
    """`remote` is for fetch only, and not for later calls on the broken stub."""
    box = Box(
        worker,
        ABORTING,
        """
        async def both(self, stub):
            slow = outcome(stub._binding.fetch("http://object/slow"))
            return list(await asyncio.gather(slow, outcome(stub.abort("gone"))))
        """,
    )
    assert box.call("@both") == ["Error: gone [remote durableObjectReset]", GONE]


@pytest.mark.rule("ST-13")
def test_a_stub_of_a_broken_object_stays_broken_and_a_new_one_works(worker: Open) -> None:
    box = Box(
        worker,
        ABORTING,
        """
        async def broken(self, stub):
            seen = [await outcome(stub.abort("gone")), await outcome(stub.ok())]
            seen.append(await self.fetched(stub))
            fresh = self.env.OBJECT.get(self.env.OBJECT.idFromName("a"))
            seen += [await fresh.ok(), await outcome(stub.ok())]
            return seen
        """,
    )
    assert box.call("@broken") == [
        GONE,
        GONE,
        GONE,
        "ok",
        GONE,
    ]


ATOMS = """
    class Object(DurableObject):
        async def keys(self):
            return sorted(await self.ctx.storage.list())
        async def base(self):
            await self.ctx.storage.put("base", 1)
        def put(self, key, **options):
            # Past the SDK, whose results warn if nobody awaits them.
            return self.ctx.storage._binding.put(key, 1, to_js(options))
        async def plain(self):
            self.put("a")
            self.ctx.abort()
        async def awaited(self):
            await self.put("a")
            await self.ctx.storage.get("a")
            await asyncio.sleep(0)
            self.ctx.abort()
        async def slept(self):
            self.put("a")
            await asyncio.sleep(0.001)
            self.put("b")
            self.ctx.abort()
        async def synced(self):
            self.put("a")
            await self.ctx.storage.sync()
            self.put("b")
            self.ctx.abort()
        async def transaction_sync(self):
            self.ctx.storage.transactionSync(lambda: [self.put("a")] and None)
            self.ctx.abort()
        async def transaction(self):
            async def closure(txn):
                await txn.put("a", 1)
            await self.ctx.storage.transaction(closure)
            self.ctx.abort()
        async def in_transaction(self):
            async def closure(txn):
                await txn.put("a", 1)
                await asyncio.sleep(0.001)
                self.ctx.abort()
            await self.ctx.storage.transaction(closure)
        async def unconfirmed(self):
            self.put("a", allowUnconfirmed=True)
            self.ctx.abort()
        async def delete_all(self):
            self.ctx.storage._binding.deleteAll()
            self.ctx.abort()
"""


@pytest.mark.rule("LC-15", "SQL-40", "KV-20")
@pytest.mark.parametrize("sqlite", [False, True], ids=["log", "sqlite"])
@pytest.mark.parametrize(
    ("method", "kept"),
    [
        ("plain", ["base"]),
        ("awaited", ["base"]),
        ("slept", ["a", "base"]),
        ("synced", ["a", "base"]),
        ("transaction_sync", ["base"]),
        ("transaction", ["a", "base"]),
        ("in_transaction", ["base"]),
        ("unconfirmed", ["base"]),
        ("delete_all", []),
    ],
)
def test_what_abort_loses_and_what_it_keeps(
    worker: Open, method: str, kept: list[str], sqlite: bool
) -> None:
    box = Box(worker, ATOMS, sqlite=sqlite)
    box.call("base")
    assert box.call(method).startswith("Error: Application called abort()")
    assert box.call("keys") == kept


@pytest.mark.rule("LC-3")
def test_abort_in_the_constructor_fails_the_calls_of_that_stub(worker: Open) -> None:
    box = Box(
        worker,
        """
        tries = []
        class Object(DurableObject):
            def __init__(self, ctx, env):
                super().__init__(ctx, env)
                tries.append(1)
                if len(tries) == 1:
                    ctx.abort("at once")
            async def count(self):
                return len(tries)
        """,
        """
        async def twice(self, stub):
            return list(await asyncio.gather(outcome(stub.count()), outcome(stub.count())))
        """,
    )
    failed = "Error: at once [durableObjectReset]"
    assert box.call("@twice") == [failed, failed]
    assert box.events == ["started Object", "reset Object: Error: at once"]
    assert box.call("count") == 2


@pytest.mark.rule("ST-10")
def test_cancelling_the_request_does_not_stop_the_object(worker: Open) -> None:
    box = Box(
        worker,
        """
        done = []
        class Object(DurableObject):
            async def slow(self):
                await asyncio.sleep(5)
                await self.ctx.storage.put("done", True)
            async def done(self):
                return await self.ctx.storage.get("done")
        """,
    )
    request = box.worker.start(box.path("slow"))
    box.advance(1)
    request.cancel()
    box.advance(1)
    assert request.cancelled()
    box.advance(5)
    assert box.call("done") is True


@pytest.mark.rule("ST-12")
def test_flags_survive_several_hops_and_the_outermost_object_is_named(worker: Open) -> None:
    box = Box(
        worker,
        """
        class Object(DurableObject):
            async def outer(self):
                return await self.env.OBJECT.getByName("inner").inner()
            async def inner(self):
                raise ValueError("boom")
        """,
        """
        async def ids(self, stub):
            seen = []
            for target, method in ((stub, "outer"), (self.env.OBJECT.getByName("inner"), "inner")):
                try:
                    await getattr(target, method)()
                except JsException as error:
                    found = error.js_error
                    seen.append([found.remote, found.durableObjectId == str(target._binding.id)])
            return seen
        """,
    )
    assert box.call("@ids") == [[True, True], [True, True]]


@pytest.mark.rule("ST-11")
def test_before_enhanced_serialization_only_standard_names_survive(worker: Open) -> None:
    box = Box(
        worker,
        """
        class Object(DurableObject):
            async def custom(self):
                raise ValueError("boom")
            dup = None
        """,
        """
        async def custom(self, stub):
            try:
                await stub.custom()
            except JsException as error:
                found = error.js_error
                has_id = hasattr(found, "durableObjectId")
                return [found.name, found.message.split(":")[0], found.remote, has_id]
        """,
        date="2026-04-01",
        flags=["disable_python_external_sdk"],
    )
    assert box.call("@custom") == ["Error", "PythonError", True, False]
    assert box.call("nope") == "TypeError: Method nope does not exist [remote]"


@pytest.mark.rule("LC-10", "ST-12")
def test_calls_in_flight_when_the_worker_is_replaced_can_be_tried_again(worker: Open) -> None:
    box = Box(worker, ABORTING)
    waiting = box.worker.start(box.path("wait"))
    box.loop.run_ready()
    for namespace in box.worker.emulator.namespaces.values():
        namespace.close(platform_error("Network connection lost.", retryable=True))
    assert box.loop.run(finished(waiting)) == "Error: Network connection lost. [retryable]"


async def finished(task: asyncio.Task[Answer]) -> object:
    return (await task).json


ABORTED_FETCH = """
    async def abort_fetch(self, stub, reason):
        import js
        controller = js.AbortController.new()
        options = to_js({"signal": controller.signal}, dict_converter=JsObject.fromEntries)
        if reason == "early":
            controller.abort()
        answer = outcome(stub._binding.fetch("http://object/slow", options))
        waiting = asyncio.ensure_future(answer)
        await asyncio.sleep(1)
        controller.abort(*([] if reason in ("none", "early") else [js.TypeError.new(reason)]))
        return await waiting
"""


@pytest.mark.rule("ST-12")
@pytest.mark.parametrize(
    ("reason", "error"),
    [
        ("none", "AbortError: The operation was aborted [retryable]"),
        ("early", "AbortError: The operation was aborted [retryable]"),
        ("mine", "TypeError: mine"),
    ],
)
def test_a_fetch_that_its_caller_aborts_could_be_tried_again(
    worker: Open, reason: str, error: str
) -> None:
    box = Box(worker, ABORTING, ABORTED_FETCH)
    assert box.worker.fetch(f"/a/@abort_fetch/{reason}").json == error
    assert box.events == ([] if reason == "early" else ["started Object"])
