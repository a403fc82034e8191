"""What `get_extra_info("socket")` gives of a connection that is over.

A real closed socket has forgotten everything. Pools ask whether a connection that they kept can
still be used, and may do so in a later request than the one that made it; they look at `fileno()`,
and on the way there at addresses.
Guarantees: addresses and kind are those the connection had; it cannot be used.
"""

from __future__ import annotations

import errno
import os
from typing import Any, NoReturn


class ClosedSocket:
    """A socket that was."""

    __slots__ = ("_peername", "_sockname", "family", "proto", "type")

    def __init__(self, sock: Any, sockname: Any, peername: Any) -> None:
        """Notes what there is to know of a socket that is open still."""
        self.family = sock.family
        self.type = sock.type
        self.proto = sock.proto
        self._sockname = sockname
        self._peername = peername

    def fileno(self) -> int:
        return -1

    def getsockname(self) -> Any:
        return self._sockname

    def getpeername(self) -> Any:
        return self._peername

    def getsockopt(self, *args: Any) -> NoReturn:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))

    def setsockopt(self, *args: Any) -> NoReturn:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
