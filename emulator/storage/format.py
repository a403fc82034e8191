"""What all binary files of the store share: how they are versioned, and how they complain.

Numbers are big-endian. Every file begins with eight bytes of magic and a version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.errors import StorageFormatError

if TYPE_CHECKING:
    from pathlib import Path

FORMAT_VERSION = 1

_HINT = "restore it from a copy, or move the state directory away to start empty"


def damaged(path: Path, offset: int, what: str) -> StorageFormatError:
    """The error for bytes that no crash of ours could have left there."""
    return StorageFormatError(f"{path} is damaged at byte {offset}: {what}", hint=_HINT)


def check_version(path: Path, version: int) -> None:
    """Refuses a file whose checksum is right and whose version is not ours."""
    if version != FORMAT_VERSION:
        raise StorageFormatError(
            f"{path} has format version {version}, and this pyworkers reads {FORMAT_VERSION}",
            hint="use the version of pyworkers that wrote it",
        )
