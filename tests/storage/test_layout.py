from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator import __version__
from emulator.errors import StorageFormatError
from emulator.storage import MemoryDisk
from emulator.storage.layout import (
    CheckpointMark,
    Layout,
    check_key,
    escape_namespace,
    open_format,
    read_mark,
    unescape_namespace,
)
from tests.storage.driver import NAMESPACE, STATE, disk_with, object_id

any_text = st.text(st.characters(exclude_categories=()), min_size=1)
LAYOUT = Layout(STATE)


@pytest.mark.rule("ID-2", "ID-3")
@pytest.mark.parametrize(
    ("namespace", "escaped"),
    [
        ("my-worker-Counter", "my-worker-!counter"),
        ("-C", "-!c"),
        ("a/b\\c", "a%2fb%5cc"),
        ("..", "%2e%2e"),
        (".", "%2e"),
        ("a.b", "a.b"),
        ("con", "%63on"),
        ("é~!%", "%c3%a9%7e%21%25"),
    ],
)
def test_namespaces_become_portable_file_names(namespace: str, escaped: str) -> None:
    assert escaped == escape_namespace(namespace)
    assert namespace == unescape_namespace(escaped)


@pytest.mark.rule("ID-3")
@given(any_text)
def test_every_namespace_is_a_safe_file_name_and_comes_back(namespace: str) -> None:
    escaped = escape_namespace(namespace)
    assert len(escaped) <= 160
    assert escaped == escaped.lower()
    assert not set(escaped) - set("abcdefghijklmnopqrstuvwxyz0123456789_-.%!~")
    assert unescape_namespace(escaped) in {namespace, None}


def test_a_long_namespace_is_hashed() -> None:
    first, second = escape_namespace("x" * 200), escape_namespace("x" * 201)
    assert first != second
    assert first.startswith("~")
    assert unescape_namespace(first) is None


@pytest.mark.parametrize("identifier", ["", "ab", "A" * 64, "../" + "a" * 61, "a" * 65])
def test_what_is_no_object_id_is_refused(identifier: str) -> None:
    with pytest.raises(ValueError, match="64 lower-case hex digits"):
        check_key((NAMESPACE, identifier))


def test_a_namespace_without_a_name_is_refused() -> None:
    with pytest.raises(ValueError, match="a namespace has a name"):
        check_key(("", object_id(1)))


def test_a_new_directory_says_who_made_it() -> None:
    disk = MemoryDisk()
    open_format(disk, LAYOUT)
    fields = json.loads(disk.read(LAYOUT.format))
    assert f"pyworkers {__version__}" == fields["written_by"]
    open_format(disk, LAYOUT)


def test_a_newer_directory_is_refused_and_says_who_wrote_it() -> None:
    fields = {"format": "pyworkers-storage", "version": 2, "written_by": "pyworkers 9.0"}
    disk = disk_with({LAYOUT.format: json.dumps(fields).encode()})
    with pytest.raises(StorageFormatError) as caught:
        open_format(disk, LAYOUT)
    assert caught.value.message == (
        f"{STATE} was written by pyworkers 9.0 in storage format 2, "
        f"and pyworkers {__version__} reads format 1"
    )


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b"\xff\xfe", b"null"])
def test_a_file_that_describes_nothing_is_damage(content: bytes) -> None:
    with pytest.raises(StorageFormatError, match="does not describe a state directory"):
        open_format(disk_with({LAYOUT.format: content}), LAYOUT)


def test_another_format_is_refused() -> None:
    content = b'{"format": "other", "version": 1, "written_by": "x"}'
    with pytest.raises(StorageFormatError, match="in the format 'other'"):
        open_format(disk_with({LAYOUT.format: content}), LAYOUT)


def test_storage_files_without_a_format_are_refused() -> None:
    with pytest.raises(StorageFormatError, match=r"has storage files but no format\.json"):
        open_format(disk_with({LAYOUT.log(1): b""}), LAYOUT)


def test_the_checkpoint_mark_survives_and_any_damage_to_it_is_loud() -> None:
    mark = CheckpointMark(sequence=5, generation=3)
    data = mark.encode()
    assert mark == read_mark(disk_with({LAYOUT.checkpoint: data}), LAYOUT.checkpoint)
    for offset in range(len(data)):
        flipped = bytearray(data)
        flipped[offset] ^= 4
        for broken in (bytes(flipped), data[:offset]):
            with pytest.raises(StorageFormatError, match="is damaged"):
                read_mark(disk_with({LAYOUT.checkpoint: broken}), LAYOUT.checkpoint)
