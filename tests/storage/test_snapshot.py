from __future__ import annotations

from pathlib import Path

import pytest

from emulator.errors import StorageFormatError
from emulator.storage.snapshot import encode_snapshot, read_snapshot
from tests.storage.driver import NAMESPACE, object_id

PATH = Path("/state/objects/x.snap")
KEY = (NAMESPACE, object_id(1))
ENTRIES = {"a": b"1", "é\ud800": b"\0\xff", "": b""}
META = {"alarm": b"12"}
DATA = b"".join(encode_snapshot(KEY, 7, META, ENTRIES.items()))


def test_a_snapshot_is_read_back() -> None:
    snapshot = read_snapshot(DATA, PATH, KEY)
    state = snapshot.to_state()
    assert (7, sorted(ENTRIES.items()), META) == (snapshot.sequence, state.list(), state.meta)


def test_many_and_large_entries_are_written_in_pieces() -> None:
    entries = {f"{number}": b"x" * number * 10 for number in range(3000)}
    pieces = list(encode_snapshot(KEY, 7, {}, entries.items()))
    assert len(pieces) > 50
    state = read_snapshot(b"".join(pieces), PATH, KEY).to_state()
    assert sorted(entries.items()) == state.list()


def test_truncated_anywhere_or_with_any_byte_flipped_it_is_damaged() -> None:
    for offset in range(len(DATA)):
        flipped = bytearray(DATA)
        flipped[offset] ^= 0x10
        for data in (bytes(flipped), DATA[:offset]):
            with pytest.raises(StorageFormatError, match=f"{PATH} is damaged at byte"):
                read_snapshot(data, PATH, KEY)


def test_the_snapshot_of_another_object_is_refused() -> None:
    with pytest.raises(StorageFormatError, match="it is the snapshot of"):
        read_snapshot(DATA, PATH, (NAMESPACE, object_id(2)))
