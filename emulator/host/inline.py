"""The Worker in this very process: no supervisor, no reload.

For `--no-reload` (debuggers and profilers attach to one process), and for systems without fork.
"""

from __future__ import annotations

import asyncio
import signal
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from emulator.errors import LoadError, UserError
from emulator.host.generation import (
    END_GRACE_MS,
    open_emulator,
    run_on_loop,
    serving_options,
    start_failure,
    worker_facts,
)
from emulator.host.outbound import HttpOutbound
from emulator.host.server import HttpServer

if TYPE_CHECKING:
    from emulator.host.listen import Listener
    from emulator.host.options import DevOptions
    from emulator.host.reporter import Reporter


def run_inline(options: DevOptions, listener: Listener, reporter: Reporter) -> int:
    """Serves until a signal asks for the end; the exit code.

    Raises:
        UserError: the Worker does not start.
    """
    run_on_loop(_serve(options, listener, reporter))
    reporter.flush()
    return 0


async def _serve(options: DevOptions, listener: Listener, reporter: Reporter) -> None:
    ended = _end_of_signals()
    async with AsyncExitStack() as stack:
        try:
            observer = reporter.observer(lambda: None)
            outbound = await stack.enter_async_context(HttpOutbound())
            emulator = await stack.enter_async_context(open_emulator(options, observer, outbound))
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            if isinstance(error, UserError):
                raise
            raise LoadError(start_failure(error).text) from error
        server = HttpServer(emulator, reporter, **serving_options(emulator))
        await server.start(listener.sockets)
        elapsed_ms = (time.perf_counter() - options.started_at) * 1000
        reporter.ready(listener.url, worker_facts(emulator), elapsed_ms)
        reporter.flush()
        await ended.wait()
        reporter.stopping()
        await server.drain(END_GRACE_MS / 1000)


def _end_of_signals() -> asyncio.Event:
    """Is set when somebody asks this process to end."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number is None:
            continue
        try:
            loop.add_signal_handler(number, ended.set)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda _number, _frame: loop.call_soon_threadsafe(ended.set))
    return ended
