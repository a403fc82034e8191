"""The load: keep-alive HTTP/1.1 connections that each have one request outstanding.

Runs as a process of its own, so that it shares no interpreter with what it measures:
`python -m benchmarks.load --port N [...]` prints one JSON object.

Requests are encoded before the clock starts and responses are only parsed as far as needed to
find their end, so that the client is faster than the servers it measures.
Guarantees: at the end of the run every request that was sent has its answer counted, or is an
error; `acknowledged` is therefore exactly how often the server said 200.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import cast

import uvloop

DRAIN_SECONDS = 10.0
PRIME_POLL_SECONDS = 0.01


@dataclass(slots=True)
class Tally:
    """What all connections of a run count together."""

    acknowledged: int = 0
    """Answers with status 200, from the first request to the last."""
    failed: int = 0
    """Answers with another status, and connections that broke."""
    measured: int = 0
    """Acknowledged between the end of the warm-up and the end of the run."""
    seconds: float = 0.0
    """How long that was."""


class ResponseParser:
    """Finds where responses end in a stream of bytes."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> int | None:
        """Take bytes; the status of the response they complete, or None. No pipelining."""
        self._buffer = self._buffer + data if self._buffer else data
        head_end = self._buffer.find(b"\r\n\r\n")
        if head_end < 0:
            return None
        head = self._buffer[:head_end].lower()
        if not self._complete(head, head_end + 4):
            return None
        self._buffer = b""
        return int(head[9:12])

    def _complete(self, head: bytes, body: int) -> bool:
        at = head.find(b"\r\ncontent-length:")
        if at >= 0:
            stop = head.find(b"\r\n", at + 2)
            length = int(head[at + 17 :] if stop < 0 else head[at + 17 : stop])
            return len(self._buffer) >= body + length
        if b"\r\ntransfer-encoding: chunked" in head:
            return self._chunks_complete(body)
        raise ValueError(f"a response without a length: {head!r}")

    def _chunks_complete(self, at: int) -> bool:
        while (line_end := self._buffer.find(b"\r\n", at)) >= 0:
            size = int(self._buffer[at:line_end].split(b";")[0], 16)
            at = line_end + 2 + size + 2
            if size == 0:
                return len(self._buffer) >= at
        return False


class Connection(asyncio.Protocol):
    """One client: sends the next request when it has the answer to the last."""

    def __init__(self, requests: Iterator[bytes], tally: Tally, stop: asyncio.Event) -> None:
        self.closed = asyncio.get_running_loop().create_future()
        self._requests = requests
        self._tally = tally
        self._stop = stop
        self._parser = ResponseParser()
        self._waiting = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        """Count a finished answer and go on."""
        status = self._parser.feed(data)
        if status is None:
            return
        self._waiting = False
        if status == 200:
            self._tally.acknowledged += 1
        else:
            self._tally.failed += 1
        self._send()

    def connection_lost(self, _error: Exception | None) -> None:
        """An answer that was still due is an error."""
        if self._waiting:
            self._tally.failed += 1
        self.closed.set_result(None)

    def abort(self) -> None:
        """Give up waiting."""
        if self._transport is not None:
            self._transport.abort()

    def _send(self) -> None:
        assert self._transport is not None
        if self._stop.is_set():
            self._transport.close()
            return
        self._waiting = True
        self._transport.write(next(self._requests))


def encoded_requests(path: str, rotate: int, port: int) -> Iterator[bytes]:
    """Requests without end; `{i}` in the path runs from 0 to `rotate` - 1 and again."""
    paths = [path.replace("{i}", str(i)) for i in range(max(1, rotate))]
    return itertools.cycle(
        [f"GET {p} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode() for p in paths]
    )


async def run(port: int, requests: Iterator[bytes], options: argparse.Namespace) -> Tally:
    """Load a server on loopback: first `prime` requests, then for a warm-up, then measured."""
    loop = asyncio.get_running_loop()
    tally, stop = Tally(), asyncio.Event()
    clients = []
    for _ in range(options.connections):
        _, client = await loop.create_connection(
            lambda: Connection(requests, tally, stop), "127.0.0.1", port
        )
        clients.append(client)
    # Polled, because an event would be checked for every answer.
    while tally.acknowledged < options.prime and not all(c.closed.done() for c in clients):  # noqa: ASYNC110
        await asyncio.sleep(PRIME_POLL_SECONDS)
    await asyncio.sleep(options.warmup)
    started, before = time.perf_counter(), tally.acknowledged
    await asyncio.sleep(options.duration)
    tally.measured = tally.acknowledged - before
    tally.seconds = time.perf_counter() - started
    stop.set()
    _, late = await asyncio.wait([client.closed for client in clients], timeout=DRAIN_SECONDS)
    if late:
        for client in clients:
            client.abort()
        await asyncio.gather(*late)
    return tally


def main() -> int:
    """Parse the command line, load, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--path", default="/", help="{i} is replaced by a rotating number")
    parser.add_argument("--rotate", type=int, default=0, metavar="N", help="numbers for {i}")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--prime", type=int, default=0, metavar="N", help="requests before all")
    parser.add_argument("--warmup", type=float, default=0.5, metavar="SECONDS")
    parser.add_argument("--duration", type=float, default=3.0, metavar="SECONDS")
    options = parser.parse_args()
    requests = encoded_requests(options.path, options.rotate, options.port)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(asdict(runner.run(run(options.port, requests, options)))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
