"""A batch: one atomic group of changes of one object, and its msgpack form in the log.

The order within a batch is: `clear`, then `deletes`, then `puts`; so a key in both is put. `meta`
holds small records of the system itself (an alarm, a name), which `clear` does not touch.
Keys may hold lone surrogates, as JavaScript strings may; they are stored as their three bytes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgpack

STRING_ERRORS = "surrogatepass"

Key = tuple[str, str]  # namespace, object id


class Changes(Protocol):
    """What a batch and a delta have in common: changes that an object's state can take."""

    @property
    def clear(self) -> bool: ...
    @property
    def puts(self) -> Mapping[str, bytes]: ...
    @property
    def deletes(self) -> Collection[str]: ...
    @property
    def meta(self) -> Mapping[str, bytes | None]: ...


@dataclass(frozen=True, slots=True)
class Batch:
    """One atomic group of changes of one object. Its collections must not change any more.

    Attributes:
        namespace: the unique key of the namespace, such as "my-worker-Counter"; any text.
        object_id: 64 lower-case hex digits.
        clear: deleteAll, before the other changes.
        meta: small system records; None deletes one.
    """

    namespace: str
    object_id: str
    clear: bool = False
    puts: Mapping[str, bytes] = field(default_factory=dict)
    deletes: Collection[str] = ()
    meta: Mapping[str, bytes | None] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        return (self.namespace, self.object_id)


class BatchEncoder:
    """Packs batches. Keeps a buffer between calls, so one thread owns it."""

    def __init__(self) -> None:
        self._packer = msgpack.Packer(unicode_errors=STRING_ERRORS)

    def encode(self, batch: Batch) -> bytes:
        """The batch's bytes; a value that is not bytes is a TypeError."""
        puts, deletes, meta = batch.puts, batch.deletes, batch.meta
        body: bytes = self._packer.pack(
            (
                batch.namespace,
                batch.object_id,
                batch.clear,
                puts if type(puts) is dict else dict(puts),
                deletes if type(deletes) is tuple else tuple(deletes),
                meta if type(meta) is dict else dict(meta),
            )
        )
        return body


def decode_batch(body: bytes | memoryview) -> Batch:
    """The batch of a record whose checksum is right; a ValueError if it is none all the same."""
    fields = unpack(body)
    if not isinstance(fields, list) or len(fields) != 6:
        raise ValueError("not a batch")
    namespace, object_id, clear, puts, deletes, meta = fields
    return Batch(namespace, object_id, clear, puts, tuple(deletes), meta)


def unpack(data: bytes | memoryview) -> Any:
    """One msgpack value; anything else is a ValueError."""
    try:
        return msgpack.unpackb(data, unicode_errors=STRING_ERRORS)
    except msgpack.UnpackException as error:
        raise ValueError(str(error)) from error
