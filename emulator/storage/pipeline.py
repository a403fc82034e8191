"""The commit pipeline: pending batches become groups, groups become durable, logs become snapshots.

Two threads meet here. The event loop's thread submits and asks; the writer (see `writer.py`) calls
`work`. They share the pending deque, whose `append` and `popleft` are atomic, the overlay under its
lock, and flags that one side sets and the other reads.

Guarantees: batches become durable in the order of submission; a group is one write and one fsync;
it is acknowledged only after the fsync; the first failure fails every pending and later batch.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from emulator.storage.checkpoint import Checkpoint
from emulator.storage.disk import write_atomically
from emulator.storage.failure import StorageFailed
from emulator.storage.layout import CheckpointMark, Layout
from emulator.storage.log import HEADER_BYTES, LogHeader, RecordFramer

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from emulator.storage.batch import Batch
    from emulator.storage.disk import AppendFile, Disk
    from emulator.storage.recovery import Recovered
    from emulator.storage.reports import CheckpointReport

    OnDurable = Callable[[BaseException | None], None]

# Every reload of a Worker that wrote something leaves a small log; so many are worth a checkpoint.
LOG_FILES_MAX = 32


class Pending(NamedTuple):
    """A batch on its way to the disk."""

    sequence: int
    body: bytes
    batch: Batch
    on_durable: OnDurable


@dataclass(frozen=True, slots=True)
class PipelineEvents:
    """Where the pipeline's news goes: `post` brings it to the event loop's thread."""

    acknowledge: Callable[[list[Pending], StorageFailed | None], None]
    checkpoint_ended: Callable[[CheckpointReport], None]
    failed: Callable[[StorageFailed], None]
    post: Callable[..., None]


class CommitPipeline:
    """Everything that writes to the disk of an open store."""

    def __init__(
        self,
        disk: Disk,
        layout: Layout,
        recovered: Recovered,
        checkpoint_bytes: int,
        events: PipelineEvents,
    ) -> None:
        self._disk = disk
        self._layout = layout
        self._events = events
        self._checkpoint_bytes = checkpoint_bytes
        self._pending: deque[Pending] = deque()
        self._overlay = recovered.overlay
        self._unwritten = recovered.unwritten
        self._log: _OpenLog | None = None
        # Logs since the last rotation; those before it belong to the checkpoint that runs.
        self._generations = list(recovered.generations)
        self._next_generation = recovered.next_generation
        self._log_bytes = recovered.report.log_bytes
        self._checkpoint: Generator[None, None, CheckpointReport] | None = None
        self._sealed_bytes = 0
        self._sealed_files = 0
        self._checkpoint_wanted = False
        self._closing = False
        self.durable_sequence = recovered.sequence
        self.groups = 0
        self.checkpoints = 0
        self.failure: StorageFailed | None = None

    def submit(self, pending: Pending) -> None:
        self._pending.append(pending)

    def want_checkpoint(self) -> None:
        self._checkpoint_wanted = True

    def close(self) -> None:
        """Makes the remaining work: write what is pending, and let go of the files."""
        self._closing = True

    @property
    def log_bytes(self) -> int:
        return self._log_bytes + self._sealed_bytes

    @property
    def log_files(self) -> int:
        return len(self._generations) + self._sealed_files

    def work(self) -> bool:
        """Does one piece of work; False if there was none. Called by the writer."""
        if self.failure is not None:
            return self._fail_pending()
        try:
            return self._work()
        except BaseException as error:  # noqa: BLE001 - whatever it is, every waiter must hear it
            self._fail(error)
            return True

    def _work(self) -> bool:
        wrote_group = bool(self._pending)
        if wrote_group:
            self._write_group()
        if self._closing and not self._pending:
            self._release_files()
            return False
        if self._checkpoint is None:
            if not self._is_checkpoint_due():
                return wrote_group
            self._checkpoint = self._begin_checkpoint().steps()
        self._advance_checkpoint(self._checkpoint)
        return True

    def _write_group(self) -> None:
        # Batches that are submitted from here on go with the next group.
        group = [self._pending.popleft() for _ in range(len(self._pending))]
        try:
            log = self._log
            if log is None:
                log = self._log = self._open_log()
            written = log.append_group(group, self.durable_sequence)
        except BaseException:
            self._pending.extendleft(reversed(group))  # to fail with the others
            raise
        with self._overlay.lock:
            for pending in group:
                self._overlay.merge(pending.sequence, pending.batch)
        self._log_bytes += written
        self.durable_sequence = group[-1].sequence
        self.groups += 1
        self._events.post(self._events.acknowledge, group, None)

    def _open_log(self) -> _OpenLog:
        self._catch_up()
        header = LogHeader(self._next_generation, self.durable_sequence + 1)
        path = self._layout.log(header.generation)
        write_atomically(self._disk, path, header.encode())
        self._generations.append(header.generation)
        self._next_generation += 1
        self._log_bytes += HEADER_BYTES
        return _OpenLog(self._disk.open_append(path), header)

    def _catch_up(self) -> None:
        """Nothing may be durable before what it follows upon: see `Recovered.unwritten`."""
        if self._unwritten is not None:
            write_atomically(self._disk, *self._unwritten)
            self._unwritten = None

    def _is_checkpoint_due(self) -> bool:
        return self._checkpoint_wanted or (
            self._log_bytes >= self._checkpoint_bytes or len(self._generations) >= LOG_FILES_MAX
        )

    def _begin_checkpoint(self) -> Checkpoint:
        self._checkpoint_wanted = False
        self._catch_up()
        self._close_log()  # it is durable to its last record, and gets no further ones
        obsolete = tuple(self._generations)
        self._sealed_bytes, self._sealed_files = self._log_bytes, len(obsolete)
        self._log_bytes = 0
        self._generations.clear()
        mark = CheckpointMark(self.durable_sequence, self._next_generation)
        return Checkpoint(self._disk, self._layout, self._overlay.seal(), mark, obsolete)

    def _advance_checkpoint(self, steps: Generator[None, None, CheckpointReport]) -> None:
        try:
            next(steps)
        except StopIteration as end:
            self._overlay.forget_sealed()
            self._checkpoint = None
            self._sealed_bytes = self._sealed_files = 0
            self.checkpoints += 1
            self._events.post(self._events.checkpoint_ended, end.value)

    def _fail(self, error: BaseException) -> None:
        message = f"cannot write to {self._layout.directory}: {str(error) or type(error).__name__}"
        self.failure = StorageFailed(message, cause=error)
        self._release_files()
        self._events.post(self._events.failed, self.failure)
        self._fail_pending()

    def _fail_pending(self) -> bool:
        group = [self._pending.popleft() for _ in range(len(self._pending))]
        if group:
            self._events.post(self._events.acknowledge, group, self.failure)
        return bool(group)

    def _release_files(self) -> None:
        try:
            self._close_log()
            if self._checkpoint is not None:
                self._checkpoint.close()
        except OSError as error:
            # Nothing depends on it: what was acknowledged is durable without a close.
            if self.failure is None:
                self._fail(error)
        finally:
            self._log = self._checkpoint = None

    def _close_log(self) -> None:
        if self._log is not None:
            log, self._log = self._log, None
            log.close()

    def __repr__(self) -> str:
        return (
            f"<CommitPipeline durable={self.durable_sequence} pending={len(self._pending)} "
            f"log_bytes={self.log_bytes} checkpoint={self._checkpoint is not None} "
            f"failure={self.failure is not None}>"
        )


class _OpenLog:
    """The log file that groups are being added to."""

    def __init__(self, file: AppendFile, header: LogHeader) -> None:
        self._file = file
        self._framer = RecordFramer(header)

    def append_group(self, group: list[Pending], durable: int) -> int:
        """One write and one fsync; the number of bytes."""
        frame = self._framer.frame
        data = b"".join([frame(item.body, item.sequence, durable) for item in group])
        self._file.append(data)
        self._file.fdatasync()
        return len(data)

    def close(self) -> None:
        self._file.close()
