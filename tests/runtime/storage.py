"""What tests of the runtime's storage need: a place, and an object."""

from __future__ import annotations

from pathlib import Path

MEMORY = Path("/state")
"""The state directory of disks that are in memory."""

OBJECT_ID = "0" * 64
