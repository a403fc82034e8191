"""The JavaScript world of a Worker, written in Python: objects, promises and the web platform.

See README.md for the object model. Nothing here knows Cloudflare, asyncio tasks or Pyodide.
"""
