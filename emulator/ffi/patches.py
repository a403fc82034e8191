"""Changes to Python's standard library that a guest must see and the host must not.

Every patched function asks whether the running loop is a WebLoop; everywhere else it is the
original. `apply` returns a function that puts the originals back.
"""

from __future__ import annotations

import asyncio
import asyncio.events
import asyncio.runners
import contextvars
import functools
import inspect
import json
import socket
import time
from collections.abc import Callable, Coroutine
from typing import Any, Final

from emulator.ffi import blocking_io
from emulator.ffi.stack import can_run_sync, run_sync
from emulator.ffi.webloop import WebLoop
from emulator.js.values import JsNull

NOT_A_COROUTINE: Final = "a coroutine was expected, got {!r}"


def in_guest(*args: Any, **kwargs: Any) -> bool:
    """Whether guest code is running, whatever it calls."""
    return isinstance(asyncio._get_running_loop(), WebLoop)


def _can_wait(*args: Any, **kwargs: Any) -> bool:
    """Whether guest code is running, on a stack that can be parked."""
    return in_guest() and can_run_sync()


def _socket_waits(sock: Any, *args: Any, **kwargs: Any) -> bool:
    return blocking_io.blocks(sock) and _can_wait()


def _run(main: Any, *args: Any, **kwargs: Any) -> Any:
    """`asyncio.run`: blocks this stack, while the context's loop goes on."""
    if not asyncio.iscoroutine(main):
        return run_sync(main)
    return run_in_guest(main, None)


def run_in_guest(coroutine: Coroutine[Any, Any, Any], context: contextvars.Context | None) -> Any:
    """Runs a coroutine as a task of the running loop, and blocks this stack until it is done."""
    outer = asyncio.get_running_loop()
    try:
        return run_sync(outer.create_task(coroutine, context=context))
    finally:
        asyncio._set_running_loop(outer)


def _runner_run(
    self: Any, coro: Coroutine[Any, Any, Any], *, context: contextvars.Context | None = None
) -> Any:
    """`asyncio.Runner.run` inside a guest."""
    if not inspect.iscoroutine(coro):
        raise ValueError(NOT_A_COROUTINE.format(coro))
    self._lazy_init()
    return run_in_guest(coro, context or getattr(self, "_context", None))


_lazy_init: Final = asyncio.Runner._lazy_init  # type: ignore[attr-defined]


def _runner_lazy_init(self: Any) -> None:
    """Making the runner's loop makes it the running one; the task that makes it needs its own."""
    outer = asyncio.get_running_loop()
    _lazy_init(self)
    asyncio._set_running_loop(outer)


def _sleep(seconds: float) -> None:
    """`time.sleep`: other tasks and requests go on meanwhile."""
    run_sync(asyncio.sleep(seconds))


def _new_event_loop() -> asyncio.AbstractEventLoop:
    return WebLoop()  # type: ignore[abstract]  # the rest is added to the class in a loop


def _set_event_loop(loop: Any) -> None:
    """The running context's loop is always the current one."""


class _Patch:
    """One attribute and what guests get in its place."""

    __slots__ = ("applies", "inherited", "name", "original", "owner", "replacement")

    def __init__(
        self,
        owner: Any,
        name: str,
        replacement: Callable[..., Any],
        applies: Callable[..., bool] = in_guest,
    ) -> None:
        """`applies` is asked at each call, with its arguments."""
        self.owner = owner
        self.name = name
        self.replacement = replacement
        self.applies = applies
        self.original = getattr(owner, name)
        self.inherited = name not in vars(owner)

    def apply(self) -> None:
        original, replacement, applies = self.original, self.replacement, self.applies

        @functools.wraps(original)
        def dispatch(*args: Any, **kwargs: Any) -> Any:
            chosen = replacement if applies(*args, **kwargs) else original
            return chosen(*args, **kwargs)

        setattr(self.owner, self.name, dispatch)

    def restore(self) -> None:
        if self.inherited:
            delattr(self.owner, self.name)
        else:
            setattr(self.owner, self.name, self.original)


def apply() -> Callable[[], None]:
    """Puts everything in place; returns the way back."""
    patches = [
        _Patch(asyncio, "run", _run),
        _Patch(asyncio.runners, "run", _run),
        _Patch(asyncio.Runner, "run", _runner_run),
        _Patch(asyncio.Runner, "_lazy_init", _runner_lazy_init),
        _Patch(asyncio, "new_event_loop", _new_event_loop),
        _Patch(asyncio.events, "new_event_loop", _new_event_loop),
        _Patch(asyncio, "set_event_loop", _set_event_loop),
        _Patch(asyncio.events, "set_event_loop", _set_event_loop),
        _Patch(time, "sleep", _sleep, _can_wait),
        _Patch(socket, "getaddrinfo", blocking_io.getaddrinfo, _can_wait),
        *(
            _Patch(owner, name, replacement, _socket_waits)
            for owner, name, replacement in blocking_io.REPLACEMENTS
        ),
    ]
    for patch in patches:
        patch.apply()
    restore_json = _patch_json()

    def restore() -> None:
        restore_json()
        for patch in reversed(patches):
            patch.restore()

    return restore


def _patch_json() -> Callable[[], None]:
    """`json.dumps(jsnull)` is `null`: the encoder writes what `default` returns."""
    original = json.JSONEncoder.default

    @functools.wraps(original)
    def default(self: json.JSONEncoder, o: Any) -> Any:
        return None if type(o) is JsNull else original(self, o)

    json.JSONEncoder.default = default  # type: ignore[method-assign]

    def restore() -> None:
        json.JSONEncoder.default = original  # type: ignore[method-assign]

    return restore
