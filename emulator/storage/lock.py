"""The lock on a state directory: one process at a time, and a refusal that names the holder.

An advisory lock of the operating system on an open file. It is gone when its holder is, however
the holder ended (`kill -9` too), so the file itself is never removed and its presence means
nothing. Its content is for people: who took the lock last.

Guarantees: a program that the holder starts does not keep the lock alive. For `exec` Python opens
files as not inheritable; a forked child gets a share of the lock, and closes it before it does
anything else. Does not know: what the directory holds.

Source: flock(2) for why one open file is one owner, even within a process.
"""

from __future__ import annotations

import errno
import json
import os
import shlex
import sys
import time
import weakref
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from emulator.errors import StateLocked

if TYPE_CHECKING:
    from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_POLL_INTERVAL_MS = 5.0
_BUSY_ERRNOS = {errno.EACCES, errno.EAGAIN, errno.EWOULDBLOCK, errno.EDEADLK}


class Lock(Protocol):
    """A lock that is held until `release`, which may be called twice."""

    def release(self) -> None: ...


@dataclass(frozen=True, slots=True)
class LockHolder:
    """The process that took a lock, as it describes itself."""

    pid: int
    command: str
    started_at: str

    @classmethod
    def of_this_process(cls) -> LockHolder:
        started_at = datetime.now(UTC).isoformat(sep=" ", timespec="seconds")
        return cls(os.getpid(), shlex.join(sys.orig_argv), started_at)

    def __str__(self) -> str:
        return f"process {self.pid} ({self.command}, since {self.started_at})"


class FileLock:
    """A lock on an open file."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        _HELD.add(self)

    def release(self) -> None:
        if self._descriptor >= 0:
            _unlock(self._descriptor)
            self.drop_inherited()

    def drop_inherited(self) -> None:
        """Closes this process's share of the lock, without unlocking it for the others."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __repr__(self) -> str:
        return f"<FileLock {'held' if self._descriptor >= 0 else 'released'}>"


# Locks this process holds, for the fork hook alone, which Python offers per process only.
_HELD: weakref.WeakSet[FileLock] = weakref.WeakSet()


def _drop_inherited_locks() -> None:
    for lock in list(_HELD):
        lock.drop_inherited()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_drop_inherited_locks)


def acquire_lock(path: Path, timeout_ms: float = 0) -> FileLock:
    """Takes the lock, waiting for its holder at most so long; raises StateLocked after that.

    Blocks the thread while it waits: on an event loop, call it in an executor.
    """
    deadline = time.monotonic() + timeout_ms / 1000
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _wait_for_lock(descriptor, path, deadline)
        with suppress(OSError):  # a full disk can still be locked, and read
            _write_holder(descriptor)
    except BaseException:
        os.close(descriptor)
        raise
    return FileLock(descriptor)


def _wait_for_lock(descriptor: int, path: Path, deadline: float) -> None:
    while not _try_lock(descriptor):
        if time.monotonic() >= deadline:
            raise StateLocked(
                locked_message(path, _read_holder(descriptor)),
                hint="stop that process, or use another directory with --persist-to",
            )
        time.sleep(_POLL_INTERVAL_MS / 1000)


def locked_message(path: Path, holder: LockHolder | None) -> str:
    who = "another process" if holder is None else str(holder)
    return f"the state directory {path.parent} is in use by {who}"


def _write_holder(descriptor: int) -> None:
    text = json.dumps(asdict(LockHolder.of_this_process()), indent=2) + "\n"
    os.ftruncate(descriptor, 0)
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.write(descriptor, text.encode())


def _read_holder(descriptor: int) -> LockHolder | None:
    """Who holds the lock, or None when it is not (yet) written down."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    try:
        fields = json.loads(os.read(descriptor, 65536))
        return LockHolder(int(fields["pid"]), str(fields["command"]), str(fields["started_at"]))
    except (ValueError, KeyError, TypeError):
        return None


if sys.platform == "win32":
    # A locked byte cannot be read by others, so the lock is on one far behind the text.
    _LOCKED_BYTE = 1 << 30

    def _try_lock(descriptor: int) -> bool:
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            if error.errno in _BUSY_ERRNOS:
                return False
            raise
        return True

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in _BUSY_ERRNOS:
                return False
            raise
        return True

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
