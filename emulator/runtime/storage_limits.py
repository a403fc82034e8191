"""Limits of production's key-value engine, which a local workerd with files does not enforce.

Off unless asked for (`pyworkers dev --strict-limits`); then the storage of classes without SQLite
is wrapped, so that it costs nothing where it is off. The numbers and texts are those of workerd's
own legacy engine (storage in memory), which is production's code: keys of single calls, keys and
values of `put`, the number of keys of `get`. Within a transaction it looks at fewer of them.

Sizes are those of V8's serialization; see `emulator.js.serialized_size`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, cast

from emulator import codec
from emulator.js.clone import flatten
from emulator.js.errors import range_error
from emulator.js.serialized_size import serialized_size
from emulator.runtime.actor_storage import ActorStorage, ActorStorageOps

if TYPE_CHECKING:
    from emulator.runtime.actor import Actor

KEY_BYTES_MAX: Final = 2048
VALUE_BYTES_MAX: Final = 128 * 1024
VALUE_BYTES_SLACK: Final = 34
KEYS_MAX: Final = 128
SQLITE_BYTES_MAX: Final = 2 * 1024 * 1024 + VALUE_BYTES_SLACK
"""The longest string, blob or row of SQLite-backed objects: 2 MB, where local runtimes have 8."""
LARGE_KEY: Final = "Keys cannot be larger than {} bytes. A key of size {} was provided."
LARGE_VALUE: Final = "Values cannot be larger than {} bytes. A value of size {} was provided."
MANY_KEYS: Final = "Maximum number of key value pairs is {}. {} pairs were provided."
# A value that is encoded in so few bytes is within the limit, whatever it is.
_CERTAINLY_SMALL: Final = VALUE_BYTES_MAX // 8


def checked(actor: Actor, *, in_transaction: bool = False) -> ActorStorageOps:
    """The storage of an actor, with limits where they are asked for."""
    storage = actor.storage
    if not (actor.services.strict_limits and isinstance(storage, ActorStorage)):
        return storage
    kind = LimitedTransaction if in_transaction else LimitedStorage
    return cast("ActorStorageOps", kind(storage))


def check_count(actor: Actor, keys: Sequence[str]) -> None:
    """Refuses `get` of too many keys."""
    strict = actor.services.strict_limits and isinstance(actor.storage, ActorStorage)
    if strict and len(keys) > KEYS_MAX:
        raise range_error(MANY_KEYS.format(KEYS_MAX, len(keys)))


def _check_key(key: str) -> None:
    size = len(key.encode("utf-8", "surrogatepass"))
    if size > KEY_BYTES_MAX:
        raise range_error(LARGE_KEY.format(KEY_BYTES_MAX, size))


def _check_value(data: bytes) -> None:
    if len(data) <= _CERTAINLY_SMALL:
        return
    size = serialized_size(*flatten(codec.decode(data)))
    if size > VALUE_BYTES_MAX + VALUE_BYTES_SLACK:
        raise range_error(LARGE_VALUE.format(VALUE_BYTES_MAX, size))


class LimitedTransaction:
    """Storage as a transaction uses it."""

    def __init__(self, storage: ActorStorage) -> None:
        self._limited = storage

    def __getattr__(self, name: str) -> Any:
        return getattr(self._limited, name)

    def get(self, key: str) -> bytes | None:
        _check_key(key)
        return self._limited.get(key)

    def delete(self, keys: Sequence[str], *, confirmed: bool = True) -> int:
        for key in keys:
            _check_key(key)
        return self._limited.delete(keys, confirmed=confirmed)


class LimitedStorage(LimitedTransaction):
    """Storage as it is used outside of transactions."""

    def put(self, entries: dict[str, bytes], *, confirmed: bool = True) -> None:
        for key, data in entries.items():
            _check_key(key)
            _check_value(data)
        self._limited.put(entries, confirmed=confirmed)
