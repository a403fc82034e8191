"""HTTP messages as plain data: what crosses a WorkerInterface.

No guest object, socket or event loop is in them, so that the callee may live in another process.
Header names keep the case they were given; several headers of one name are several pairs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from emulator.runtime.web_sockets import SocketChannel


class ByteStream(Protocol):
    """A body that arrives piece by piece."""

    async def read(self) -> bytes:
        """The next piece; empty at the end. Raises if the body fails."""
        ...

    async def cancel(self, reason: BaseException | None = None) -> None:
        """The reader wants no more."""
        ...


Body = bytes | ByteStream | None


@dataclass(slots=True)
class HttpRequest:
    """A request. `url` is absolute; `cf` is Cloudflare's metadata as JSON-like data.

    `body_length` is the number of bytes that a stream has, where that is known.
    """

    method: str
    url: str
    headers: list[tuple[str, str]]
    body: Body = None
    cf: dict[str, Any] | None = None
    redirect: str = "manual"
    body_length: int | None = None


@dataclass(slots=True)
class HttpResponse:
    """A response. `web_socket` leads to the other end of a socket (status 101)."""

    status: int
    status_text: str
    headers: list[tuple[str, str]]
    body: Body = None
    web_socket: SocketChannel | None = None
    url: str = ""
    redirected: bool = False


async def read_all(body: Body) -> bytes:
    """A whole body in memory."""
    if body is None:
        return b""
    if isinstance(body, bytes):
        return body
    pieces = []
    while piece := await body.read():
        pieces.append(piece)
    return b"".join(pieces)
