"""Frames of a WebSocket, and the pipe that carries them between the two ends of a pair.

An end is held by exactly one party: a WebSocket object of a guest, a hibernation manager, or the
host that pumps frames to a network connection. Each party asks for the next frame when it is ready
for it (`receive`), so that a slow party holds back a fast sender that waits for `taken`.

Guarantees: frames arrive in order, each once; after the other end is gone, what it sent before
still arrives, then `Disconnect` for every further `receive`; callbacks do not nest.
Does not know: event loops, contexts, gates, who holds the ends.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TextFrame:
    """A text message."""

    text: str


@dataclass(frozen=True, slots=True)
class BinaryFrame:
    """A binary message."""

    data: bytes


@dataclass(frozen=True, slots=True)
class CloseFrame:
    """The sender sends no more. Without a code the frame had no body; receivers report 1005."""

    code: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Disconnect:
    """The other end is gone without a close frame."""


@dataclass(frozen=True, slots=True)
class ProtocolFailure:
    """The other end broke the protocol, and the connection is over. Only hosts send it."""

    status_code: int
    description: str


Frame = TextFrame | BinaryFrame | CloseFrame | Disconnect | ProtocolFailure


class PipeEnd:
    """One end. `in_use`: it was accepted, or given away in a Response. `lost`: frames that it sent
    were never taken, because the other end went away."""

    __slots__ = ("_flushing", "_gone", "_inbox", "_receiver", "in_use", "lost", "peer")

    peer: PipeEnd

    def __init__(self) -> None:
        self.in_use = False
        self.lost = False
        # Made when needed: most sockets are idle, and there may be very many of them.
        self._inbox: deque[tuple[Frame, Callable[[], None] | None]] | None = None
        self._receiver: Callable[[Frame], None] | None = None
        self._gone = False
        self._flushing = False

    @property
    def gone(self) -> bool:
        """Whether this end was aborted."""
        return self._gone

    def send(self, frame: Frame, taken: Callable[[], None] | None = None) -> None:
        """Sends a frame; `taken` is called when the other end has taken it, or never will."""
        peer = self.peer
        if self._gone or peer._gone:
            if taken is not None:
                taken()
            return
        if peer._inbox is None:
            peer._inbox = deque()
        peer._inbox.append((frame, taken))
        peer._flush()

    def receive(self, receiver: Callable[[Frame], None]) -> None:
        """Calls back once, with the next frame."""
        assert self._receiver is None, "an end has one reader"
        if not self._gone:
            self._receiver = receiver
            self._flush()

    def stop_receiving(self) -> None:
        """Withdraws what `receive` asked for."""
        self._receiver = None

    def abort(self) -> None:
        """This end neither sends nor receives any more."""
        if self._gone:
            return
        self._gone = True
        self._receiver = None
        inbox, self._inbox = self._inbox, None
        self.peer.lost = bool(inbox)
        for _, taken in inbox or ():
            if taken is not None:
                taken()
        self.peer._flush()

    def _flush(self) -> None:
        if self._flushing:
            return
        self._flushing = True
        try:
            while self._receiver is not None and (self._inbox or self.peer._gone):
                receiver, self._receiver = self._receiver, None
                receiver(self._next())
        finally:
            self._flushing = False

    def _next(self) -> Frame:
        if not self._inbox:
            return Disconnect()
        frame, taken = self._inbox.popleft()
        if taken is not None:
            taken()
        return frame

    def __repr__(self) -> str:
        waiting = len(self._inbox or ())
        state = f"{' in use' if self.in_use else ''}{' gone' if self._gone else ''}"
        return f"<PipeEnd inbox={waiting}{state}>"


def make_pipe() -> tuple[PipeEnd, PipeEnd]:
    """Two ends of a new connection."""
    first, second = PipeEnd(), PipeEnd()
    first.peer, second.peer = second, first
    return first, second
