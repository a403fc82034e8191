"""Where things are in a state directory, and the small files that describe it.

    lock            who holds the directory (see `lock.py`)
    format.json     which format this is and who wrote it; written once
    checkpoint      how far the snapshots go, and the first log that still counts
    moves.json      namespaces that have the data of others (see `moves.py`); often not there
    log/            0000000001.log, ...
    objects/        <escaped namespace>/<object id>.snap

Other files in the directory are not ours and are left alone.
"""

from __future__ import annotations

import hashlib
import json
import re
import struct
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from zlib import crc32

from emulator import __version__
from emulator.errors import StorageFormatError
from emulator.storage.batch import STRING_ERRORS, Key
from emulator.storage.disk import Disk, write_atomically
from emulator.storage.format import FORMAT_VERSION, check_version, damaged

if TYPE_CHECKING:
    from pathlib import Path

_FORMAT_NAME = "pyworkers-storage"
_LOG_NAME = re.compile(r"(\d{10})\.log")
_SNAPSHOT_SUFFIX = ".snap"
_OBJECT_ID = re.compile(r"[0-9a-f]{64}")
_ESCAPED_BYTES_MAX = 160
_HASHED_PREFIX = "~"
_RESERVED_ON_WINDOWS = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths of a state directory."""

    directory: Path

    @property
    def lock(self) -> Path:
        return self.directory / "lock"

    @property
    def format(self) -> Path:
        return self.directory / "format.json"

    @property
    def checkpoint(self) -> Path:
        return self.directory / "checkpoint"

    @property
    def moves(self) -> Path:
        return self.directory / "moves.json"

    @property
    def logs(self) -> Path:
        return self.directory / "log"

    @property
    def objects(self) -> Path:
        return self.directory / "objects"

    def log(self, generation: int) -> Path:
        return self.logs / f"{generation:010d}.log"

    def namespace(self, namespace: str) -> Path:
        return self.objects / escape_namespace(namespace)

    def snapshot(self, key: Key) -> Path:
        namespace, object_id = key
        return self.namespace(namespace) / (object_id + _SNAPSHOT_SUFFIX)


def log_generations(names: list[str]) -> list[int]:
    """The generations of the log files among the names, oldest first."""
    return sorted(int(match[1]) for name in names if (match := _LOG_NAME.fullmatch(name)))


def snapshot_ids(names: list[str]) -> list[str]:
    """The object ids of the snapshots among the names."""
    stems = (
        name.removesuffix(_SNAPSHOT_SUFFIX) for name in names if name.endswith(_SNAPSHOT_SUFFIX)
    )
    return [stem for stem in stems if _OBJECT_ID.fullmatch(stem)]


def check_key(key: Key) -> None:
    """Refuses what cannot name an object."""
    namespace, object_id = key
    if not namespace:
        raise ValueError("a namespace has a name")
    if not _OBJECT_ID.fullmatch(object_id):
        raise ValueError(f"an object id is 64 lower-case hex digits, not {object_id!r}")


@lru_cache(maxsize=1024)
def escape_namespace(namespace: str) -> str:
    """A file name for any namespace, different also where case does not count.

    Upper-case letters become `!` and the lower-case one, other characters `%` and the hex digits of
    their UTF-8 bytes. What gets too long for a file name is hashed, and then begins with `~`.
    """
    escaped = "".join(map(_escape_character, namespace))
    if escaped.startswith(".") or _RESERVED_ON_WINDOWS.fullmatch(escaped):
        escaped = _percent(escaped[0]) + escaped[1:]
    if escaped.endswith("."):
        escaped = escaped[:-1] + _percent(".")
    if len(escaped) > _ESCAPED_BYTES_MAX:
        return _HASHED_PREFIX + hashlib.sha256(namespace.encode(errors=STRING_ERRORS)).hexdigest()
    return escaped


def unescape_namespace(name: str) -> str | None:
    """The namespace of an escaped name; None if the name is a hash and cannot tell."""
    if name.startswith(_HASHED_PREFIX):
        return None
    lowered = re.sub(r"!(.)", lambda match: match[1].upper(), name)
    raw = re.sub(
        rb"%([0-9a-f]{2})", lambda match: bytes.fromhex(match[1].decode()), lowered.encode()
    )
    return raw.decode(errors=STRING_ERRORS)


def _escape_character(character: str) -> str:
    if re.fullmatch(r"[a-z0-9_.-]", character):
        return character
    if re.fullmatch(r"[A-Z]", character):
        return "!" + character.lower()
    return _percent(character)


def _percent(character: str) -> str:
    return "".join(f"%{byte:02x}" for byte in character.encode(errors=STRING_ERRORS))


def open_format(disk: Disk, layout: Layout) -> None:
    """Marks a new directory as ours, or refuses one that is foreign or newer."""
    if not disk.exists(layout.format):
        if log_generations(disk.list_directory(layout.logs)) or disk.exists(layout.checkpoint):
            raise StorageFormatError(
                f"{layout.directory} has storage files but no {layout.format.name}",
                hint="restore it from a copy, or move the directory away to start empty",
            )
        fields = {
            "format": _FORMAT_NAME,
            "version": FORMAT_VERSION,
            "written_by": f"pyworkers {__version__}",
        }
        write_atomically(disk, layout.format, (json.dumps(fields, indent=2) + "\n").encode())
        return
    _check_format(disk.read(layout.format), layout.format)


def _check_format(data: bytes, path: Path) -> None:
    try:
        fields = json.loads(data)
        name, version, writer = fields["format"], fields["version"], fields["written_by"]
    except (ValueError, KeyError, TypeError) as error:
        raise damaged(path, 0, f"it does not describe a state directory ({error!r})") from error
    if name != _FORMAT_NAME:
        raise StorageFormatError(f"{path.parent} is in the format {name!r}, not {_FORMAT_NAME!r}")
    if version != FORMAT_VERSION:
        raise StorageFormatError(
            f"{path.parent} was written by {writer} in storage format {version}, "
            f"and pyworkers {__version__} reads format {FORMAT_VERSION}",
            hint=f"use {writer}, or another directory with --persist-to",
        )


_MARK_MAGIC = b"PYWK-CHK"
_MARK = struct.Struct(">8sIQQ")
_CRC = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class CheckpointMark:
    """The snapshots have every batch up to `sequence`; logs before `generation` do not count."""

    sequence: int = 0
    generation: int = 1

    def encode(self) -> bytes:
        fields = _MARK.pack(_MARK_MAGIC, FORMAT_VERSION, self.sequence, self.generation)
        return fields + _CRC.pack(crc32(fields))


def read_mark(disk: Disk, path: Path) -> CheckpointMark:
    """The mark of the last finished checkpoint; that of an empty store if there was none."""
    if not disk.exists(path):
        return CheckpointMark()
    data = disk.read(path)
    if len(data) != _MARK.size + _CRC.size:
        raise damaged(path, 0, f"it has {len(data)} bytes, not {_MARK.size + _CRC.size}")
    magic, version, sequence, generation = _MARK.unpack_from(data)
    if _CRC.unpack_from(data, _MARK.size) != (crc32(data[: _MARK.size]),) or magic != _MARK_MAGIC:
        raise damaged(path, 0, "the checksum is wrong")
    check_version(path, version)
    return CheckpointMark(sequence, generation)
