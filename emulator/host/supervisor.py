"""The supervisor: keeps exactly one generation of the Worker serving, through every change.

The supervisor owns the listening sockets, has imported all that is not user code, and runs none of
that. Each generation is a fork of it. A reload overlaps two, so that no connection is refused:

    1. files change: the next generation is forked and imports the user's code; the current one
       serves
    2. `loaded`: the current one is told to retire. It stops accepting, finishes its requests,
       flushes, lets go of the state and ends; connections wait in the kernel meanwhile
    3. the next one takes the state, accepts, and says `ready`

If the code does not import (`failed`), step 2 happens too, and then every request is answered with
the failure until a file changes. (The alternative, old code serving behind a broken save, hides the
error from whoever looks at the browser.)

Guarantees: no child outlives it; a generation that dies is replaced, one that dies again and again
is not, until a file changes. Single-threaded: one loop over the lines to the children, a signal
pipe, and the watcher, which looks at the files when it is due.
"""

from __future__ import annotations

import importlib.util
import os
import selectors
import signal
import socket
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from emulator.errors import UserError
from emulator.host.children import Child, Nursery
from emulator.host.generation import (
    END_GRACE_MS,
    LOCK_TIMEOUT_MS,
    TAKEOVER_TIMEOUT_MS,
    facts_from_json,
    run_generation,
)
from emulator.host.watcher import Watcher

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from emulator.host.link import Link, Message
    from emulator.host.listen import Listener
    from emulator.host.options import DevOptions
    from emulator.host.reporter import Reporter

RETIRE_GRACE_MS: Final = 3000
"""How long requests may go on after the code was saved."""
_KILL_AFTER_S: Final = 0.9
_CRASHES_MAX: Final = 3
_SHORT_LIFE_S: Final = 2.0
_TICK_S: Final = 0.25
_FILE_CLOCK_LAG_NS: Final = 20_000_000


class Supervisor:
    """Runs generations until somebody asks it to end."""

    def __init__(self, options: DevOptions, listener: Listener, reporter: Reporter) -> None:
        self._options = options
        self._listener = listener
        self._reporter = reporter
        self._nursery = Nursery()
        self._current: Child | None = None
        self._next: Child | None = None
        self._retiring: dict[Child, float] = {}
        config = options.config_path.absolute()
        self._watcher = Watcher(config.parent, {config}, since_ns=_now_ns())
        self._next_has_loaded = False
        self._next_failed = False
        self._changed_meanwhile: set[str] = set()
        self._started_at = options.started_at
        self._was_ready = False
        self._crashes = 0
        self._ready_at = 0.0
        self._exit_code: int | None = None
        self._refusal: str | None = None
        self._saved_at_ns = _now_ns()

    def __repr__(self) -> str:
        return (
            f"<Supervisor current={self._current} next={self._next} "
            f"retiring={len(self._retiring)} crashes={self._crashes}>"
        )

    def run(self) -> int:
        """Runs to the end; the exit code.

        Raises:
            UserError: the first generation cannot start, and not because of the user's code.
        """
        with _signal_pipe() as signals, _terminal_kept():
            try:
                self._start_next()
                while self._exit_code is None:
                    self._turn(signals)
            finally:
                self._end_all()
        if self._refusal is not None:
            raise UserError(self._refusal)
        return self._exit_code

    # One turn of the loop.

    def _turn(self, signals: socket.socket) -> None:
        links = {child.link: child for child in self._nursery.children if not child.link.closed}
        with selectors.DefaultSelector() as selector:
            selector.register(signals, selectors.EVENT_READ)
            for link in links:
                selector.register(link, selectors.EVENT_READ)
            due_in_s = self._watcher.due_in_s()
            timeout = min(due_in_s, _TICK_S) if self._retiring else due_in_s
            ready = {key.fileobj for key, _ in selector.select(timeout)}
        if signals in ready:
            self._take_signals(signals.recv(1024))
        for link, child in links.items():
            if link in ready and self._exit_code is None:
                for message in link.receive():
                    self._take_message(child, message)
        changed = self._watcher.look()
        if changed and self._exit_code is None:
            self._take_change(set(changed))
        self._reap()
        self._kill_overdue()

    def _take_signals(self, numbers: bytes) -> None:
        if any(number != signal.SIGCHLD for number in numbers):
            self._exit_code = 0

    def _take_message(self, child: Child, message: Message) -> None:
        match message["kind"]:
            case "loaded" if child is self._next:
                self._next_has_loaded = True
                self._retire_current()
            case "ready" if child is self._next:
                self._take_ready(child, message)
            case "failed" if child is self._next:
                self._take_failure(message)
            case "serving_failure" if child is self._next:
                self._promote()

    # What generations tell.

    def _take_ready(self, child: Child, message: Message) -> None:
        facts = facts_from_json(message["worker"])
        elapsed_ms = (time.perf_counter() - self._started_at) * 1000
        report = self._reporter.reloaded if self._was_ready else self._reporter.ready
        report(self._listener.url, facts, elapsed_ms)
        self._was_ready = True
        self._watcher.know(_watched(message), since_ns=self._saved_at_ns)
        self._promote()

    def _take_failure(self, message: Message) -> None:
        text = message["text"]
        if message["failure"] != "load" and not self._was_ready:
            self._refusal, self._exit_code = text, 2
            return
        self._reporter.failed(text)
        self._next_failed = True
        self._watcher.know_too(_watched(message), since_ns=self._saved_at_ns)
        self._retire_current()
        self._let_failure_serve()

    def _let_failure_serve(self) -> None:
        """Once nobody else does."""
        if self._next is not None and self._next_failed and not self._retiring:
            self._next.link.send("serve")

    def _promote(self) -> None:
        self._current, self._next = self._next, None
        self._ready_at = time.monotonic()
        if self._changed_meanwhile:
            self._take_change(set())

    # What the files tell.

    def _take_change(self, paths: set[str]) -> None:
        self._changed_meanwhile |= paths
        if self._next is not None:
            if self._next_has_loaded or self._next_failed:
                return  # it is about to serve; then it is replaced
            self._next.kill()
            self._nursery.forget(self._next)
            self._next = None
        changed, self._changed_meanwhile = self._changed_meanwhile, set()
        self._reporter.reloading(sorted(changed))
        _forget_bytecode(changed)
        self._crashes = 0
        self._started_at = time.perf_counter()
        self._start_next()

    # Children.

    def _start_next(self, known_failure: str | None = None) -> None:
        self._next_has_loaded = self._next_failed = False
        self._reporter.flush()
        self._saved_at_ns = _now_ns()
        is_takeover = self._current is not None or bool(self._retiring)

        def live(link: Link) -> int:
            return run_generation(
                link,
                self._options,
                self._listener,
                self._reporter,
                lock_timeout_ms=TAKEOVER_TIMEOUT_MS if is_takeover else LOCK_TIMEOUT_MS,
                known_failure=known_failure,
            )

        self._next = self._nursery.start(live)

    def _retire_current(self) -> None:
        if self._current is not None:
            self._current.link.send("retire", grace_ms=RETIRE_GRACE_MS)
            overdue_at = time.monotonic() + RETIRE_GRACE_MS / 1000 + _KILL_AFTER_S
            self._retiring[self._current] = overdue_at
            self._current = None

    def _reap(self) -> None:
        for child in list(self._nursery.children):
            if child.poll():
                self._nursery.forget(child)
                self._take_end(child)

    def _take_end(self, child: Child) -> None:
        if child in self._retiring:
            del self._retiring[child]
            self._let_failure_serve()
        elif child is self._current:
            self._current = None
            self._replace(child, was_serving=True)
        elif child is self._next:
            self._next = None
            self._replace(child, was_serving=False)

    def _replace(self, child: Child, *, was_serving: bool) -> None:
        """A generation ended that nobody told to."""
        if was_serving and time.monotonic() - self._ready_at > _SHORT_LIFE_S:
            self._crashes = 0
        self._crashes += 1
        how = f"The Worker's process {child.how_it_ended}"
        self._started_at = time.perf_counter()
        if self._next is not None:
            return
        if was_serving and self._crashes <= _CRASHES_MAX:
            self._reporter.worker_died(how)
            self._start_next()
        else:
            self._start_next(f"{how} while it started. Save a file to try again.")

    def _kill_overdue(self) -> None:
        for child, overdue_at in list(self._retiring.items()):
            if time.monotonic() > overdue_at:
                child.kill()

    def _end_all(self) -> None:
        """Ends every child: decently if it can, and within a second."""
        if self._exit_code == 0:
            self._reporter.stopping()
        self._listener.close()
        deadline = time.monotonic() + _KILL_AFTER_S
        for child in self._nursery.children:
            if child is self._next and not self._next_has_loaded:
                with suppress(ProcessLookupError):
                    if not child.poll():
                        os.kill(child.pid, signal.SIGKILL)
            else:
                child.link.send("retire", grace_ms=END_GRACE_MS)
        for child in list(self._nursery.children):
            if not child.wait(max(deadline - time.monotonic(), 0.0)):
                child.kill()
            self._nursery.forget(child)
        self._reporter.flush()


def _watched(message: Message) -> set[Path]:
    return {Path(path).absolute() for path in message["watch"]}


def _now_ns() -> int:
    """Now, by a clock that is never ahead of the file system's, which may tick slowly."""
    return time.time_ns() - _FILE_CLOCK_LAG_NS


def _forget_bytecode(paths: Collection[str]) -> None:
    """Python takes a file saved twice in one second, at the same size, for unchanged."""
    for path in paths:
        if path.endswith(".py"):
            with suppress(OSError, NotImplementedError):
                Path(importlib.util.cache_from_source(path)).unlink(missing_ok=True)


@contextmanager
def _signal_pipe() -> Iterator[socket.socket]:
    """A socket that receives the number of each signal; the handlers themselves do nothing."""
    reading, writing = socket.socketpair()
    reading.setblocking(False)  # noqa: FBT003 - a socket's own signature
    writing.setblocking(False)  # noqa: FBT003
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)
    before = {number: signal.signal(number, lambda _number, _frame: None) for number in numbers}
    descriptor = signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
    try:
        yield reading
    finally:
        signal.set_wakeup_fd(descriptor)
        for number, handler in before.items():
            signal.signal(number, handler)
        reading.close()
        writing.close()


@contextmanager
def _terminal_kept() -> Iterator[None]:
    """Gives the terminal back as it was: a debugger killed at its prompt leaves it without echo."""
    if sys.stdin is None or not sys.stdin.isatty():
        yield
        return
    import termios  # noqa: PLC0415 - only where there is a terminal

    attributes = termios.tcgetattr(sys.stdin)
    try:
        yield
    finally:
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, attributes)
