"""The `pyworkers` command: click commands over `emulator.host`, and what they print."""
