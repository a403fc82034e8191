"""Writers: on which thread, and when, the store's disk work is done.

The work itself is a function that does one piece and says whether there may be more; a writer calls
it after `wake` until it says no. `ThreadWriter` does so on a thread of its own, so that no fsync
holds up the event loop. `InlineWriter` does so as callbacks of the event loop, one piece each: the
same history every time, for simulation and for disks that do not block.

Does not know: logs, groups, checkpoints.
"""

from __future__ import annotations

import threading
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    Work = Callable[[], bool]

# How often an idle thread looks whether the program ended without closing the store.
_ORPHAN_CHECK_SECONDS = 1.0


class Writer(Protocol):
    """Calls the work when there is some."""

    def start(self, work: Work, loop: asyncio.AbstractEventLoop) -> None: ...
    def wake(self) -> None:
        """There is work. Called on the loop's thread; cheap, and never does the work itself."""
        ...

    def post(self, callback: Callable[..., object], *args: Any) -> None:
        """Has a callback called on the loop's thread. Called from within the work."""
        ...

    async def stop(self) -> None:
        """Does the remaining work, and then no more."""
        ...


class InlineWriter:
    """Works on the event loop, one piece per callback."""

    def __init__(self) -> None:
        self._work: Work | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._scheduled = False

    def start(self, work: Work, loop: asyncio.AbstractEventLoop) -> None:
        assert self._work is None, "a writer serves one store"
        self._work = work
        self._loop = loop

    def wake(self) -> None:
        if not self._scheduled and self._loop is not None:
            self._scheduled = True
            self._loop.call_soon(self._run)

    def post(self, callback: Callable[..., object], *args: Any) -> None:
        callback(*args)

    async def stop(self) -> None:
        while self._work is not None and self._work():
            pass
        self._work = None

    def _run(self) -> None:
        self._scheduled = False
        if self._work is not None and self._work():
            self.wake()

    def __repr__(self) -> str:
        return f"<InlineWriter scheduled={self._scheduled}>"


class ThreadWriter:
    """Works on a thread of its own, from `start` to `stop`."""

    def __init__(self) -> None:
        self._signal: SimpleQueue[None] = SimpleQueue()
        # True from a wake until the thread begins to look for work: later wakes are covered by it.
        self._signalled = False
        self._stopping = False
        self._thread: threading.Thread | None = None

    def start(self, work: Work, loop: asyncio.AbstractEventLoop) -> None:
        assert self._thread is None, "a writer serves one store"
        self._work = work
        self._loop = loop
        self._stopped = loop.create_future()
        self._thread = threading.Thread(target=self._run, name="pyworkers-storage")
        self._thread.start()

    def wake(self) -> None:
        if not self._signalled:
            self._signalled = True
            self._signal.put(None)

    def post(self, callback: Callable[..., object], *args: Any) -> None:
        try:
            self._loop.call_soon_threadsafe(callback, *args)
        except RuntimeError:
            # The loop was closed without closing the store: nobody is left to be told.
            if not self._loop.is_closed():
                raise

    async def stop(self) -> None:
        if self._thread is None or self._stopping:
            return
        self._stopping = True
        self.wake()
        await self._stopped
        self._thread.join()

    def _run(self) -> None:
        while True:
            self._wait()
            # Cleared before the work looks, so a commit that comes later signals again.
            self._signalled = False
            stopping = self._stopping
            while self._work():
                pass
            if stopping:
                break
        self.post(self._note_stopped)

    def _note_stopped(self) -> None:
        if not self._stopped.done():
            self._stopped.set_result(None)

    def _wait(self) -> None:
        while True:
            try:
                self._signal.get(timeout=_ORPHAN_CHECK_SECONDS)
            except Empty:
                if threading.main_thread().is_alive():
                    continue
                # The interpreter waits for this thread, and nobody will stop it any more.
                self._stopping = True
            return

    def __repr__(self) -> str:
        alive = self._thread is not None and self._thread.is_alive()
        return f"<ThreadWriter {'running' if alive else 'stopped'}>"
