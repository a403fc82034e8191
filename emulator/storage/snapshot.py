"""Snapshots: one file with all of an object's entries and system records.

The file is written and read piece by piece, so that a checkpoint of an object with a million keys
lets commits through between two pieces. It carries the object's name, so that a file in the wrong
place is found out, and the sequence number of the last batch it contains. One checksum covers it.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any
from zlib import crc32

import msgpack

from emulator.storage.batch import STRING_ERRORS, Key, unpack
from emulator.storage.format import FORMAT_VERSION, check_version, damaged
from emulator.storage.object_state import ObjectState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_MAGIC = b"PYWKSNAP"
_HEADER = struct.Struct(">8sIQ")  # magic, version, sequence
_PIECE = struct.Struct(">I")  # length of the msgpack value that follows
_CRC = struct.Struct(">I")

_PIECE_ENTRIES_MAX = 1024
_PIECE_BYTES_MAX = 256 * 1024


def encode_snapshot(
    key: Key, sequence: int, meta: dict[str, bytes], entries: Iterable[tuple[str, bytes]]
) -> Iterator[bytes]:
    """The bytes of a snapshot file, piece by piece."""
    packer = msgpack.Packer(unicode_errors=STRING_ERRORS)
    head: bytes = packer.pack((*key, meta))
    piece = _HEADER.pack(_MAGIC, FORMAT_VERSION, sequence) + _PIECE.pack(len(head)) + head
    crc = crc32(piece)
    yield piece
    for chunk in _chunks(entries):
        packed: bytes = packer.pack(chunk)
        piece = _PIECE.pack(len(packed)) + packed
        crc = crc32(piece, crc)
        yield piece
    yield _CRC.pack(crc)


def _chunks(entries: Iterable[tuple[str, bytes]]) -> Iterator[dict[str, bytes]]:
    chunk: dict[str, bytes] = {}
    chunk_bytes = 0
    for key, value in entries:
        chunk[key] = value
        chunk_bytes += len(key) + len(value)
        if len(chunk) >= _PIECE_ENTRIES_MAX or chunk_bytes >= _PIECE_BYTES_MAX:
            yield chunk
            chunk, chunk_bytes = {}, 0
    if chunk:
        yield chunk


class Snapshot:
    """A snapshot file that was found whole, and whose entries are decoded as they are asked for."""

    def __init__(self, data: bytes, path: Path) -> None:
        self._path = path
        self._view = memoryview(data)
        self._end = len(data) - _CRC.size
        if self._end < _HEADER.size:
            raise damaged(path, len(data), "the file ends within its header")
        magic, version, self.sequence = _HEADER.unpack_from(data)
        if magic != _MAGIC:
            raise damaged(path, 0, "this is no snapshot of pyworkers")
        if _CRC.unpack_from(data, self._end) != (crc32(self._view[: self._end]),):
            raise damaged(path, 0, "the checksum of the file is wrong")
        check_version(path, version)
        head, self._entries_offset = self._piece_at(_HEADER.size)
        namespace, object_id, meta = head
        self.key: Key = (namespace, object_id)
        self.meta: dict[str, bytes] = meta

    def chunks(self) -> Iterator[dict[str, bytes]]:
        """The entries, some hundred at a time."""
        offset = self._entries_offset
        while offset < self._end:
            chunk, offset = self._piece_at(offset)
            yield chunk

    def to_state(self) -> ObjectState:
        entries: dict[str, bytes] = {}
        for chunk in self.chunks():
            entries.update(chunk)
        return ObjectState(entries, dict(self.meta))

    def _piece_at(self, offset: int) -> tuple[Any, int]:
        (length,) = _PIECE.unpack_from(self._view, offset)
        start = offset + _PIECE.size
        try:
            return unpack(self._view[start : start + length]), start + length
        except ValueError as error:
            raise damaged(self._path, offset, f"the entries are not readable ({error})") from error


def read_snapshot(data: bytes, path: Path, key: Key) -> Snapshot:
    """Checks a snapshot file, and that it is the one of this object."""
    snapshot = Snapshot(data, path)
    if snapshot.key != key:
        raise damaged(path, 0, f"it is the snapshot of {snapshot.key}, not of {key}")
    return snapshot
