"""Recovery: from the files of a state directory to what the store starts with.

The state after recovery is a prefix of the committed history that contains everything that was
acknowledged. It is made durable before anyone sees it: a process that was killed between `write`
and `fsync` leaves records that can be read and could still be lost with the power.

Logs must join without a gap, from the checkpoint's mark to the newest. Nothing is repaired: what is
good of the newest is written anew, and the next log file begins behind it.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulator.errors import StorageFormatError
from emulator.storage.disk import temporary_name, write_atomically
from emulator.storage.format import damaged
from emulator.storage.layout import CheckpointMark, Layout, log_generations, open_format, read_mark
from emulator.storage.log import LogContents, read_log
from emulator.storage.overlay import Overlay
from emulator.storage.reports import RecoveryReport

if TYPE_CHECKING:
    from pathlib import Path

    from emulator.storage.disk import Disk


@dataclass(frozen=True, slots=True)
class Recovered:
    """What the store starts with.

    Attributes:
        sequence: number of the last batch; the next one gets the number behind it.
        generations: the log files that count, oldest first.
        unwritten: the newest log and its content, if a full disk kept it from being written anew.
    """

    overlay: Overlay
    sequence: int
    generations: tuple[int, ...]
    next_generation: int
    report: RecoveryReport
    unwritten: tuple[Path, bytes] | None = None


def recover(disk: Disk, layout: Layout) -> Recovered:
    """Reads a state directory, or makes an empty one."""
    open_format(disk, layout)
    disk.make_directories(layout.logs)
    disk.make_directories(layout.objects)
    # A mark of a process that was killed may be read and not be durable yet; logs go because of it.
    disk.sync_directory(layout.directory)
    mark = read_mark(disk, layout.checkpoint)
    generations = _live_generations(disk, layout, mark)
    overlay = Overlay()
    sequence = mark.sequence
    log_bytes = torn_bytes = 0
    good = b""
    for generation in generations:
        data = disk.read(layout.log(generation))
        contents = read_log(data, layout.log(generation))
        _check_joins(layout, contents, generation, sequence)
        for batch in contents.batches:
            sequence += 1
            overlay.merge(sequence, batch)
        log_bytes += len(data)
        torn_bytes = len(data) - contents.valid_bytes
        good = data[: contents.valid_bytes]
    unwritten = None
    if generations:
        newest = layout.log(generations[-1])
        if not _write_anew(disk, newest, good):
            unwritten = (newest, good)
    return Recovered(
        overlay,
        sequence,
        generations,
        next_generation=generations[-1] + 1 if generations else mark.generation,
        report=RecoveryReport(
            batches=sequence - mark.sequence,
            log_files=len(generations),
            log_bytes=log_bytes,
            torn_bytes=torn_bytes,
        ),
        unwritten=unwritten,
    )


def _live_generations(disk: Disk, layout: Layout, mark: CheckpointMark) -> tuple[int, ...]:
    """The logs that count; removes those that a checkpoint was about to remove."""
    generations = log_generations(disk.list_directory(layout.logs))
    for generation in generations:
        if generation < mark.generation:
            disk.remove(layout.log(generation))
    live = [generation for generation in generations if generation >= mark.generation]
    for expected, generation in enumerate(live, mark.generation):
        if generation != expected:
            raise StorageFormatError(
                f"{layout.log(expected)} is missing: {layout.log(generation).name} is the next",
                hint="restore it from a copy, or move the state directory away to start empty",
            )
    return tuple(live)


def _check_joins(layout: Layout, contents: LogContents, generation: int, sequence: int) -> None:
    header = contents.header
    path = layout.log(generation)
    if header.generation != generation:
        raise damaged(path, 0, f"it is the log file number {header.generation}")
    if header.first_sequence != sequence + 1:
        raise damaged(
            path,
            0,
            f"it begins with record {header.first_sequence}, but what is before ends with record "
            f"{sequence}",
        )


def _write_anew(disk: Disk, path: Path, good: bytes) -> bool:
    """Writes the newest log anew; False if the disk is full.

    An fsync of the file as it is would not do: where an earlier process had one fail, the kernel
    counts the pages as written, and shows them until the power goes.
    """
    try:
        write_atomically(disk, path, good)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        disk.remove(temporary_name(path))
        _sync(disk, path)
        return False
    return True


def _sync(disk: Disk, path: Path) -> None:
    file = disk.open_append(path)
    try:
        file.fdatasync()
    finally:
        file.close()
    disk.sync_directory(path.parent)
