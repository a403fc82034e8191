"""Write back-pressure of a transport: when its protocol is told to pause, and to go on.

As asyncio has it: `pause_writing` once more than `high` bytes wait, `resume_writing` once no more
than `low` do, both in turns and never twice in a row.
Does not know: what the bytes wait for.
"""

from __future__ import annotations

from typing import Final

DEFAULT_HIGH: Final = 65_536


class FlowControl:
    """The limits of one transport, and on which side of them it is."""

    __slots__ = ("high", "low", "paused")

    def __init__(self) -> None:
        self.paused = False
        self.set_limits(None, None)

    def set_limits(self, high: int | None, low: int | None) -> None:
        """`set_write_buffer_limits`: what is None follows from the other."""
        if high is None:
            high = DEFAULT_HIGH if low is None else 4 * low
        if low is None:
            low = high // 4
        if not high >= low >= 0:
            raise ValueError(f"high ({high!r}) must be >= low ({low!r}) must be >= 0")
        self.high, self.low = high, low

    def must_pause(self, size: int) -> bool:
        """Whether the protocol is to be paused now, with that much waiting."""
        if self.paused or size <= self.high:
            return False
        self.paused = True
        return True

    def may_resume(self, size: int) -> bool:
        """Whether the protocol is to go on now."""
        if not self.paused or size > self.low:
            return False
        self.paused = False
        return True
