"""What CPython can do and a Worker cannot: functions, and what they give on Cloudflare.

Data only; `restrictions` applies it. What is named here is where the standard library gets down to
it: `uuid.uuid4()` is judged as `os.urandom()`, `multiprocessing` as `os.fork()`. The errno numbers
are those of the platform Workers run on, not of the machine.
Source: python-surface 7.1 and 7.3, observed on Pyodide 0.28 and 314.
"""

from __future__ import annotations

import builtins
import os
import random
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from emulator.ffi import semantics
from emulator.ffi.connections import Connections
from emulator.ffi.webloop import WebLoop

NO_ENTROPY: Final = "Cannot get entropy outside of request context"
NO_RANDOM: Final = "Cannot use random.{}() outside of request context"
NO_THREAD: Final = "can't start new thread"
NO_PROCESS: Final = "emscripten does not support processes."
NOT_IMPLEMENTED: Final = "Function not implemented"
NO_PROCESS_TIME: Final = (
    "the processor time used is not available or its value cannot be represented"
)
EIO: Final = 29
ENOSYS: Final = 52
EOTHER: Final = 138

NO_TLS: Final = "SSL/TLS via create_connection is not yet supported"
NO_START_TLS: Final = (
    "start_tls() is not available in browser environments due to lack of low-level TLS controls."
)

Arguments = tuple[Any, ...]
Keywords = dict[str, Any]


def _always(args: Arguments, keywords: Keywords) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Rule:
    """One function, and what a call of it gives on Cloudflare."""

    owner: Any
    name: str
    shown: str
    """How reports name the call, if the project's code makes it itself."""
    failure: Callable[[], BaseException] | None
    """What is raised; None if the call returns `result`."""
    top_level_only: bool = False
    """Whether it is refused only while the Worker's modules are imported."""
    applies: Callable[[Arguments, Keywords], bool] = _always
    result: Any = None

    def describe(self, shown: str) -> str:
        """What happens on Cloudflare to a call of that name, for a report."""
        place = "at the top level of a Worker" if self.top_level_only else "in a Worker"
        if self.failure is None:
            return f"{shown} does nothing {place} and returns {self.result!r}"
        failure = self.failure()
        text = f": {failure}" if str(failure) else ""
        return f"{shown} fails {place}: {type(failure).__name__}{text}"


def _no_entropy() -> OSError:
    return OSError(EIO, NO_ENTROPY)


def _unseeded(args: Arguments, keywords: Keywords) -> bool:
    return type(args[0]) is random.Random and (len(args) < 2 or args[1] is None)


def _no_random(name: str) -> Callable[[], BaseException]:
    return lambda: RuntimeError(NO_RANDOM.format(name))


def _random_rules() -> list[Rule]:
    names = [name for name in random.__all__ if not isinstance(getattr(random, name), type)]
    return [
        Rule(random, name, f"random.{name}()", _no_random(name), top_level_only=True)
        for name in names
    ]


def _entropy_rules() -> list[Rule]:
    rules = [
        Rule(
            random.SystemRandom,
            name,
            f"random.SystemRandom().{name}()",
            _no_entropy,
            top_level_only=True,
        )
        for name in ("random", "getrandbits", "randbytes")
    ]
    without_seed = Rule(
        random.Random,
        "__init__",
        "random.Random()",
        _no_entropy,
        top_level_only=True,
        applies=_unseeded,
    )
    urandom = Rule(os, "urandom", "os.urandom()", _no_entropy, top_level_only=True)
    return [*rules, without_seed, urandom]


def _system_rules() -> list[Rule]:
    rules = [
        Rule(
            threading.Thread, "start", "threading.Thread.start()", lambda: RuntimeError(NO_THREAD)
        ),
        Rule(
            subprocess.Popen, "__init__", "starting a process", lambda: OSError(EOTHER, NO_PROCESS)
        ),
        Rule(os, "system", "os.system()", None, result=-1),
        Rule(time, "process_time", "time.process_time()", lambda: RuntimeError(NO_PROCESS_TIME)),
        Rule(builtins, "input", "input()", lambda: EOFError("EOF when reading a line")),
    ]
    if hasattr(os, "fork"):
        rules.append(Rule(os, "fork", "os.fork()", lambda: OSError(ENOSYS, NOT_IMPLEMENTED)))
    if hasattr(signal, "alarm"):
        missing = "module 'signal' has no attribute 'alarm'"
        rules.append(Rule(signal, "alarm", "signal.alarm()", lambda: AttributeError(missing)))
    return rules


def _without_sockets(args: Arguments, keywords: Keywords) -> bool:
    return not semantics.current.has_sockets


def _no_connection(args: Arguments, keywords: Keywords) -> bool:
    return not semantics.current.has_sockets or keywords.get("ssl") is not None


def _no_tls(text: str) -> Callable[[], BaseException]:
    return lambda: NotImplementedError(*([text] if semantics.current.has_sockets else []))


def _connection_rules() -> list[Rule]:
    names = [name for name in vars(Connections) if name.startswith(("get", "sock_"))]
    rules = [
        Rule(WebLoop, name, f"{name}()", NotImplementedError, applies=_without_sockets)
        for name in names
    ]
    connection = Rule(
        WebLoop,
        "create_connection",
        "create_connection()",
        _no_tls(NO_TLS),
        applies=_no_connection,
    )
    upgrade = Rule(WebLoop, "start_tls", "start_tls()", _no_tls(NO_START_TLS))
    return [*rules, connection, upgrade]


def all_rules() -> list[Rule]:
    """Every rule; made anew, since what the names hold may be patched by others meanwhile."""
    return [*_random_rules(), *_entropy_rules(), *_system_rules(), *_connection_rules()]
