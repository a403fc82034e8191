"""Lines are handed over once per turn of the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from emulator.host.reporter import Reporter, RequestLine
from emulator.host.request_log import RequestLog


class _Batches(Reporter):
    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    def requests(self, lines: Collection[RequestLine]) -> None:
        self.batches.append([line.path for line in lines])


def _line(path: str) -> RequestLine:
    return RequestLine("GET", path, 200, "OK", 1.0)


async def test_lines_of_one_turn_are_one_batch() -> None:
    reporter = _Batches()
    log = RequestLog(reporter, asyncio.get_running_loop())
    log.add(_line("/a"))
    log.add(_line("/b"))
    assert reporter.batches == []
    await asyncio.sleep(0)
    log.add(_line("/c"))
    await asyncio.sleep(0)
    assert reporter.batches == [["/a", "/b"], ["/c"]]


async def test_flush_hands_over_at_once_and_only_once() -> None:
    reporter = _Batches()
    log = RequestLog(reporter, asyncio.get_running_loop())
    log.add(_line("/a"))
    log.flush()
    await asyncio.sleep(0)
    assert reporter.batches == [["/a"]]
