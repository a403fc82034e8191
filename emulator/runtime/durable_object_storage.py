"""`DurableObjectStorage` and `DurableObjectTransaction`: the key-value API of Durable Objects.

Every method returns a promise that is settled already, except `sync`, `transaction` and
`getCurrentBookmark`, which end the turn; errors are rejections. Values are encoded when they are
put, so that later changes to them are not stored.
Source: workerd src/workerd/api/actor-state.h.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from emulator import codec
from emulator.js.array import JsArray
from emulator.js.collections import JsMap
from emulator.js.convert import to_string
from emulator.js.define import async_method, getter, method
from emulator.js.errors import error, type_error
from emulator.js.object import JsObject
from emulator.js.promise import Promise
from emulator.js.values import MISSING, JsValue, null
from emulator.runtime.actor_storage import ActorStorageOps, Savepoint
from emulator.runtime.kv_api import SyncKvStorage
from emulator.runtime.sql_api import SqlStorage
from emulator.runtime.sqlite_actor_storage import SqliteActorStorage
from emulator.runtime.storage_options import (
    PUT_ARGUMENTS,
    PUT_UNDEFINED,
    alarm_time,
    check_alarm_options,
    check_options,
    confirmed,
    list_range,
    missing_parameter,
)

if TYPE_CHECKING:
    from emulator.runtime.actor import Actor

NO_ALARM_HANDLER: Final = (
    "Your Durable Object class must have an alarm() handler in order to call setAlarm()"
)
IN_TRANSACTION: Final = "Cannot call deleteAll() within a transaction"
OUTER_ROLLBACK: Final = (
    "Cannot roll back an outer transaction while a nested transaction is still running."
)
ROLLED_BACK: Final = "Cannot {}() on rolled back transaction"
COMMITTED: Final = (
    "Cannot call {}() on transaction that has already committed: did you move `txn` outside of the "
    "closure?"
)
NO_RECOVERY: Final = (
    "This Durable Object's storage back-end does not implement point-in-time recovery."
)
BOOKMARK: Final = "00000000-{:08x}-00000000-" + 32 * "0"
_KEY_OR_KEYS: Final = "string or Array"


class KeyValueMethods(JsObject):
    """get, put, delete and list: what storage and transactions have in common."""

    __slots__ = ("_actor", "_storage")

    def __init__(self, actor: Actor) -> None:
        super().__init__()
        self._actor = actor
        self._storage: ActorStorageOps = actor.storage

    def check(self, operation: str) -> None:
        """Raises if the operation is not allowed now."""

    @async_method
    def get(self, key: JsValue = MISSING, options: JsValue = None) -> JsValue:
        self.check("get")
        if options is not None:
            check_options(options, self.js_class_name, "get", 2, "GetOptions")
        if isinstance(key, JsArray):
            return self._get_many([to_string(item) for item in key.items])
        if key is MISSING:
            raise missing_parameter(self.js_class_name, "get", _KEY_OR_KEYS)
        data = self._storage.get(to_string(key))
        return None if data is None else codec.decode(data)

    def _get_many(self, keys: list[str]) -> JsMap:
        result = JsMap()
        for key in sorted(set(keys)):
            data = self._storage.get(key)
            if data is not None:
                result.set_item(key, codec.decode(data))
        return result

    @async_method
    def put(
        self, key: JsValue = MISSING, value: JsValue = MISSING, options: JsValue = MISSING
    ) -> None:
        self.check("put")
        if options is not MISSING:
            check_options(options, self.js_class_name, "put", 3, "PutOptions")
        if key is MISSING:
            raise missing_parameter(self.js_class_name, "put", "string or object")
        if isinstance(key, JsObject) and not isinstance(key, JsArray):
            if not (value is MISSING or value is None or value is null) and not isinstance(
                value, JsObject
            ):
                raise type_error(PUT_ARGUMENTS)
            self._put_many(key, value)
            return
        if value is MISSING or value is None:
            raise type_error(PUT_UNDEFINED)
        self._storage.put({to_string(key): codec.encode(value)}, confirmed=confirmed(options))

    def _put_many(self, entries: JsObject, options: JsValue) -> None:
        encoded: dict[str, bytes] = {}
        for name in entries.js_own_keys():
            value = entries.js_get(name)
            if isinstance(name, str) and value is not None and value is not MISSING:
                encoded[name] = codec.encode(value)
        if encoded:
            self._storage.put(encoded, confirmed=confirmed(options))

    @async_method
    def delete(self, key: JsValue = MISSING, options: JsValue = None) -> JsValue:
        self.check("delete")
        if options is not None:
            check_options(options, self.js_class_name, "delete", 2, "PutOptions")
        if isinstance(key, JsArray):
            keys = [to_string(item) for item in key.items]
            return self._storage.delete(keys, confirmed=confirmed(options))
        if key is MISSING:
            raise missing_parameter(self.js_class_name, "delete", _KEY_OR_KEYS)
        return bool(self._storage.delete([to_string(key)], confirmed=confirmed(options)))

    @async_method
    def list(self, options: JsValue = None) -> JsMap:
        self.check("list")
        check_options(options, self.js_class_name, "list", 1, "ListOptions")
        wanted = list_range(options)
        result = JsMap()
        if not wanted.empty:
            for key, data in self._storage.list(
                wanted.start, wanted.end, reverse=wanted.reverse, limit=wanted.limit
            ):
                result.set_item(key, codec.decode(data))
        return result

    @async_method
    def getAlarm(self, options: JsValue = None) -> JsValue:
        check_alarm_options(options, self.js_class_name, "getAlarm", 1)
        self.check("getAlarm")
        time_ms = self._actor.alarm.get()
        return null if time_ms is None else time_ms

    @async_method
    def setAlarm(self, time: JsValue = None, options: JsValue = None) -> None:
        time_ms = alarm_time(self.js_class_name, time)
        check_alarm_options(options, self.js_class_name, "setAlarm", 2)
        self.check("setAlarm")
        if not self._actor.has_alarm_handler:
            raise type_error(NO_ALARM_HANDLER)
        now_ms = int(self._actor.services.clock.now_ms())
        self._actor.alarm.set(max(time_ms, now_ms), confirmed=confirmed(options))

    @async_method
    def deleteAlarm(self, options: JsValue = None) -> None:
        check_alarm_options(options, self.js_class_name, "deleteAlarm", 1)
        self.check("deleteAlarm")
        self._actor.alarm.set(None, confirmed=confirmed(options))


class DurableObjectStorage(KeyValueMethods, name="DurableObjectStorage", constructible=False):
    """`ctx.storage`."""

    __slots__ = ("_kv", "_sql")

    def __init__(self, actor: Actor) -> None:
        super().__init__(actor)
        self._sql = SqlStorage(actor)
        self._kv = SyncKvStorage(actor)

    def check(self, operation: str) -> None:
        self._actor.check_guest_alive()

    @async_method
    def deleteAll(self, options: JsValue = None) -> None:
        self.check("deleteAll")
        check_options(options, self.js_class_name, "deleteAll", 1, "PutOptions")
        if self._storage.savepoint is not None:
            raise error(IN_TRANSACTION)
        deletes_alarm = self._actor.services.flags.get("delete_all_deletes_alarm", True)
        self._storage.delete_all(deletes_alarm=deletes_alarm)

    @method
    def sync(self) -> Promise:
        self.check("sync")
        return self._actor.when_durable()

    @async_method
    async def transaction(self, closure: JsValue = MISSING) -> JsValue:
        self.check("transaction")
        if not getattr(closure, "js_callable", False):
            raise missing_parameter(self.js_class_name, "transaction", "function")
        return await self._run_transaction(closure)

    def _run_transaction(self, closure: JsObject) -> Promise:
        transactions: list[DurableObjectTransaction] = []

        def begin() -> JsValue:
            transaction = DurableObjectTransaction(self._actor)
            transactions.append(transaction)
            return closure.js_call(None, (transaction,))

        def commit(value: JsValue) -> JsValue:
            if not transactions[0].commit():
                return value
            durable = Promise()
            self._actor.when_durable().subscribe(
                lambda _: durable.resolve_with(value), durable.reject_with
            )
            return durable

        def roll_back(reason: JsValue) -> JsValue:
            transactions[0].roll_back_if_open()
            return reason

        return self._actor.run_section(begin, on_done=commit, on_failed=roll_back)

    @method
    def transactionSync(self, closure: JsValue = MISSING) -> JsValue:
        self.check("transactionSync")
        if not getattr(closure, "js_callable", False):
            raise missing_parameter(self.js_class_name, "transactionSync", "function")
        savepoint = self._storage.begin()
        try:
            result = closure.js_call(None, ())
        except BaseException:
            if self._actor.broken is None:  # else there is nothing left to undo
                self._storage.rollback(savepoint)
            raise
        # An outermost transactionSync is part of the turn's implicit transaction.
        self._storage.release(savepoint)
        self._actor.check_guest_alive()
        return result

    @getter
    def sql(self) -> SqlStorage:
        return self._sql

    @getter
    def kv(self) -> SyncKvStorage:
        return self._kv

    @async_method
    async def getCurrentBookmark(self) -> str:
        self.check("getCurrentBookmark")
        if not isinstance(self._storage, SqliteActorStorage):
            raise error(NO_RECOVERY)
        bookmark = BOOKMARK.format(self._storage.next_bookmark())
        await self._actor.when_durable()  # a bookmark names what is committed
        return bookmark

    @async_method
    async def getBookmarkForTime(self, time: JsValue = MISSING) -> JsValue:
        if time is MISSING:
            raise missing_parameter(self.js_class_name, "getBookmarkForTime", "date")
        raise error(NO_RECOVERY)

    @async_method
    async def onNextSessionRestoreBookmark(self, bookmark: JsValue = MISSING) -> JsValue:
        if bookmark is MISSING:
            raise missing_parameter(self.js_class_name, "onNextSessionRestoreBookmark", "string")
        raise error(NO_RECOVERY)


class DurableObjectTransaction(
    KeyValueMethods, name="DurableObjectTransaction", constructible=False
):
    """The `txn` of `storage.transaction(txn => ...)`."""

    __slots__ = ("_savepoint", "_state")

    def __init__(self, actor: Actor) -> None:
        super().__init__(actor)
        self._savepoint: Savepoint = actor.storage.begin()
        self._state: Literal["open", "rolled back", "committed"] = "open"

    def check(self, operation: str) -> None:
        if self._state == "rolled back":
            raise error(ROLLED_BACK.format(operation))
        if self._state == "committed":
            raise error(COMMITTED.format(operation))

    def commit(self) -> bool:
        """Ends the transaction. Whether its writes must become durable before that is told."""
        if self._state == "open":
            self._storage.commit(self._savepoint)
            outermost = self._storage.savepoint is None
        else:
            outermost = False
        self._state = "committed"
        return outermost

    def roll_back_if_open(self) -> None:
        """Ends the transaction because its closure failed."""
        if self._state == "open":
            self._storage.rollback(self._savepoint)
        self._state = "committed"

    @method
    def rollback(self) -> None:
        if self._state == "committed":
            raise error(COMMITTED.format("rollback"))
        if self._state == "rolled back":
            return
        if self._storage.savepoint is not self._savepoint:
            raise error(OUTER_ROLLBACK)
        self._storage.rollback(self._savepoint)
        self._state = "rolled back"

    @async_method
    def deleteAll(self) -> None:
        raise error(IN_TRANSACTION)
