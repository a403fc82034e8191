"""The log format: torn tails are cut, everything else is an error."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

import pytest

from emulator.errors import StorageFormatError
from emulator.storage.batch import Batch, BatchEncoder, decode_batch
from emulator.storage.log import HEADER_BYTES, LogHeader, RecordFramer, read_log
from tests.storage.driver import batch

PATH = Path("/state/log/0000000001.log")
HEADER = LogHeader(generation=1, first_sequence=1)
GROUPS = [
    [batch(1, puts={"a": b"1"})],
    [batch(2, clear=True, deletes=("b",)), batch(1, puts={"a": b"2"})],
    [batch(1, meta={"alarm": b"\0" * 8}), batch(2), batch(3, puts={"z": b"REC\xf5REC"})],
]
BATCHES = [item for group in GROUPS for item in group]


def encode(groups: list[list[Batch]], header: LogHeader = HEADER) -> list[bytes]:
    """The header, and then the bytes of each group."""
    framer, encoder = RecordFramer(header), BatchEncoder()
    parts, sequence = [header.encode()], header.first_sequence - 1
    for group in groups:
        durable, data = sequence, b""
        for item in group:
            sequence += 1
            data += framer.frame(encoder.encode(item), sequence, durable)
        parts.append(data)
    return parts


def offset_of_group(number: int) -> int:
    return sum(map(len, encode(GROUPS)[: number + 1]))


DATA = b"".join(encode(GROUPS))
LAST_GROUP = offset_of_group(2)


@pytest.mark.parametrize("item", [*BATCHES, batch(1, namespace="\ud800", puts={"\udfff": b""})])
def test_a_batch_survives_encoding(item: Batch) -> None:
    assert item == decode_batch(BatchEncoder().encode(item))


def test_all_mappings_and_collections_can_be_encoded() -> None:
    item = batch(puts=MappingProxyType({"a": b"1"}), deletes={"b"})
    decoded = decode_batch(BatchEncoder().encode(item))
    assert (decoded.puts, list(decoded.deletes)) == ({"a": b"1"}, ["b"])


def test_a_value_that_is_not_bytes_is_refused_at_once() -> None:
    with pytest.raises(TypeError):
        BatchEncoder().encode(batch(puts={"a": object()}))


def test_a_whole_log_is_read() -> None:
    contents = read_log(DATA, PATH)
    assert contents.batches == BATCHES
    assert (6, len(DATA), HEADER) == (
        contents.last_sequence,
        contents.valid_bytes,
        contents.header,
    )


def test_truncated_within_its_header_a_log_is_damaged() -> None:
    for length in range(HEADER_BYTES):
        with pytest.raises(StorageFormatError, match="ends within its header"):
            read_log(DATA[:length], PATH)


def test_truncated_anywhere_else_it_is_a_prefix() -> None:
    ends = [HEADER_BYTES]
    for length in range(HEADER_BYTES, len(DATA) + 1):
        contents = read_log(DATA[:length], PATH)
        assert contents.batches == BATCHES[: len(contents.batches)], length
        if contents.valid_bytes == length:
            ends.append(length)
        assert contents.valid_bytes == ends[-1]
    assert len(ends) - 2 == len(BATCHES)


@pytest.mark.parametrize("mask", [0x01, 0x80, 0xFF])
def test_a_flipped_byte_is_an_error_unless_it_is_in_the_last_group(mask: int) -> None:
    for offset in range(len(DATA)):
        data = bytearray(DATA)
        data[offset] ^= mask
        if offset < LAST_GROUP:
            with pytest.raises(StorageFormatError, match=f"{PATH} is damaged at byte"):
                read_log(bytes(data), PATH)
        else:
            contents = read_log(bytes(data), PATH)
            assert contents.batches == BATCHES[: len(contents.batches)], offset
            assert 3 <= len(contents.batches) < 6


@pytest.mark.parametrize(
    "tail",
    [b"\0" * 5000, b"\0" * 3, b"\xff" * 700, DATA[HEADER_BYTES:LAST_GROUP][3:], b"\xf5REC" * 50],
    ids=["zeros", "few zeros", "ones", "torn copy", "magic"],
)
def test_a_tail_that_a_crash_may_leave_is_cut(tail: bytes) -> None:
    contents = read_log(DATA + tail, PATH)
    assert (BATCHES, len(DATA)) == (contents.batches, contents.valid_bytes)


def test_a_group_whose_first_sectors_are_missing_is_a_torn_tail() -> None:
    """Its later records are whole, but were written by the same write: none was acknowledged."""
    first_of_group = len(encode([*GROUPS[:2], GROUPS[2][:1]])[3])
    data = DATA[:LAST_GROUP] + bytes(first_of_group) + DATA[LAST_GROUP + first_of_group :]
    assert BATCHES[:3] == read_log(data, PATH).batches


def test_a_missing_acknowledged_record_names_the_witness() -> None:
    start, end = offset_of_group(1), offset_of_group(2)
    data = DATA[:start] + bytes(end - start) + DATA[end:]
    with pytest.raises(StorageFormatError) as caught:
        read_log(data, PATH)
    assert caught.value.message == (
        f"{PATH} is damaged at byte {start}: record 2 is not readable, "
        f"but it was acknowledged before the one at byte {end}"
    )


def test_a_record_that_is_there_twice_is_damage() -> None:
    start, end = offset_of_group(1), offset_of_group(2)
    with pytest.raises(StorageFormatError, match="expected record 4, found 2"):
        read_log(DATA[:end] + DATA[start:end], PATH)


def test_records_of_another_log_file_do_not_count() -> None:
    stale = encode(GROUPS[:1], LogHeader(generation=7, first_sequence=7))[1]
    contents = read_log(DATA + stale, PATH)
    assert (6, len(DATA)) == (contents.last_sequence, contents.valid_bytes)


def test_a_foreign_file_is_refused() -> None:
    with pytest.raises(StorageFormatError, match="no commit log of pyworkers"):
        read_log(b"x" * 100, PATH)


def test_a_record_with_a_right_checksum_and_no_batch_is_damage() -> None:
    record = RecordFramer(HEADER).frame(b"\x01", 1, 0)
    with pytest.raises(StorageFormatError, match="record 1 holds no batch"):
        read_log(HEADER.encode() + record, PATH)
