"""An EventSource and its connections over time."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from emulator.runtime.http import HttpRequest, HttpResponse
from tests.support.worker import VirtualWorker

OpenWorker = Callable[..., VirtualWorker]


class Ticker:
    """An outside world that tells one event on each connection, in the words it is given."""

    def __init__(self, *answers: HttpResponse | Exception) -> None:
        self._answers = list(answers)
        self.asked: list[dict[str, str]] = []

    async def fetch(self, request: HttpRequest) -> HttpResponse:
        self.asked.append({name.lower(): value for name, value in request.headers})
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def events(text: str) -> HttpResponse:
    return HttpResponse(200, "OK", [("Content-Type", "text/event-stream")], text.encode())


SOURCE = """
    import asyncio
    import js
    from pyodide.ffi import create_proxy
    from workers import Response, WorkerEntrypoint

    class Default(WorkerEntrypoint):
        async def fetch(self, request):
            loop = asyncio.get_running_loop()
            started = loop.time()
            source = js.EventSource.new("http://outside.test/events")
            log = []
            done = asyncio.Event()

            def note(text):
                log.append(f"{round(loop.time() - started, 3):g} {text} state={source.readyState}")

            def on_message(event):
                note(f"{event.data} id={event.lastEventId}")
                if event.data == "last":
                    source.close()
                    done.set()

            def on_error(event):
                note(str(event.error.message))
                if source.readyState == source.CLOSED:
                    done.set()

            source.onopen = create_proxy(lambda event: note("open"))
            source.onmessage = create_proxy(on_message)
            source.onerror = create_proxy(on_error)
            await done.wait()
            await asyncio.sleep(20)
            return Response.json(log)
"""

DISCONNECTED = "The server disconnected."


def heard(worker: OpenWorker, outside: Ticker) -> list[str]:
    log: list[str] = worker(SOURCE, outbound=outside).fetch().json
    return log


def test_a_connection_that_ends_is_opened_again_after_two_seconds(worker: OpenWorker) -> None:
    outside = Ticker(events("id: 7\ndata: first\n\n"), events("data: last\n\n"))
    assert heard(worker, outside) == [
        "0 open state=1",
        "0 first id=7 state=1",
        f"0 {DISCONNECTED} state=0",
        "2 open state=1",
        "2 last id=7 state=1",
    ]
    assert [asked.get("last-event-id") for asked in outside.asked] == [None, "7"]
    assert outside.asked[0]["accept"] == "text/event-stream"
    assert outside.asked[0]["cache-control"] == "no-cache"


@pytest.mark.parametrize(("retry", "seconds"), [("1", 1), ("3000", 3), ("60000", 10)])
def test_the_server_says_when_within_limits(worker: OpenWorker, retry: str, seconds: int) -> None:
    outside = Ticker(events(f"retry: {retry}\ndata: a\n\n"), events("data: last\n\n"))
    assert f"{seconds} open state=1" in heard(worker, outside)


def test_no_content_is_asked_for_again(worker: OpenWorker) -> None:
    outside = Ticker(HttpResponse(204, "", []), events("data: last\n\n"))
    assert heard(worker, outside)[0] == (
        "0 The server provided no content. Will try reconnecting. state=0"
    )


def test_a_connection_that_cannot_be_made_anew_is_the_end(worker: OpenWorker) -> None:
    outside = Ticker(events("data: a\n\n"), ConnectionRefusedError())
    assert heard(worker, outside)[-1] == "2 Network connection lost. state=2"


def test_nothing_is_asked_after_close(worker: OpenWorker) -> None:
    """What came in one piece is still heard as a whole."""
    outside = Ticker(events("data: last\n\ndata: more\n\n"))
    assert heard(worker, outside) == [
        "0 open state=1",
        "0 last id= state=1",
        "0 more id= state=2",
    ]
