"""The Clock port: what time it is. Timers belong to the event loop that the host runs.

The core never reads the wall clock itself; the simulator and tests hand in a virtual one.
"""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Wall-clock time for guests and storage."""

    def now_ms(self) -> float:
        """Milliseconds since the Unix epoch."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now_ms(self) -> float:
        return time.time() * 1000.0
