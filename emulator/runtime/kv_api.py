"""`SyncKvStorage`: `storage.kv`, the synchronous key-value API of SQLite-backed Durable Objects.

Source: workerd src/workerd/api/sync-kv.h; texts confirmed by running it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from emulator import codec
from emulator.js.array import JsArray
from emulator.js.convert import to_string
from emulator.js.define import method
from emulator.js.errors import error
from emulator.js.object import JsObject
from emulator.js.plain import PlainObject, iterator_result
from emulator.js.values import MISSING, JsValue, null
from emulator.js.webidl import wrong_parameter
from emulator.runtime.sqlite_actor_storage import KvListing, SqliteActorStorage
from emulator.runtime.storage_options import list_range

if TYPE_CHECKING:
    from emulator.runtime.actor import Actor

KV_DISABLED: Final = (
    "The storage.kv (synchronous KV) API is only available for SQLite-backed Durable Objects, but "
    "this object's namespace is not declared to use SQLite. You can use the older, asyncronous "
    "interface via methods of `storage` itself (e.g. `storage.get()`). Alternatively, to enable "
    "SQLite, change `new_classes` to `new_sqlite_classes` within the 'migrations' field in your "
    "wrangler.jsonc or wrangler.toml file. If using workerd directly, set `enableSql = true` in "
    "your workerd config for the class. Note that this change cannot be made after the class is "
    "already deployed to production."
)
_CLASS: Final = "SyncKvStorage"


class SyncKvStorage(JsObject, name=_CLASS, constructible=False):
    """`ctx.storage.kv`. The same entries as the asynchronous methods."""

    __slots__ = ("_actor",)

    def __init__(self, actor: Actor) -> None:
        super().__init__()
        self._actor = actor

    def _storage(self) -> SqliteActorStorage:
        self._actor.check_guest_alive()
        storage = self._actor.storage
        if not isinstance(storage, SqliteActorStorage):
            raise error(KV_DISABLED)
        return storage

    @method
    def get(self, key: JsValue = MISSING) -> JsValue:
        name = _key(key, "get")
        data = self._storage().get(name)
        return None if data is None else codec.decode(data)

    @method
    def put(self, key: JsValue = MISSING, value: JsValue = MISSING) -> None:
        name = _key(key, "put")
        if value is MISSING:
            raise wrong_parameter(_CLASS, "put", 2, "Value")
        storage = self._storage()
        storage.put({name: codec.encode(value)})

    @method
    def delete(self, key: JsValue = MISSING) -> bool:
        name = _key(key, "delete")
        return bool(self._storage().delete([name]))

    @method
    def list(self, options: JsValue = None) -> ListIterator:
        if not (options is None or options is null or isinstance(options, JsObject)):
            raise wrong_parameter(_CLASS, "list", 1, "ListOptions")
        storage = self._storage()
        wanted = list_range(options)
        if wanted.empty:
            return ListIterator(self._actor, storage.iterate(limit=0))
        return ListIterator(
            self._actor,
            storage.iterate(wanted.start, wanted.end, reverse=wanted.reverse, limit=wanted.limit),
        )


class ListIterator(JsObject, name="ListIterator", constructible=False):
    """The entries of `kv.list()`, as `[key, value]`; live."""

    __slots__ = ("_actor", "_listing")
    js_iterable = True

    def __init__(self, actor: Actor, listing: KvListing) -> None:
        super().__init__()
        self._actor = actor
        self._listing = listing

    def _take(self) -> JsArray | None:
        self._actor.check_guest_alive()
        entry = self._listing.next()
        return None if entry is None else JsArray([entry[0], codec.decode(entry[1])])

    @method
    def next(self) -> PlainObject:
        entry = self._take()
        return iterator_result(entry, done=entry is None)

    @method
    def toArray(self) -> JsArray:
        """An iterator helper of the language."""
        return JsArray([*self.js_iter()])

    def js_iter(self) -> Iterator[JsValue]:
        while (entry := self._take()) is not None:
            yield entry


def _key(value: JsValue, operation: str) -> str:
    if value is MISSING:
        raise wrong_parameter(_CLASS, operation, 1, "string")
    return to_string(value)
