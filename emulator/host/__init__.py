"""The outside of the emulator: sockets, processes, watched files. `README.md` is the map."""
