from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from pathlib import Path

from emulator.storage import InlineWriter, ThreadWriter


async def test_the_inline_writer_does_one_piece_per_callback() -> None:
    pieces = [1, 2, 3]
    writer = InlineWriter()
    writer.start(lambda: bool(pieces and pieces.pop()), asyncio.get_running_loop())
    writer.wake()
    writer.wake()
    assert len(pieces) == 3
    for left in (2, 1, 0, 0):
        await asyncio.sleep(0)
        assert len(pieces) == left
    pieces.append(4)
    writer.wake()
    await asyncio.sleep(0)
    assert pieces == []


async def test_the_inline_writer_does_what_is_left_before_it_stops() -> None:
    pieces = [1, 2, 3]
    writer = InlineWriter()
    writer.start(lambda: bool(pieces and pieces.pop()), asyncio.get_running_loop())
    await writer.stop()
    assert pieces == []
    pieces.append(1)
    writer.wake()
    await asyncio.sleep(0)
    assert pieces == [1]


async def test_the_thread_writer_works_elsewhere_and_posts_back() -> None:
    loop = asyncio.get_running_loop()
    writer = ThreadWriter()
    pieces: list[int] = []
    worked_on: set[int] = set()
    posted: list[tuple[int, int]] = []

    def work() -> bool:
        worked_on.add(threading.get_ident())
        if not pieces:
            return False
        writer.post(lambda n: posted.append((n, threading.get_ident())), pieces.pop())
        return True

    writer.start(work, loop)
    for number in range(1000):
        pieces.append(number)
        writer.wake()
    await writer.stop()
    await writer.stop()
    await asyncio.sleep(0)
    assert sorted(n for n, _ in posted) == list(range(1000))
    assert {thread for _, thread in posted} == {threading.get_ident()}
    assert threading.get_ident() not in worked_on
    assert repr(writer) == "<ThreadWriter stopped>"


def test_a_program_that_forgets_to_close_its_store_ends_all_the_same(tmp_path: Path) -> None:
    script = """
import asyncio, sys
from pathlib import Path
from emulator.storage import Batch, RealDisk, Store

async def main():
    store = Store.open(RealDisk(), Path(sys.argv[1]))
    store.commit(Batch("n", "0" * 64, puts={"a": b"1"}), lambda _: None)

asyncio.run(main())
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert (tmp_path / "log" / "0000000001.log").stat().st_size > 100
