"""The line between the supervisor and a generation: a socket pair that carries small records.

One JSON object per line. A closed line says that the other process is gone, however it ended, so
each end must exist in one process only.

    generation -> supervisor   loaded                       the user's code is imported
                               ready {worker, watch}        accepting requests
                               failed {text, failure, watch}
                                                            cannot start; waits for `serve`
                               serving_failure              answers every request with why
    supervisor -> generation   serve                         answer every request with the failure
                               retire {grace_ms}            stop accepting, finish, let go, end
"""

from __future__ import annotations

import json
import socket
from typing import Any, Final

Message = dict[str, Any]
_READ_BYTES: Final = 65536


class Link:
    """One end of the line."""

    def __init__(self, end: socket.socket) -> None:
        self._socket = end
        self._buffer = b""
        self.closed = False

    def __repr__(self) -> str:
        return f"<Link fd={self._socket.fileno()} closed={self.closed}>"

    @classmethod
    def pair(cls) -> tuple[Link, Link]:
        one, other = socket.socketpair()
        return cls(one), cls(other)

    def fileno(self) -> int:
        return self._socket.fileno()

    def send(self, kind: str, **fields: Any) -> None:
        """Sends one record. A reader that is gone is noticed when reading, not here."""
        line = json.dumps({"kind": kind, **fields}).encode() + b"\n"
        try:
            self._socket.sendall(line)
        except OSError:
            self.closed = True

    def receive(self) -> list[Message]:
        """Reads once, waiting for something to come; the records that are complete by now."""
        try:
            data = self._socket.recv(_READ_BYTES)
        except OSError:
            data = b""
        if not data:
            self.closed = True
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        return [json.loads(line) for line in lines]

    def close(self) -> None:
        self.closed = True
        self._socket.close()
