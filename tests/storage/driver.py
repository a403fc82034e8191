"""A store that tests drive by hand, and the history it must be a prefix of.

`Driver` runs a store on a loop of its own that only moves when told. `History` is the reference: it
applies the same batches to plain dictionaries, remembers the state after each, and how many were
acknowledged.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Self

from emulator.storage import Batch, Disk, InlineWriter, MemoryDisk, Store

STATE = Path("/state")

Image = tuple[dict[str, bytes], dict[str, bytes]]  # entries, meta
Dump = dict[tuple[str, str], Image]

NAMESPACE = "worker-Counter"


def object_id(number: int) -> str:
    return f"{number:064x}"


def batch(number: int = 1, /, namespace: str = NAMESPACE, **changes: object) -> Batch:
    """A batch of the object with this number."""
    return Batch(namespace, object_id(number), **changes)  # type: ignore[arg-type]


class History:
    """What was committed, as states of plain dictionaries."""

    def __init__(self) -> None:
        self.states: list[Dump] = [{}]
        self.acknowledged = 0

    def add(self, changes: Batch) -> None:
        state = dict(self.states[-1])
        entries, meta = state.get(changes.key, ({}, {}))
        entries = {} if changes.clear else dict(entries)
        for key in changes.deletes:
            entries.pop(key, None)
        entries.update(changes.puts)
        meta = {k: v for k, v in {**meta, **changes.meta}.items() if v is not None}
        state[changes.key] = (entries, meta)
        if not entries and not meta:
            del state[changes.key]
        self.states.append(state)

    def check_recovered(self, found: Dump) -> None:
        """Everything acknowledged is there, and nothing that was not committed; then goes on from there."""
        for length in range(self.acknowledged, len(self.states)):
            if self.states[length] == found:
                del self.states[length + 1 :]
                self.acknowledged = length
                return
        raise AssertionError(
            f"{found} is no state from {self.acknowledged} on: {self.states[self.acknowledged :]}"
        )

    def has_prefix(self, found: Dump) -> bool:
        return found in self.states


def dump(store: Store) -> Dump:
    """All that a store has, read through its public side."""
    found: Dump = {}
    for namespace in store.namespaces():
        for identifier in store.list_objects(namespace):
            state = store.load(namespace, identifier)
            found[namespace, identifier] = (dict(state.list()), dict(state.meta))
            store.release(namespace, identifier)
    return found


class Driver:
    """An open store on its own loop; use it as a context manager."""

    def __init__(
        self,
        disk: Disk,
        *,
        checkpoint_bytes: int = 1 << 30,
        history: History | None = None,
    ) -> None:
        self.history = history or History()
        self.loop = asyncio.new_event_loop()
        self.results: list[BaseException | None] = []
        try:
            self.store = Store.open(
                disk,
                STATE,
                writer=InlineWriter(),
                loop=self.loop,
                checkpoint_bytes=checkpoint_bytes,
            )
        except BaseException:
            self.loop.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.loop.close()

    def commit(self, changes: Batch) -> None:
        self.history.add(changes)
        number = len(self.history.states) - 1

        def on_durable(error: BaseException | None) -> None:
            self.results.append(error)
            if error is None:
                self.history.acknowledged = number

        self.store.commit(changes, on_durable)

    def step(self) -> None:
        """One round of the loop: one piece of the writer's work."""
        self.loop.call_soon(self.loop.stop)
        self.loop.run_forever()

    def flush(self) -> None:
        self.loop.run_until_complete(self.store.flush())

    def checkpoint(self) -> None:
        self.loop.run_until_complete(self.store.checkpoint())

    def close(self) -> None:
        self.loop.run_until_complete(self.store.close())

    def dump(self) -> Dump:
        return dump(self.store)


def all_files(disk: Disk, directory: Path = STATE) -> dict[Path, bytes]:
    """The files below a directory of a memory disk."""
    files: dict[Path, bytes] = {}
    for name in disk.list_directory(directory):
        path = directory / name
        if disk.exists(path):
            files[path] = disk.read(path)
        else:
            files.update(all_files(disk, path))
    return files


def disk_with(files: dict[Path, bytes]) -> MemoryDisk:
    disk = MemoryDisk()
    for path, content in files.items():
        disk.create(path).append(content)
    return disk
