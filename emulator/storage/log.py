"""The commit log: its bytes, and how to tell a torn tail from damage. No files, only bytes.

A log file is a header, then records; `docs/storage-format.md` has the tables. Sequence numbers
count the batches of a state directory without a gap, across files.

Theory of operation. A group of batches is one write and one fsync, and is acknowledged after the
fsync. A crash may leave the group that was being written in any shape: absent, cut, its sectors
arrived in any order, zeros or foreign bytes between them. Everything before it is as it was
written. So a bad record is a torn tail exactly if it belongs to the last group, and damage
otherwise; the reader must know the group of the bad record, and cannot ask the bad record for it.

Every record therefore says how far the log was durable when its group was written (`durable`, a
sequence number). If record s is bad and anywhere behind it stands a good record, the witness, with
`durable >= s`, then s was on disk and acknowledged before the witness was written: damage. If there
is none, s was in the last group, where a loss costs nothing that was acknowledged (or, if its bytes
rotted after all, leaves a prefix of the history). A good record behind s with a smaller `durable`
is of the same torn group, and goes with it. A lost end of a file that is not the newest shows in
the next file's `first_sequence`.

Checksums are seeded with that of the header, which no other log file of the directory shares, so
that old sectors of a deleted log are not taken for records.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

from emulator.storage.batch import Batch, decode_batch
from emulator.storage.format import FORMAT_VERSION, check_version, damaged

if TYPE_CHECKING:
    from pathlib import Path

_FILE_MAGIC = b"PYWK-LOG"
_HEADER = struct.Struct(">8sIQQ")  # magic, version, generation, first sequence
_RECORD_MAGIC = b"\xf5REC"  # \xf5 is in no UTF-8 text
_RECORD = struct.Struct(">4sIQQ")  # magic, length of the body, sequence, durable
_CRC = struct.Struct(">I")

HEADER_BYTES = _HEADER.size + _CRC.size
RECORD_OVERHEAD_BYTES = _RECORD.size + _CRC.size


@dataclass(frozen=True, slots=True)
class LogHeader:
    """Which log file this is, and the sequence number of its first record."""

    generation: int
    first_sequence: int

    def encode(self) -> bytes:
        fields = _HEADER.pack(_FILE_MAGIC, FORMAT_VERSION, self.generation, self.first_sequence)
        return fields + _CRC.pack(crc32(fields))

    @property
    def seed(self) -> int:
        """What the checksums of this file's records start from."""
        return crc32(self.encode())


class RecordFramer:
    """Puts the frame around the bodies of one log file."""

    def __init__(self, header: LogHeader) -> None:
        self._seed = header.seed

    def frame(self, body: bytes, sequence: int, durable: int) -> bytes:
        fields = _RECORD.pack(_RECORD_MAGIC, len(body), sequence, durable)
        return fields + _CRC.pack(crc32(body, crc32(fields, self._seed))) + body


@dataclass(slots=True)
class LogContents:
    """What one log file holds.

    Attributes:
        valid_bytes: where the last good record ends; what follows is a torn tail.
    """

    header: LogHeader
    valid_bytes: int = HEADER_BYTES
    batches: list[Batch] = field(default_factory=list)

    @property
    def last_sequence(self) -> int:
        return self.header.first_sequence + len(self.batches) - 1


class _Record(NamedTuple):
    sequence: int
    durable: int
    body: memoryview
    end: int


def read_log(data: bytes, path: Path) -> LogContents:
    """Decodes a log file up to its torn tail, if it has one; other damage is an error."""
    contents = LogContents(_read_header(data, path))
    reader = _RecordReader(data, contents.header.seed)
    offset = HEADER_BYTES
    while offset < len(data):
        expected = contents.last_sequence + 1
        record = reader.record_at(offset)
        if record is None:
            witness = reader.find_witness(offset + 1, expected)
            if witness is not None:
                raise damaged(
                    path,
                    offset,
                    f"record {expected} is not readable, "
                    f"but it was acknowledged before the one at byte {witness}",
                )
            break
        if record.sequence != expected:
            raise damaged(path, offset, f"expected record {expected}, found {record.sequence}")
        try:
            contents.batches.append(decode_batch(record.body))
        except ValueError as error:
            raise damaged(path, offset, f"record {expected} holds no batch ({error})") from error
        contents.valid_bytes = offset = record.end
    return contents


def _read_header(data: bytes, path: Path) -> LogHeader:
    # A log gets its name only when its header is durable, so no crash leaves half of one.
    if len(data) < HEADER_BYTES:
        raise damaged(path, len(data), "the file ends within its header")
    magic, version, generation, first_sequence = _HEADER.unpack_from(data)
    if magic != _FILE_MAGIC:
        raise damaged(path, 0, "this is no commit log of pyworkers")
    (crc,) = _CRC.unpack_from(data, _HEADER.size)
    if crc != crc32(data[: _HEADER.size]):
        raise damaged(path, 0, "the checksum of the header is wrong")
    check_version(path, version)
    return LogHeader(generation, first_sequence)


class _RecordReader:
    def __init__(self, data: bytes, seed: int) -> None:
        self._data = data
        self._view = memoryview(data)
        self._seed = seed

    def record_at(self, offset: int) -> _Record | None:
        """The record that begins here, or None if no good one does."""
        body_offset = offset + RECORD_OVERHEAD_BYTES
        if body_offset > len(self._data):
            return None
        magic, length, sequence, durable = _RECORD.unpack_from(self._data, offset)
        end = body_offset + length
        if magic != _RECORD_MAGIC or end > len(self._data):
            return None
        body = self._view[body_offset:end]
        (crc,) = _CRC.unpack_from(self._data, offset + _RECORD.size)
        fields = self._view[offset : offset + _RECORD.size]
        if crc != crc32(body, crc32(fields, self._seed)):
            return None
        return _Record(sequence, durable, body, end)

    def find_witness(self, offset: int, sequence: int) -> int | None:
        """Where a good record stands that was written after `sequence` was durable."""
        while (offset := self._data.find(_RECORD_MAGIC, offset)) >= 0:
            record = self.record_at(offset)
            if record is not None and record.durable >= sequence:
                return offset
            offset += 1
        return None
