"""The store: the event loop's side of the engine, and the only class that other packages use.

An object's changes are applied by the caller, to the `ObjectState` it loaded, when they are made;
the store is handed the same changes as a batch when they shall become durable together. So the
caller's image may be ahead of what was committed (a turn that has not ended) and what was committed
may be ahead of the disk. `release` drops an image, uncommitted changes included; the next `load`
builds one from what was committed, which is how an object that was reset gets back to its last good
state.

Guarantees: `on_durable` is called once for each commit, in the order of the commits, on the loop's
thread, never from within `commit`. After a failure every commit fails with the same error, and
`load` gives what was acknowledged before. Does not know: what the bytes mean.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

from emulator.storage.batch import Batch, BatchEncoder, Key
from emulator.storage.failure import StorageFailed
from emulator.storage.format import damaged
from emulator.storage.layout import Layout, check_key, snapshot_ids, unescape_namespace
from emulator.storage.object_state import ObjectState
from emulator.storage.pipeline import CommitPipeline, Pending, PipelineEvents
from emulator.storage.recovery import Recovered, recover
from emulator.storage.reports import StorageObserver, StoreStatistics
from emulator.storage.snapshot import Snapshot, read_snapshot
from emulator.storage.writer import ThreadWriter, Writer

if TYPE_CHECKING:
    from pathlib import Path

    from emulator.storage.disk import Disk
    from emulator.storage.lock import Lock
    from emulator.storage.pipeline import OnDurable
    from emulator.storage.reports import CheckpointReport

DEFAULT_CHECKPOINT_BYTES = 8 * 1024 * 1024


class Store:
    """The durable state of all objects of one state directory. Open it with `Store.open`."""

    def __init__(
        self,
        disk: Disk,
        layout: Layout,
        recovered: Recovered,
        lock: Lock,
        loop: asyncio.AbstractEventLoop,
        writer: Writer,
        checkpoint_bytes: int,
        observer: StorageObserver,
    ) -> None:
        self._disk = disk
        self._layout = layout
        self._overlay = recovered.overlay
        self._lock = lock
        self._loop = loop
        self._writer = writer
        self._observer = observer
        self._encode = BatchEncoder().encode
        self._images: dict[Key, ObjectState] = {}
        self._in_flight: dict[Key, deque[Batch]] = {}
        self._barriers: deque[tuple[int, OnDurable]] = deque()
        # Each waits for a checkpoint that has this sequence number.
        self._checkpoint_waiters: list[tuple[int, asyncio.Future[CheckpointReport]]] = []
        self._first_sequence = self._sequence = self._settled = recovered.sequence
        self._failure: StorageFailed | None = None
        self._closed = False
        events = PipelineEvents(
            self._acknowledge, self._note_checkpoint, self._note_failure, writer.post
        )
        self._pipeline = CommitPipeline(disk, layout, recovered, checkpoint_bytes, events)
        writer.start(self._pipeline.work, loop)

    @classmethod
    def open(
        cls,
        disk: Disk,
        directory: Path,
        *,
        writer: Writer | None = None,
        checkpoint_bytes: int = DEFAULT_CHECKPOINT_BYTES,
        wait_lock_ms: float = 0,
        lock: Lock | None = None,
        loop: asyncio.AbstractEventLoop | None = None,
        observer: StorageObserver | None = None,
    ) -> Store:
        """Takes the lock and recovers. Blocks while it replays the log.

        Args:
            writer: where disk work is done; by default a `ThreadWriter`.
            checkpoint_bytes: the size of the log at which snapshots are written.
            wait_lock_ms: how long to wait for the process that holds the directory.
            lock: the directory's lock if the caller has taken it; the store releases it.
            loop: whose thread calls the store; by default the running one.

        Raises:
            StateLocked: another process holds the directory.
            StorageFormatError: the directory is damaged, newer or not ours.
            StorageFailed: the disk refused.
        """
        loop = loop or asyncio.get_running_loop()
        observer = observer or StorageObserver()
        layout = Layout(directory)
        try:
            if lock is None:
                disk.make_directories(directory)
                lock = disk.lock(layout.lock, wait_lock_ms)
            recovered = recover(disk, layout)
        except BaseException as error:
            if lock is not None:
                lock.release()
            if isinstance(error, OSError):
                raise StorageFailed(f"cannot open {directory}: {error}", cause=error) from error
            raise
        observer.recovered(recovered.report)
        return cls(
            disk,
            layout,
            recovered,
            lock,
            loop,
            writer or ThreadWriter(),
            checkpoint_bytes,
            observer,
        )

    # Objects

    def load(self, namespace: str, object_id: str) -> ObjectState:
        """The state of an object; the same one until it is released."""
        key = (namespace, object_id)
        image = self._images.get(key)
        if image is None:
            check_key(key)
            image = self._images[key] = self._build(key)
        return image

    def has_in_flight(self, namespace: str, object_id: str) -> bool:
        """Whether what `load` gives has commits that are not durable yet."""
        return (namespace, object_id) in self._in_flight

    def release(self, namespace: str, object_id: str) -> None:
        """Drops the image of an object, with what was changed in it and not committed."""
        self._images.pop((namespace, object_id), None)

    def namespaces(self) -> list[str]:
        """The namespaces that have objects."""
        return sorted(name for name in self.noted_namespaces() if self.list_objects(name))

    def noted_namespaces(self) -> set[str]:
        """The namespaces that have objects, and some whose objects are all gone; a quick look."""
        names = {namespace for namespace, _ in self._unsnapshotted_keys()}
        for escaped in self._disk.list_directory(self._layout.objects):
            namespace = unescape_namespace(escaped)
            if namespace is None:
                namespace = self._namespace_of_hashed(escaped)
            if namespace is not None:
                names.add(namespace)
        return names

    def list_objects(self, namespace: str) -> list[str]:
        """The ids of the objects that have entries or system records."""
        ids = set(snapshot_ids(self._disk.list_directory(self._layout.namespace(namespace))))
        for key in self._unsnapshotted_keys():
            if key[0] == namespace:
                ids.discard(key[1])
                if not self._build(key).is_empty:
                    ids.add(key[1])
        return sorted(ids)

    def _unsnapshotted_keys(self) -> set[Key]:
        return self._overlay.keys() | self._in_flight.keys()

    def _namespace_of_hashed(self, escaped: str) -> str | None:
        directory = self._layout.objects / escaped
        for name in self._disk.list_directory(directory):
            if snapshot_ids([name]):
                path = directory / name
                return Snapshot(self._disk.read(path), path).key[0]
        return None

    def _build(self, key: Key) -> ObjectState:
        """The committed state of an object: snapshot, then logs, then what is on its way there."""
        with self._overlay.lock:
            state = self._read_snapshot(key)
            for delta in self._overlay.deltas(key):
                state.apply(delta)
        # After a failure nothing more gets there, and what is still here may lack its predecessors.
        if self._failure is None:
            # Some may be in the deltas already. They are the latest, so it does not matter.
            for batch in self._in_flight.get(key, ()):
                state.apply(batch)
        return state

    def _read_snapshot(self, key: Key) -> ObjectState:
        path = self._layout.snapshot(key)
        try:
            if not self._disk.exists(path):
                return ObjectState()
            data = self._disk.read(path)
        except OSError as error:
            raise StorageFailed(f"cannot read {path}: {error}", cause=error) from error
        snapshot = read_snapshot(data, path, key)
        if snapshot.sequence > self._pipeline.durable_sequence:
            raise damaged(path, 0, f"it has batch {snapshot.sequence}, which the logs do not have")
        return snapshot.to_state()

    # Commits

    def commit(self, batch: Batch, on_durable: OnDurable) -> None:
        """Makes a batch durable, and calls back when it is, or with the reason why it never will.

        The caller has applied the changes to its image, and must not change the batch any more.
        """
        if self._closed:
            self._loop.call_soon(on_durable, self._closed_error())
            return
        key = (batch.namespace, batch.object_id)
        waiting = self._in_flight.get(key)
        if waiting is None:
            check_key(key)
        body = self._encode(batch)
        if waiting is None:
            waiting = self._in_flight[key] = deque()
        waiting.append(batch)
        self._sequence += 1
        self._pipeline.submit(Pending(self._sequence, body, batch, on_durable))
        self._writer.wake()

    def call_when_durable(self, callback: OnDurable) -> None:
        """Calls back, later, when every commit so far is durable, or has failed."""
        if self._settled == self._sequence:
            self._loop.call_soon(callback, self._failure)
        else:
            self._barriers.append((self._sequence, callback))

    async def flush(self) -> None:
        """Waits until every commit so far is durable; raises StorageFailed if it never will be."""
        if self._settled < self._sequence:
            done: asyncio.Future[None] = self._loop.create_future()

            def settle(_: BaseException | None) -> None:
                if not done.done():
                    done.set_result(None)

            self._barriers.append((self._sequence, settle))
            await done
        if self._failure is not None:
            raise self._failure

    async def checkpoint(self) -> CheckpointReport:
        """Writes the snapshots that are behind and drops the logs."""
        if self._closed:
            raise self._closed_error()
        done: asyncio.Future[CheckpointReport] = self._loop.create_future()
        await self.flush()
        self._checkpoint_waiters.append((self._settled, done))
        self._pipeline.want_checkpoint()
        self._writer.wake()
        return await done

    async def close(self) -> None:
        """Makes every commit durable and lets go of the directory. Safe to call again.

        A checkpoint that is running is abandoned, and none is begun: the next open replays the log.
        """
        if self._closed:
            return
        self._closed = True
        with suppress(StorageFailed):  # each commit has been told
            await self.flush()
        self._pipeline.close()
        self._writer.wake()
        try:
            await self._writer.stop()
        finally:
            self._end_checkpoint_waiters(self._closed_error())
            self._lock.release()
            self._images.clear()

    def _closed_error(self) -> StorageFailed:
        return self._failure or StorageFailed(f"the store of {self._layout.directory} is closed")

    # News from the writer

    def _acknowledge(self, group: list[Pending], failure: StorageFailed | None) -> None:
        for pending in group:
            key = pending.batch.key
            waiting = self._in_flight[key]
            waiting.popleft()
            if not waiting:
                del self._in_flight[key]
        self._settled = group[-1].sequence
        for pending in group:
            self._call(pending.on_durable, failure)
        while self._barriers and self._barriers[0][0] <= self._settled:
            self._call(self._barriers.popleft()[1], failure)

    def _call(self, callback: OnDurable, failure: StorageFailed | None) -> None:
        try:
            callback(failure)
        except Exception as error:  # noqa: BLE001 - the others of the group must hear it all the same
            self._loop.call_exception_handler(
                {"message": "a callback of the store raised", "exception": error}
            )

    def _note_checkpoint(self, report: CheckpointReport) -> None:
        waiters, self._checkpoint_waiters = self._checkpoint_waiters, []
        for sequence, waiter in waiters:
            if sequence > report.sequence:  # it began too early; the next one is due already
                self._checkpoint_waiters.append((sequence, waiter))
            elif not waiter.done():
                waiter.set_result(report)
        self._observer.checkpointed(report)

    def _note_failure(self, failure: StorageFailed) -> None:
        self._failure = failure
        self._end_checkpoint_waiters(failure)
        self._observer.failed(failure)

    def _end_checkpoint_waiters(self, failure: StorageFailed) -> None:
        waiters, self._checkpoint_waiters = self._checkpoint_waiters, []
        for _, waiter in waiters:
            if not waiter.done():
                waiter.set_exception(failure)

    # Looking in

    def statistics(self) -> StoreStatistics:
        """A moment of the store."""
        pipeline = self._pipeline
        return StoreStatistics(
            commits=self._sequence - self._first_sequence,
            in_flight=self._sequence - self._settled,
            groups=pipeline.groups,
            durable_sequence=pipeline.durable_sequence,
            log_bytes=pipeline.log_bytes,
            log_files=pipeline.log_files,
            checkpoints=pipeline.checkpoints,
            loaded_objects=len(self._images),
            dirty_objects=self._overlay.dirty_objects,
            failure="" if self._failure is None else self._failure.message,
        )

    def __repr__(self) -> str:
        return f"<Store {self._layout.directory} closed={self._closed} {self._pipeline!r}>"
