"""The JavaScript world of a Worker, written in Python: objects, promises and the web platform.

See README.md for the object model. Nothing here knows Cloudflare, asyncio tasks or Pyodide.
"""

# These complete `Function` and `Object`, of which nobody may see an unfinished constructor.
from emulator.js import function, object_statics

__all__ = ["function", "object_statics"]
