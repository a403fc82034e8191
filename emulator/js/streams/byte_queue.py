"""A queue of bytes: pushed in pieces, taken in pieces of any other size, in constant time each."""

from __future__ import annotations

from collections import deque


class ByteQueue:
    """Pieces of bytes in order; `size` is what they come to."""

    __slots__ = ("_pieces", "size")

    def __init__(self) -> None:
        self._pieces: deque[bytes | memoryview] = deque()
        self.size = 0

    def push(self, data: bytes) -> None:
        """Adds a piece at the end."""
        if data:
            self._pieces.append(data)
            self.size += len(data)

    def push_front(self, data: bytes) -> None:
        """Puts a piece back."""
        if data:
            self._pieces.appendleft(data)
            self.size += len(data)

    def take_piece(self, limit: int | None = None) -> bytes:
        """The first piece, or as much of it as the limit allows. The queue must not be empty."""
        piece = self._pieces.popleft()
        if limit is not None and len(piece) > limit:
            rest = memoryview(piece)
            self._pieces.appendleft(rest[limit:])
            piece = rest[:limit]
        self.size -= len(piece)
        return piece if isinstance(piece, bytes) else bytes(piece)

    def take(self, limit: int) -> bytes:
        """Up to that many bytes, from as many pieces as it takes."""
        taken: list[bytes] = []
        left = limit
        while left and self._pieces:
            piece = self.take_piece(left)
            left -= len(piece)
            taken.append(piece)
        return taken[0] if len(taken) == 1 else b"".join(taken)

    def clear(self) -> None:
        """Forgets everything."""
        self._pieces.clear()
        self.size = 0

    def __repr__(self) -> str:
        return f"<ByteQueue size={self.size} pieces={len(self._pieces)}>"
