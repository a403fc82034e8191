from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from emulator.errors import StateLocked
from emulator.storage import RealDisk, Store, acquire_lock

HOLD = """
import sys
from pathlib import Path
from emulator.storage import acquire_lock
lock = acquire_lock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""

# The child is left behind by a parent that dies without a word.
HOLD_AND_FORK = """
import os, sys
from pathlib import Path
from emulator.storage import acquire_lock
lock = acquire_lock(Path(sys.argv[1]))
if os.fork() == 0:
    print("child", flush=True)
    sys.stdin.read()
    os._exit(0)
os._exit(9)
"""


@contextmanager
def process(script: str, path: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as started:
        assert started.stdout is not None
        assert started.stdout.readline().strip()
        try:
            yield started
        finally:
            assert started.stdin is not None
            started.stdin.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lock"


async def test_a_store_in_use_by_another_process_names_that_process(path: Path) -> None:
    with process(HOLD, path) as holder:
        with pytest.raises(StateLocked) as caught:
            Store.open(RealDisk(), path.parent)
        message = caught.value.message
        assert message.startswith(
            f"the state directory {path.parent} is in use by process {holder.pid} ("
        )
        assert str(path) in message  # its command line
        assert ", since 20" in message
        assert "--persist-to" in caught.value.hint
    store = Store.open(RealDisk(), path.parent, wait_lock_ms=30_000)
    await store.close()


def test_the_lock_is_free_when_its_holder_was_killed(path: Path) -> None:
    with process(HOLD, path) as holder:
        holder.kill()
        holder.wait()
        acquire_lock(path).release()


def test_a_waiter_gets_the_lock_when_the_holder_lets_go(path: Path) -> None:
    with process(HOLD, path) as holder:
        assert holder.stdin is not None
        holder.stdin.close()
        acquire_lock(path, timeout_ms=30_000).release()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_does_not_keep_the_lock(path: Path) -> None:
    with process(HOLD_AND_FORK, path) as parent:
        assert parent.wait() == 9
        acquire_lock(path).release()


def test_one_process_cannot_take_the_lock_twice(path: Path) -> None:
    lock = acquire_lock(path)
    with pytest.raises(StateLocked, match=f"process {os.getpid()}"):
        acquire_lock(path, timeout_ms=1)
    lock.release()
    lock.release()
    acquire_lock(path).release()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"pid": "x"}', b"\xff"])
def test_a_holder_that_has_not_introduced_itself_is_another_process(
    path: Path, content: bytes
) -> None:
    lock = acquire_lock(path)
    path.write_bytes(content)
    with pytest.raises(StateLocked, match="is in use by another process"):
        acquire_lock(path)
    lock.release()


async def test_a_lock_that_was_taken_before_is_released_by_the_store(path: Path) -> None:
    lock = acquire_lock(path)
    store = Store.open(RealDisk(), path.parent, lock=lock)
    await store.close()
    acquire_lock(path).release()
