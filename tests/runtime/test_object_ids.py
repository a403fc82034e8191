"""Ids and stubs as guests have them: names, foreign ids, what crosses RPC."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.runtime.objects import Box
from tests.support.worker import VirtualWorker

Open = Callable[..., VirtualWorker]

SOURCE = """
    class Thing:
        pass
    class Object(DurableObject):
        async def own_name(self):
            name = self.ctx.id.name
            return None if name is None else len(name)
        async def whoami(self):
            return str(self.ctx.id)
        async def put(self):
            await self.ctx.storage.put("a", 1)
        async def get(self):
            return await self.ctx.storage.get("a")
        async def echo(self, value):
            return value
        async def thing(self):
            return Thing()
        async def pair(self):
            return (1, 2)
        async def keep(self, value):
            return await outcome(self.ctx.storage.put("kept", value))
    class Other(DurableObject):
        async def whoami(self):
            return str(self.ctx.id)
        async def get(self):
            return await self.ctx.storage.get("a")
"""
ENTRY = """
    async def names(self, stub):
        seen = []
        for name in ("a" * 1024, "a" * 1025, "é" * 512, "é" * 513):
            named = self.env.OBJECT.getByName(name)
            seen.append([await named.own_name(), len(named._binding.name)])
        return seen
    async def foreign(self, stub):
        foreign = self.env.OTHER.idFromName("a")
        await self.env.OBJECT.get(foreign).put()
        seen = [await self.env.OBJECT.get(foreign).whoami() == str(foreign)]
        seen.append(await self.env.OBJECT.get(foreign).get())
        return [*seen, await self.env.OTHER.get(foreign).get()]
    async def members(self, stub):
        raw = stub._binding
        raw.mine = 5
        again = self.env.OBJECT.getByName("a")._binding
        return [raw.mine, type(again.mine).__name__, raw.id.equals(again.id), raw.name, str(raw.id.name)]
    async def send_id(self, stub):
        given = self.env.OBJECT.idFromName("x")
        return [await outcome(stub.echo(given)), await outcome(stub.keep(given))]
    async def send_stub(self, stub):
        received = await stub.echo(self.env.OBJECT.getByName("b"))
        raw = received._binding
        kind = [type(raw.id).__name__, raw.id.constructor.name]
        return [*kind, await received.whoami() == str(self.env.OBJECT.idFromName("b"))]
    async def held(self, stub):
        await stub.put()
        await asyncio.sleep(25)
        return await stub.get()
"""
NOT_SENT = (
    'DataCloneError: Could not serialize object of type "DurableObjectId". '
    "This type does not support serialization."
)


@pytest.fixture
def box(worker: Open) -> Box:
    return Box(worker, SOURCE, ENTRY, objects={"OBJECT": "Object", "OTHER": "Other"})


@pytest.mark.rule("ID-8")
def test_a_name_of_more_than_1024_bytes_is_not_known_inside(box: Box) -> None:
    assert box.call("@names") == [[1024, 1024], [None, 1025], [512, 512], [None, 513]]


@pytest.mark.rule("ID-2", "ID-9")
def test_the_id_of_another_class_is_an_object_of_this_class(box: Box) -> None:
    assert box.call("@foreign") == [True, 1, None]


@pytest.mark.rule("ST-1")
def test_a_stub_has_an_id_and_a_name_and_what_is_assigned_stays_with_it(box: Box) -> None:
    assert box.call("@members") == [5, "JsProxy", True, "a", "a"]


@pytest.mark.rule("ID-7")
def test_ids_are_neither_sent_nor_stored(box: Box) -> None:
    assert box.call("@send_id") == [NOT_SENT, NOT_SENT]


@pytest.mark.rule("ST-7")
def test_a_stub_arrives_as_one_of_a_service(box: Box) -> None:
    assert box.call("@send_stub") == ["JsProxy", "RpcProperty", True]


@pytest.mark.rule("ST-7", "PY-4", "PY-9")
@pytest.mark.parametrize(
    ("method", "error"),
    [
        ("thing", "DataCloneError: [object Object] could not be cloned. [remote]"),
        ("pair", "PythonError: TypeError: <class 'tuple'> cannot be sent over RPC. [remote]"),
    ],
)
def test_what_is_no_value_is_refused(box: Box, method: str, error: str) -> None:
    assert box.call(method) == error


@pytest.mark.rule("ST-2", "LC-6")
def test_a_stub_that_somebody_holds_does_not_keep_its_object(box: Box) -> None:
    assert box.call("@held") == 1
    assert box.events == ["started Object", "evicted Object", "started Object"]
