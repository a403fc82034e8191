"""How many databases may be open at once, by what the operating system lets a process open."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import Final

# Its database, WAL and shared memory; and, for the writer, WAL and database again.
DESCRIPTORS_PER_CONNECTION: Final = 5
CONNECTIONS_MAX: Final = 1024
CONNECTIONS_MIN: Final = 16
_RESERVED: Final = 256  # sockets, logs, the guest's own files
_WANTED: Final = CONNECTIONS_MAX * DESCRIPTORS_PER_CONNECTION + _RESERVED


def connections_max() -> int:
    """The number to keep open. Raises the process's own soft limit first, where it may."""
    available = max((_descriptors() - _RESERVED) // DESCRIPTORS_PER_CONNECTION, CONNECTIONS_MIN)
    return min(available, CONNECTIONS_MAX)


def _descriptors() -> int:
    if sys.platform == "win32":
        return _WANTED
    import resource  # noqa: PLC0415 - not on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= _WANTED:
        return _WANTED
    wanted = _WANTED if hard == resource.RLIM_INFINITY else min(_WANTED, hard)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    return soft
