"""HibernationManager: the hibernatable sockets of one Durable Object.

It belongs to the object's container, not to an instance: when the instance is evicted, the sockets
stay with their tags, attachments and the automatic answer, and the next event makes the container
construct a new instance. A reset of the object disconnects them all.

Guarantees: events of one socket are delivered in order, the next one no earlier than the first turn
of the previous one's handler; an automatic answer wakes nobody and passes no gate; a socket is
listed until the turn in which its handler hears of the close is over.
Does not know: how instances are made, what a handler is, network.
Source: workerd src/workerd/io/hibernation-manager.c++.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

from emulator.js.buffers import ArrayBuffer
from emulator.js.frames import (
    BinaryFrame,
    CloseFrame,
    Disconnect,
    Frame,
    ProtocolFailure,
    TextFrame,
)
from emulator.js.values import JsValue
from emulator.js.websocket import (
    ABNORMAL,
    DISCONNECTED,
    NO_CODE,
    SocketState,
    WebSocket,
    protocol_error,
)
from emulator.runtime.errors import GuestError, platform_error

if TYPE_CHECKING:
    from emulator.runtime.actor import Actor
    from emulator.runtime.services import Services

MAX_SOCKETS: Final = 32_768
EVENT_TIMED_OUT: Final = "Actor exceeded event execution time and was disconnected."
AUTO_REPLY: Final = "web_socket_auto_reply_to_close"


class SocketHome(Protocol):
    """The container that the sockets belong to."""

    def live_actor(self) -> Actor:
        """The instance, made now if there is none; raises what broke the container."""
        ...

    def hand_over(self) -> None:
        """Gives the sockets to a new container for the same id."""
        ...


@dataclass(slots=True, eq=False)
class HibernatableSocket(SocketState):
    """A socket that outlives instances. `guest` is the object that the live instance knows."""

    tags: tuple[str, ...] = ()
    answered_at_ms: float | None = None
    guest: WebSocket | None = field(default=None, repr=False)

    def guest_object(self) -> WebSocket:
        """The same object as long as the instance lives."""
        if self.guest is None:
            self.guest = WebSocket(self)
        return self.guest


class HibernationManager:
    """See the module docstring."""

    __slots__ = ("_by_tag", "_services", "_sockets", "auto_response", "event_timeout_ms", "home")

    def __init__(self, services: Services, home: SocketHome) -> None:
        self.home = home
        self.auto_response: tuple[str, str] | None = None
        self.event_timeout_ms: int | None = None
        self._services = services
        # Both oldest first.
        self._sockets: dict[HibernatableSocket, None] = {}
        self._by_tag: dict[str, dict[HibernatableSocket, None]] = {}

    def __len__(self) -> int:
        return len(self._sockets)

    # -- sockets ----------------------------------------------------------------------------------

    def accept(self, socket: WebSocket, tags: tuple[str, ...]) -> None:
        """Takes over a socket that nobody has accepted yet."""
        state = socket.state
        hibernatable = HibernatableSocket(
            state.end, attachment=state.attachment, tags=tags, guest=socket
        )
        socket.state = hibernatable
        socket.take("hibernatable")
        self._sockets[hibernatable] = None
        for tag in tags:
            self._by_tag.setdefault(tag, {})[hibernatable] = None
        self._listen(hibernatable)

    def sockets(self, tag: str | None = None) -> list[HibernatableSocket]:
        """All of them, newest first; those with a tag, oldest first."""
        if tag is None:
            return list(reversed(self._sockets))
        return list(self._by_tag.get(tag, ()))

    def hibernate(self) -> None:
        """The instance is gone: what it knew of the sockets goes with it."""
        for socket in self._sockets:
            socket.guest = None

    def disconnect(self) -> None:
        """The object was reset: the other ends hear a disconnect, its handlers nothing."""
        for socket in self._sockets:
            self._services.post(socket.end.abort)
        self._sockets.clear()
        self._by_tag.clear()

    def _remove(self, socket: HibernatableSocket) -> None:
        self._sockets.pop(socket, None)
        for tag in socket.tags:
            tagged = self._by_tag.get(tag)
            if tagged is not None:
                tagged.pop(socket, None)
                if not tagged:
                    del self._by_tag[tag]

    # -- frames and events ------------------------------------------------------------------------

    def _listen(self, socket: HibernatableSocket) -> None:
        socket.end.receive(partial(self._arrived, socket))

    def _arrived(self, socket: HibernatableSocket, frame: Frame) -> None:
        automatic = self.auto_response
        if automatic is not None and isinstance(frame, TextFrame) and frame.text == automatic[0]:
            socket.answered_at_ms = self._services.clock.now_ms()
            if not socket.closed_outgoing:
                socket.end.send(TextFrame(automatic[1]))
            self._listen(socket)
            return
        # Later, since who sends may be in the middle of anything.
        self._services.post(partial(self._deliver, socket, frame))

    def _deliver(self, socket: HibernatableSocket, frame: Frame) -> None:
        if socket not in self._sockets:
            return
        try:
            actor = self.home.live_actor()
        except GuestError:  # no instance can be made that would hear of it
            self._remove(socket)
            socket.end.abort()
            return
        # From here on, as the work begins later: an idle instance may be evicted before.
        release = actor.activity()
        self._services.spawn(self._run_event(actor, socket, frame, release))

    async def _run_event(
        self, actor: Actor, socket: HibernatableSocket, frame: Frame, release: Callable[[], None]
    ) -> None:
        last = not isinstance(frame, TextFrame | BinaryFrame)
        begun = False

        def begin() -> None:
            nonlocal begun
            begun = True
            # After this turn.
            self._services.post(partial(self._remove if last else self._listen, socket))

        timer = None
        if self.event_timeout_ms is not None:
            timer = self._services.loop.call_later(
                self.event_timeout_ms / 1000, self._timed_out, actor
            )
        method, arguments = _event(socket, frame)
        try:
            await actor.event(method, arguments, begin)
        except GuestError as error:
            if error is not actor.broken:
                self._services.observer.uncaught_error(error.traceback_text)
        finally:
            release()
            if timer is not None:
                timer.cancel()
            if not begun and socket in self._sockets:
                begin()  # the instance broke first, and the sockets live on
        if last:
            self._finish(socket, frame)

    def _finish(self, socket: HibernatableSocket, frame: Frame) -> None:
        if not isinstance(frame, CloseFrame):
            socket.end.abort()
        elif not socket.closed_outgoing and self._services.flags.get(AUTO_REPLY, False):
            # Differs from the local runtime, which never answers for a hibernatable socket; the
            # platform is documented to.
            socket.closed_outgoing = True
            socket.end.send(frame)

    def _timed_out(self, actor: Actor) -> None:
        if actor.broken is None:
            self.home.hand_over()
            self.hibernate()
            actor.reset(platform_error(EVENT_TIMED_OUT, retryable=True, durableObjectReset=True))

    def __repr__(self) -> str:
        return f"<HibernationManager sockets={len(self._sockets)}>"


def _event(socket: HibernatableSocket, frame: Frame) -> tuple[str, Callable[[], list[JsValue]]]:
    """The handler for a frame, and a function for its arguments, to be called in the turn."""
    match frame:
        case TextFrame(text):
            return "webSocketMessage", lambda: [socket.guest_object(), text]
        case BinaryFrame(data):
            return "webSocketMessage", lambda: [socket.guest_object(), ArrayBuffer(data)]
        case ProtocolFailure():
            return "webSocketError", lambda: _failed(socket, frame)
        case Disconnect():
            return "webSocketClose", lambda: _closed(socket, ABNORMAL, DISCONNECTED, clean=False)
        case CloseFrame(code, reason):
            number = NO_CODE if code is None else code
            return "webSocketClose", lambda: _closed(socket, number, reason, clean=True)


def _closed(socket: HibernatableSocket, code: int, reason: str, *, clean: bool) -> list[JsValue]:
    socket.closed_incoming = True
    return [socket.guest_object(), code, reason, clean]


def _failed(socket: HibernatableSocket, failure: ProtocolFailure) -> list[JsValue]:
    socket.failed = True
    return [socket.guest_object(), protocol_error(failure)]
