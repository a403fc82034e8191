"""The storage API as guests use it: keys, values, transactions, deleteAll, the write behind it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.runtime.objects import Box
from tests.support.worker import VirtualWorker

Open = Callable[..., VirtualWorker]

API = """
    class Object(DurableObject):
        async def get(self, *args):
            return plain(await self.ctx.storage.get(*args))
        async def put(self, *args):
            return await error_of(self.ctx.storage.put(*args))
        async def delete(self, *args):
            return await error_of(self.ctx.storage.delete(*args))
        async def list(self, **options):
            return [[key, value] for key, value in (await self.ctx.storage.list()).items()]
        async def list_with(self, options):
            return await error_of(self.listed(options))
        async def listed(self, options):
            return list(await self.ctx.storage.list(options))
        async def no_argument(self, method):
            return await error_of(getattr(self.ctx.storage, method)())
        async def put_undefined(self):
            raw = self.ctx.storage._binding
            return [await error_of(raw.put("a", None)), await error_of(raw.put("a"))]
        async def put_odd_options(self):
            return await error_of(self.ctx.storage._binding.put(JsObject.new(), 5))
        async def put_bad_one(self):
            await self.ctx.storage.put("old", 1)
            first = await error_of(self.ctx.storage.put({"old": 2, "bad": lambda: 1}))
            return [first, await self.ctx.storage.get("old")]
        async def copies(self):
            value = {"list": [1]}
            await self.ctx.storage.put("a", value)
            value["list"].append(2)
            one = await self.ctx.storage.get("a")
            one["list"].append(3)
            return plain(await self.ctx.storage.get("a"))
        async def sql(self):
            try:
                return self.ctx.storage.sql.exec("select 1").one()
            except JsException as error:
                return describe(error)
    def plain(value):
        return json.loads(json.dumps(value))
    async def error_of(awaitable):
        try:
            return plain(await awaitable)
        except JsException as error:
            return describe(error)
"""


@pytest.mark.parametrize("sqlite", [False, True], ids=["log", "sqlite"])
@pytest.mark.rule("KV-1", "KV-2")
def test_get_put_delete_and_list(worker: Open, sqlite: bool) -> None:
    box = Box(worker, API, sqlite=sqlite)
    assert box.call("get", "a") is None
    box.call("put", "a", {"x": [1, "two", None, 1.5]})
    box.call("put", {"b": 2, "": 0})
    assert box.call("get", "a") == {"x": [1, "two", None, 1.5]}
    assert box.call("get", ["b", "nope", "", "b"]) == {"": 0, "b": 2}
    assert box.call("get", []) == {}
    assert box.call("list") == [["", 0], ["a", {"x": [1, "two", None, 1.5]}], ["b", 2]]
    assert box.call("delete", "a") is True
    assert box.call("delete", "a") is False
    assert box.call("delete", ["b", "", "nope"]) == 2
    assert box.call("delete", []) == 0
    assert box.call("list") == []


@pytest.mark.rule("KV-2")
def test_keys_are_converted_to_text(worker: Open) -> None:
    box = Box(worker, API)
    box.call("put", 5, "x")
    assert box.call("list") == [["5", "x"]]
    assert box.call("get", 5) == "x"


@pytest.mark.rule("KV-2")
@pytest.mark.parametrize(
    ("method", "kind"),
    [("get", "string or Array"), ("delete", "string or Array"), ("put", "string or object")],
)
def test_a_key_is_required(worker: Open, method: str, kind: str) -> None:
    assert Box(worker, API).call("no_argument", method) == (
        f"TypeError: Failed to execute '{method}' on 'DurableObjectStorage': "
        f"parameter 1 is not of type '{kind}'."
    )


@pytest.mark.rule("KV-3")
def test_undefined_is_no_value(worker: Open) -> None:
    box = Box(worker, API)
    assert box.call("put_undefined") == ["TypeError: put() called with undefined value."] * 2
    assert box.call("put_odd_options") == (
        "TypeError: put() may only be called with a single key-value pair and optional options as "
        "put(key, value, options) or with multiple key-value pairs and optional options as "
        "put(entries, options)"
    )


@pytest.mark.parametrize("sqlite", [False, True], ids=["log", "sqlite"])
@pytest.mark.rule("KV-4", "KV-11")
def test_a_put_of_several_entries_stores_all_or_none(worker: Open, sqlite: bool) -> None:
    error, old = Box(worker, API, sqlite=sqlite).call("put_bad_one")
    assert error.startswith("DataCloneError: ")
    assert error.endswith(" could not be cloned.")
    assert old == 1


@pytest.mark.parametrize("sqlite", [False, True], ids=["log", "sqlite"])
@pytest.mark.rule("KV-10", "KV-12")
def test_what_is_stored_is_a_copy(worker: Open, sqlite: bool) -> None:
    assert Box(worker, API, sqlite=sqlite).call("copies") == {"list": [1]}


@pytest.mark.parametrize("sqlite", [False, True], ids=["log", "sqlite"])
@pytest.mark.rule("KV-6", "KV-7", "KV-8", "KV-9")
def test_list_options_reach_storage(worker: Open, sqlite: bool) -> None:
    """All combinations are in test_storage_options."""
    box = Box(worker, API, sqlite=sqlite)
    box.call("put", dict.fromkeys(["a", "ab", "b", "é", "\uffff", "\U00010000"], 1))
    assert box.call("list_with", {}) == ["a", "ab", "b", "é", "\uffff", "\U00010000"]
    assert box.call("list_with", {"prefix": "a"}) == ["a", "ab"]
    assert box.call("list_with", {"start": "ab", "end": "é"}) == ["ab", "b"]
    assert box.call("list_with", {"reverse": True, "limit": 2}) == ["\U00010000", "\uffff"]
    assert box.call("list_with", {"startAfter": "a", "limit": 1}) == ["ab"]
    assert box.call("list_with", {"start": "b", "end": "a"}) == []
    assert box.call("list_with", {"limit": 0}) == "TypeError: List limit must be positive."
    assert box.call("list_with", {"start": "a", "startAfter": "a"}) == (
        "TypeError: list() cannot be called with both start and startAfter values."
    )


@pytest.mark.rule("SQL-1")
def test_sql_is_refused_where_the_class_is_not_sqlite_backed(worker: Open) -> None:
    assert "SQL is not enabled for this Durable Object class." in Box(worker, API).call("sql")


# -- transactions --------------------------------------------------------------------------------

TRANSACTIONS = """
    kept = []
    class Object(DurableObject):
        @property
        def storage(self):
            return self.ctx.storage
        async def keys(self):
            return list(await self.storage.list())
        async def commits(self):
            async def closure(txn):
                await txn.put("a", 1)
                await self.storage.put("b", 2)
                return "result"
            return await self.storage.transaction(closure)
        async def synchronous(self):
            return await self.storage.transaction(lambda txn: 5)
        async def throws(self):
            self.unawaited = self.storage._binding.put("before", 1)
            async def closure(txn):
                await txn.put("a", 1)
                await self.storage.put("b", 2)
                raise ValueError("boom")
            try:
                await self.storage.transaction(closure)
            except BaseException as error:
                await self.storage.put("after", 1)
                return describe(error)
        async def rolls_back(self):
            async def closure(txn):
                await txn.put("a", 1)
                txn.rollback()
                txn.rollback()
                seen = []
                for call in (lambda: txn.get("a"), lambda: txn.put("a", 1), lambda: txn.delete("a"),
                             lambda: txn.list(), lambda: txn.getAlarm(), lambda: txn.setAlarm(1),
                             lambda: txn.deleteAlarm()):
                    seen.append(await outcome(call()))
                await self.storage.put("ordinary", 1)
                return seen
            return list(await self.storage.transaction(closure))
        async def uses_late(self):
            async def closure(txn):
                kept.append(txn)
            await self.storage.transaction(closure)
            txn = kept[0]
            seen = [await outcome(call()) for call in (lambda: txn.get("a"), lambda: txn.put("a", 1))]
            try:
                txn.rollback()
            except JsException as error:
                seen.append(describe(error))
            return seen
        async def nests(self):
            async def inner(txn):
                await txn.put("inner", 1)
                txn.rollback()
            async def outer(txn):
                await txn.put("outer", 1)
                await self.storage.transaction(inner)
                return await outcome(txn.get("outer"))
            return await self.storage.transaction(outer)
        async def rolls_back_outer_too_soon(self):
            async def outer(txn):
                async def inner(_):
                    try:
                        txn.rollback()
                    except JsException as error:
                        return describe(error)
                return await self.storage.transaction(inner)
            return await self.storage.transaction(outer)
        async def inner_throws(self):
            async def inner(txn):
                await txn.put("inner", 1)
                raise ValueError("inner")
            async def outer(txn):
                await txn.put("outer", 1)
                try:
                    await self.storage.transaction(inner)
                except JsException:
                    pass
            await self.storage.transaction(outer)
        async def delete_all_inside(self):
            async def closure(txn):
                return [await outcome(txn.deleteAll()), await outcome(self.storage.deleteAll())]
            return list(await self.storage.transaction(closure))
        async def no_closure(self):
            return await outcome(self.storage._binding.transaction())
        async def both(self):
            log = []
            async def closure(name):
                log.append(f"{name}1")
                await asyncio.sleep(0.01)
                log.append(f"{name}2")
            await asyncio.gather(self.storage.transaction(lambda txn: closure("a")),
                                 self.storage.transaction(lambda txn: closure("b")))
            return log
        async def hangs(self):
            await self.storage.put("committed", 1)
            async def closure(txn):
                await txn.put("a", 1)
                await asyncio.sleep(31)
            await self.storage.transaction(closure)
        async def sync_returns(self):
            def closure():
                self.unawaited = self.storage._binding.put("a", 1)
                return 5
            return self.storage.transactionSync(closure)
        async def sync_throws(self):
            self.unawaited = [self.storage._binding.put("before", 1)]
            def closure():
                self.unawaited.append(self.storage._binding.put("a", 1))
                raise ValueError("boom")
            try:
                self.storage.transactionSync(closure)
            except ValueError as error:
                return str(error)
"""


OUTER_ROLLBACK = (
    "Error: Cannot roll back an outer transaction while a nested transaction is still running."
)
NO_CLOSURE = (
    "TypeError: Failed to execute 'transaction' on 'DurableObjectStorage': "
    "parameter 1 is not of type 'function'."
)


@pytest.mark.parametrize("sqlite", [False, True], ids=["log", "sqlite"])
@pytest.mark.rule("KV-13", "KV-14", "KV-15", "KV-18", "KV-19", "PY-6")
@pytest.mark.parametrize(
    ("method", "result", "keys"),
    [
        ("commits", "result", ["a", "b"]),
        ("synchronous", 5, []),
        ("throws", "PythonError: ValueError: boom", ["after", "before"]),
        ("nests", 1, ["outer"]),
        ("inner_throws", None, ["outer"]),
        (
            "rolls_back_outer_too_soon",
            OUTER_ROLLBACK,
            [],
        ),
        ("delete_all_inside", ["Error: Cannot call deleteAll() within a transaction"] * 2, []),
        (
            "no_closure",
            NO_CLOSURE,
            [],
        ),
        ("both", ["a1", "a2", "b1", "b2"], []),
        ("sync_returns", 5, ["a"]),
        ("sync_throws", "boom", ["before"]),
    ],
)
def test_transactions(
    worker: Open, method: str, result: Any, keys: list[str], sqlite: bool
) -> None:
    box = Box(worker, TRANSACTIONS, sqlite=sqlite)
    assert box.call(method) == result
    assert box.call("keys") == keys
    assert box.events == ["started Object"]


@pytest.mark.parametrize("sqlite", [False, True], ids=["log", "sqlite"])
@pytest.mark.rule("KV-16")
def test_a_rolled_back_transaction_is_over(worker: Open, sqlite: bool) -> None:
    box = Box(worker, TRANSACTIONS, sqlite=sqlite)
    operations = ["get", "put", "delete", "list", "getAlarm", "setAlarm", "deleteAlarm"]
    assert box.call("rolls_back") == [
        f"Error: Cannot {operation}() on rolled back transaction" for operation in operations
    ]
    assert box.call("keys") == ["ordinary"]


@pytest.mark.parametrize("sqlite", [False, True], ids=["log", "sqlite"])
@pytest.mark.rule("KV-17")
def test_a_committed_transaction_is_over(worker: Open, sqlite: bool) -> None:
    box = Box(worker, TRANSACTIONS, sqlite=sqlite)
    assert box.call("uses_late") == [
        f"Error: Cannot call {operation}() on transaction that has already committed: did you move "
        "`txn` outside of the closure?"
        for operation in ("get", "put", "rollback")
    ]


@pytest.mark.parametrize("sqlite", [False, True], ids=["log", "sqlite"])
@pytest.mark.rule("KV-13")
def test_a_transaction_that_takes_too_long_resets_the_object(worker: Open, sqlite: bool) -> None:
    box = Box(worker, TRANSACTIONS, sqlite=sqlite)
    assert "waited for too long" in box.call("hangs")
    assert box.call("keys") == ["committed"]


# -- deleteAll -----------------------------------------------------------------------------------

DELETE_ALL = """
    class Object(DurableObject):
        async def fill(self):
            await self.ctx.storage.put({"a": 1, "b": 2})
        async def keys(self):
            return list(await self.ctx.storage.list())
        async def clear(self):
            return await self.ctx.storage.deleteAll()
        async def around(self):
            raw = self.ctx.storage._binding
            self.unawaited = [raw.put("before", 1), raw.deleteAll(), raw.put("after", 1)]
            return await self.keys()
"""


@pytest.mark.parametrize("sqlite", [False, True], ids=["log", "sqlite"])
@pytest.mark.rule("KV-21")
def test_delete_all_deletes_everything_and_is_idempotent(worker: Open, sqlite: bool) -> None:
    box = Box(worker, DELETE_ALL, sqlite=sqlite)
    box.call("fill")
    assert box.call("clear") is None
    assert box.call("clear") is None
    assert box.call("keys") == []
    box.advance(100)
    assert box.call("keys") == []


@pytest.mark.parametrize("sqlite", [False, True], ids=["log", "sqlite"])
@pytest.mark.rule("KV-22")
def test_delete_all_acts_at_once(worker: Open, sqlite: bool) -> None:
    box = Box(worker, DELETE_ALL, sqlite=sqlite)
    box.call("fill")
    assert box.call("around") == ["after"]
    box.advance(100)
    assert box.call("keys") == ["after"]
