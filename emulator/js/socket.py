"""`cloudflare:sockets`: `connect()` and the Socket that it gives.

A socket's streams are native ones: nothing is read ahead, a write is done when the bytes are with
the operating system. Reading to the end closes the other direction too, unless `allowHalfOpen`.

Does not know: how to connect; `Host.connect_socket` gives the connection.
Source: workerd src/workerd/api/sockets.c++; texts confirmed by running it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol
from urllib.parse import urlsplit

from emulator.js import host
from emulator.js import url as urls
from emulator.js.convert import get_option, to_boolean, to_string
from emulator.js.define import async_method, getter, method
from emulator.js.errors import JsError, type_error
from emulator.js.object import JsObject
from emulator.js.plain import PlainObject
from emulator.js.promise import Promise
from emulator.js.streams import ReadableStream, WritableStream
from emulator.js.streams.byte_source import PulledSource
from emulator.js.streams.callbacks import Outcome, Strategy
from emulator.js.streams.identity import written_bytes
from emulator.js.streams.native_controller import NativeController
from emulator.js.values import MISSING, JsValue, null

NO_ADDRESS: Final = (
    "Cannot initialize N7workerd3api13Socket{}E with required members from an undefined or null "
    "value."
)
NO_HOSTNAME: Final = "Specified address is missing hostname."
NO_PORT: Final = "Specified address is missing port."
NOT_PARSED: Final = "Specified address could not be parsed."
BAD_CHARACTERS: Final = (
    "Specified address is empty string, contains unsupported characters or is too long."
)
NOT_INTEGER: Final = "The value cannot be converted because it is not an integer."
NEGATIVE: Final = (
    "The value cannot be converted because it is negative and this API expects a positive number."
)
PORT_TOO_LARGE: Final = "Value out of range. Must be less than or equal to 65535."
BAD_TRANSPORT: Final = "Unsupported value in secureTransport socket option: {}"
NOT_STARTTLS: Final = (
    "The `secureTransport` socket option must be set to 'starttls' for startTls to be used."
)
STARTED_TLS: Final = (
    "startTls has already been called on this socket, or the socket was transferred over RPC."
)
CLOSED: Final = "This socket has been closed."
CLOSING: Final = "This {} belongs to an object that is closing."
STREAM_CLOSED: Final = "This WritableStream has been closed."
CANNOT_CONNECT: Final = "proxy request failed, cannot connect to the specified address"
USE_FETCH: Final = (
    ". It looks like you might be trying to connect to a HTTP-based service — consider using fetch "
    "instead"
)


class Connection(Protocol):
    """A TCP connection that is being made. Its promises reject with Errors."""

    opened: Promise
    """Undefined once there is a connection."""

    def read(self) -> Promise:
        """The next bytes; None at the end."""
        ...

    def write(self, data: bytes) -> Promise:
        """Undefined once the bytes are with the operating system."""
        ...

    def end(self) -> Promise:
        """No more is written; the other direction stays open."""
        ...

    def close(self) -> Promise:
        """Ends both directions."""
        ...

    def start_tls(self) -> Promise:
        """Goes on with TLS."""
        ...


class _Source:
    """What arrives. Implements NativeSource."""

    def __init__(self, socket: Socket) -> None:
        self._socket = socket

    def pull(self) -> Promise:
        result = Promise()

        def arrived(data: JsValue) -> None:
            if data is None:
                self._socket.end_of_input()
            result.resolve_with(data)

        # A connection that fails is an end to readers; `closed` tells why.
        self._socket.connection.read().subscribe(arrived, lambda _: result.resolve_with(None))
        return result

    def cancel(self, reason: JsValue) -> None:
        self._socket.close_quietly()


class _Sink:
    """What is sent. Implements WritableSink."""

    def __init__(self, socket: Socket) -> None:
        self._socket = socket

    def start(self, controller: JsValue) -> Outcome:
        return None

    def write(self, chunk: JsValue, controller: JsValue) -> Outcome:
        assert isinstance(chunk, bytes)
        return self._socket.connection.write(chunk)

    def close(self) -> Outcome:
        return self._socket.connection.end()

    def abort(self, reason: JsValue) -> Outcome:
        self._socket.close_quietly()
        return None


class Socket(JsObject, name="Socket", constructible=False):
    """What `connect()` gives."""

    __slots__ = (
        "_allow_half_open", "_closed", "_incoming", "_info", "_opened", "_tls_started",
        "_transport", "_upgraded", "connection", "readable_side", "writable_side",
    )  # fmt: skip

    def __init__(
        self, connection: Connection, address: str, transport: str, *, allow_half_open: bool
    ) -> None:
        super().__init__()
        self.connection = connection
        self._allow_half_open = allow_half_open
        self._transport = transport
        self._tls_started = self._upgraded = False
        self._closed = Promise()
        self._opened = Promise()
        self._info = PlainObject({"remoteAddress": address, "localAddress": None})
        # Both report the same failure, and a Worker may look at one of them only.
        self._closed.handled = self._opened.handled = True
        self.readable_side = ReadableStream()
        self._incoming = NativeController(self.readable_side, PulledSource(_Source(self)))
        self.writable_side = WritableStream(
            _Sink(self), Strategy(1, lambda chunk: 0), chunk_filter=written_bytes
        )
        connection.opened.subscribe(
            lambda _: self._opened.resolve_with(self._info), self._not_connected
        )

    def _not_connected(self, reason: JsValue) -> None:
        self._opened.reject_with(reason)
        self._closed.reject_with(reason)
        text = reason.message if isinstance(reason, JsError) else ""
        self.writable_side.fail(JsError(f"jsg.Error: {text}"))

    # -- streams and their end ------------------------------------------------------------------

    @getter
    def readable(self) -> ReadableStream:
        return self.readable_side

    @getter
    def writable(self) -> WritableStream:
        return self.writable_side

    @getter
    def opened(self) -> Promise:
        return self._opened

    @getter
    def closed(self) -> Promise:
        return self._closed

    def end_of_input(self) -> None:
        """The other side has sent everything."""
        if self._allow_half_open:
            return
        if self.writable_side.state == "writable" and not self.writable_side.is_closing:
            self.writable_side.close_when_done()
        self._finish()

    def _finish(self) -> None:
        self.connection.close().subscribe(
            lambda _: self._closed.resolve_with(None), lambda _: self._closed.resolve_with(None)
        )

    def close_quietly(self) -> None:
        """A stream was given up, and with it the connection."""
        self._finish()

    @async_method
    async def close(self) -> None:
        self._incoming.fail(_ended(self.readable_side.locked, "ReadableStream"))
        self.writable_side.fail(_ended(self.writable_side.locked, "WritableStream"))
        self._finish()
        await self._closed

    # -- TLS --------------------------------------------------------------------------------------

    @getter
    def upgraded(self) -> bool:
        return self._upgraded

    @getter
    def secureTransport(self) -> str:
        return self._transport

    @method
    def startTls(self, options: JsValue = None) -> Socket:
        if self._transport != "starttls":
            raise type_error(NOT_STARTTLS)
        if self._tls_started:
            raise type_error(STARTED_TLS)
        # The plain streams are nobody's from here on: they stay locked.
        invoke(self.readable_side, "getReader")
        invoke(self.writable_side, "getWriter")
        self._tls_started = True
        secure = Socket(
            _Upgraded(self.connection),
            to_string(self._info.js_get("remoteAddress")),
            "on",
            allow_half_open=self._allow_half_open,
        )
        secure.connection.opened.subscribe(self._has_upgraded, lambda _: None)
        self._closed.resolve_with(None)
        return secure

    def _has_upgraded(self, _: JsValue) -> None:
        self._upgraded = True


def _ended(locked: JsValue, name: str) -> JsValue:
    """What a stream of a closed socket fails with: who holds its lock hears another reason."""
    return type_error(CLOSED if locked else CLOSING.format(name)).value


def invoke(target: JsObject, name: str) -> JsValue:
    """Calls a method as a guest would."""
    return target.js_get(name).js_call(target, ())


class _Upgraded:
    """A connection that goes on with TLS. Implements Connection."""

    def __init__(self, plain: Connection) -> None:
        self._plain = plain
        self.opened = plain.start_tls()

    def read(self) -> Promise:
        return self._then(self._plain.read)

    def write(self, data: bytes) -> Promise:
        return self._then(lambda: self._plain.write(data))

    def end(self) -> Promise:
        return self._then(self._plain.end)

    def close(self) -> Promise:
        return self._plain.close()

    def start_tls(self) -> Promise:
        return self.opened

    def _then(self, go_on: Callable[[], Promise]) -> Promise:
        result = Promise()
        self.opened.subscribe(lambda _: result.resolve_with(go_on()), result.reject_with)
        return result


# -- connect() ------------------------------------------------------------------------------------


def connect(address: JsValue = MISSING, options: JsValue = MISSING) -> Socket:
    """`connect(address, options)` of `cloudflare:sockets`."""
    hostname, port = _parsed(address)
    if options is null:
        raise type_error(NO_ADDRESS.format("Options"))
    options = None if options is MISSING else options
    transport = _transport(options)
    half_open = get_option(options, "allowHalfOpen")
    context = host.current()
    context.check_io_allowed()
    connection = context.connect_socket(hostname, port, secure=transport == "on")
    shown = f"[{hostname}]" if ":" in hostname else hostname
    return Socket(
        connection,
        f"{shown}:{port}",
        transport,
        allow_half_open=half_open is not None and to_boolean(half_open),
    )


def _transport(options: JsValue) -> str:
    value = get_option(options, "secureTransport")
    transport = "off" if value is None else to_string(value)
    if transport not in ("off", "on", "starttls"):
        raise type_error(BAD_TRANSPORT.format(transport))
    return transport


def _parsed(address: JsValue) -> tuple[str, int]:
    if address is MISSING or address is None or address is null:
        raise type_error(NO_ADDRESS.format("Address"))
    if isinstance(address, JsObject):
        return _of_object(address)
    return _of_text(to_string(address))


def _of_object(address: JsObject) -> tuple[str, int]:
    port = address.js_get("port")
    if isinstance(port, bool) or not isinstance(port, int | float) or port != int(port):
        raise type_error(NOT_INTEGER)
    if port < 0:
        raise type_error(NEGATIVE)
    if port > 65535:
        raise type_error(PORT_TOO_LARGE)
    hostname = address.js_get("hostname")
    return ("undefined" if hostname is MISSING else to_string(hostname)), int(port)


def _of_text(text: str) -> tuple[str, int]:
    normal = urls.normalize(f"fake://{text}", None)
    if normal is None:
        raise type_error(NOT_PARSED)
    parts = urlsplit(normal)
    if not parts.hostname:
        raise type_error(NO_HOSTNAME)
    if parts.port is None:
        raise type_error(NO_PORT)
    if "@" in parts.netloc or parts.path or parts.query or parts.fragment:
        raise type_error(BAD_CHARACTERS)
    return parts.hostname, parts.port


def connection_failure(port: int) -> JsError:
    """What `opened` and `closed` reject with."""
    return JsError(CANNOT_CONNECT + (USE_FETCH if port in (80, 443) else ""))
