"""Facets: child objects with storage of their own, and what becomes of both.

What local workerd answers to the same is in tests/conformance/scenarios/facets.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.runtime.objects import Box
from tests.support.worker import VirtualWorker

Open = Callable[..., VirtualWorker]

SOURCE = """
    from pyodide.ffi import create_proxy


    class Parent(DurableObject):
        def facet(self, name, cls=None, **options):
            def start():
                return to_js(
                    {"class": cls or self.ctx.exports.Child, **options},
                    dict_converter=JsObject.fromEntries,
                )
            return self.ctx.facets.get(name, create_proxy(start))

        async def put(self, name, value):
            return await self.facet(name).put("key", value)

        async def get(self, name):
            return await self.facet(name).get("key")

        async def nested_put(self, name, value, depth=2):
            if depth == 0:
                return await self.ctx.storage.put("key", value)
            return await self.facet(name).nested_put(name, value, depth - 1)

        async def nested_get(self, name, depth=2):
            if depth == 0:
                return await self.ctx.storage.get("key")
            return await self.facet(name).nested_get(name, depth - 1)


    class Child(Parent):
        instances = 0

        def __init__(self, ctx, env):
            super().__init__(ctx, env)
            Child.instances += 1
            self.number = Child.instances

        async def put(self, key, value):
            await self.ctx.storage.put(key, value)
            return await self.ctx.storage.get(key)

        async def get(self, key):
            return await self.ctx.storage.get(key)

        async def who(self):
            return [self.number, str(self.ctx.id)]

        async def slow(self):
            await asyncio.sleep(1)
            return "slow"

        async def wait(self, seconds):
            self.ctx.waitUntil(asyncio.sleep(seconds))

        async def stop(self, reason):
            self.ctx.abort(reason)

        async def alarm(self):
            pass

        async def set_alarm(self):
            await self.ctx.storage.setAlarm(1)

        async def query(self):
            return self.ctx.storage.sql.exec("SELECT 1 AS one").one()["one"]


    class Object(Parent):
        async def call(self, name, method, *arguments):
            return await getattr(self.facet(name), method)(*arguments)

        async def id_of(self, name, **options):
            return (await self.facet(name, **options).who())[1]

        async def text_id(self):
            return await self.id_of("text", id="some text")

        async def abort(self, name, reason):
            self.ctx.facets.abort(name, reason)

        async def delete(self, name):
            self.ctx.facets.delete(name)

        async def clone(self, source, target):
            self.ctx.facets.clone(source, target)

        async def delete_all(self):
            await self.ctx.storage.deleteAll()

        async def stub_after(self, what):
            stub = self.facet("a")
            await stub.put("key", 1)
            if what == "delete":
                self.ctx.facets.delete("a")
            elif what == "clone":
                self.ctx.facets.clone("b", "a")
            elif what == "deleteAll":
                await self.ctx.storage.deleteAll()
            else:
                self.ctx.facets.abort("a", what)
            return [await outcome(stub.get("key")), await self.get("a")]

        async def in_flight(self):
            waiting = asyncio.ensure_future(self.facet("a").slow())
            await asyncio.sleep(0.01)
            self.ctx.facets.abort("a", "aborted")
            return await outcome(waiting)

        async def starts(self):
            calls = []
            async def start():
                calls.append(1)
                await asyncio.sleep(0.01)
                return to_js({"class": self.ctx.exports.Child}, dict_converter=JsObject.fromEntries)
            proxy = create_proxy(start)
            stubs = [self.ctx.facets.get("many", proxy) for _ in range(3)]
            before = len(calls)
            numbers = await asyncio.gather(*(stub.who() for stub in stubs))
            return [before, len(calls), len({number[0] for number in numbers})]

        async def abort_while_starting(self):
            async def start():
                await asyncio.sleep(1)
                return to_js({"class": self.ctx.exports.Child}, dict_converter=JsObject.fromEntries)
            waiting = asyncio.ensure_future(
                self.ctx.facets.get("late", create_proxy(start)).who()
            )
            await asyncio.sleep(0.01)
            self.ctx.facets.abort("late", "too late")
            return await outcome(waiting)

        async def wrong(self, what):
            def start():
                if what == "raise":
                    raise ValueError("from the callback")
                return {
                    "none": None,
                    "number": 5,
                    "nothing": JsObject.new(),
                    "class": to_js({"class": 5}, dict_converter=JsObject.fromEntries),
                    "entrypoint": to_js({"class": Child}, dict_converter=JsObject.fromEntries),
                }[what]
            return await outcome(self.ctx.facets.get(what, create_proxy(start)).who())

        async def named(self, length):
            return await outcome_of(lambda: self.facet("x" * length).who())

        async def nothing(self):
            return await outcome(self.facet("").who())

        async def in_section(self):
            async def section():
                return await self.facet("section").put("key", 7)
            return await self.ctx.blockConcurrencyWhile(section)

        async def send(self):
            return await outcome(self.facet("a").put("key", self.facet("b")))

        async def stopping(self):
            async def stop():
                await asyncio.sleep(0.01)
                self.ctx.abort("parent")
            self.ctx.waitUntil(stop())
            await self.facet("a").slow()

        async def written(self):
            stub = self.facet("a")
            await stub.put("key", 3)


    async def outcome_of(call):
        try:
            return await outcome(call())
        except JsException as error:
            return describe(error)
"""


NO_OPTIONS = (
    "TypeError: Cannot initialize N7workerd3api19DurableObjectFacets14StartupOptionsE with "
    "required members from an undefined or null value."
)
NO_CLASS = (
    "TypeError: Incorrect type for the 'class' field on 'StartupOptions': the provided value is "
    "not of type 'DurableObjectClass or LoopbackDurableObjectNamespace or "
    "LoopbackColoLocalActorNamespace'."
)


def _box(worker: Open, **options: Any) -> Box:
    return Box(worker, SOURCE, **options)


@pytest.fixture(params=[False, True], ids=["log", "sqlite"])
def box(request: pytest.FixtureRequest, worker: Open) -> Box:
    return _box(worker, sqlite=request.param)


def test_a_facet_has_storage_of_its_own(box: Box) -> None:
    assert box.call("put", "a", 1) == 1
    assert box.call("put", "b", 2) == 2
    assert [box.call("get", name) for name in "abc"] == [1, 2, None]


def test_a_facet_has_the_id_of_its_parent_or_the_one_it_is_given(box: Box) -> None:
    parent = box.worker.emulator.namespaces["Object"].ids.from_name("a").hex
    assert box.call("id_of", "a") == parent
    assert box.call("text_id") == "some text"


def test_the_callback_runs_once_and_not_before_the_first_call(box: Box) -> None:
    assert box.call("starts") == [0, 1, 1]


@pytest.mark.parametrize(
    ("what", "error", "then"),
    [
        ("reason", "Error: reason", 1),
        ("delete", "Error: Facet was deleted.", None),
        ("clone", "Error: Facet was cloned-over.", None),
        ("deleteAll", "Error: Facet was deleted.", None),
    ],
)
def test_a_stub_keeps_the_reason_for_which_its_facet_ended(
    box: Box, what: str, error: str, then: object
) -> None:
    assert box.call("stub_after", what) == [error, then]


def test_calls_in_flight_get_the_reason_of_an_abort(box: Box) -> None:
    assert box.call("in_flight") == "Error: aborted"
    assert box.call("abort_while_starting") == "Error: too late"


def test_a_facet_that_resets_itself_starts_anew_with_its_storage(box: Box) -> None:
    box.call("put", "a", 1)
    assert box.call("call", "a", "stop", "gone").startswith("PythonError: ")
    assert box.call("get", "a") == 1


def test_deleting_a_facet_deletes_what_is_below_it(box: Box) -> None:
    box.call("nested_put", "a", 5)
    box.call("nested_put", "b", 6)
    assert box.call("nested_get", "a") == 5
    box.call("delete", "a")
    assert [box.call("nested_get", name) for name in "ab"] == [None, 6]


def test_a_clone_has_a_copy_of_what_is_in_and_below_its_source(box: Box) -> None:
    box.call("put", "a", 1)
    box.call("call", "a", "nested_put", "n", 2, 1)
    box.call("put", "b", 9)
    box.call("clone", "a", "b")
    assert box.call("get", "b") == 1
    assert box.call("call", "b", "nested_get", "n", 1) == 2
    box.call("put", "b", 3)
    assert [box.call("get", name) for name in "ab"] == [1, 3]


def test_a_clone_of_nothing_is_empty_and_of_itself_unchanged(box: Box) -> None:
    box.call("put", "a", 1)
    box.call("clone", "a", "a")
    assert box.call("get", "a") == 1
    box.call("clone", "nothing", "a")
    assert box.call("get", "a") is None


def test_delete_all_of_the_parent_deletes_facets_that_an_earlier_instance_had(box: Box) -> None:
    box.call("nested_put", "a", 5)
    box.worker.advance(30)
    assert box.worker.observer.events.count("evicted Object") == 1
    box.call("delete_all")
    assert box.call("nested_get", "a") is None


def test_facets_nest_four_deep(box: Box) -> None:
    box.call("nested_put", "a", 1, 3)
    assert box.call("nested_get", "a", 3) == 1
    text = box.call("nested_get", "a", 4)
    assert "Facet nesting depth limit exceeded. The maximum depth including the root" in text


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("raise", "PythonError: ValueError: from the callback"),
        (
            "none",
            NO_OPTIONS,
        ),
        ("number", "TypeError: Callback returned incorrect type; expected 'Promise'"),
        *(
            (
                what,
                NO_CLASS,
            )
            for what in ("nothing", "class", "entrypoint")
        ),
    ],
)
def test_a_facet_whose_callback_fails_fails_with_it(box: Box, what: str, text: str) -> None:
    assert box.call("wrong", what) == text


def test_names_have_one_to_256_bytes(box: Box) -> None:
    assert isinstance(box.call("named", 256), list)
    assert box.call("named", 257) == "TypeError: Facet name is too long (max 256 characters)."
    assert box.call("nothing").startswith("Error: internal error; reference = ")


def test_facets_cannot_set_alarms(box: Box) -> None:
    assert "Error: Facets currently cannot set alarms." in box.call("call", "a", "set_alarm")


def test_a_critical_section_may_start_a_facet(box: Box) -> None:
    assert box.call("in_section") == 7


def test_stubs_of_facets_are_not_sent(box: Box) -> None:
    assert box.call("send") == (
        "DataCloneError: Stubs pointing to Durable Object facets are not serializable."
    )


def test_facets_end_with_their_parent(box: Box) -> None:
    assert box.call("stopping") == "Error: parent [durableObjectReset]"
    assert box.call("put", "a", 1) == 1


def test_work_of_a_facet_keeps_its_parent_in_memory(box: Box) -> None:
    box.call("call", "a", "wait", 60)
    box.worker.advance(40)
    assert box.worker.observer.events.count("evicted Object") == 0
    box.worker.advance(60)
    assert box.worker.observer.events.count("evicted Object") == 1
    assert box.worker.observer.events.count("evicted Child") == 1


def test_facets_use_the_engine_of_their_parent(worker: Open) -> None:
    assert _box(worker, sqlite=True).call("call", "a", "query") == 1


def test_a_class_without_sql_has_facets_without_sql(worker: Open) -> None:
    text = _box(worker).call("call", "a", "query")
    assert "SQL is not enabled for this Durable Object class." in text
