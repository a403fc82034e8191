"""The ceiling for any Python server built on aiohttp: uvloop, one handler, nothing else."""

from __future__ import annotations

import argparse

import uvloop
from aiohttp import web


async def hello(_request: web.Request) -> web.Response:
    """What the hello Worker answers."""
    return web.Response(text="Hello, World!")


def main() -> None:
    """Serve on loopback until ended."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bare_aiohttp")
    parser.add_argument("--port", type=int, required=True)
    port: int = parser.parse_args().port
    app = web.Application()
    app.router.add_get("/{path:.*}", hello)
    web.run_app(
        app, host="127.0.0.1", port=port, access_log=None, print=None, loop=uvloop.new_event_loop()
    )


if __name__ == "__main__":
    main()
