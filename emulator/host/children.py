"""Child processes of the supervisor, by fork.

A child starts with everything the supervisor has imported and with nothing of what it holds: the
supervisor's ends of the lines to other children are closed first, or a dead supervisor could not be
noticed. It runs one function and ends there; nothing above it on the stack ever returns in a child.

Guarantees: no thread runs at a fork (asserted); no child outlives the supervisor by more than
`ORPHAN_GRACE_S`, whatever its own threads do meanwhile.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
import time
import traceback
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from emulator.host.link import Link

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.host.link import Message

ORPHAN_GRACE_S: Final = 1.0


@dataclass(eq=False, slots=True)
class Child:
    """One child, as the supervisor sees it."""

    pid: int
    link: Link
    exit_code: int | None = None
    """As in `subprocess`: negative for the signal that ended it; None while it runs."""

    def poll(self) -> bool:
        """Whether it has ended."""
        if self.exit_code is None:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:  # somebody reaped it; there is nothing more to learn
                pid, status = self.pid, 0
            if pid:
                self.exit_code = os.waitstatus_to_exitcode(status)
        return self.exit_code is not None

    def wait(self, timeout_s: float) -> bool:
        """Waits for its end at most so long."""
        deadline = time.monotonic() + timeout_s
        while not self.poll():
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.003)
        return True

    def kill(self) -> None:
        """Ends it now, and waits for that."""
        if not self.poll():
            os.kill(self.pid, signal.SIGKILL)
            self.wait(5.0)

    @property
    def how_it_ended(self) -> str:
        if self.exit_code is not None and self.exit_code < 0:
            try:
                return f"was ended by {signal.Signals(-self.exit_code).name}"
            except ValueError:
                return f"was ended by signal {-self.exit_code}"
        return f"ended with exit code {self.exit_code}"


@dataclass(slots=True)
class Nursery:
    """Starts children and knows those that may still run."""

    children: list[Child] = field(default_factory=list)

    def start(self, target: Callable[[Link], int]) -> Child:
        """Forks. `target` runs in the child with its end of the line and returns the exit code."""
        assert threading.active_count() == 1, "a thread would be lost in the child, with its locks"
        ours, theirs = Link.pair()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            ours.close()
            for sibling in self.children:
                sibling.link.close()
            _run_and_exit(target, theirs)
        theirs.close()
        child = Child(pid, ours)
        self.children.append(child)
        return child

    def forget(self, child: Child) -> None:
        """`child` has ended."""
        assert child.exit_code is not None
        child.link.close()
        self.children.remove(child)


def watch_over(
    link: Link,
    on_orphaned: Callable[[], None],
    on_message: Callable[[Message], None] = lambda _message: None,
) -> None:
    """Reads the line in a thread of its own until the supervisor is gone; then the end is near.

    `on_orphaned` may end the process decently; a guest that never lets go of the event loop cannot
    stop the clock that starts here.
    """

    def read() -> None:
        while not link.closed:
            for message in link.receive():
                on_message(message)
        on_orphaned()
        time.sleep(ORPHAN_GRACE_S)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=read, name="pyworkers-supervisor-link", daemon=True).start()


def _run_and_exit(target: Callable[[Link], int], link: Link) -> None:
    exit_code = 1
    try:
        signal.set_wakeup_fd(-1)
        for name in ("SIGTERM", "SIGHUP", "SIGCHLD"):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
        # The terminal sends Ctrl-C to all of us; the supervisor says what it means. A handler would
        # not do: a debugger installs its own and would stop once more, at the very end.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        exit_code = target(link)
    except SystemExit as error:
        exit_code = error.code if isinstance(error.code, int) else 1
    except BaseException:  # noqa: BLE001 - nothing may return into the supervisor's stack
        traceback.print_exc()
    finally:
        # `os._exit` skips these; the guest's own exit handlers are among them.
        try:
            atexit._run_exitfuncs()
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(exit_code)
