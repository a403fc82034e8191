"""One generation: the process that runs the Worker, from import to the last flushed byte.

It imports the user's code before it touches the state, so that the generation before it can go on
serving until then. If the code does not import it serves that fact instead, to every request, until
it is replaced: the developer sees the reason in the browser as well as in the terminal.

Guarantees: `ready` is sent once requests are accepted; the state directory is let go only after the
last response has left and everything is flushed.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import traceback
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from emulator.config import load_config, render
from emulator.errors import LoadError, PyworkersError, UserError
from emulator.host.children import watch_over
from emulator.host.failure import import_exception, startup_failure_response
from emulator.host.outbound import HttpOutbound
from emulator.host.reporter import WorkerFacts
from emulator.host.server import HttpServer

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping
    from contextlib import AbstractAsyncContextManager

    from emulator.app import Emulator
    from emulator.host.link import Link, Message
    from emulator.host.listen import Listener
    from emulator.host.options import DevOptions
    from emulator.host.reporter import Reporter
    from emulator.observer import Observer
    from emulator.runtime.http import HttpRequest, HttpResponse
    from emulator.runtime.services import Outbound

LOCK_TIMEOUT_MS: Final = 1000
TAKEOVER_TIMEOUT_MS: Final = 10_000
"""Longer than the generation before may take to finish its requests."""
END_GRACE_MS: Final = 400
_CLOSE_TIMEOUT_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class StartFailure:
    """Why there is no Worker. `kind` is `load` if it is for the user's code, else `setup`."""

    text: str
    kind: str
    cause: BaseException | None = None


class FailureHandler:
    """Answers every request with why the Worker does not start."""

    def __init__(self, failure: StartFailure) -> None:
        self._failure = failure

    async def fetch(self, request: HttpRequest) -> HttpResponse:
        headers = {name.title(): value for name, value in request.headers}
        return startup_failure_response(self._failure.text, self._failure.cause, headers)


class Orders:
    """What the supervisor or a signal wants, for the event loop to wait on."""

    def __init__(self) -> None:
        self.grace_ms: float = END_GRACE_MS
        self._serve = asyncio.Event()
        self._end = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def end(self, grace_ms: float = END_GRACE_MS) -> None:
        self.grace_ms = grace_ms
        self._end.set()
        self._serve.set()

    def end_from_thread(self) -> None:
        with suppress(RuntimeError):  # the loop is closed already
            self._loop.call_soon_threadsafe(self.end)

    def message_from_thread(self, message: Message) -> None:
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._take, message)

    async def wait_serve(self) -> bool:
        """Whether to serve; False if it is to end instead."""
        await self._serve.wait()
        return not self._end.is_set()

    async def wait_end(self) -> None:
        await self._end.wait()

    def _take(self, message: Message) -> None:
        if message["kind"] == "serve":
            self._serve.set()
        else:
            self.end(message["grace_ms"])


def run_generation(
    link: Link,
    options: DevOptions,
    listener: Listener,
    reporter: Reporter,
    *,
    lock_timeout_ms: int = LOCK_TIMEOUT_MS,
    known_failure: str | None = None,
) -> int:
    """The whole life of a generation; `known_failure` is served instead of a Worker."""
    for stream in (sys.stdout, sys.stderr):  # a guest's print is seen at once, in a pipe too
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(line_buffering=True)

    async def live() -> None:
        orders = Orders()
        watch_over(link, orders.end_from_thread, orders.message_from_thread)
        _obey_signals(orders)
        if known_failure is not None:
            failure: StartFailure | None = StartFailure(known_failure, "load")
        else:
            async with HttpOutbound() as outbound:
                observer = reporter.observer(lambda: link.send("loaded"))
                opening = open_emulator(options, observer, outbound, lock_timeout_ms)
                failure = await _serve_worker(opening, link, listener, reporter, orders)
        if failure is not None:
            watch = _files_to_mend(options)
            link.send("failed", text=failure.text, failure=failure.kind, watch=watch)
            if await orders.wait_serve():
                handler = FailureHandler(failure)
                server = HttpServer(handler, reporter)
                await server.start(listener.sockets)
                link.send("serving_failure")
                await orders.wait_end()
                await server.drain(orders.grace_ms / 1000)

    run_on_loop(live())
    reporter.flush()
    return 0


def run_on_loop(main: Coroutine[Any, Any, None]) -> None:
    """Runs on uvloop where there is one."""
    factory = None
    if sys.platform != "win32":
        import uvloop  # noqa: PLC0415 - does not exist on Windows

        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(main)


async def _serve_worker(
    opening: AbstractAsyncContextManager[Emulator],
    link: Link,
    listener: Listener,
    reporter: Reporter,
    orders: Orders,
) -> StartFailure | None:
    """Serves the Worker until it is told to end; or why that cannot be."""
    async with AsyncExitStack() as stack:
        try:
            emulator = await stack.enter_async_context(opening)
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 - user code may raise anything, SystemExit too
            return start_failure(error)
        server = HttpServer(emulator, reporter, **serving_options(emulator))
        await server.start(listener.sockets)
        watch = sorted(str(path) for path in emulator.watch_paths())
        link.send("ready", worker=facts_as_json(worker_facts(emulator)), watch=watch)
        await orders.wait_end()
        await server.drain(orders.grace_ms / 1000)
        reporter.flush()
    return None


def open_emulator(
    options: DevOptions,
    observer: Observer,
    outbound: Outbound,
    lock_timeout_ms: int = LOCK_TIMEOUT_MS,
) -> AbstractAsyncContextManager[Emulator]:
    """`Emulator.open` for these options."""
    from emulator.app import Emulator  # noqa: PLC0415 - the supervisor preloads it

    return Emulator.open(
        options.config_path,
        environment=options.environment,
        persist_to=options.persist_to,
        memory=options.in_memory,
        strict_limits=options.strict_limits,
        observer=observer,
        outbound=outbound,
        lock_timeout_ms=lock_timeout_ms,
        restrictions=options.restrictions,
    )


def start_failure(error: BaseException) -> StartFailure:
    """What to say of an exception that `Emulator.open` raised."""
    if isinstance(error, PyworkersError):
        if not isinstance(error, UserError):
            return StartFailure("".join(traceback.format_exception(error)), "setup")
        kind = "load" if isinstance(error, LoadError) else "setup"
        return StartFailure(str(error), kind, import_exception(error))
    return StartFailure("".join(traceback.format_exception(error)), "load", error)


def serving_options(emulator: Emulator) -> dict[str, Any]:
    """How the config wants requests to be seen."""
    dev = emulator.config.dev
    routes = tuple(route.host.lower() for route in emulator.config.routes)
    host = dev.host
    origin = f"{dev.upstream_protocol}://{host}" if host else None
    return {"origin": origin, "allowed_hosts": frozenset((*routes, *((host,) if host else ())))}


def _files_to_mend(options: DevOptions) -> list[str]:
    """Where the reason may be when the Worker does not start, as far as that is known."""
    try:
        main = load_config(options.config_path, env=options.environment).worker.main
    except UserError:
        return [str(options.config_path)]
    return [str(options.config_path), str(main)]


def worker_facts(emulator: Emulator) -> WorkerFacts:
    return WorkerFacts(
        name=emulator.config.name,
        bindings=tuple((name, label) for name, label, _table in emulator.bindings_table()),
        warnings=(*(render([each]) for each in emulator.warnings), *emulator.notes),
    )


def facts_as_json(facts: WorkerFacts) -> Mapping[str, Any]:
    return {"name": facts.name, "bindings": facts.bindings, "warnings": facts.warnings}


def facts_from_json(data: Mapping[str, Any]) -> WorkerFacts:
    bindings = tuple((name, resource) for name, resource in data["bindings"])
    return WorkerFacts(data["name"], bindings, tuple(data["warnings"]))


def _obey_signals(orders: Orders) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, orders.end)
