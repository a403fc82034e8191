"""pyworkers: a Cloudflare-compatible local emulator for Python Workers, in native CPython.

The package emulates at the boundary: Cloudflare's own `workers-runtime-sdk` runs unmodified above
`emulator.ffi` and `emulator.js`, and `emulator.runtime` gives it workerd's execution model.
`docs/architecture.md` is the map.
"""

__version__ = "0.1.0"
