"""`python -m emulator` is `pyworkers`."""

from __future__ import annotations

from emulator.cli.main import main

if __name__ == "__main__":
    main()
